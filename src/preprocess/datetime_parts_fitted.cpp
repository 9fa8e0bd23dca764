#include "datetime_parts_fitted.hpp"

#include <automill/preprocess/datetime_parts.hpp>

#include "number_math.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

constexpr double microseconds_a_day = 86400e6, microseconds_an_hour = 3600e6;

/// Days before month m (1-12) of a year, February as in a common year.
constexpr std::array<int, 12> days_before{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

bool leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

const std::vector<std::string>& datetime_part_names() {
  static const std::vector<std::string> names{
      "year",        "month",        "day",       "weekday",         "hour",
      "day_of_year", "elapsed_days", "month_sin", "month_cos",       "weekday_sin",
      "weekday_cos", "hour_sin",     "hour_cos",  "day_of_year_sin", "day_of_year_cos",
      "week",        "is_month_end"};
  return names;
}

CalendarTime calendar_of(double microseconds) noexcept {
  // a million years: beyond, a day is no longer a whole number of doubles apart from the next
  if (!(std::abs(microseconds) < 3.2e19)) return {.microseconds = std::numeric_limits<double>::quiet_NaN()};
  const double day_number = std::floor(microseconds / microseconds_a_day);
  const auto days = static_cast<std::int64_t>(day_number);
  // years begin on 1 March, eras have 400 of them: the leap day is then the last of its year
  const std::int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_from_march + 2) / 153;
  const double into_day = microseconds - day_number * microseconds_a_day;
  CalendarTime time{.microseconds = microseconds};
  time.day = day_from_march - (153 * month_from_march + 2) / 5 + 1;
  time.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  time.weekday = ((days + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  time.hour = static_cast<std::int64_t>(into_day / microseconds_an_hour);
  time.day_of_year =
      days_before[static_cast<std::size_t>(time.month - 1)] + time.day + (time.month > 2 && leap(time.year) ? 1 : 0);
  time.day_share = into_day / microseconds_a_day;
  return time;
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept {
  if (month == 2) return leap(year) ? 29 : 28;
  return month == 12 ? 31
                     : days_before[static_cast<std::size_t>(month)] - days_before[static_cast<std::size_t>(month - 1)];
}

std::int64_t iso_week(const CalendarTime& time) noexcept {
  const std::int64_t week = (time.day_of_year - time.weekday + 9) / 7;  // of the Thursday of its week, from 1 on
  const auto weeks_in = [](std::int64_t year, std::int64_t first_weekday) {
    return first_weekday == 3 || (first_weekday == 2 && leap(year)) ? 53 : 52;
  };
  const std::int64_t first = ((time.weekday - time.day_of_year + 1) % 7 + 7) % 7;  // weekday of 1 January
  if (week > weeks_in(time.year, first)) return 1;
  if (week > 0) return week;
  const std::int64_t before = time.year - 1, days = leap(before) ? 366 : 365;
  return weeks_in(before, ((first - days) % 7 + 7) % 7);
}

double datetime_part(DatetimePart part, const CalendarTime& time, double origin) noexcept {
  if (std::isnan(time.microseconds)) return time.microseconds;
  const auto turn = [](double past, double whole) { return math::sine_and_cosine(past / whole); };
  const auto month = [&] { return turn(static_cast<double>(time.month - 1), 12); };
  const auto weekday = [&] { return turn(static_cast<double>(time.weekday), 7); };
  const auto day_of_year = [&] { return turn(static_cast<double>(time.day_of_year - 1), leap(time.year) ? 366 : 365); };
  switch (part) {
    case DatetimePart::year:
      return static_cast<double>(time.year);
    case DatetimePart::month:
      return static_cast<double>(time.month);
    case DatetimePart::day:
      return static_cast<double>(time.day);
    case DatetimePart::weekday:
      return static_cast<double>(time.weekday);
    case DatetimePart::hour:
      return static_cast<double>(time.hour);
    case DatetimePart::day_of_year:
      return static_cast<double>(time.day_of_year);
    case DatetimePart::elapsed_days:
      return (time.microseconds - origin) / microseconds_a_day;
    case DatetimePart::month_sin:
      return month().first;
    case DatetimePart::month_cos:
      return month().second;
    case DatetimePart::weekday_sin:
      return weekday().first;
    case DatetimePart::weekday_cos:
      return weekday().second;
    case DatetimePart::hour_sin:
      return turn(time.day_share, 1).first;
    case DatetimePart::hour_cos:
      return turn(time.day_share, 1).second;
    case DatetimePart::day_of_year_sin:
      return day_of_year().first;
    case DatetimePart::day_of_year_cos:
      return day_of_year().second;
    case DatetimePart::week:
      return static_cast<double>(iso_week(time));
    case DatetimePart::is_month_end:
      break;
  }
  return time.day == days_in_month(time.year, time.month) ? 1 : 0;
}

namespace {

bool whole_number(DatetimePart part) {
  return part < DatetimePart::elapsed_days || part > DatetimePart::day_of_year_cos;
}

}  // namespace

FittedDatetimeParts::FittedDatetimeParts(const Schema& input, bool keep, std::vector<Split> splits)
    : keep_(keep), splits_(std::move(splits)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::datetime) return {};
    Part part{.changed = true};
    if (keep_) part.columns.push_back(column);
    for (DatetimePart one : splits_[source].parts)
      part.columns.push_back({.name = column.name + "_" + datetime_part_names()[static_cast<std::size_t>(one)],
                              .kind = ColumnKind::number,
                              .integer = whole_number(one)});
    return part;
  });
}

void FittedDatetimeParts::apply(std::size_t source, double value, double* out) const noexcept {
  const Split& split = splits_[source];
  const CalendarTime time = calendar_of(value);
  if (keep_) *out++ = value;
  for (DatetimePart one : split.parts) *out++ = datetime_part(one, time, split.origin);
}

void FittedDatetimeParts::save(ArchiveWriter& out) const {
  out.set("keep", keep_);
  out.children("columns", splits_.size(), [&](ArchiveWriter& one, std::size_t c) {
    std::vector<std::uint8_t> parts;
    for (DatetimePart part : splits_[c].parts) parts.push_back(static_cast<std::uint8_t>(part));
    one.set("origin", splits_[c].origin);
    one.array("parts", parts);
  });
}

std::unique_ptr<FittedTransformer> load_datetime_parts(const ArchiveReader& in,
                                                       const std::shared_ptr<const Schema>& input, int state_version,
                                                       const Registry&) {
  check_state_version(in, state_version, 2);
  const auto known =
      state_version < 2 ? static_cast<std::size_t>(DatetimePart::month_sin) : datetime_part_names().size();
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<FittedDatetimeParts::Split> splits;
  for (const ArchiveReader& one : stored) {
    FittedDatetimeParts::Split split{.origin = one.number("origin")};
    if (!std::isfinite(split.origin)) one.fail("'origin' must be finite");
    int last = -1;
    for (std::uint8_t part : one.array<std::uint8_t>("parts")) {
      if (part <= last || part >= known) one.fail("'parts' must be ascending and known");
      last = part;
      split.parts.push_back(static_cast<DatetimePart>(part));
    }
    splits.push_back(std::move(split));
  }
  return std::make_unique<FittedDatetimeParts>(*input, in.boolean("keep"), std::move(splits));
}

}  // namespace automill
