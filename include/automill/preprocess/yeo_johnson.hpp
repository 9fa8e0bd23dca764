#pragma once
// Makes number columns more like a normal distribution by a power whose exponent is learned; other columns pass.
//
//   Pipeline{Impute{}, YeoJohnson{}, Logistic{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct YeoJohnsonParameters {
  bool standardize = true;

  static auto declare() {
    return std::tuple{
        parameter("standardize", &YeoJohnsonParameters::standardize,
                  "Whether the result has mean 0 and standard deviation 1; a constant column becomes 0.")};
  }
};

/// y = ((1 + x)^l - 1) / l for x >= 0 and -((1 - x)^(2 - l) - 1) / (2 - l) below (logarithms where a divisor is 0),
/// with the l in [-4, 6] that maximises the likelihood of a normal distribution (Yeo & Johnson 2000), found by Brent's
/// method in O(rows log rows) a column. Missing stays missing, finite stays finite; statistics are over finite values,
/// weights count as copies.
class AUTOMILL_EXPORT YeoJohnson final : public DeclaredTransformer<YeoJohnson, YeoJohnsonParameters> {
 public:
  static constexpr const char* registered_name = "yeo_johnson";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "yeo_johnson" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_yeo_johnson(const ArchiveReader& in,
                                                                    const std::shared_ptr<const Schema>& input,
                                                                    int state_version, const Registry& registry);

}  // namespace automill
