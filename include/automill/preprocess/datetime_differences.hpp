#pragma once
// Adds the days between each two datetime columns; all columns pass.
//
//   Pipeline{DatetimeDifferences{}, DatetimeParts{}, GradientBoosting{}}
//
//   'days_from_<first>_to_<second>'

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct DatetimeDifferencesParameters {
  int max_pairs = 45;
  bool drop_constant = true;

  static auto declare() {
    return std::tuple{parameter("max_pairs", &DatetimeDifferencesParameters::max_pairs,
                                "Most pairs of columns: of more, the first ones in the order of columns.")
                          .range(1, 10000),
                      parameter("drop_constant", &DatetimeDifferencesParameters::drop_constant,
                                "Whether differences that are the same in all training rows are left out.")};
  }
};

/// Days with a fraction, missing where one of the two is; infinite and datetimes beyond a million years count as
/// missing.
class AUTOMILL_EXPORT DatetimeDifferences final
    : public DeclaredTransformer<DatetimeDifferences, DatetimeDifferencesParameters> {
 public:
  static constexpr const char* registered_name = "datetime_differences";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "datetime_differences" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_datetime_differences(const ArchiveReader& in,
                                                                             const std::shared_ptr<const Schema>& input,
                                                                             int state_version,
                                                                             const Registry& registry);

}  // namespace automill
