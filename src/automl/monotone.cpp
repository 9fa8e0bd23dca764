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
