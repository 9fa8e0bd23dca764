#pragma once
// Brings number and datetime columns to a common scale; booleans, categories and text pass.
//
//   Pipeline{Scaler{{.method = "robust"}}, Logistic{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct ScalerParameters {
  std::string method = "standard";
  bool clip = true;

  static auto declare() {
    return std::tuple{
        parameter("method", &ScalerParameters::method,
                  "standard: mean 0, standard deviation 1. robust: median 0, distance of the quartiles 1. minmax: from "
                  "0 to 1.")
            .choices({"standard", "robust", "minmax"})
            .search(0, 2),
        parameter("clip", &ScalerParameters::clip,
                  "robust: whether values x are drawn in by x / sqrt(1 + (x/3)^2), so that none is beyond 3. minmax: "
                  "whether values beyond those of training become 0 or 1.")};
  }
};

/// A constant column becomes 0; where the quartiles are equal, robust takes half of the range for their distance.
/// Statistics are over finite values, weights count as copies. Missing stays missing.
/// Robust with the smooth clip is the scaling of RealMLP (Holzmueller, Grinsztajn & Steinwart 2024).
/// (Named Scaler because automill::Scale is the scale of a parameter's search range.)
class AUTOMILL_EXPORT Scaler final : public DeclaredTransformer<Scaler, ScalerParameters> {
 public:
  static constexpr const char* registered_name = "scale";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "scale" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_scale(const ArchiveReader& in,
                                                              const std::shared_ptr<const Schema>& input,
                                                              int state_version, const Registry& registry);

}  // namespace automill
