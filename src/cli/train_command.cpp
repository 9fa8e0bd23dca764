// automill train: a table and a target in, a model file out.

#include "cli/train_command.hpp"

#include <automill/automl/train.hpp>
#include <filesystem>
#include <iostream>

#include "automl/option_check.hpp"
#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/log_file.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/text_table.hpp"

namespace automill::cli {
namespace {

/// `--output`, or the name of the data with the ending .automill in the current folder: an existing file is not
/// replaced without being named.
std::string output_path(const TrainArguments& arguments) {
  if (!arguments.output.empty()) return arguments.output;
  std::filesystem::path name = std::filesystem::path(arguments.data == "-" ? "model" : arguments.data).filename();
  if (name.extension() == ".gz") name.replace_extension();
  name.replace_extension(".automill");
  if (std::filesystem::exists(name))
    throw Error("file.exists", name.string(), "this file is there already", "name the file with --output");
  return name.string();
}

/// What reading found, in a line.
std::string reading_text(const CsvReport& report) {
  std::string text = "read " + std::to_string(report.rows) + " rows, " + std::to_string(report.columns.size()) +
                     " columns in " + figure(report.seconds) + " s";
  if (report.delimiter_detected && report.delimiter != ',')
    text += std::string("; delimiter ") + (report.delimiter == '\t' ? "tab" : std::string(1, report.delimiter));
  for (const CsvColumnReport& column : report.columns)
    for (const auto& [spelling, count] : column.missing_as)
      if (!spelling.empty())
        text += "; '" + spelling + "' means missing in " + column.name + " (" + std::to_string(count) + ")";
  return text;
}

Value reading_value(const CsvReport& report) {
  Array columns;
  for (const CsvColumnReport& column : report.columns)
    columns.push_back(Object{{"name", column.name},
                             {"kind", column_kind_name(column.kind)},
                             {"reason", column.reason},
                             {"missing", column.missing}});
  return Object{{"rows", report.rows},
                {"delimiter", std::string(1, report.delimiter)},
                {"gzip", report.gzip},
                {"seconds", report.seconds},
                {"columns", columns}};
}

struct Reading {
  Table rows;
  CsvReport report{};
};

/// Reads the training rows (and the validation rows into the options) with what was said about kinds and missing
/// values.
Reading read_training_rows(const std::string& path, TrainRequest& request, const StopToken& stop) {
  CsvReport report;
  CsvOptions reading{.types = request.options.types,
                     .missing = request.missing,
                     .threads = request.options.threads.value_or(0),
                     .stop = stop,
                     .report = &report};
  Table rows = read_rows(path, reading);
  if (!request.validation_data.empty()) {
    reading.report = nullptr;
    for (const ColumnSchema& column : rows.schema()->columns()) reading.types[column.name] = column.kind;
    request.options.validation_data = read_rows(request.validation_data, reading);
  }
  return {std::move(rows), std::move(report)};
}

void save(const AutoMLModel& model, const std::string& path) {
  if (path != "-") return model.save(path);
  Output output(path);
  const std::vector<std::byte> bytes = model.bytes();
  output.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  output.finish();
}

/// Saves; where that fails after a long run, the model goes to the folder for temporary files instead of being lost.
void save_or_rescue(const AutoMLModel& model, const std::string& path) {
  try {
    save(model, path);
  } catch (const Error& error) {
    if (!error.code().starts_with("file.")) throw;
    const std::string rescue =
        (std::filesystem::temp_directory_path() / ("rescued_" + std::filesystem::path(path).filename().string()))
            .string();
    model.save(rescue);
    std::vector<Fault> faults = error.faults();
    faults.front().hint += (faults.front().hint.empty() ? "" : "; ") + std::string("the model is in ") + rescue;
    throw Error(std::move(faults));
  }
}

void show(const AutoMLModel& model, const Reading& reading, const TrainArguments& arguments, const std::string& path) {
  std::ostream& out = path == "-" ? std::cerr : std::cout;
  if (!arguments.json) {
    out << model << "saved " << (path == "-" ? "to the standard output" : path) << "\n";
    return;
  }
  if (path == "-") return;  // the model itself is the output
  Object result{{"model", path},
                {"target", to_value(model.target())},
                {"validation_score", to_value(model.validation_score())},
                {"members", to_value(model.member_names())}};
  result.append("interrupted", model.interrupted());
  result.append("leaderboard", to_value(model.leaderboard()));
  for (const char* key : {"books", "run"})
    if (const Value* part = model.metadata().find(key)) result.append(key, *part);
  result.append("reading", reading_value(reading.report));
  print_json(result);
}

int interrupted_without_model() {
  std::cerr << "automill: interrupted before there was a model; nothing is saved\n";
  return exit_interrupted;
}

/// Where the rows are found again, for `runs resume`.
Object source_of(const TrainRequest& request, const TrainArguments& arguments, const std::string& output) {
  const auto absolute = [](const std::string& path) { return std::filesystem::absolute(path).string(); };
  Object source;
  if (arguments.data != "-") source.append("data", absolute(arguments.data));
  if (!request.missing.empty()) source.append("missing", Array(request.missing.begin(), request.missing.end()));
  if (!request.validation_data.empty() && request.validation_data != "-")
    source.append("validation_data", absolute(request.validation_data));
  if (output != "-") source.append("output", absolute(output));
  return source;
}

}  // namespace

int train_and_save(TrainRequest request, const TrainArguments& arguments, const CallStart& start) {
  check_options(request.options);  // before the data are read, which may take long
  const std::string path = output_path(arguments);
  check_writable(path);
  const auto log = arguments.log.empty() ? std::function<void(const Event&)>() : log_to_file(arguments.log);

  InterruptWatch watch("stopping: the best model so far is saved; press Ctrl-C again to end at once");
  ProgressDisplay progress(arguments.json && request.progress == "auto" ? "none" : request.progress, start.time,
                           seconds_allowed(request.options));
  request.options.started = start;
  request.options.stop = watch.token();
  if (!request.options.journal.empty()) request.options.journal_source = source_of(request, arguments, path);
  request.options.callback = [&](const Event& event) {
    progress.on_event(event);
    if (log) log(event);
  };
  try {
    const Reading reading = read_training_rows(arguments.data, request, StopToken(watch.token()));
    progress.say(reading_text(reading.report));
    const AutoMLModel model = train(reading.rows, request.options);
    progress.finish();
    save_or_rescue(model, path);
    show(model, reading, arguments, path);
  } catch (const Error& error) {
    progress.finish();
    if (watch.interrupted() && !error.code().starts_with("file.")) return interrupted_without_model();
    throw;
  }
  return watch.interrupted() ? exit_interrupted : exit_ok;
}

/// No file is written.
int show_plan(TrainRequest request, const TrainArguments& arguments, const CallStart& start) {
  check_options(request.options);
  InterruptWatch watch("stopping");
  request.options.started = start;
  request.options.stop = watch.token();
  const Reading reading = read_training_rows(arguments.data, request, StopToken(watch.token()));
  const RunPlan planned = plan(reading.rows, request.options);
  if (arguments.json) print_json(planned.to_object());
  else std::cout << planned;
  return watch.interrupted() ? exit_interrupted : exit_ok;
}

int run_train(const TrainArguments& arguments) {
  const CallStart start = CallStart::now();
  TrainRequest request = read_train_options(arguments.options);
  if (request.options.target.empty())
    throw Error("option.missing", "target", "name the column to predict", "--target COLUMN");
  if (request.plan) return show_plan(std::move(request), arguments, start);
  return train_and_save(std::move(request), arguments, start);
}

}  // namespace automill::cli
