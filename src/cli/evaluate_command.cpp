// automill evaluate: the metrics of a model on labelled rows.

#include <automill/automl/train.hpp>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/text_table.hpp"
#include "data/platform.hpp"

namespace automill::cli {
namespace {

Value evaluation_value(const Evaluation& evaluation, const std::string& by) {
  Array rows, warnings;
  for (const EvaluationRow& row : evaluation.rows) {
    Object entry{{"metric", row.metric},
                 {"value", row.value},
                 {"low", row.low},
                 {"high", row.high},
                 {"rows", static_cast<std::int64_t>(row.rows)},
                 {"higher_is_better", row.higher_is_better}};
    if (!by.empty()) entry.append("slice", row.slice.empty() ? Value{} : Value(row.slice));
    rows.emplace_back(std::move(entry));
  }
  for (const std::string& warning : evaluation.warnings) warnings.emplace_back(warning);
  Object result{{"rows", rows}, {"warnings", warnings}};
  if (!by.empty()) result.append("by", by);
  return result;
}

std::string to_text(const Evaluation& evaluation, const std::string& by) {
  std::vector<std::string> header{"metric", "value", "low", "high", "rows", ""};
  std::vector<bool> right{false, true, true, true, true, false};
  if (!by.empty()) {
    header.insert(header.begin(), by);
    right.insert(right.begin(), false);
  }
  std::vector<std::vector<std::string>> lines;
  for (const EvaluationRow& row : evaluation.rows) {
    std::vector<std::string> cells{
        row.metric,       figure(row.value),        figure(row.low),
        figure(row.high), std::to_string(row.rows), row.higher_is_better ? "higher is better" : "lower is better"};
    if (!by.empty()) cells.insert(cells.begin(), row.slice.empty() ? "(all)" : row.slice);
    lines.push_back(std::move(cells));
  }
  return text_table(header, lines, right);
}

}  // namespace

int run_evaluate(const EvaluateArguments& arguments) {
  const AutoMLModel model = load_model(arguments.model);
  const Table rows = read_labelled_rows(arguments.data, model, {arguments.by});
  const auto executor = make_executor(available_cores());
  const Evaluation evaluation =
      evaluate(model, rows, arguments.metrics, arguments.by, RunContext{.run_with = executor.get()});
  if (arguments.json) {
    print_json(evaluation_value(evaluation, arguments.by));
    return exit_ok;
  }
  std::cout << to_text(evaluation, arguments.by);
  for (const std::string& warning : evaluation.warnings) std::cerr << "warning: " << warning << "\n";
  return exit_ok;
}

}  // namespace automill::cli
