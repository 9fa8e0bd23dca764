// Scaler against scikit-learn's StandardScaler, RobustScaler and MinMaxScaler, and closed forms.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

TEST(Scaler, AgreesWithScikitLearn) {
  const Table table = reference_numbers("filled_names");
  std::vector<double> weights;
  for (std::size_t i = 0; i < table.rows(); ++i) weights.push_back(static_cast<double>(1 + i % 3));
  const auto scaled = [&](ScalerParameters parameters, std::vector<double> with = {}) {
    return fit_checked(Scaler{parameters}, rows_of(table, std::move(with)))->transform(table);
  };
  expect_columns(scaled({}), expected("standard"), 1e-12);
  expect_columns(scaled({}, weights), expected("standard_weighted"), 1e-12);
  expect_columns(scaled({.method = "minmax"}), expected("minmax"), 1e-12);
  // scikit-learn leaves a column whose quartiles are equal as it is, less the median: BsmtFinSF2, the last one, here
  const Table robust = scaled({.method = "robust", .clip = false});
  for (std::size_t c = 0; c + 1 < table.size(); ++c)
    expect_same(values_of(robust, table[c].name()), numbers(expected("robust").array()[c]), 1e-12);
}

TEST(Scaler, RobustUsesHalfTheRangeWhereQuartilesAreEqual) {
  const Table table({number_column("n", {0, 0, 0, 0, 0, 0, 0, 0, 0, 10})});
  const auto fitted = fit_checked(Scaler{{.method = "robust", .clip = false}}, rows_of(table));
  EXPECT_EQ(values_of(fitted->transform(table), "n")[9], 2);
}

TEST(Scaler, SmoothClipDrawsIn) {
  const Table table({number_column("n", {0, 1, 2, 3, 4})});  // median 2, quartiles 1 and 3
  const auto fitted = fit_checked(Scaler{{.method = "robust"}}, rows_of(table));
  const double huge = std::numeric_limits<double>::max(), infinite = std::numeric_limits<double>::infinity();
  const Table more({number_column("n", {2, 8, -4, huge, -infinite, missing})});
  const double three = 3 / std::sqrt(2.0);
  expect_same(values_of(fitted->transform(more), "n"), {0, three, -three, 3, -3, missing}, 1e-15);
}

TEST(Scaler, ConstantColumnsBecomeZero) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const char* method : {"standard", "robust", "minmax"}) {
    const Table table({number_column("n", {0.1, 0.1, 0.1}), number_column("none", {missing, missing, missing})});
    const auto fitted = fit_checked(Scaler{{.method = method}}, rows_of(table));
    const Table more({number_column("n", {0.1, 5, infinite}), number_column("none", {1, missing, 2})});
    expect_same(values_of(fitted->transform(more), "n"), {0, 0, 0});
    expect_same(values_of(fitted->transform(more), "none"), {0, missing, 0});
  }
}

TEST(Scaler, MinmaxCutsWhatIsBeyondTraining) {
  const Table table({number_column("n", {2, 4})});
  const Table more({number_column("n", {1, 2, 3, 9, missing})});
  const auto cut = fit_checked(Scaler{{.method = "minmax"}}, rows_of(table));
  expect_same(values_of(cut->transform(more), "n"), {0, 0, 0.5, 1, missing});
  const auto open = fit_checked(Scaler{{.method = "minmax", .clip = false}}, rows_of(table));
  expect_same(values_of(open->transform(more), "n"), {-0.5, 0, 0.5, 3.5, missing});
}

TEST(Scaler, WeightsCountAsCopies) {
  const std::vector<double> values{3, 1, 8, 2, 5}, weights{2, 1, 3, 1, 4};
  std::vector<double> repeated;
  for (std::size_t i = 0; i < 5; ++i)
    for (int copy = 0; copy < weights[i]; ++copy) repeated.push_back(values[i]);
  for (const char* method : {"standard", "robust", "minmax"}) {
    const Table table({number_column("n", values)});
    const auto a = fit_checked(Scaler{{.method = method}}, rows_of(table, weights));
    const auto b = fit_checked(Scaler{{.method = method}}, rows_of(Table({number_column("n", repeated)})));
    expect_same(values_of(a->transform(table), "n"), values_of(b->transform(table), "n"), 1e-14);
  }
}

TEST(Scaler, OtherKindsPassAndDatetimesBecomeNumbers) {
  const Table table({number_column("b", {0, 1, 1}, ColumnKind::boolean), category_column("c", {"x", "y", "x"}),
                     text_column("t", {"a", "b", "c"}),
                     number_column("d", {1.6e15, 1.7e15, 1.8e15}, ColumnKind::datetime)});
  const auto fitted = fit_checked(Scaler{}, rows_of(table));
  const Table scaled = fitted->transform(table);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(scaled.columns()[c], table.columns()[c]);
  EXPECT_EQ(scaled.column("d").kind(), ColumnKind::number);
  const double edge = std::sqrt(1.5);
  expect_same(values_of(scaled, "d"), {-edge, 0, edge}, 1e-14);
}

TEST(Scaler, HugeValuesDoNotOverflow) {
  const double huge = 1e308;
  const Table table({number_column("n", {-huge, 0, huge})});
  const auto fitted = fit_checked(Scaler{}, rows_of(table));
  const double edge = std::sqrt(1.5);
  expect_same(values_of(fitted->transform(table), "n"), {-edge, 0, edge}, 1e-12);
}

TEST(Scaler, DamagedFileIsRefused) {
  const Table table({number_column("n", {2, 4}), number_column("m", {2, 4})});
  const auto fitted = fit_checked(Scaler{}, rows_of(table));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["clip"] = "hard"; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["clip"] = true; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(8); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[1].bytes.resize(24); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 1, missing); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 0, std::numeric_limits<double>::infinity()); });
}

}  // namespace
