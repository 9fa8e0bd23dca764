// Gradients as integers: sums that fit by proof, stay near the sums of the doubles, and do not know an order.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

__extension__ using Wide = __int128;

QuantisedGradients packed(std::vector<double> gradients, std::vector<double> hessians, bool heavy_tails,
                          std::uint64_t seed = 1) {
  QuantisedGradients all;
  all.kind = hessians.empty() ? HessianKind::constant : HessianKind::varying;
  all.heavy_tails = heavy_tails;
  all.gradients = std::move(gradients);
  all.hessians = std::move(hessians);
  const std::size_t rows = all.gradients.size();
  all.pack(first_rows(rows), random_keys(rows, 7), rows, seed);
  return all;
}

PackedSum entry(const QuantisedGradients& all, std::size_t row) {
  return {all.first[row], all.scale.fields.wide ? all.second[row] : 0};
}

template <class Chosen>
PackedSum sum_where(const QuantisedGradients& all, const Chosen& chosen) {
  PackedSum sum;
  for (std::size_t i = 0; i < all.gradients.size(); ++i)
    if (chosen(i)) sum = sum + entry(all, i);
  return sum;
}

/// The packed sum of chosen rows holds exactly the sums of their integers, added up in 128 bits, and each is within one
/// unit a row of the doubles.
template <class Chosen>
void expect_sums(const QuantisedGradients& all, const Chosen& chosen, const std::string& what) {
  Wide gradient = 0, hessian = 0;
  long double exact_gradient = 0, exact_hessian = 0, rows = 0, magnitudes = 0;
  for (std::size_t i = 0; i < all.gradients.size(); ++i) {
    if (!chosen(i)) continue;
    const Moments one = all.scale.moments(entry(all, i));
    gradient += static_cast<Wide>(one.gradient);
    hessian += static_cast<Wide>(one.hessian);
    exact_gradient += all.gradients[i];
    exact_hessian += all.hessians.empty() ? 1.0 : all.hessians[i];
    magnitudes += std::abs(static_cast<long double>(all.gradients[i])) + 1;
    rows += 1;
  }
  const Moments sum = all.scale.moments(sum_where(all, chosen));
  EXPECT_EQ(static_cast<Wide>(sum.gradient) - gradient, 0) << what;
  EXPECT_EQ(static_cast<Wide>(sum.hessian) - hessian, 0) << what;
  // 2^-60: the oracle's own rounding
  EXPECT_LE(std::abs(sum.gradient * static_cast<long double>(all.scale.gradient_unit) - exact_gradient),
            rows * all.scale.gradient_unit + magnitudes * 0x1p-60L)
      << what;
  EXPECT_LE(std::abs(sum.hessian * static_cast<long double>(all.scale.hessian_unit) - exact_hessian),
            rows * all.scale.hessian_unit + exact_hessian * 0x1p-60L)
      << what;
}

void expect_sums_of_parts(const QuantisedGradients& all, const std::string& what) {
  expect_sums(
      all, [](std::size_t) { return true; }, what + ", all");
  expect_sums(
      all, [&](std::size_t i) { return all.gradients[i] > 0; }, what + ", positive");
  expect_sums(
      all, [&](std::size_t i) { return all.gradients[i] < 0; }, what + ", negative");
  expect_sums(
      all, [](std::size_t i) { return i % 3 == 0; }, what + ", a third");
}

bool is_power_of_two(double unit) {
  int exponent = 0;
  return std::frexp(unit, &exponent) == 0.5;
}

