#pragma once
// Brings number columns to a normal (or uniform) distribution by their quantiles: outliers and skew are gone, ranks
// stay. Other columns pass.
//
//   Pipeline{Impute{}, QuantileNormal{}, Ridge{}}
//   QuantileNormal{{.output = "uniform", .quantiles = 100}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct QuantileNormalParameters {
  std::string output = "normal";
  int quantiles = 1000;

  static auto declare() {
    return std::tuple{parameter("output", &QuantileNormalParameters::output,
                                "normal: mean 0, standard deviation 1, cut at 5.2. uniform: from 0 to 1.")
                          .choices({"normal", "uniform"}),
                      parameter("quantiles", &QuantileNormalParameters::quantiles,
                                "How many quantiles of a column are kept; no more than there are rows.")
                          .range(2, 10000)};
  }
};

/// Between quantiles the share of smaller values is interpolated; a value that several quantiles share gets the middle
/// of them, so that a constant column becomes 0 (uniform: 0.5). Values beyond those of training become the first or
/// last share. Missing stays missing. Statistics are over finite values, weights count as copies. Fitting takes
/// O(rows log rows) a column, a value O(log quantiles). The interpolation in both directions is that of scikit-learn's
/// QuantileTransformer, which differs where several rows have the smallest or largest value: it puts them to the end.
class AUTOMILL_EXPORT QuantileNormal final : public DeclaredTransformer<QuantileNormal, QuantileNormalParameters> {
 public:
  static constexpr const char* registered_name = "quantile_normal";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "quantile_normal" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_quantile_normal(const ArchiveReader& in,
                                                                        const std::shared_ptr<const Schema>& input,
                                                                        int state_version, const Registry& registry);

}  // namespace automill
