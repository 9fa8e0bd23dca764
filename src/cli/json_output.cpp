#include "cli/json_output.hpp"

#include <iostream>

#include "json.hpp"

namespace automill::cli {

Value without_nan(const Value& value) {
  if (value.is_array()) {
    Array list;
    for (const Value& element : value.array()) list.push_back(without_nan(element));
    return list;
  }
  if (value.is_object()) {
    Object object;
    for (const auto& [key, member] : value.object().entries()) object.append(key, without_nan(member));
    return object;
  }
  return value.is_number() && !std::isfinite(value.number()) ? Value{} : value;
}

void print_json(const Value& value) { std::cout << to_json(without_nan(value), 2) << "\n"; }

Value to_value(const LeaderboardRow& row) { return row.to_object(); }

Value to_value(const std::vector<LeaderboardRow>& rows) {
  Array list;
  for (const LeaderboardRow& row : rows) list.push_back(to_value(row));
  return list;
}

Value to_value(const Score& score) {
  return Object{{"value", score.value},
                {"low", score.low},
                {"high", score.high},
                {"metric", score.metric},
                {"protocol", score.protocol}};
}

Value to_value(const Schema& schema) {
  Array list;
  for (const ColumnSchema& column : schema.columns()) {
    Object entry{{"name", column.name}, {"kind", column_kind_name(column.kind)}};
    if (column.kind == ColumnKind::number) entry.append("integer", column.integer);
    if (column.dictionary != nullptr) entry.append("categories", to_value(column.dictionary->names()));
    if (!column.missing_markers.empty()) entry.append("missing_markers", to_value(column.missing_markers));
    if (!column.format.empty()) entry.append("format", column.format);
    list.emplace_back(std::move(entry));
  }
  return list;
}

Value to_value(const TargetInfo& target) {
  Object object{{"name", target.name}, {"task", task_name(target.task)}};
  if (is_classification(target.task)) object.append("classes", to_value(target.classes));
  if (!target.outputs.empty()) object.append("outputs", to_value(target.outputs));
  if (target.task == Task::binary) {
    object.append("positive_class", target.classes.at(target.positive));
    object.append("decision_threshold", target.decision_threshold);
  }
  if (!target.costs.empty()) {
    Array rows;
    for (auto at = target.costs.begin(); at != target.costs.end(); at += static_cast<std::ptrdiff_t>(target.width()))
      rows.emplace_back(Array(at, at + static_cast<std::ptrdiff_t>(target.width())));
    object.append("cost_matrix", rows);
  }
  return object;
}

Value to_value(const ParameterDeclaration& parameter) {
  Object object{{"name", parameter.name},
                {"type", parameter.type},
                {"default", parameter.default_value},
                {"optional", parameter.optional}};
  if (std::isfinite(parameter.minimum)) object.append("minimum", parameter.minimum);
  if (std::isfinite(parameter.maximum)) object.append("maximum", parameter.maximum);
  if (!parameter.choices.empty()) object.append("choices", to_value(parameter.choices));
  if (parameter.search)
    object.append("search", Object{{"low", parameter.search->low},
                                   {"high", parameter.search->high},
                                   {"scale", parameter.search->scale == Scale::log ? "log" : "linear"}});
  if (!parameter.only_if_parameter.empty())
    object.append("only_if", Object{{"parameter", parameter.only_if_parameter}, {"value", parameter.only_if_value}});
  object.append("description", parameter.description);
  return object;
}

Value to_value(const std::vector<std::string>& texts) {
  Array list;
  for (const std::string& text : texts) list.emplace_back(text);
  return list;
}

}  // namespace automill::cli