TEST(TreeGradients, UnitsAreTheSmallestThatFit) {
  for (const std::size_t rows : {1UL, 10UL, 4095UL, 5000UL, 1'000'000UL, 100'000'000UL})
    for (const double sum : {1e-250, 3.7e-5, 1.0, 12345.6, 1e12, 1e300})
      for (const auto kind : {HessianKind::constant, HessianKind::varying}) {
        const GradientScale scale = choose_scale(rows, kind, {.gradient_sum = sum, .hessian_sum = sum / 3});
        ASSERT_FALSE(scale.fields.wide);
        const int shift = scale.fields.gradient_shift;
        const double n = static_cast<double>(rows), gradient_room = std::ldexp(1.0, 63 - shift) - 1,
                     hessian_room = std::ldexp(1.0, shift) - 1;
        EXPECT_EQ(static_cast<double>(scale.fields.hessian_mask), hessian_room);
        EXPECT_TRUE(is_power_of_two(scale.gradient_unit));
        EXPECT_LE(sum / scale.gradient_unit + n, gradient_room);
        EXPECT_GE(sum / (scale.gradient_unit / 2) + n, gradient_room);
        if (kind == HessianKind::constant) {
          EXPECT_EQ(scale.hessian_unit, 1.0);
          EXPECT_LE(n, hessian_room);
        } else {
          EXPECT_TRUE(is_power_of_two(scale.hessian_unit));
          EXPECT_LE(sum / 3 / scale.hessian_unit + n, hessian_room);
          EXPECT_GE(sum / 3 / (scale.hessian_unit / 2) + n, hessian_room);
        }
        EXPECT_LE(63 - shift, 51);  // what a double reads exactly
      }
}

TEST(TreeGradients, SumsAreNearTheSumsOfDoubles) {
  const std::size_t rows = 20'000;
  std::vector<double> gradients = random_numbers(rows, 1), hessians(rows);
  for (std::size_t i = 0; i < rows; ++i) hessians[i] = 0.25 + 0.2 * std::sin(static_cast<double>(i));
  for (const bool varying : {false, true})
    for (const bool heavy : {false, true}) {
      const auto all = packed(gradients, varying ? hessians : std::vector<double>{}, heavy);
      EXPECT_FALSE(all.scale.fields.wide);
      expect_sums_of_parts(all, varying ? "varying" : "constant");
      // rounding at random: the error of a sum is a random walk of steps below a unit, with a standard deviation of at
      // most sqrt(rows) / 2 units; six of them are exceeded by one seed in 10^9
      const Moments sum = all.scale.moments(sum_where(all, [](std::size_t) { return true; }));
      long double exact = 0;
      for (double gradient : gradients) exact += gradient;
      EXPECT_LE(std::abs(sum.gradient * all.scale.gradient_unit - static_cast<double>(exact)),
                3 * std::sqrt(static_cast<double>(rows)) * all.scale.gradient_unit);
    }
}

TEST(TreeGradients, ConstantHessiansAreCounted) {
  for (const double top : {1.0, 1e9}) {  // packed; wide
    std::vector<double> gradients = random_numbers(3000, 2);
    gradients[17] = top;
    const auto all = packed(gradients, {}, true);
    EXPECT_EQ(all.scale.fields.wide, false);  // 51 bits are left to the gradient
    const Moments sum = all.scale.moments(sum_where(all, [](std::size_t i) { return i < 1234; }));
    EXPECT_EQ(sum.hessian * all.scale.hessian_unit, 1234);
  }
  std::vector<double> gradients = random_numbers(3000, 2);
  gradients[17] = 1e20;
  const auto all = packed(gradients, {}, true);
  EXPECT_TRUE(all.scale.fields.wide);
  const Moments sum = all.scale.moments(sum_where(all, [](std::size_t i) { return i < 1234; }));
  EXPECT_EQ(sum.hessian * all.scale.hessian_unit, 1234);
}

