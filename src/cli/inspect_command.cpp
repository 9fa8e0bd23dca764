// automill inspect: what a model file holds.

#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/text_table.hpp"
#include "json.hpp"

namespace automill::cli {
namespace {

std::string details(const ColumnSchema& column) {
  std::string text;
  if (column.kind == ColumnKind::number && column.integer) text = "whole numbers";
  if (column.dictionary != nullptr) {
    const auto& names = column.dictionary->names();
    text = std::to_string(names.size()) + ": ";
    for (std::size_t i = 0; i < names.size() && i < 5; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > 5) text += ", ...";
  }
  if (!column.format.empty()) text += (text.empty() ? "written " : ", written ") + column.format;
  if (!column.missing_markers.empty()) {
    text += text.empty() ? "missing as" : "; missing as";
    for (const std::string& marker : column.missing_markers) text += " '" + marker + "'";
  }
  return text;
}

std::string schema_text(const Schema& schema) {
  std::vector<std::vector<std::string>> rows;
  for (const ColumnSchema& column : schema.columns())
    rows.push_back({column.name, column_kind_name(column.kind), details(column)});
  return text_table({"column", "kind", ""}, rows, {false, false, false});
}

Value metadata_of(const AutoMLModel& model, std::string_view key) {
  const Value* found = model.metadata().find(key);
  return found == nullptr ? Value{} : *found;
}

}  // namespace

int run_inspect(const InspectArguments& arguments) {
  const AutoMLModel model = load_model(arguments.model);
  Value recipe = metadata_of(model, "recipe");
  if (arguments.json) {
    Object all{{"target", to_value(model.target())}, {"schema", to_value(model.schema())}};
    for (const auto& [key, value] : model.metadata().entries())
      if (key != "recipe" && key != "leaderboard") all.append(key, value);
    all.append("recipe", recipe);
    print_json(all);
    return exit_ok;
  }
  std::cout << model.summary() << "\n" << schema_text(model.schema()) << "\n" << model.parts().model->describe();
  if (recipe.is_object() && recipe.object().contains("run")) {  // every candidate: for people the leaderboard
    Object shown;
    for (const auto& [key, value] : recipe.object().entries())
      if (key != "run") shown.append(key, value);
    recipe = std::move(shown);
  }
  if (!recipe.is_null()) std::cout << "\nrecipe (what refit does again):\n" << to_json(without_nan(recipe), 2) << "\n";
  return exit_ok;
}

}  // namespace automill::cli
