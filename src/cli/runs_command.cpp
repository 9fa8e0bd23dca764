// automill runs: journals of training runs, and going on with one.

#include <filesystem>
#include <iostream>

#include "automl/option_record.hpp"
#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_output.hpp"
#include "cli/text_table.hpp"
#include "cli/train_command.hpp"
#include "journal/journal_summary.hpp"
#include "json.hpp"

namespace automill::cli {
namespace {

std::string target_of(const JournalSummary& run) {
  const Value options = from_json(run.header.options, run.path);
  const Value* target = options.object().find("target");
  return target == nullptr ? "" : target->text();
}

std::string status_of(const JournalSummary& run) {
  return run.holder > 0 ? "running (process " + std::to_string(run.holder) + ")" : run.status;
}

Value score_value(const ScoreRow& score) {
  if (score.metric.empty()) return {};
  return Object{{"metric", score.metric}, {"value", score.score}, {"low", score.low}, {"high", score.high}};
}

Object overview(const JournalSummary& run) {
  Object all{{"journal", run.path},
             {"target", target_of(run)},
             {"status", run.status},
             {"process", run.holder > 0 ? Value(std::int64_t{run.holder}) : Value{}},
             {"started", run.started},
             {"sessions", static_cast<std::int64_t>(run.sessions.size())},
             {"seconds", run.seconds()},
             {"trials", static_cast<std::int64_t>(run.trials.size())},
             {"folds_done", run.folds_done()},
             {"bytes", run.bytes}};
  all.append("score", score_value(run.score));
  return all;
}

Object details(const JournalSummary& run) {
  Object all = overview(run);
  Array sessions, trials;
  for (const SessionSummary& one : run.sessions)
    sessions.push_back(Object{{"session", one.session},
                              {"started", one.started},
                              {"host", one.host},
                              {"process", one.pid},
                              {"threads", one.threads},
                              {"automill", one.automill},
                              {"simd_level", one.simd_level},
                              {"time_limit", one.time_limit ? Value(*one.time_limit) : Value{}},
                              {"max_trials", one.max_trials ? Value(*one.max_trials) : Value{}},
                              {"seconds", one.seconds},
                              {"status", one.status}});
  for (const TrialSummary& one : run.trials)
    trials.push_back(Object{{"trial", one.row.trial},
                            {"name", one.row.name},
                            {"family", one.row.family},
                            {"status", one.row.status},
                            {"reason", one.row.reason},
                            {"folds", one.row.folds},
                            {"folds_done", one.folds_done},
                            {"folds_without_model", one.folds_without_model},
                            {"fit_seconds", one.fit_seconds},
                            {"score", score_value(one.score)},
                            {"parameters", from_json(one.row.parameters, run.path)}});
  all.append("of_sessions", sessions);
  all.append("of_trials", trials);
  for (const auto& [name, text] : {std::pair{"options", &run.header.options},
                                   {"data", &run.header.data},
                                   {"plan", &run.header.plan},
                                   {"source", &run.header.source}})
    all.append(name, from_json(*text, run.path));
  return all;
}

std::vector<JournalSummary> journals_at(const std::string& path) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(path)) return {read_journal_summary(path)};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_regular_file() && looks_like_a_journal(entry.path().string()))
      files.push_back((path == "." ? entry.path().filename() : entry.path()).string());
  std::sort(files.begin(), files.end());
  std::vector<JournalSummary> all;
  for (const std::string& file : files) {
    try {
      all.push_back(read_journal_summary(file));
    } catch (const Error& error) {  // the others are shown all the same
      std::cerr << "automill: " << error.what() << "\n";
    }
  }
  return all;
}

