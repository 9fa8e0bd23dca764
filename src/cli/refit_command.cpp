// automill refit: the recipe of a model again, on other rows, without a search.

#include <automill/automl/automl_model.hpp>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace automill::cli {

int run_refit(const RefitArguments& arguments) {
  check_writable(arguments.output);
  InterruptWatch watch("stopping");
  const AutoMLModel model = load_model(arguments.model);
  TrainOptions how;
  how.stop = watch.token();
  if (arguments.threads > 0) how.threads = arguments.threads;
  const AutoMLModel again = refit(model, read_rows_like(arguments.data, model), how);
  if (watch.interrupted()) {
    std::cerr << "automill: interrupted, nothing is saved\n";
    return exit_interrupted;
  }
  again.save(arguments.output);
  if (arguments.json)
    print_json(Object{{"model", arguments.output}, {"validation_score", to_value(again.validation_score())}});
  else std::cout << again << "saved " << arguments.output << "\n";
  return exit_ok;
}

}  // namespace automill::cli
