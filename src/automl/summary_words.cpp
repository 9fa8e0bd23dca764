#include "automl/summary_words.hpp"

namespace automill {

const Object& object_in(const Object& object, std::string_view key) {
  static const Object empty;
  const Value* value = object.find(key);
  return value != nullptr && value->is_object() ? value->object() : empty;
}

std::int64_t count_in(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  return value != nullptr && value->is_integer() ? value->integer() : 0;
}

std::string target_words(const TargetInfo& target) {
  std::string words = target.name + ": " + task_name(target.task);
  if (target.task == Task::binary) words += ", positive '" + target.classes[target.positive] + "'";
  if (target.task == Task::multiclass) words += ", " + std::to_string(target.classes.size()) + " classes";
  for (std::size_t k = 0; k < target.outputs.size(); ++k)
    words += (k == 0 ? ", " + std::to_string(target.outputs.size()) + " values a row: " : ", ") + target.outputs[k];
  return words;
}

namespace {

/// "16192 dropped (the target is missing 12, ...)"
std::string dropped(const Object& book, const char* name_key, const char* count_key) {
  std::int64_t total = 0;
  std::string reasons;
  const Value* list = book.find("dropped");
  std::size_t shown = 0;
  for (const Value& entry : list != nullptr ? list->array() : Array{}) {
    const Object& object = entry.object();
    total += count_key != nullptr ? count_in(object, count_key) : 1;
    if (shown++ >= 6) continue;
    reasons += (reasons.empty() ? "" : ", ") +
               (count_key != nullptr ? std::to_string(count_in(object, count_key)) + " " : std::string()) +
               object.find(name_key)->text();
    if (count_key == nullptr) reasons += " " + object.find("reason")->text();
  }
  if (shown > 6) reasons += ", ...";
  return std::to_string(total) + " dropped" + (reasons.empty() ? "" : " (" + reasons + ")");
}

}  // namespace

std::string table_words(const Object& rows, const Object& columns) {
  return "rows " + std::to_string(count_in(rows, "input")) + " = " + std::to_string(count_in(rows, "used")) +
         " used + " + dropped(rows, "reason", "rows") + "; columns " + std::to_string(count_in(columns, "input")) +
         " = " + std::to_string(count_in(columns, "used")) + " used + " + dropped(columns, "column", nullptr);
}

}  // namespace automill