int list(const RunsArguments& arguments) {
  const auto runs = journals_at(arguments.journal.empty() ? "." : arguments.journal);
  if (arguments.json) {
    Array all;
    for (const JournalSummary& run : runs) all.push_back(overview(run));
    print_json(Object{{"runs", all}});
    return exit_ok;
  }
  std::vector<std::vector<std::string>> rows;
  for (const JournalSummary& run : runs)
    rows.push_back({run.path, target_of(run), status_of(run), std::to_string(run.trials.size()),
                    std::to_string(run.folds_done()), figure(run.seconds()), figure(run.score.score),
                    size_text(run.bytes)});
  if (rows.empty()) std::cerr << "no journals here\n";
  else
    std::cout << text_table({"journal", "target", "status", "trials", "folds", "seconds", "score", "size"}, rows,
                            {false, false, false, true, true, true, true, true});
  return exit_ok;
}

int show(const RunsArguments& arguments) {
  const JournalSummary run = read_journal_summary(arguments.journal);
  if (arguments.json) {
    print_json(details(run));
    return exit_ok;
  }
  std::cout << run.path << ": " << target_of(run) << ", " << status_of(run) << ", begun " << run.started << ", "
            << figure(run.seconds()) << " s in " << run.sessions.size()
            << (run.sessions.size() == 1 ? " session, " : " sessions, ") << size_text(run.bytes) << "\n"
            << "options " << run.header.options << "\nrows from " << run.header.source << "\n\n";
  std::vector<std::vector<std::string>> rows;
  for (const TrialSummary& one : run.trials)
    rows.push_back({one.row.name, one.row.status, std::to_string(one.folds_done) + "/" + std::to_string(one.row.folds),
                    figure(one.fit_seconds), figure(one.score.score), one.row.reason});
  std::cout << text_table({"trial", "status", "folds", "seconds", "score", "reason"}, rows,
                          {false, false, true, true, true, false});
  return exit_ok;
}

std::string text_in(const Object& source, const char* name) {
  const Value* value = source.find(name);
  return value != nullptr && value->is_text() ? value->text() : "";
}

int resume(const RunsArguments& arguments) {
  const CallStart start = CallStart::now();
  const JournalSummary run = read_journal_summary(arguments.journal);
  const Value source_value = from_json(run.header.source, run.path);
  const Object& source = source_value.object();
  TrainRequest request = read_train_options(arguments.options);
  TrainOptions options = options_of_record(from_json(run.header.options, run.path).object());
  options.time_limit = request.options.time_limit;
  options.max_trials = request.options.max_trials;
  options.memory_limit = request.options.memory_limit;
  options.threads = request.options.threads;
  options.journal_limit = request.options.journal_limit;
  if (!options.time_limit && !options.max_trials) {  // as the last time
    if (run.sessions.back().time_limit) options.time_limit = Seconds(*run.sessions.back().time_limit);
    options.max_trials = run.sessions.back().max_trials;
  }
  options.journal = arguments.journal;
  options.resume = true;
  request.options = std::move(options);
  request.validation_data = text_in(source, "validation_data");
  if (const Value* missing = source.find("missing"))
    for (const Value& text : missing->array()) request.missing.push_back(text.text());
  TrainArguments train{.data = arguments.data.empty() ? text_in(source, "data") : arguments.data};
  train.output = arguments.output.empty() ? text_in(source, "output") : arguments.output;
  train.log = arguments.log;
  train.json = arguments.json;
  if (train.data.empty())
    throw Error("option.missing", "data", "the journal does not say where its rows came from",
                "name the file: automill runs resume " + arguments.journal + " DATA");
  return train_and_save(std::move(request), train, start);
}

}  // namespace

int run_runs(const RunsArguments& arguments) {
  const std::vector<std::string> actions{"list", "show", "resume"};
  if (std::find(actions.begin(), actions.end(), arguments.action) == actions.end())
    throw Error("option.unknown_choice", "runs", "'" + arguments.action + "' is not a choice",
                name_hint(arguments.action, actions));
  if (arguments.action == "list") return list(arguments);
  if (arguments.journal.empty()) throw Error("option.missing", "runs", "name the journal", "automill runs show FILE");
  return arguments.action == "show" ? show(arguments) : resume(arguments);
}

}  // namespace automill::cli
