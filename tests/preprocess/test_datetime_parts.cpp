// DatetimeParts against the C library's calendar, and known dates.

#include <cstdlib>
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
    const CalendarTime time = calendar_of(static_cast<double>(seconds) * second);
    ASSERT_EQ(time.year, expected.tm_year + 1900) << seconds;
    ASSERT_EQ(time.month, expected.tm_mon + 1) << seconds;
    ASSERT_EQ(time.day, expected.tm_mday) << seconds;
    ASSERT_EQ(time.weekday, (expected.tm_wday + 6) % 7) << seconds;
    ASSERT_EQ(time.hour, expected.tm_hour) << seconds;
    ASSERT_EQ(time.day_of_year, expected.tm_yday + 1) << seconds;
    ASSERT_EQ(datetime_part(DatetimePart::elapsed_days, time, 0), static_cast<double>(seconds) / 86400) << seconds;
    char week[3];
    std::strftime(week, sizeof week, "%V", &expected);
    ASSERT_EQ(iso_week(time), std::atoi(week)) << seconds;
    const auto tomorrow = calendar_of((static_cast<double>(seconds) + 86400) * second);
    ASSERT_EQ(datetime_part(DatetimePart::is_month_end, time, 0), tomorrow.day == 1 ? 1 : 0) << seconds;
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

TEST(DatetimeParts, CyclesAndDetails) {
  // 2023-12-31 (a Sunday of week 52) 18:00, 2024-01-01 (Monday of week 1), 2024-02-29
  const double start = 19723 * day;
  const Table table({number_column("t", {start - 6 * hour, start, start + 59 * day, missing}, ColumnKind::datetime)});
  const auto fitted = fit_checked(DatetimeParts{{.cycles = true, .details = true}}, rows_of(table));
  const Table parts = fitted->transform(table);
  expect_same(values_of(parts, "t_week"), {52, 1, 9, missing});
  expect_same(values_of(parts, "t_is_month_end"), {1, 0, 1, missing});
  expect_same(values_of(parts, "t_hour_sin"), {-1, 0, 0, missing}, 1e-15);
  expect_same(values_of(parts, "t_hour_cos"), {0, 1, 1, missing}, 1e-15);
  expect_same(values_of(parts, "t_month_sin"), {-0.5, 0, 0.5, missing}, 1e-15);
  const double turn = 8 * std::atan(1.0);
  expect_same(values_of(parts, "t_weekday_cos"), {std::cos(6 * turn / 7), 1, std::cos(3 * turn / 7), missing}, 1e-14);
  expect_same(values_of(parts, "t_day_of_year_sin"),
              {std::sin(364 * turn / 365), 0, std::sin(59 * turn / 366), missing}, 1e-14);
  EXPECT_FALSE(parts.column("t_hour_sin").schema().integer);
  EXPECT_TRUE(parts.column("t_week").schema().integer);
}

TEST(DatetimeParts, StateOfTheFirstVersionLoads) {
  const Table table({number_column("when", {0, 40 * day}, ColumnKind::datetime)});
  const auto fitted = fit_checked(DatetimeParts{}, rows_of(table));
  Archive archive = saved(*fitted);
  archive.root.object()["state_version"] = 1;
  expect_equal_tables(loaded(archive, *fitted)->transform(table), fitted->transform(table));
  archive.arrays[0].bytes[archive.arrays[0].bytes.size() - 1] = std::byte{7};  // what the first version does not have
  EXPECT_THROW(loaded(archive, *fitted), Error);
}

TEST(DatetimeParts, AColumnThatIsAllMissingGivesNothing) {
  const Table table({number_column("when", {missing, missing}, ColumnKind::datetime), number_column("n", {1, 2})});
  EXPECT_EQ(fit_checked(DatetimeParts{}, rows_of(table))->output_schema()->names(), (std::vector<std::string>{"n"}));
}

TEST(DatetimeParts, HugeAndInfiniteTimesAreMissing) {
  for (double time : {1e300, -1e300, std::numeric_limits<double>::infinity(), 4e19})
    for (std::size_t k = 0; k < datetime_part_names().size(); ++k)
      EXPECT_TRUE(std::isnan(datetime_part(static_cast<DatetimePart>(k), calendar_of(time), 0)));
}

TEST(DatetimeParts, DamagedFileIsRefused) {
  const Table table({number_column("when", {0, 40 * day}, ColumnKind::datetime)});
  const auto fitted = fit_checked(DatetimeParts{}, rows_of(table));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{17}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[1] = a.arrays[0].bytes[0]; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["keep"] = 1; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"].array()[0].object()["origin"] = "1970"; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"] = Array{}; });
}

}  // namespace
