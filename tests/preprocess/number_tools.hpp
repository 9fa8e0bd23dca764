#pragma once
// What the tests of the transformers of numbers share: number_reference.json, and what holds for all of them.

#include "preprocess_tools.hpp"

namespace preprocess_tools {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// number_reference.json, made by make_number_reference.py with scikit-learn.
inline const Value& number_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/preprocess/number_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "number_reference.json");
  }();
  return value;
}
inline Table number_reference_table() {
  std::vector<ColumnPtr> columns;
  const auto names = texts(number_reference().at("names"));
  for (std::size_t c = 0; c < names.size(); ++c)
    columns.push_back(number_column(names[c], numbers(number_reference().at("numbers").array()[c])));
  return Table(columns);
}
inline std::vector<double> expected_numbers(const char* what, std::size_t column) {
  return numbers(number_reference().at("expected").at(what).array()[column]);
}

/// Table of one column 'n'.
inline Table one_column(std::vector<double> values) { return Table({number_column("n", std::move(values))}); }

/// Regression rows: the table and its target.
inline DatasetView rows_with(Table table, std::vector<double> target, std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.target.values = std::move(target);
  dataset.features = std::move(table);
  dataset.weights = std::move(weights);
  return DatasetView(make_dataset(std::move(dataset)));
}

/// What a transformer makes of rows of weights 1 to 4 and of their copies is the same, to the bit.
inline void expect_weights_are_copies(const Transformer& transformer) {
  RandomStream random(5, purpose("copies"));
  std::vector<double> values, weights, repeated, targets, repeated_targets;
  for (int i = 0; i < 60; ++i) {
    const double value = i % 7 == 0 ? missing : std::floor(40 * random.normal()) / 8;
    values.push_back(value);
    weights.push_back(static_cast<double>(1 + random.below(4)));
    targets.push_back(value > 0 ? 2.0 : random.uniform());
    for (int copy = 0; copy < weights.back(); ++copy) {
      repeated.push_back(value);
      repeated_targets.push_back(targets.back());
    }
  }
  const Table table = one_column(values);
  const auto a = fit_checked(transformer, rows_with(table, targets, weights));
  const auto b = fit_checked(transformer, rows_with(one_column(repeated), repeated_targets));
  expect_equal_tables(a->transform(table), b->transform(table));
  expect_equal_tables(a->transform(one_column({infinite, -infinite})), b->transform(one_column({infinite, -infinite})));
}

/// Rows in another order give the same bits.
inline void expect_order_does_not_matter(const Transformer& transformer) {
  std::vector<double> values, targets;
  RandomStream random(6, purpose("order"));
  for (int i = 0; i < 200; ++i) {
    values.push_back(i % 11 == 0 ? missing : math::exp(random.normal()) - 1);
    targets.push_back(i % 11 == 0 ? 0.0 : values.back() * values.back());
  }
  values[5] = -0.0, values[6] = 0.0;
  const Table table = one_column(values);
  const auto a = fit_checked(transformer, rows_with(table, targets));
  std::reverse(values.begin(), values.end());
  std::reverse(targets.begin(), targets.end());
  const auto b = fit_checked(transformer, rows_with(one_column(values), targets));
  expect_equal_tables(a->transform(table), b->transform(table));
}

/// Columns that training knows nothing of, one row, no row, the ends of double: it fits, transforms and gives no NaN
/// but for missing values.
inline void expect_degenerate_columns_work(const Transformer& transformer) {
  const double huge = 1.7e308;
  const std::vector<std::vector<double>> columns{{missing, missing, missing},
                                                 {5},
                                                 {},
                                                 {2.5, 2.5, 2.5},
                                                 {-huge, 0, huge},
                                                 {huge, huge, huge / 2},
                                                 {infinite, 1, -infinite},
                                                 {1e16, 1e16 + 2, 1e16 + 2},
                                                 {5e-324, 0, 1e-320}};
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const auto fitted = fit_checked(transformer, rows_of(one_column(columns[k])));
    const Table out = fitted->transform(one_column({0, 1, -huge, huge, infinite, -infinite}));
    for (std::size_t c = 0; c < out.size(); ++c)
      for (std::size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(std::isfinite(out[c].number(i))) << out[c].name() << " of case " << k << ", row " << i;
    const Table none = fitted->transform(one_column({missing}));
    for (std::size_t c = 0; c < none.size(); ++c) {
      if (none[c].kind() == ColumnKind::number) {
        EXPECT_TRUE(none[c].missing(0)) << none[c].name() << " of case " << k;
      }
    }
  }
}

/// Other kinds of columns are shared as they are.
inline void expect_other_kinds_pass(const Transformer& transformer) {
  const Table table({number_column("b", {0, 1, 1}, ColumnKind::boolean), category_column("c", {"x", "", "x"}),
                     text_column("t", {"a", "b", "c"}),
                     number_column("d", {1.6e15, missing, 1.8e15}, ColumnKind::datetime)});
  const Table out = fit_checked(transformer, rows_of(table))->transform(table);
  ASSERT_GE(out.size(), table.size());
  for (std::size_t c = 0; c < table.size(); ++c) EXPECT_EQ(out.columns()[c], table.columns()[c]);
}

}  // namespace preprocess_tools