TEST(TreeGradients, SumsNeverOverflow) {
  struct Case {
    std::string name;
    std::vector<double> gradients, hessians;
  };
  const std::size_t rows = 1500;
  const std::vector<double> ordinary = random_numbers(rows, 3), ones(rows, 1.0);
  std::vector<Case> cases{{"ordinary", ordinary, ones},
                          {"ones", ones, ones},
                          {"tiny", std::vector<double>(rows, 1e-300), ones},
                          {"subnormal", std::vector<double>(rows, 5e-324), ones},
                          {"zero", std::vector<double>(rows, 0.0), ones},
                          {"powers", std::vector<double>(rows, -0x1p40), std::vector<double>(rows, 0x1p-20)},
                          {"huge", std::vector<double>(rows, 1e300), std::vector<double>(rows, 1e300)},
                          {"huge negative", std::vector<double>(rows, -1e300), ones},
                          {"sum beyond doubles", std::vector<double>(rows, 1e307), std::vector<double>(rows, 1e307)},
                          {"one huge", ordinary, ones},
                          {"one huge weight", ordinary, ones},
                          {"one target of a million", ordinary, ones},
                          {"both signs huge", ordinary, ones}};
  cases[9].gradients[4] = 1e300;
  cases[10].gradients[4] = 1e9 * 0.7;
  cases[10].hessians[4] = 1e9;
  cases[11].gradients[4] = -1e6;
  for (std::size_t i = 0; i < rows; i += 2) {
    cases[12].gradients[i] = 1e300;
    cases[12].gradients[i + 1] = -1e300;
  }
  for (const Case& each : cases)
    for (const bool heavy : {false, true}) {
      expect_sums_of_parts(packed(each.gradients, each.hessians, heavy), each.name + ", varying");
      expect_sums_of_parts(packed(each.gradients, {}, heavy), each.name + ", constant");
    }
}

TEST(TreeGradients, OneExtremeRowLeavesTheOthersTheirPrecision) {
  const std::size_t rows = 1500;
  for (const bool varying : {false, true}) {
    std::vector<double> gradients = random_numbers(rows, 3), hessians(rows, 1.0);
    gradients[4] = 0.7e9;
    hessians[4] = 1e9;
    const auto all = packed(gradients, varying ? hessians : std::vector<double>{}, true);
    // a billion beside ones, in 51 bits: a unit is 2^-20 at most
    EXPECT_LE(all.scale.gradient_unit, 0x1p-20);
    EXPECT_LE(all.scale.hessian_unit, varying ? 0x1p-20 : 1.0);
    EXPECT_EQ(all.scale.fields.wide, varying);
    expect_sums(
        all, [](std::size_t i) { return i != 4; }, "others");
  }
  // without the question for heavy tails the fields stay narrow, and the unit follows the sum: 2^30 / 2^31
  std::vector<double> gradients(rows, 0.0), hessians(rows, 1.0);
  gradients[4] = 0.7e9;
  EXPECT_EQ(packed(gradients, hessians, false).scale.gradient_unit, 0.5);
}

TEST(TreeGradients, TheOrderOfRowsDoesNotMatter) {
  const std::size_t rows = 3000;
  std::vector<double> gradients = random_numbers(rows, 5), hessians(rows);
  gradients[100] = 1e7;
  for (std::size_t i = 0; i < rows; ++i) hessians[i] = 1e-3 + std::abs(gradients[i]) / 3;
  const auto keys = random_keys(rows, 6);
  const auto order = shuffled_rows(rows, 8);
  for (const bool heavy : {false, true}) {
    QuantisedGradients a, b;
    a.heavy_tails = b.heavy_tails = heavy;
    a.gradients = gradients;
    a.hessians = hessians;
    a.pack(first_rows(rows), keys, rows, 3);
    std::vector<std::uint32_t> places;
    std::vector<std::uint64_t> own_keys;
    for (std::size_t i : order) {
      places.push_back(static_cast<std::uint32_t>(i));
      own_keys.push_back(keys[i]);
      b.gradients.push_back(gradients[i]);
      b.hessians.push_back(hessians[i]);
    }
    b.pack(places, own_keys, rows, 3);
    EXPECT_EQ(a.scale.gradient_unit, b.scale.gradient_unit);
    EXPECT_EQ(a.first, b.first);
    EXPECT_EQ(a.second, b.second);
  }
}

