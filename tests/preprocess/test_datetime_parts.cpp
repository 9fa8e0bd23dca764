// DatetimeParts against the C library's calendar, and known dates.

#include <ctime>

#include "preprocess/datetime_parts_fitted.hpp"
#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

constexpr double second = 1e6, hour = 3600 * second, day = 24 * hour;

TEST(DatetimeParts, AgreesWithTheCLibrary) {
  RandomStream stream(1, purpose("dates"));
  for (int i = 0; i < 20000; ++i) {
    // from year -2000 to 6000
    const auto seconds = static_cast<std::time_t>(-125000000000.0 + 252000000000.0 * stream.uniform());
    std::tm expected{};
    ASSERT_NE(gmtime_r(&seconds, &expected), nullptr);
    const auto parts = split_datetime(static_cast<double>(seconds) * second, 0);
    ASSERT_EQ(parts[0], expected.tm_year + 1900) << seconds;
    ASSERT_EQ(parts[1], expected.tm_mon + 1) << seconds;
    ASSERT_EQ(parts[2], expected.tm_mday) << seconds;
    ASSERT_EQ(parts[3], (expected.tm_wday + 6) % 7) << seconds;
    ASSERT_EQ(parts[4], expected.tm_hour) << seconds;
    ASSERT_EQ(parts[5], expected.tm_yday + 1) << seconds;
    ASSERT_EQ(parts[6], static_cast<double>(seconds) / 86400) << seconds;
  }
}

TEST(DatetimeParts, SplitsKnownDates) {
  // 2000-02-29 was a Tuesday, 11016 days after 1970-01-01; 1969-12-31 23:00 the hour before
  const Table table({number_column("when", {11016 * day + 13.5 * hour, -hour, missing}, ColumnKind::datetime),
                     number_column("n", {1, 2, 3})});
  const auto fitted = fit_checked(DatetimeParts{}, rows_of(table));
  const Table parts = fitted->transform(table);
  EXPECT_EQ(parts.schema()->names(),
            (std::vector<std::string>{"when_year", "when_month", "when_day", "when_weekday", "when_hour",
                                      "when_day_of_year", "when_elapsed_days", "n"}));
  expect_same(values_of(parts, "when_year"), {2000, 1969, missing});
  expect_same(values_of(parts, "when_month"), {2, 12, missing});
  expect_same(values_of(parts, "when_day"), {29, 31, missing});
  expect_same(values_of(parts, "when_weekday"), {1, 2, missing});
  expect_same(values_of(parts, "when_hour"), {13, 23, missing});
  expect_same(values_of(parts, "when_day_of_year"), {60, 365, missing});
  expect_same(values_of(parts, "when_elapsed_days"), {11016 + 14.5 / 24, 0, missing}, 1e-9);
}

TEST(DatetimeParts, PartsThatDoNotVaryAreLeftOut) {
  const Table table({number_column("when", {0, day, 3 * day}, ColumnKind::datetime)});
  const auto names = [&](DatetimePartsParameters parameters) {
    return fit_checked(DatetimeParts{parameters}, rows_of(table))->output_schema()->names();
  };
  EXPECT_EQ(names({}), (std::vector<std::string>{"when_day", "when_weekday", "when_day_of_year", "when_elapsed_days"}));
  EXPECT_EQ(names({.drop_constant = false}).size(), 7U);
  EXPECT_EQ(names({.keep = true})[0], "when");
  EXPECT_EQ(names({.keep = true}).size(), 5U);
}

TEST(DatetimeParts, AColumnThatIsAllMissingGivesNothing) {
  const Table table({number_column("when", {missing, missing}, ColumnKind::datetime), number_column("n", {1, 2})});
  EXPECT_EQ(fit_checked(DatetimeParts{}, rows_of(table))->output_schema()->names(), (std::vector<std::string>{"n"}));
}

TEST(DatetimeParts, HugeAndInfiniteTimesAreMissing) {
  for (double time : {1e300, -1e300, std::numeric_limits<double>::infinity(), 4e19})
    for (double part : split_datetime(time, 0)) EXPECT_TRUE(std::isnan(part));
}

TEST(DatetimeParts, DamagedFileIsRefused) {
  const Table table({number_column("when", {0, 40 * day}, ColumnKind::datetime)});
  const auto fitted = fit_checked(DatetimeParts{}, rows_of(table));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{7}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[1] = a.arrays[0].bytes[0]; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["keep"] = 1; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"].array()[0].object()["origin"] = "1970"; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"] = Array{}; });
}

}  // namespace
