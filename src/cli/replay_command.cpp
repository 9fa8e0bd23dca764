// automill replay: the run of a model once more, bit for bit.

#include <automill/automl/train.hpp>
#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace automill::cli {

int run_replay(const ReplayArguments& arguments) {
  check_writable(arguments.output);
  InterruptWatch watch("stopping");
  const AutoMLModel model = load_model(arguments.model);
  CsvOptions reading{.types = types_of_run(model), .missing = arguments.missing, .stop = StopToken(watch.token())};
  ReplayOptions how;
  how.stop = watch.token();
  if (arguments.threads > 0) how.threads = reading.threads = arguments.threads;
  try {
    const Table rows = read_rows(arguments.data, reading);
    for (const ColumnSchema& column : rows.schema()->columns()) reading.types[column.name] = column.kind;
    if (!arguments.validation_data.empty()) how.validation_data = read_rows(arguments.validation_data, reading);
    const AutoMLModel again = replay(model, rows, how);
    again.save(arguments.output);
    if (arguments.json)
      print_json(Object{{"model", arguments.output}, {"validation_score", to_value(again.validation_score())}});
    else std::cout << again << "saved " << arguments.output << "\n";
  } catch (const Error&) {
    if (!watch.interrupted()) throw;
    std::cerr << "automill: interrupted, nothing is saved\n";
    return exit_interrupted;
  }
  return exit_ok;
}

}  // namespace automill::cli
