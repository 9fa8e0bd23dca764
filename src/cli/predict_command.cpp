// automill predict: rows in, predictions out, in constant memory.

#include <automill/automl/train.hpp>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "cli/prediction_rows.hpp"
#include "data/platform.hpp"

namespace automill::cli {
namespace {

/// Rows held at once: about 4 million cells.
std::size_t batch_rows(const Schema& schema) {
  return std::clamp<std::size_t>((std::size_t{1} << 22) / std::max<std::size_t>(1, schema.size()), 64, 16384);
}

}  // namespace

int run_predict(const PredictArguments& arguments) {
  if (arguments.model == "-" && arguments.data == "-")
    throw Error("option.contradiction", "model, data", "both are the standard input", "give a file for one of them");
  const AutoMLModel model = load_model(arguments.model);
  const int threads = arguments.threads > 0 ? arguments.threads : available_cores();
  CsvStream rows(arguments.data, model.schema(), {.threads = threads}, batch_rows(model.schema()));
  const auto executor = make_executor(threads);
  const RunContext context{.run_with = executor.get()};
  Output output(arguments.output);
  const PredictionRows lines(model,
                             {.interval = arguments.interval, .set = arguments.set, .quantiles = arguments.quantiles});
  std::string text = arguments.json ? "" : lines.header();
  while (const auto batch = rows.next()) {
    if (arguments.json) lines.append_json_lines(text, *batch, context);
    else lines.append_csv(text, *batch, context);
    output.write(text);
    text.clear();
  }
  output.write(text);
  output.finish();
  return exit_ok;
}

}  // namespace automill::cli
