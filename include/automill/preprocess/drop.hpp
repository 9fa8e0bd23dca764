#pragma once
// Leaves columns out: by name, or all of some kinds.
//
//   Pipeline{DropColumns{{.columns = "id, comment"}}, Baseline{}}
//   DropColumns{{.kinds = "text, datetime"}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct DropColumnsParameters {
  std::string columns{};
  std::string kinds{};

  static auto declare() {
    return std::tuple{
        parameter("columns", &DropColumnsParameters::columns,
                  "Names of columns, separated by commas; a comma or backslash inside a name has a backslash before "
                  "it, spaces around a name do not count."),
        parameter("kinds", &DropColumnsParameters::kinds,
                  "Kinds of columns, separated by commas: number, boolean, category, datetime, text.")};
  }
};

/// A name or kind that is not there is an Error with the nearest one.
class AUTOMILL_EXPORT DropColumns final : public DeclaredTransformer<DropColumns, DropColumnsParameters> {
 public:
  static constexpr const char* registered_name = "drop";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "drop" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_drop(const ArchiveReader& in,
                                                             const std::shared_ptr<const Schema>& input,
                                                             int state_version, const Registry& registry);

}  // namespace automill
