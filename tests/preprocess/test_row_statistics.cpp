// RowStatistics: closed forms.

#include "number_tools.hpp"

using namespace preprocess_tools;

namespace {

Table mixed() {
  return Table({number_column("a", {0, 1, missing, infinite}), number_column("b", {3, missing, missing, 2}),
                number_column("f", {0, 1, 0, 1}, ColumnKind::boolean), category_column("c", {"x", "", "", "y"}),
                text_column("t", {"u", "v", "w", ""}), number_column("e", {-6, 5, missing, 4})});
}

TEST(RowStatistics, CountsAndMoments) {
  const Table out = fit_checked(RowStatistics{}, rows_of(mixed()))->transform(mixed());
  ASSERT_EQ(out.size(), 12);
  for (std::size_t c = 0; c < 6; ++c) EXPECT_EQ(out.columns()[c]->name(), mixed()[c].name());
  expect_same(values_of(out, "row_missing"), {0, 2, 4, 0});
  expect_same(values_of(out, "row_zeros"), {1, 0, 0, 0});
  expect_same(values_of(out, "row_mean"), {-1, 3, missing, 3});
  expect_same(values_of(out, "row_min"), {-6, 1, missing, 2});
  expect_same(values_of(out, "row_max"), {3, 5, missing, 4});
  expect_same(values_of(out, "row_std"), {std::sqrt(14.0), 2, missing, 1}, 1e-15);
}

TEST(RowStatistics, CountsAlone) {
  const auto fitted = fit_checked(RowStatistics{{.statistics = "counts"}}, rows_of(mixed()));
  EXPECT_EQ(fitted->output_schema()->size(), 8);
  EXPECT_EQ(fitted->output_schema()->names()[7], "row_zeros");
}

TEST(RowStatistics, TakenNamesGetANumberAndColumnsAreShared) {
  const Table table({number_column("row_mean", {1, 2}), number_column("x", {3, 4})});
  const auto fitted = fit_checked(RowStatistics{}, rows_of(table));
  const Table out = fitted->transform(table);
  EXPECT_EQ(out.columns()[0], table.columns()[0]);
  expect_same(values_of(out, "row_mean_2"), {2, 3});
}

TEST(RowStatistics, HugeNumbersStayFinite) {
  const double huge = 1.7e308;
  const Table table({number_column("a", {huge}), number_column("b", {huge}), number_column("c", {-huge})});
  const Table out = fit_checked(RowStatistics{}, rows_of(table))->transform(table);
  for (std::size_t c = 0; c < out.size(); ++c) EXPECT_TRUE(std::isfinite(out[c].number(0))) << out[c].name();
  EXPECT_EQ(fit_checked(RowStatistics{}, rows_of(Table({category_column("c", {"x"})})))->output_schema()->size(), 7);
}

TEST(RowStatistics, DamagedFileIsRefused) {
  const auto fitted = fit_checked(RowStatistics{}, rows_of(mixed()));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["moments"] = 2; });
}

}  // namespace
