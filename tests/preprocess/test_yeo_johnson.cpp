// YeoJohnson against scikit-learn's PowerTransformer, closed forms and a search of every power.

#include "number_tools.hpp"
#include "preprocess/yeo_johnson_fit.hpp"

using namespace preprocess_tools;

namespace {

std::vector<CountedValue> counted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::vector<CountedValue> all;
  for (double value : values) {
    if (all.empty() || all.back().value != value) all.push_back({value, 0});
    ++all.back().count;
  }
  return all;
}

/// -ln(variance) / 2 + (power - 1) mean(sign(x) ln(1 + |x|)), straight from the definition.
double likelihood(const std::vector<double>& values, double power) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, square = 0, slope = 0;
  for (double x : values) {
    mean += yeo_johnson(x, power) / n;
    slope += std::copysign(std::log1p(std::abs(x)), x) / n;
  }
  for (double x : values) square += std::pow(yeo_johnson(x, power) - mean, 2) / n;
  return -0.5 * std::log(square) + (power - 1) * slope;
}

TEST(YeoJohnson, AgreesWithScikitLearn) {
  const Table table = number_reference_table();
  const auto powers = numbers(number_reference().at("expected").at("powers"));
  const Table out = fit_checked(YeoJohnson{}, rows_of(table))->transform(table),
              raw = fit_checked(YeoJohnson{{.standardize = false}}, rows_of(table))->transform(table);
  for (std::size_t c = 0; c < table.size(); ++c) {
    if (powers[c] > largest_power) continue;  // YearBuilt: scikit-learn takes any power
    const std::string& name = table[c].name();
    const PowerFit fit = fit_power(counted(values_of(table, name)), {});
    // the likelihood is flat at its top: both searches end within the root of the rounding of it
    EXPECT_NEAR(fit.power, powers[c], 2e-6) << name;
    expect_same(values_of(out, name), expected_numbers("yeo_johnson", c), 1e-4);
    const auto expected = expected_numbers("yeo_johnson_raw", c);
    const double largest = std::abs(*std::max_element(expected.begin(), expected.end()));
    expect_same(values_of(raw, name), expected, 1e-4 * largest);
  }
}

TEST(YeoJohnson, NoPowerIsMoreLikely) {
  RandomStream random(1, purpose("yeo"));
  for (int kind = 0; kind < 6; ++kind) {
    std::vector<double> values;
    for (int i = 0; i < 300; ++i) {
      const double z = random.normal();
      values.push_back(kind == 0   ? math::exp(z)
                       : kind == 1 ? -math::exp(z) - 4
                       : kind == 2 ? z
                       : kind == 3 ? z * z * z
                       : kind == 4 ? 100 + z
                                   : std::floor(3 * z * z));
    }
    const PowerFit fit = fit_power(counted(values), {});
    double best = -infinite;
    for (double power = least_power; power <= largest_power; power += 0.01)
      best = std::max(best, likelihood(values, power));
    EXPECT_GE(likelihood(values, fit.power), best - 1e-6) << kind << " " << fit.power;
  }
}

TEST(YeoJohnson, PowerAndInverse) {
  EXPECT_DOUBLE_EQ(yeo_johnson(3, 0.5), 2);
  EXPECT_DOUBLE_EQ(yeo_johnson(3, 0), std::log(4));
  EXPECT_DOUBLE_EQ(yeo_johnson(-3, 2), -std::log(4));
  EXPECT_DOUBLE_EQ(yeo_johnson(-3, 1.5), -2);
  EXPECT_DOUBLE_EQ(yeo_johnson(3, -1), 0.75);
  for (double power : {-4.0, -1.0, 0.0, 0.3, 1.0, 2.0, 3.7, 6.0})
    for (double x : {-50.0, -1.0, -1e-9, 0.0, 1e-12, 0.7, 3.0, 1e3}) {
      const double y = yeo_johnson(x, power);
      // near the bound -1 / power of a falling power digits of x are lost
      const double digits = std::max(1e-14, 4e-16 * std::pow(1 + std::abs(x), 1 + std::abs(x < 0 ? 2 - power : power)));
      if (digits < 1e-3) {
        EXPECT_NEAR(inverse_yeo_johnson(y, power), x, digits * (1 + std::abs(x))) << x << " " << power;
      }
    }
  EXPECT_EQ(inverse_yeo_johnson(5, -1), std::numeric_limits<double>::max());  // the power stays below 1
  EXPECT_TRUE(std::isnan(yeo_johnson(missing, 2)));
  EXPECT_EQ(yeo_johnson(infinite, 2), infinite);
  EXPECT_EQ(yeo_johnson(-infinite, 2), -infinite);
  EXPECT_DOUBLE_EQ(yeo_johnson(infinite, -2), 0.5);
}

TEST(YeoJohnson, MeanZeroAndDeviationOne) {
  const auto fitted = fit_checked(YeoJohnson{}, rows_of(one_column({1, 2, 4, 8, 16, 32, missing})));
  const auto out = values_of(fitted->transform(one_column({1, 2, 4, 8, 16, 32})), "n");
  double sum = 0, square = 0;
  for (double value : out) {
    sum += value;
    square += value * value;
  }
  EXPECT_NEAR(sum, 0, 1e-13);
  EXPECT_NEAR(square, 6, 1e-13);
}

TEST(YeoJohnson, HoldsForEveryTransformerOfNumbers) {
  for (bool standardize : {true, false}) {
    const YeoJohnson transformer{{.standardize = standardize}};
    expect_weights_are_copies(transformer);
    expect_order_does_not_matter(transformer);
    expect_degenerate_columns_work(transformer);
    expect_other_kinds_pass(transformer);
  }
}

TEST(YeoJohnson, Stops) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(fit_power(counted({1, 2, 3}), StopToken(source.get_token())), Stopped);
}

TEST(YeoJohnson, DamagedFileIsRefused) {
  const auto fitted = fit_checked(YeoJohnson{}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 7); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, missing); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 0, infinite); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 2, 0, missing); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[2].bytes.resize(16); });
}

}  // namespace
