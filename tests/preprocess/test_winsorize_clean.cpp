// Winsorize and Clean: closed forms.

#include "number_tools.hpp"

using namespace preprocess_tools;

namespace {

TEST(Winsorize, DrawsInToQuantiles) {
  const auto fitted = fit_checked(Winsorize{{.lower = 0.25, .upper = 0.9}}, rows_of(one_column({0, 1, 2, 3, 10})));
  const Table more = one_column({-5, 0, 1.5, 7, 8, missing, infinite, -infinite});
  expect_same(values_of(fitted->transform(more), "n"), {1, 1, 1.5, 7, 7.2, missing, 7.2, 1}, 1e-15);
}

TEST(Winsorize, EndsAreTheExtremes) {
  const auto fitted = fit_checked(Winsorize{{.lower = 0, .upper = 1}}, rows_of(one_column({4, -2, 9, infinite})));
  expect_same(values_of(fitted->transform(one_column({-3, 10, 0})), "n"), {-2, 9, 0});
}

TEST(Winsorize, WholeNumbersStayWhole) {
  const Table whole({make_number_column({.name = "n", .integer = true}, {1, 2, 3})});
  EXPECT_TRUE(
      fit_checked(Winsorize{{.lower = 0.5, .upper = 1}}, rows_of(whole))->output_schema()->columns()[0].integer);
  EXPECT_FALSE(
      fit_checked(Winsorize{{.lower = 0.4, .upper = 1}}, rows_of(whole))->output_schema()->columns()[0].integer);
}

TEST(Winsorize, HoldsForEveryTransformerOfNumbers) {
  expect_weights_are_copies(Winsorize{{.lower = 0.05, .upper = 0.93}});
  expect_order_does_not_matter(Winsorize{{.lower = 0.05, .upper = 0.93}});
  expect_degenerate_columns_work(Winsorize{});
  expect_other_kinds_pass(Winsorize{});
}

TEST(Winsorize, DamagedFileIsRefused) {
  const auto fitted = fit_checked(Winsorize{}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 9); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 1, infinite); });
  expect_refused(*fitted, [](Archive& a) {
    a.arrays[0].bytes.resize(8);
    const std::uint32_t size = 1;
    std::memcpy(a.arrays[1].bytes.data(), &size, 4);
  });
}

TEST(Clean, InfiniteBecomesMissing) {
  const Table table({number_column("n", {1, infinite, -infinite, missing, 4}),
                     number_column("d", {1e15, infinite, 2e15, missing, 1e15}, ColumnKind::datetime)});
  const Table out = fit_checked(Clean{}, rows_of(table))->transform(table);
  expect_same(values_of(out, "n"), {1, missing, missing, missing, 4});
  expect_same(values_of(out, "d"), {1e15, missing, 2e15, missing, 1e15});
  EXPECT_EQ(out.column("d").kind(), ColumnKind::datetime);
}

TEST(Clean, InfiniteBecomesTheExtremes) {
  const Clean clean{{.infinite = "extremes"}};
  const auto fitted = fit_checked(clean, rows_of(one_column({1, infinite, -7, missing, 4})));
  expect_same(values_of(fitted->transform(one_column({infinite, -infinite, 99, missing})), "n"), {4, -7, 99, missing});
  const auto none = fit_checked(clean, rows_of(one_column({infinite, missing})));
  expect_same(values_of(none->transform(one_column({infinite, 3})), "n"), {missing, 3});
  expect_order_does_not_matter(clean);
}

TEST(Clean, FiniteColumnsAreShared) {
  const Table table = one_column({1, 2, missing});
  EXPECT_EQ(fit_checked(Clean{}, rows_of(table))->transform(table).columns()[0], table.columns()[0]);
  expect_other_kinds_pass(Clean{});
}

TEST(Clean, DamagedFileIsRefused) {
  const auto fitted = fit_checked(Clean{}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, infinite); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 1, 0, -infinite); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[1].bytes.resize(16); });
}

}  // namespace
