#include <automill/preprocess/drop.hpp>

#include "drop_fitted.hpp"

namespace automill {
namespace {

/// Parts of a list between commas, without the spaces around them; a backslash takes the next character as it is.
std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  std::string part;
  std::size_t kept = 0;  // length up to the last character that is not a space, or was escaped
  const auto finish = [&] {
    part.resize(kept);
    if (!part.empty()) parts.push_back(part);
    part.clear();
    kept = 0;
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const bool escaped = list[i] == '\\' && i + 1 < list.size();
    if (!escaped && list[i] == ',') {
      finish();
      continue;
    }
    if (escaped) ++i;
    if (!escaped && list[i] == ' ' && part.empty()) continue;
    part += list[i];
    if (escaped || list[i] != ' ') kept = part.size();
  }
  finish();
  return parts;
}

}  // namespace

std::unique_ptr<FittedTransformer> DropColumns::fit(const DatasetView& train, const RunContext&) const {
  const Schema& schema = *train.dataset().features.schema();
  std::vector<std::uint8_t> dropped(schema.size(), 0);
  Faults faults;
  for (const std::string& name : split_list(parameters_.columns)) {
    if (schema.contains(name)) dropped[schema.column(name)] = 1;
    else faults.add("data.column_unknown", name, "there is no such column", name_hint(name, schema.names()));
  }
  for (const std::string& name : split_list(parameters_.kinds)) {
    const auto& kinds = column_kind_names();
    const auto kind = std::find(kinds.begin(), kinds.end(), name);
    if (kind == kinds.end())
      faults.add("parameter.unknown_choice", "drop.kinds", "'" + name + "' is not a kind", name_hint(name, kinds));
    for (std::size_t c = 0; c < schema.size(); ++c)
      if (kind != kinds.end() && schema[c].kind == static_cast<ColumnKind>(kind - kinds.begin())) dropped[c] = 1;
  }
  faults.throw_if_any();
  return std::make_unique<FittedDrop>(schema, std::move(dropped));
}

}  // namespace automill
