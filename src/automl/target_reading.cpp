#include <charconv>

#include "automl/prepare.hpp"

namespace automill {

std::string number_name(double value) {
  char buffer[32];
  if (value == std::floor(value) && std::abs(value) < 9e15) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<long long>(value)).ptr;
    return {buffer, end};
  }
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

namespace {

std::string cell_name(const Column& column, std::size_t row, double value, const TargetInfo& target) {
  if (column.kind() == ColumnKind::category || column.kind() == ColumnKind::text) return std::string(column.text(row));
  if (column.kind() == ColumnKind::boolean && target.label_type == "boolean") return value != 0 ? "true" : "false";
  return number_name(value);
}

}  // namespace

Target empty_target(const TargetInfo& target) {
  return {.task = target.task,
          .name = target.name,
          .classes = target.classes,
          .labels = {},
          .values = {},
          .positive = target.positive};
}

void require_one_output(const TargetInfo& target) {
  if (target.outputs.empty()) return;
  throw Error("evaluate.several_outputs", target.name,
              "the model gives " + std::to_string(target.outputs.size()) + " values a row, and metrics judge one",
              "predict, and judge each of them by itself");
}

LabelledRows read_target(const Column& column, const TargetInfo& target) {
  LabelledRows rows;
  std::vector<double> values(column.size());
  column.numbers(0, column.size(), values.data());
  if (target.task == Task::regression) {
    if (column.kind() == ColumnKind::category || column.kind() == ColumnKind::text)
      throw Error("data.target_text", column.name(), "text was given where the model predicts a number");
    rows.values = std::move(values);
    return rows;
  }
  std::unordered_map<std::string, std::int32_t> codes;
  for (std::size_t k = 0; k < target.classes.size(); ++k)
    codes.emplace(target.classes[k], static_cast<std::int32_t>(k));
  rows.labels.assign(column.size(), -1);
  std::string unknown;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (column.kind() == ColumnKind::text ? column.text(i).empty() : std::isnan(values[i])) continue;
    const auto found = codes.find(cell_name(column, i, values[i], target));
    if (found != codes.end()) rows.labels[i] = found->second;
    else if (unknown.empty()) unknown = cell_name(column, i, values[i], target);
  }
  if (!unknown.empty())
    throw Error("data.class_unknown", column.name(), "the class '" + unknown + "' was not in training",
                name_hint(unknown, target.classes));
  return rows;
}

}  // namespace automill
