// Our exp and log against the C library in long double (x87: 64 bits of precision, errors far below one unit of
// double). Bound: 2 units in the last place, as math.hpp promises.

#include <gtest/gtest.h>

#include <automill/core/math.hpp>
#include <automill/core/random.hpp>
#include <vector>

namespace automill {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Distance of `value` from the true result in units in the last place of the true result.
double ulps(double value, long double truth) {
  const double rounded = static_cast<double>(truth);
  if (std::isinf(rounded)) return value == rounded ? 0.0 : infinity;
  const double unit = std::nextafter(std::abs(rounded), infinity) - std::abs(rounded);
  return static_cast<double>(std::abs(static_cast<long double>(value) - truth) / unit);
}

struct Worst {
  double error = 0, at = 0;
  void see(double x, double e) {
    if (!(e <= error)) {
      error = e;
      at = x;
    }
  }
};

double from_bits(std::uint64_t bits) { return std::bit_cast<double>(bits); }

TEST(Exp, within_2_units_over_the_whole_range) {
  Worst worst;
  const auto see = [&](double x) { worst.see(x, ulps(math::exp(x), std::exp(static_cast<long double>(x)))); };
  for (double x = -750; x < 710; x += 0.00437) see(x);
  RandomStream random(1, purpose("exp"));
  for (int i = 0; i < 300000; ++i) see((random.uniform() - 0.5) * 4);
  for (int i = 0; i < 100000; ++i) see(-708.0 - 38 * random.uniform());  // subnormal results
  for (int exponent = -1074; exponent < 10; ++exponent)
    for (double sign : {-1.0, 1.0}) see(sign * std::ldexp(1.0 + random.uniform(), exponent));
  EXPECT_LE(worst.error, 2.0) << "at " << worst.at;
}

TEST(Exp, edges) {
  EXPECT_EQ(math::exp(0.0), 1.0);
  EXPECT_EQ(math::exp(-0.0), 1.0);
  EXPECT_EQ(math::exp(infinity), infinity);
  EXPECT_EQ(math::exp(-infinity), 0.0);
  EXPECT_TRUE(std::isnan(math::exp(not_a_number)));
  EXPECT_EQ(math::exp(710.0), infinity);
  EXPECT_EQ(math::exp(-746.0), 0.0);
  const double largest = 709.782712893384;  // the largest double whose exponential is finite
  EXPECT_LE(ulps(math::exp(largest), std::exp(static_cast<long double>(largest))), 2.0);
  EXPECT_EQ(math::exp(std::nextafter(largest, 800.0)), infinity);
  EXPECT_EQ(math::exp(-745.1), std::numeric_limits<double>::denorm_min());
}

TEST(Exp, never_falls_where_x_rises) {
  double before = 0;
  for (double x = -746; x < 709; x += 0.01) {
    const double now = math::exp(x);
    EXPECT_GE(now, before) << x;
    before = now;
  }
}

TEST(Log, within_2_units_over_the_whole_range) {
  Worst worst;
  const auto see = [&](double x) { worst.see(x, ulps(math::log(x), std::log(static_cast<long double>(x)))); };
  RandomStream random(2, purpose("log"));
  for (int i = 0; i < 400000; ++i) see(from_bits(random.below(0x7ff0000000000000ULL)));  // every exponent alike
  for (int i = 0; i < 400000; ++i) see(0.5 + 1.5 * random.uniform());
  for (int i = 1; i <= 52; ++i)
    for (double sign : {-1.0, 1.0}) see(1.0 + sign * std::ldexp(1.0 + random.uniform(), -i));  // near 1
  for (int exponent = -1074; exponent < 1024; ++exponent) see(std::ldexp(1.0, exponent));
  EXPECT_LE(worst.error, 2.0) << "at " << worst.at;
}

TEST(Log, edges) {
  EXPECT_EQ(math::log(1.0), 0.0);
  EXPECT_EQ(math::log(0.0), -infinity);
  EXPECT_EQ(math::log(-0.0), -infinity);
  EXPECT_TRUE(std::isnan(math::log(-1e-300)));
  EXPECT_TRUE(std::isnan(math::log(-infinity)));
  EXPECT_TRUE(std::isnan(math::log(not_a_number)));
  EXPECT_EQ(math::log(infinity), infinity);
  const double smallest = std::numeric_limits<double>::denorm_min();
  EXPECT_LE(ulps(math::log(smallest), std::log(static_cast<long double>(smallest))), 2.0);
  EXPECT_LE(ulps(math::log(std::numeric_limits<double>::max()), 709.78271289338397310L), 2.0);
}

// log(1 + e^x): the sum of two rounded functions, each within 2 units; 8 leaves room for the operations between them.
TEST(Log1pExp, relative_error_stays_small_everywhere) {
  Worst worst;
  for (double x = -740; x < 740; x += 0.0137)
    worst.see(x, ulps(math::log1p_exp(x), x > 0 ? x + std::log1p(std::exp(-static_cast<long double>(x)))
                                                : std::log1p(std::exp(static_cast<long double>(x)))));
  EXPECT_LE(worst.error, 8.0) << "at " << worst.at;
  EXPECT_EQ(math::log1p_exp(1e300), 1e300);
  EXPECT_EQ(math::log1p_exp(-1e300), 0.0);
}

TEST(Sigmoid, relative_error_stays_small_everywhere) {
  Worst worst;
  for (double x = -700; x < 700; x += 0.0137)
    worst.see(x, ulps(math::sigmoid(x), 1.0L / (1.0L + std::exp(-static_cast<long double>(x)))));
  EXPECT_LE(worst.error, 4.0) << "at " << worst.at;
  EXPECT_EQ(math::sigmoid(0.0), 0.5);
  EXPECT_EQ(math::sigmoid(infinity), 1.0);
  EXPECT_EQ(math::sigmoid(-infinity), 0.0);
}

TEST(Softmax, closed_forms_and_extremes) {
  std::vector<double> scores{0.0, std::log(2.0), std::log(3.0)};
  math::softmax(scores.data(), 3);
  EXPECT_NEAR(scores[0], 1.0 / 6, 1e-15);
  EXPECT_NEAR(scores[1], 2.0 / 6, 1e-15);
  EXPECT_NEAR(scores[2], 3.0 / 6, 1e-15);
  std::vector<double> extreme{1e308, -1e308, 1e308};
  math::softmax(extreme.data(), 3);
  EXPECT_EQ(extreme[0], 0.5);
  EXPECT_EQ(extreme[1], 0.0);
  EXPECT_EQ(extreme[2], 0.5);
  double one = -3.0;
  math::softmax(&one, 1);
  EXPECT_EQ(one, 1.0);
}

}  // namespace
}  // namespace automill
