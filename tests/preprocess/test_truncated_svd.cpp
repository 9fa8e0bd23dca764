// TruncatedSvd against NumPy's singular values and small matrices by hand.

#include "text_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

/// Root of the sum of squares of each component: the singular values.
std::vector<double> extents(const Table& table) {
  std::vector<double> roots;
  for (const auto& column : table.columns()) {
    double squares = 0;
    for (double value : values_of(table, column->name())) squares += value * value;
    roots.push_back(std::sqrt(squares));
  }
  return roots;
}

/// Singular values of text decrease slowly, so that four iterations leave some percent of the small ones out. Vectors
/// are kept in single precision, and errors of singular values are of second order in theirs: 1e-6 in the end.
TEST(TruncatedSvd, SingularValuesAgreeWithNumpy) {
  const DatasetView view = messages(Task::binary);
  const TransformerPipeline text(TfIdf{}, TruncatedSvd{{.components = 20}});
  const auto found = extents(text.fit_transform(view, {}).train);
  const auto exact = numbers(text_reference().at("singular"));
  for (std::size_t k = 0; k < 20; ++k) EXPECT_NEAR(found[k], exact[k], (k < 10 ? 0.02 : 0.05) * exact[k]) << k;
  const auto closer = extents(
      TransformerPipeline(TfIdf{}, TruncatedSvd{{.components = 20, .iterations = 100}}).fit_transform(view, {}).train);
  for (std::size_t k = 0; k < 20; ++k) EXPECT_NEAR(closer[k], exact[k], 1e-6 * exact[0]) << k;
}

TEST(TruncatedSvd, OfADiagonalMatrixIsItself) {
  const Table table({number_column("a", {3, 0, 0}), text_column("t", {"x", "y", "z"}), number_column("b", {0, -5, 0}),
                     number_column("c", {0, 0, 1})});
  const auto fitted = fit_checked(TruncatedSvd{{.components = 2}}, rows_of(table));
  const Table out = fitted->transform(table);
  EXPECT_EQ(out.schema()->names(), (Names{"t", "svd_1", "svd_2"}));
  expect_same(values_of(out, "svd_1"), {0, -5, 0}, 1e-6);
  expect_same(values_of(out, "svd_2"), {3, 0, 0}, 1e-6);
}

TEST(TruncatedSvd, DirectionsWithoutExtentAreZeros) {
  const Table table({number_column("a", {1, 2, 3}), number_column("b", {2, 4, 6}), number_column("svd_2", {0, 0, 0})});
  const Table out = fit_checked(TruncatedSvd{}, rows_of(table))->transform(table);
  EXPECT_EQ(out.schema()->names(), (Names{"svd_1", "svd_2", "svd_3"}));
  expect_same(values_of(out, "svd_1"), {std::sqrt(5.0), 2 * std::sqrt(5.0), 3 * std::sqrt(5.0)}, 1e-6);
  expect_same(values_of(out, "svd_2"), {0, 0, 0}, 1e-6);
}

TEST(TruncatedSvd, MissingAndInfiniteCellsCountAsZero) {
  const Table table({number_column("a", {3, missing, std::numeric_limits<double>::infinity()}),
                     number_column("b", {0, 1, 0}, ColumnKind::boolean)});
  const Table out = fit_checked(TruncatedSvd{}, rows_of(table))->transform(table);
  expect_same(values_of(out, "svd_1"), {3, 0, 0}, 1e-6);
  expect_same(values_of(out, "svd_2"), {0, 1, 0}, 1e-6);
}

TEST(TruncatedSvd, SparseAndDenseColumnsAreTheSame) {
  const Table sparse = TfIdf{}.fit_transform(messages(Task::binary), {}).train;
  std::vector<ColumnPtr> columns;
  for (const auto& column : sparse.columns())
    columns.push_back(number_column(column->name(), values_of(sparse, column->name())));
  const TruncatedSvd transformer{{.components = 5}};
  expect_equal_tables(fit_checked(transformer, rows_of(sparse))->transform(sparse),
                      transformer.fit_transform(rows_of(Table(columns)), {}).train);
}

TEST(TruncatedSvd, DamagedFilesAreRefused) {
  const Table table({number_column("a", {3, 0}), number_column("b", {0, 1})});
  const auto fitted = fit_checked(TruncatedSvd{}, rows_of(table));
  expect_refused(*fitted, [](Archive& archive) { archive.root.object()["components"] = std::int64_t{3}; });
  expect_refused(*fitted, [](Archive& archive) { archive.arrays[0].bytes.resize(4); });
  expect_refused(*fitted, [](Archive& archive) {
    const float nothing = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(archive.arrays[0].bytes.data(), &nothing, sizeof nothing);
  });
}

}  // namespace
