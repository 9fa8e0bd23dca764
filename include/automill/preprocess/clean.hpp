#pragma once
// Takes infinite values out of number and datetime columns; other columns pass.
//
//   Pipeline{Clean{}, Impute{}, Ridge{}}                   // infinite is missing
//   Clean{{.infinite = "extremes"}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct CleanParameters {
  std::string infinite = "missing";

  static auto declare() {
    return std::tuple{parameter("infinite", &CleanParameters::infinite,
                                "What infinite values become: missing, or the largest (minus infinity: the smallest) "
                                "finite value of training.")
                          .choices({"missing", "extremes"})};
  }
};

/// A column without a finite value in training has no extremes: there infinite becomes missing. A table without
/// infinite values is shared, not copied. By itself Impute leaves infinite values as they are, and its statistics are
/// over finite ones.
class AUTOMILL_EXPORT Clean final : public DeclaredTransformer<Clean, CleanParameters> {
 public:
  static constexpr const char* registered_name = "clean";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "clean" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_clean(const ArchiveReader& in,
                                                              const std::shared_ptr<const Schema>& input,
                                                              int state_version, const Registry& registry);

}  // namespace automill
