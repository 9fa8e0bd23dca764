#pragma once
// The fitted half of DatetimeParts, type "datetime_parts".

#include "columnwise.hpp"

namespace automill {

/// Parts from month_sin on came with state version 2.
enum class DatetimePart : std::uint8_t {
  year,
  month,
  day,
  weekday,
  hour,
  day_of_year,
  elapsed_days,
  month_sin,
  month_cos,
  weekday_sin,
  weekday_cos,
  hour_sin,
  hour_cos,
  day_of_year_sin,
  day_of_year_cos,
  week,
  is_month_end
};

/// In the order of DatetimePart.
AUTOMILL_EXPORT const std::vector<std::string>& datetime_part_names();

/// A point in time of the Gregorian calendar, which holds for all times.
struct CalendarTime {
  double microseconds = 0;  ///< since 1970-01-01 UTC; NaN where it is missing, infinite or a million years away
  std::int64_t year = 0, month = 0, day = 0, weekday = 0, hour = 0, day_of_year = 0;  ///< Monday is 0
  double day_share = 0;  ///< of the day that has passed, in [0, 1)
};
/// O(1), without loops (Hinnant, "chrono-compatible low-level date algorithms").
AUTOMILL_EXPORT CalendarTime calendar_of(double microseconds) noexcept;

/// Days in a month of a year.
std::int64_t days_in_month(std::int64_t year, std::int64_t month) noexcept;
/// Week of ISO 8601: weeks begin on Monday, week 1 has the first Thursday of the year.
std::int64_t iso_week(const CalendarTime& time) noexcept;

/// NaN where the time is missing; elapsed days count from `origin` (microseconds).
AUTOMILL_EXPORT double datetime_part(DatetimePart part, const CalendarTime& time, double origin) noexcept;

class AUTOMILL_EXPORT FittedDatetimeParts final : public Columnwise {
 public:
  struct Split {
    double origin = 0;                  ///< microseconds: elapsed_days is 0 there
    std::vector<DatetimePart> parts{};  ///< ascending
  };
  /// One split a column (not read for columns that are not datetimes). `keep`: the datetime itself stays, before its
  /// parts.
  FittedDatetimeParts(const Schema& input, bool keep, std::vector<Split> splits);

  std::string type() const override { return "datetime_parts"; }
  int state_version() const override { return 2; }
  void save(ArchiveWriter& out) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  bool keep_;
  std::vector<Split> splits_;
};

}  // namespace automill
