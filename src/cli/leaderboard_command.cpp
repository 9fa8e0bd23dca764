// automill leaderboard: every candidate of the run that made a model, with a test score where rows are given.

#include <automill/automl/train.hpp>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "data/platform.hpp"

namespace automill::cli {

int run_leaderboard(const LeaderboardArguments& arguments) {
  const AutoMLModel model = load_model(arguments.model);
  const bool test = !arguments.data.empty();
  const auto executor = make_executor(available_cores());
  const auto rows =
      test ? model.leaderboard(read_labelled_rows(arguments.data, model), RunContext{.run_with = executor.get()})
           : model.leaderboard();
  if (arguments.json) print_json(Object{{"metric", model.validation_score().metric}, {"rows", to_value(rows)}});
  else std::cout << leaderboard_text(rows, test);
  return exit_ok;
}

}  // namespace automill::cli
