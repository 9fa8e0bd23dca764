#include "automl/monotone.hpp"

namespace automill {

std::map<std::string, int> monotone_columns(const std::map<std::string, int>& asked, const Table& features, Task task,
                                            Faults& faults) {
  std::map<std::string, int> signs;
  for (const auto& [name, sign] : asked) {
    if (sign == 0 || !features.contains(name)) continue;
    const ColumnKind kind = features.column(name).kind();
    if (kind == ColumnKind::category || kind == ColumnKind::text)
      faults.add("option.invalid", "monotone",
                 "the column '" + name + "' holds " + column_kind_name(kind) + ", which has no order",
                 "leave it out, or give it the type number");
    else signs[name] = sign;
  }
  if (task == Task::multiclass && !signs.empty())
    faults.add("option.contradiction", "monotone", "probabilities of three or more classes cannot be kept monotone",
               "leave it out");
  return signs;
}

Value without_lost_constraints(const Value& structure, const Table& features) {
  if (structure.is_array()) {
    Array all;
    for (const Value& each : structure.array()) all.push_back(without_lost_constraints(each, features));
    return all;
  }
  if (!structure.is_object()) return structure;
  Object kept;
  for (const auto& [name, value] : structure.object().entries()) {
    if (name != "monotone_constraints" || !value.is_object()) {
      kept.append(name, without_lost_constraints(value, features));
      continue;
    }
    Object signs;
    for (const auto& [column, sign] : value.object().entries())
      if (features.contains(column)) signs.append(column, sign);
    kept.append(name, signs);
  }
  return kept;
}

std::string monotone_note(const std::map<std::string, int>& monotone, const std::vector<std::string>& left_out) {
  if (monotone.empty()) return {};
  std::string note = "predictions";
  for (const auto& [name, sign] : monotone)
    note += std::string(note == "predictions" ? "" : ",") + (sign > 0 ? " only rise" : " only fall") + " with " + name;
  for (std::size_t i = 0; i < left_out.size(); ++i)
    note += (i == 0 ? "; left out, for they cannot promise that: " : ", ") + left_out[i];
  return note;
}

}  // namespace automill
