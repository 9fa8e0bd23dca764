#pragma once
// Turns each datetime column into numbers: its parts in UTC, and the days since the earliest training value.
// Other columns pass.
//
//   '<name>_year' _month (1-12) _day (1-31) _weekday (0 = Monday) _hour (0-23) _day_of_year (1-366) _elapsed_days
//   cycles:  _month_sin _month_cos, and of weekday, hour and day_of_year
//   details: _week (of ISO 8601, 1-53) _is_month_end (0 or 1)

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct DatetimePartsParameters {
  bool drop_constant = true;
  bool keep = false;
  bool cycles = false;
  bool details = false;

  static auto declare() {
    return std::tuple{
        parameter("drop_constant", &DatetimePartsParameters::drop_constant,
                  "Whether parts that are the same in all training rows (the hour of plain dates) are left out."),
        parameter("keep", &DatetimePartsParameters::keep, "Whether the datetime column itself is kept as well."),
        parameter("cycles", &DatetimePartsParameters::cycles,
                  "Whether month, weekday, time of day and day of the year come as sine and cosine, too: December is "
                  "then near January."),
        parameter("details", &DatetimePartsParameters::details,
                  "Whether the ISO week and whether the day is the last of its month come, too.")};
  }
};

/// A missing datetime gives missing parts. Days since start have a fraction, sines and cosines are numbers from -1 to
/// 1; all other parts are whole. The Gregorian calendar holds for all times within a million years of 1970.
class AUTOMILL_EXPORT DatetimeParts final : public DeclaredTransformer<DatetimeParts, DatetimePartsParameters> {
 public:
  static constexpr const char* registered_name = "datetime_parts";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "datetime_parts" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_datetime_parts(const ArchiveReader& in,
                                                                       const std::shared_ptr<const Schema>& input,
                                                                       int state_version, const Registry& registry);

}  // namespace automill
