#include "datetime_parts_fitted.hpp"

#include <automill/preprocess/datetime_parts.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

constexpr double microseconds_a_day = 86400e6, microseconds_an_hour = 3600e6;

/// Days before month m (1-12) of a year, February as in a common year.
constexpr std::array<int, 12> days_before{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

bool leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

const std::vector<std::string>& datetime_part_names() {
  static const std::vector<std::string> names{"year", "month", "day", "weekday", "hour", "day_of_year", "elapsed_days"};
  return names;
}

std::array<double, 7> split_datetime(double microseconds, double origin) noexcept {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  // a million years: beyond, a day is no longer a whole number of doubles apart from the next
  if (!(std::abs(microseconds) < 3.2e19)) return {nan, nan, nan, nan, nan, nan, nan};
  const double day_number = std::floor(microseconds / microseconds_a_day);
  const auto days = static_cast<std::int64_t>(day_number);
  // years begin on 1 March, eras have 400 of them: the leap day is then the last of its year
  const std::int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_from_march = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_from_march + 2) / 153;
  const std::int64_t day = day_from_march - (153 * month_from_march + 2) / 5 + 1;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const std::int64_t weekday = ((days + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  const std::int64_t day_of_year =
      days_before[static_cast<std::size_t>(month - 1)] + day + (month > 2 && leap(year) ? 1 : 0);
  const double hour = std::floor((microseconds - day_number * microseconds_a_day) / microseconds_an_hour);
  return {static_cast<double>(year),
          static_cast<double>(month),
          static_cast<double>(day),
          static_cast<double>(weekday),
          hour,
          static_cast<double>(day_of_year),
          (microseconds - origin) / microseconds_a_day};
}

FittedDatetimeParts::FittedDatetimeParts(const Schema& input, bool keep, std::vector<Split> splits)
    : keep_(keep), splits_(std::move(splits)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::datetime) return {};
    Part part{.changed = true};
    if (keep_) part.columns.push_back(column);
    for (DatetimePart one : splits_[source].parts)
      part.columns.push_back({.name = column.name + "_" + datetime_part_names()[static_cast<std::size_t>(one)],
                              .kind = ColumnKind::number,
                              .integer = one != DatetimePart::elapsed_days});
    return part;
  });
}

void FittedDatetimeParts::apply(std::size_t source, double value, double* out) const noexcept {
  const Split& split = splits_[source];
  const std::array<double, 7> parts = split_datetime(value, split.origin);
  if (keep_) *out++ = value;
  for (DatetimePart one : split.parts) *out++ = parts[static_cast<std::size_t>(one)];
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
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<FittedDatetimeParts::Split> splits;
  for (const ArchiveReader& one : stored) {
    FittedDatetimeParts::Split split{.origin = one.number("origin")};
    if (!std::isfinite(split.origin)) one.fail("'origin' must be finite");
    int last = -1;
    for (std::uint8_t part : one.array<std::uint8_t>("parts")) {
      if (part <= last || part >= datetime_part_names().size()) one.fail("'parts' must be ascending and known");
      last = part;
      split.parts.push_back(static_cast<DatetimePart>(part));
    }
    splits.push_back(std::move(split));
  }
  return std::make_unique<FittedDatetimeParts>(*input, in.boolean("keep"), std::move(splits));
}

}  // namespace automill
