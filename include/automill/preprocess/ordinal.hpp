#pragma once
// Turns each category column into a number column: the position of the category. Other columns pass.
//
//   Pipeline{Ordinal{{.order = "frequency"}}, Neighbors{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct OrdinalParameters {
  std::string order = "name";

  static auto declare() {
    return std::tuple{parameter("order", &OrdinalParameters::order,
                                "How the categories are numbered from 0: by name, or by frequency, the most frequent "
                                "first.")
                          .choices({"name", "frequency"})};
  }
};

/// Missing and unseen categories are missing numbers. Equal frequencies are ranked by name; weights count as copies.
class AUTOMILL_EXPORT Ordinal final : public DeclaredTransformer<Ordinal, OrdinalParameters> {
 public:
  static constexpr const char* registered_name = "ordinal";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "ordinal" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_ordinal(const ArchiveReader& in,
                                                                const std::shared_ptr<const Schema>& input,
                                                                int state_version, const Registry& registry);

}  // namespace automill
