// DatetimeDifferences: closed forms.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

constexpr double day = 86400e6;

Table dates() {
  return Table({number_column("a", {0, day, missing, -365 * day}, ColumnKind::datetime),
                number_column("n", {1, 2, 3, 4}),
                number_column("b", {1.5 * day, 0, day, 1e6 * day}, ColumnKind::datetime),
                number_column("c", {day, 2 * day, missing, -364 * day}, ColumnKind::datetime)});
}

TEST(DatetimeDifferences, DaysBetweenColumns) {
  const auto fitted = fit_checked(DatetimeDifferences{}, rows_of(dates()));
  const Table out = fitted->transform(dates());
  EXPECT_EQ(out.schema()->names(), (std::vector<std::string>{"a", "n", "b", "c", "days_from_a_to_b",
                                                             "days_from_b_to_c"}));  // a to c: 1 always
  expect_same(values_of(out, "days_from_a_to_b"), {1.5, -1, missing, 1000365});
  expect_same(values_of(out, "days_from_b_to_c"), {-0.5, 2, missing, -1000364});
  const double infinite = std::numeric_limits<double>::infinity();
  const Table odd({number_column("a", {infinite, 1e300}, ColumnKind::datetime), number_column("n", {1, 2}),
                   number_column("b", {0, 0}, ColumnKind::datetime), number_column("c", {0, 0}, ColumnKind::datetime)});
  expect_same(values_of(fitted->transform(odd), "days_from_a_to_b"), {missing, missing});
}

TEST(DatetimeDifferences, PairsAreLimited) {
  EXPECT_EQ(fit_checked(DatetimeDifferences{{.drop_constant = false}}, rows_of(dates()))->output_schema()->size(), 7);
  const auto fitted = fit_checked(DatetimeDifferences{{.max_pairs = 1}}, rows_of(dates()));
  EXPECT_EQ(fitted->output_schema()->names().back(), "days_from_a_to_b");
  EXPECT_EQ(fit_checked(DatetimeDifferences{}, rows_of(Table({number_column("n", {1})})))->output_schema()->size(), 1);
}

TEST(DatetimeDifferences, DamagedFileIsRefused) {
  const auto fitted = fit_checked(DatetimeDifferences{}, rows_of(dates()));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{1}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[1].bytes[0] = std::byte{9}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[1].bytes.resize(4); });
}

}  // namespace