TEST(TreeGradients, ATreeHasItsOwnRounding) {
  const std::vector<double> gradients = random_numbers(500, 5);
  EXPECT_EQ(packed(gradients, {}, false, 1).first, packed(gradients, {}, false, 1).first);
  EXPECT_NE(packed(gradients, {}, false, 1).first, packed(gradients, {}, false, 2).first);
}

TEST(TreeGradients, RowsOfAFoldAreStoredByTheirPlaceInTheTable) {
  QuantisedGradients all;
  all.kind = HessianKind::constant;
  all.gradients = {1, 2, 4};
  const std::vector<std::uint32_t> rows{5, 0, 3};
  all.pack(rows, random_keys(3, 1), 6, 1);
  for (std::size_t i = 0; i < 3; ++i) {
    const Moments one = all.scale.moments(entry(all, rows[i]));
    EXPECT_NEAR(one.gradient * all.scale.gradient_unit, all.gradients[i], all.scale.gradient_unit);
    EXPECT_EQ(one.hessian, 1);
  }
}

TEST(TreeGradients, NotFiniteIsRefusedWithItsRow) {
  for (const double bad : {missing, infinite, -infinite}) {
    std::vector<double> values = random_numbers(50, 1);
    values[37] = bad;
    try {
      packed(values, {}, false);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "fit.gradient_not_finite");
      EXPECT_EQ(error.place(), "row 37");
    }
    EXPECT_EQ(error_code([&] { packed(random_numbers(50, 1), values, true); }), "fit.gradient_not_finite");
  }
}

TEST(TreeGradients, OrderFreeSumsAreNearAndOrderFree) {
  for (const double scale : {1.0, 1e-270, 1e-200, 1e150}) {
    std::vector<double> values = random_numbers(5000, 2);
    for (double& value : values) value *= scale;
    values[3] *= 1e4;
    long double exact = 0, top = 0;
    for (double value : values) {
      exact += value;
      top = std::max(top, std::abs(static_cast<long double>(value)));
    }
    const double sum = order_free_sum(values);
    EXPECT_LE(std::abs(sum - exact), 5000.0L * 5000.0L * 0x1p-62L * top) << scale;  // the bound of the header
    EXPECT_EQ(sum, order_free_sum(linear_tools::selected(values, shuffled_rows(5000, 3))));
  }
  EXPECT_EQ(order_free_sum({}), 0);
  EXPECT_EQ(order_free_sum(std::vector<double>(7, 0.0)), 0);
  EXPECT_EQ(order_free_sum(std::vector<double>{1e300, 1, -1e300}), 0);  // below the unit of the largest
  EXPECT_EQ(order_free_sum(std::vector<double>(1000, 1.0)), 1000);
}

TEST(TreeGradients, OrderFreeSumsOfWhatIsNotFiniteAreNotFinite) {
  EXPECT_EQ(order_free_sum(std::vector<double>{1, infinite, 2}), infinite);
  EXPECT_EQ(order_free_sum(std::vector<double>{1, -infinite, 2}), -infinite);
  EXPECT_TRUE(std::isnan(order_free_sum(std::vector<double>{1, missing, 2})));
  EXPECT_TRUE(std::isnan(order_free_sum(std::vector<double>{infinite, -infinite})));
}

TEST(TreeGradients, WeightedQuantileIsTheFirstValueThatReachesTheLevel) {
  RandomStream random = random_of(4);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<std::pair<double, double>> pairs(1 + random.below(12));
    for (auto& [value, weight] : pairs) {
      value = static_cast<double>(random.below(6));
      weight = static_cast<double>(1 + random.below(4));
    }
    const double level = 0.05 + 0.9 * random.uniform();
    double total = 0, expected = infinite;
    for (const auto& [value, weight] : pairs) total += weight;
    for (const auto& candidate : pairs) {
      double up_to = 0;
      for (const auto& [value, weight] : pairs) up_to += value <= candidate.first ? weight : 0;
      if (up_to >= level * total) expected = std::min(expected, candidate.first);
    }
    EXPECT_EQ(weighted_quantile(pairs, level), expected);
  }
}

}  // namespace
