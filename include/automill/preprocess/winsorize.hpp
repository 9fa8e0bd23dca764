#pragma once
// Draws outliers of number columns in to quantiles of training; other columns pass.
//
//   Pipeline{Impute{}, Winsorize{}, Ridge{}}
//   Winsorize{{.lower = 0, .upper = 0.99}}                 // the upper end alone

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct WinsorizeParameters {
  double lower = 0.001;
  double upper = 0.999;

  static auto declare() {
    return std::tuple{parameter("lower", &WinsorizeParameters::lower, "Values below this quantile become the quantile.")
                          .range(0, 0.5)
                          .search(0, 0.05),
                      parameter("upper", &WinsorizeParameters::upper, "Values above this quantile become the quantile.")
                          .range(0.5, 1)
                          .search(0.95, 1)};
  }
};

/// Quantiles are interpolated (type 7 of Hyndman & Fan 1996) over finite values, weights count as copies; 0 and 1 are
/// the smallest and largest value of training. Infinite values become a quantile, too; missing stays missing. A column
/// without a finite value in training passes. O(rows) a column.
class AUTOMILL_EXPORT Winsorize final : public DeclaredTransformer<Winsorize, WinsorizeParameters> {
 public:
  static constexpr const char* registered_name = "winsorize";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "winsorize" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_winsorize(const ArchiveReader& in,
                                                                  const std::shared_ptr<const Schema>& input,
                                                                  int state_version, const Registry& registry);

}  // namespace automill
