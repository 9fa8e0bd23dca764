// automill list: learners, transformers, metrics and options of train, with their parameters.

#include <automill/automl/train.hpp>
#include <automill/metrics/metrics.hpp>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_output.hpp"
#include "cli/train_options.hpp"

namespace automill::cli {
namespace {

template <class Entry>
Value component(const Entry& entry) {
  Array parameters;
  for (const ParameterDeclaration& parameter : entry.parameters) parameters.push_back(to_value(parameter));
  return Object{{"name", entry.name}, {"description", entry.description}, {"parameters", parameters}};
}

Value learners() {
  Array all;
  for (const std::string& name : builtin_registry().estimator_names())
    all.push_back(component(builtin_registry().estimator(name)));
  return all;
}

Value transformers() {
  Array all;
  for (const std::string& name : builtin_registry().transformer_names())
    all.push_back(component(builtin_registry().transformer(name)));
  return all;
}

Value metrics() {
  Array all;
  for (const Metric& metric : builtin_metrics()) {
    Array tasks, aliases;
    for (Task task : {Task::binary, Task::multiclass, Task::regression})
      if (metric.supports(task)) tasks.emplace_back(task_name(task));
    for (const auto& [alias, name] : metric_aliases())
      if (name == metric.name) aliases.emplace_back(alias);
    static constexpr const char* needs[] = {"labels", "probabilities", "values"};
    all.push_back(Object{{"name", metric.name},
                         {"description", metric.description},
                         {"higher_is_better", metric.higher_is_better()},
                         {"needs", needs[static_cast<std::size_t>(metric.needs)]},
                         {"tasks", tasks},
                         {"aliases", aliases}});
  }
  return all;
}

Value options() {
  const std::vector<std::string> readable = readable_train_options();
  Array all;
  for (const OptionInfo& option : train_option_list()) {
    const bool in_shell = std::find(readable.begin(), readable.end(), option.name) != readable.end();
    all.push_back(Object{{"name", option.name},
                         {"type", option.type},
                         {"delivered", option.delivered},
                         {"in_shell", in_shell},
                         {"description", option.description}});
  }
  return all;
}

const std::vector<std::pair<std::string, Value (*)()>>& lists() {
  static const std::vector<std::pair<std::string, Value (*)()>> all{
      {"learners", learners}, {"transformers", transformers}, {"metrics", metrics}, {"options", options}};
  return all;
}

std::string parameter_line(const Object& parameter) {
  std::string line = "    " + parameter.find("name")->text();
  const Value& standard = *parameter.find("default");
  line += " = " + (standard.is_null() ? std::string("decided from the data") : param_detail::value_text(standard));
  if (const Value* low = parameter.find("minimum")) line += ", from " + param_detail::number_text(low->number());
  if (const Value* high = parameter.find("maximum")) line += ", to " + param_detail::number_text(high->number());
  if (const Value* choices = parameter.find("choices")) {
    line += ", one of";
    for (const Value& choice : choices->array()) line += " " + choice.text();
  }
  return line + "\n        " + parameter.find("description")->text() + "\n";
}

std::string entry_text(const Object& entry) {
  std::string text = "  " + entry.find("name")->text();
  if (const Value* tasks = entry.find("tasks")) {
    text += entry.find("higher_is_better")->boolean() ? " (higher is better;" : " (lower is better;";
    for (const Value& task : tasks->array()) text += " " + task.text();
    text += ")";
  }
  if (const Value* delivered = entry.find("delivered"); delivered != nullptr && !delivered->boolean())
    text += " (not there yet)";
  text += "\n      " + entry.find("description")->text() + "\n";
  if (const Value* parameters = entry.find("parameters"))
    for (const Value& parameter : parameters->array()) text += parameter_line(parameter.object());
  return text;
}

}  // namespace

int run_list(const ListArguments& arguments) {
  std::vector<std::string> names;
  Object found;
  for (const auto& [name, make] : lists()) {
    names.push_back(name);
    if (arguments.what.empty() || arguments.what == name) found.append(name, make());
  }
  if (found.empty())
    throw Error("option.unknown_choice", "list", "there is no list '" + arguments.what + "'",
                name_hint(arguments.what, names));
  if (arguments.json) {
    print_json(found);
    return exit_ok;
  }
  for (const auto& [name, entries] : found.entries()) {
    std::cout << name << "\n";
    for (const Value& entry : entries.array()) std::cout << entry_text(entry.object());
  }
  return exit_ok;
}

}  // namespace automill::cli
