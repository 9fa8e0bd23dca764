#pragma once
// Turns each datetime column into numbers: its parts in UTC, and the days since the earliest training value.
// Other columns pass.
//
//   '<name>_year' _month (1-12) _day (1-31) _weekday (0 = Monday) _hour (0-23) _day_of_year (1-366) _elapsed_days

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct DatetimePartsParameters {
  bool drop_constant = true;
  bool keep = false;

  static auto declare() {
    return std::tuple{
        parameter("drop_constant", &DatetimePartsParameters::drop_constant,
                  "Whether parts that are the same in all training rows (the hour of plain dates) are left out."),
        parameter("keep", &DatetimePartsParameters::keep, "Whether the datetime column itself is kept as well.")};
  }
};

/// A missing datetime gives missing parts. Days since start have a fraction; all other parts are whole numbers.
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
