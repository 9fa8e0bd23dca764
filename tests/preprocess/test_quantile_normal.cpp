// QuantileNormal against scikit-learn's QuantileTransformer, and closed forms.

#include "number_tools.hpp"
#include "preprocess/number_math.hpp"

using namespace preprocess_tools;

namespace {

/// Values that several rows share at an end of the column: scikit-learn puts them to the end, here they are in the
/// middle of their rows.
bool tied_end(const std::vector<double>& values, double value) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return (value == *low || value == *high) && std::count(values.begin(), values.end(), value) > 1;
}

TEST(QuantileNormal, AgreesWithScikitLearn) {
  const Table table = number_reference_table();
  for (const auto& [what, parameters] :
       {std::pair{"quantile_normal", QuantileNormalParameters{.quantiles = 40}},
        std::pair{"quantile_uniform", QuantileNormalParameters{.output = "uniform", .quantiles = 37}}}) {
    const Table out = fit_checked(QuantileNormal{parameters}, rows_of(table))->transform(table);
    for (std::size_t c = 0; c < table.size(); ++c) {
      const auto values = values_of(table, table[c].name()), made = values_of(out, table[c].name()),
                 expected = expected_numbers(what, c);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (tied_end(values, values[i])) continue;
        // quantiles are interpolated by other operations; at the ends the quantile function makes 1e-16 1e-9
        EXPECT_NEAR(made[i], expected[i], std::abs(expected[i]) > 5 ? 1e-8 : 1e-11) << what << c << " " << i;
      }
    }
  }
}

TEST(QuantileNormal, SharesOfTiedValuesAreTheMiddle) {
  const Table table = one_column({0, 0, 0, 0, 1, 2});
  const auto uniform = fit_checked(QuantileNormal{{.output = "uniform"}}, rows_of(table));
  const Table more = one_column({-1, 0, 0.5, 1, 1.5, 2, 3, missing, infinite, -infinite});
  expect_same(values_of(uniform->transform(more), "n"), {0, 0.3, 0.7, 0.8, 0.9, 1, 1, missing, 1, 0}, 1e-15);
  const auto normal = fit_checked(QuantileNormal{}, rows_of(table));
  const double end = math::normal_quantile(1 - 1e-7), low_end = math::normal_quantile(1e-7);
  expect_same(values_of(normal->transform(more), "n"),
              {low_end, math::normal_quantile(0.3), math::normal_quantile(0.7), math::normal_quantile(0.8),
               math::normal_quantile(0.9), end, end, missing, end, low_end},
              1e-14);
}

TEST(QuantileNormal, ConstantColumnsBecomeTheMiddle) {
  const auto fitted = fit_checked(QuantileNormal{}, rows_of(one_column({3, 3, missing, 3})));
  expect_same(values_of(fitted->transform(one_column({3, missing})), "n"), {0, missing});
  const auto none = fit_checked(QuantileNormal{{.output = "uniform"}}, rows_of(one_column({missing, missing})));
  expect_same(values_of(none->transform(one_column({3, missing})), "n"), {0.5, missing});
}

TEST(QuantileNormal, HoldsForEveryTransformerOfNumbers) {
  for (const char* output : {"normal", "uniform"}) {
    const QuantileNormal transformer{{.output = output, .quantiles = 30}};
    expect_weights_are_copies(transformer);
    expect_order_does_not_matter(transformer);
    expect_degenerate_columns_work(transformer);
    expect_other_kinds_pass(transformer);
  }
}

TEST(QuantileNormal, DamagedFileIsRefused) {
  const auto fitted = fit_checked(QuantileNormal{}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["output"] = "gamma"; });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 5); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, missing); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(16); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(32); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[1].bytes.resize(8); });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["state_version"] = 2; });
}

}  // namespace
