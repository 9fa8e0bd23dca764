#pragma once
// The fitted half of DatetimeParts, type "datetime_parts".

#include "columnwise.hpp"

namespace automill {

enum class DatetimePart : std::uint8_t { year, month, day, weekday, hour, day_of_year, elapsed_days };

const std::vector<std::string>& datetime_part_names();

/// All parts, in the order of DatetimePart, of microseconds since 1970-01-01 UTC; days count from `origin`. Missing and
/// infinite give NaN. Gregorian calendar for all times (Hinnant, "chrono-compatible low-level date algorithms").
AUTOMILL_EXPORT std::array<double, 7> split_datetime(double microseconds, double origin) noexcept;

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
  void save(ArchiveWriter& out) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  bool keep_;
  std::vector<Split> splits_;
};

}  // namespace automill
