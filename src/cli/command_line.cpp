#include "cli/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <automill/automl/options.hpp>
#include <iostream>
#include <memory>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/train_options.hpp"

namespace automill::cli {
namespace {

const char* const exit_codes =
    "Exit codes: 0 ok, 1 an error in the input or the data, 2 wrong usage, 3 verify failed, 130 interrupted.\n"
    "A file named '-' is the standard input or output. More: docs/shell.md";

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

void add_threads(CLI::App* command, int& threads) {
  command->add_option("--threads", threads, "Threads to use (default: all cores)")
      ->option_text("N")
      ->check(CLI::Range(1, 4096));
}
void add_json(CLI::App* command, bool& json) { command->add_flag("--json", json, "Machine-readable output"); }
void add_model(CLI::App* command, std::string& model) {
  command->add_option("model", model, "Model file, or -")->required()->option_text("MODEL");
}

using OptionTexts = std::map<std::string, std::vector<std::string>>;

/// What may differ when a run is resumed.
constexpr std::array resumed_options{"time_limit", "max_trials",    "memory_limit",
                                     "threads",    "journal_limit", "progress"};

/// One option of the library's list; it is kept under its name with underscores.
void add_train_option(CLI::App* command, const OptionInfo& option, OptionTexts& into) {
  const std::string flag = "--" + dashed(option.name), placeholder = cli::placeholder(option);
  auto* values = &into;
  const std::string name = option.name;
  if (placeholder.empty()) {
    command->add_flag_callback(
        flag, [values, name] { (*values)[name] = {"true"}; }, option.description);
    return;
  }
  const CLI::callback_t store = [values, name](const CLI::results_t& given) {
    (*values)[name] = given;
    return true;
  };
  command->add_option(flag, store, option.description)
      ->option_text(placeholder)
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_train(CLI::App& app, TrainArguments& arguments) {
  CLI::App* command = app.add_subcommand("train", "Train a model on a table");
  command->add_option("data", arguments.data, "CSV file with the target column, gzip or not, or -")
      ->required()
      ->option_text("DATA");
  for (const OptionInfo& option : train_option_list())
    if (option.delivered) add_train_option(command, option, arguments.options);
  for (const OptionInfo& option : train_option_list()) {
    if (option.delivered) continue;
    add_train_option(command, option, arguments.options);
    command->get_option("--" + dashed(option.name))->group("");  // refused by name, and not in the help
  }
  command
      ->add_option("--output", arguments.output,
                   "Model file to write, or - (default: the name of the data with .automill)")
      ->option_text("FILE");
  command->add_option("--log", arguments.log, "File to which the events of the run are added")->option_text("FILE");
  add_json(command, arguments.json);
}

void add_predict(CLI::App& app, PredictArguments& arguments) {
  CLI::App* command = app.add_subcommand("predict", "Predict rows: a header, then a line a row");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "CSV file with the columns of training, or - (default)")
      ->option_text("DATA");
  command->add_option("--output", arguments.output, "File to write, or - (default)")->option_text("FILE");
  command->add_option("--interval", arguments.interval, "Numbers: also where the truth is with this probability")
      ->option_text("COVERAGE");
  command
      ->add_option("--quantiles", arguments.quantiles, "Numbers: also what the truth is below with these probabilities")
      ->option_text("A,B,...")
      ->delimiter(',')
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--set", arguments.set, "Classes: also of which the truth is one with this probability")
      ->option_text("COVERAGE");
  add_threads(command, arguments.threads);
  add_json(command, arguments.json);
}

void add_evaluate(CLI::App& app, EvaluateArguments& arguments) {
  CLI::App* command = app.add_subcommand("evaluate", "Metrics of a model on labelled rows");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "CSV file with the target column, or -")->required()->option_text("DATA");
  command->add_option("--metrics", arguments.metrics, "Metrics by name (default: all of the task)")
      ->option_text("A,B,...")
      ->delimiter(',')
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--by", arguments.by, "Also for each value of this column")->option_text("COLUMN");
  add_json(command, arguments.json);
}

void add_leaderboard(CLI::App& app, LeaderboardArguments& arguments) {
  CLI::App* command = app.add_subcommand("leaderboard", "Every candidate: scored, partial, failed or skipped");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "Labelled rows for a test score of each member")->option_text("DATA");
  add_json(command, arguments.json);
}

void add_inspect(CLI::App& app, InspectArguments& arguments) {
  CLI::App* command = app.add_subcommand("inspect", "Summary, columns and recipe of a model");
  add_model(command, arguments.model);
  add_json(command, arguments.json);
}

void add_verify(CLI::App& app, VerifyArguments& arguments) {
  CLI::App* command = app.add_subcommand("verify", "Repeat the model's self-test; check rows against training");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "Rows to compare with those of training")->option_text("DATA");
  add_json(command, arguments.json);
}

void add_refit(CLI::App& app, RefitArguments& arguments) {
  CLI::App* command = app.add_subcommand("refit", "Do the recipe of a model again on other rows, without a search");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "CSV file with the target column, or -")->required()->option_text("DATA");
  command->add_option("--output", arguments.output, "Model file to write")->required()->option_text("FILE");
  add_threads(command, arguments.threads);
  add_json(command, arguments.json);
}

void add_replay(CLI::App& app, ReplayArguments& arguments) {
  CLI::App* command = app.add_subcommand("replay", "Repeat the run of a model on its rows, bit for bit");
  add_model(command, arguments.model);
  command->add_option("data", arguments.data, "CSV file that the run was trained on, or -")
      ->required()
      ->option_text("DATA");
  command->add_option("--output", arguments.output, "Model file to write")->required()->option_text("FILE");
  command->add_option("--validation-data", arguments.validation_data, "Rows that the run was validated on")
      ->option_text("FILE");
  command->add_option("--missing", arguments.missing, "Further strings that meant missing in the run")
      ->option_text("A,B")
      ->delimiter(',');
  add_threads(command, arguments.threads);
  add_json(command, arguments.json);
}

void add_runs(CLI::App& app, RunsArguments& arguments) {
  CLI::App* command = app.add_subcommand("runs", "Journals: list them, show one, resume a run that was ended");
  command->add_option("action", arguments.action, "list, show or resume")->required()->option_text("ACTION");
  command->add_option("journal", arguments.journal, "Journal; list: also a folder (default: the current one)")
      ->option_text("FILE");
  command->add_option("data", arguments.data, "resume: CSV file, where the journal does not name it or it has moved")
      ->option_text("DATA");
  for (const OptionInfo& option : train_option_list())
    for (const char* name : resumed_options)
      if (option.name == name) add_train_option(command, option, arguments.options);
  command->add_option("--output", arguments.output, "resume: model file to write (default: as the run was begun)")
      ->option_text("FILE");
  command->add_option("--log", arguments.log, "resume: file to which events are added")->option_text("FILE");
  add_json(command, arguments.json);
}

void add_list(CLI::App& app, ListArguments& arguments) {
  CLI::App* command = app.add_subcommand("list", "Learners, transformers, metrics and options with their parameters");
  command->add_option("what", arguments.what, "learners, transformers, metrics or options (default: all)")
      ->option_text("WHAT");
  add_json(command, arguments.json);
}

void add_doctor(CLI::App& app, DoctorArguments& arguments) {
  CLI::App* command = app.add_subcommand("doctor", "Version, cores, memory, instructions, dependencies");
  add_json(command, arguments.json);
}

/// All arguments of one call; lives as long as the closure that runs the subcommand.
struct All {
  TrainArguments train{};
  PredictArguments predict{};
  EvaluateArguments evaluate{};
  LeaderboardArguments leaderboard{};
  InspectArguments inspect{};
  VerifyArguments verify{};
  RefitArguments refit{};
  ReplayArguments replay{};
  RunsArguments runs{};
  ListArguments list{};
  DoctorArguments doctor{};
};

std::function<int()> runner(const std::string& command, const std::shared_ptr<const All>& all) {
  if (command == "train") return [all] { return run_train(all->train); };
  if (command == "predict") return [all] { return run_predict(all->predict); };
  if (command == "evaluate") return [all] { return run_evaluate(all->evaluate); };
  if (command == "leaderboard") return [all] { return run_leaderboard(all->leaderboard); };
  if (command == "inspect") return [all] { return run_inspect(all->inspect); };
  if (command == "verify") return [all] { return run_verify(all->verify); };
  if (command == "refit") return [all] { return run_refit(all->refit); };
  if (command == "replay") return [all] { return run_replay(all->replay); };
  if (command == "runs") return [all] { return run_runs(all->runs); };
  if (command == "list") return [all] { return run_list(all->list); };
  return [all] { return run_doctor(all->doctor); };
}

/// What to say about arguments that no option takes: the nearest name, and for train what peers call it.
Error unknown_argument(const std::string& argument, const CLI::App* command) {
  if (command == nullptr) {
    static const std::vector<std::string> commands{"train", "predict", "evaluate", "leaderboard", "inspect", "verify",
                                                   "refit", "replay",  "runs",     "list",        "doctor"};
    for (const char* planned : {"plot", "export"})
      if (argument == planned)
        return Error("option.not_delivered", argument, "this subcommand is planned and not there yet",
                     "README.md lists what is not there yet");
    return Error("option.unknown", argument, "there is no such subcommand", name_hint(argument, commands));
  }
  if (!argument.starts_with("-"))
    return Error("option.unknown", argument, "one argument too many for " + command->get_name(),
                 "see automill " + command->get_name() + " --help");
  std::string name =
      argument.substr(argument.find_first_not_of('-') == std::string::npos ? 0 : argument.find_first_not_of('-'));
  name = name.substr(0, name.find('='));
  std::replace(name.begin(), name.end(), '-', '_');
  std::vector<std::string> known;
  for (const CLI::Option* option : command->get_options())
    if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames().front());
  const std::string near = nearest_name("--" + dashed(name), known);
  if (command->get_name() == "train" && near.empty()) {
    const Error error = unknown_option(name);
    return Error(error.code(), argument, "there is no such option", error.hint());
  }
  return Error("option.unknown", argument, "there is no such option of " + command->get_name(),
               name_hint("--" + dashed(name), known));
}

/// The first argument that nothing took, below the subcommand that was given.
const CLI::App* chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? nullptr : commands.front();
}

Parsed wrong_usage(const Error& error) {
  std::cerr << "automill: " << error.what() << "\n";
  return {{}, exit_usage};
}

}  // namespace

Parsed parse_command_line(int argument_count, const char* const* arguments) {
  const auto all = std::make_shared<All>();
  CLI::App app("AutoMill: a table in, a validated, deployable model out.", "automill");
  app.footer(exit_codes);
  app.set_version_flag("--version", std::string("automill ") + AUTOMILL_VERSION);
  app.require_subcommand(0, 1);
  app.allow_extras();
  add_train(app, all->train);
  add_predict(app, all->predict);
  add_evaluate(app, all->evaluate);
  add_leaderboard(app, all->leaderboard);
  add_inspect(app, all->inspect);
  add_verify(app, all->verify);
  add_refit(app, all->refit);
  add_replay(app, all->replay);
  add_runs(app, all->runs);
  add_list(app, all->list);
  add_doctor(app, all->doctor);
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) command->allow_extras();
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help);
    return {{}, exit_ok};
  } catch (const CLI::CallForVersion& version) {
    app.exit(version);
    return {{}, exit_ok};
  } catch (const CLI::RequiredError& error) {
    const CLI::App* command = chosen(app);
    const auto extras = app.remaining(true);
    if (!extras.empty()) return wrong_usage(unknown_argument(extras.front(), command));
    return wrong_usage(
        Error("option.missing", command == nullptr ? "automill" : command->get_name(), error.what(), "see --help"));
  } catch (const CLI::ParseError& error) {
    const CLI::App* command = chosen(app);
    return wrong_usage(
        Error("option.invalid", command == nullptr ? "automill" : command->get_name(), error.what(), "see --help"));
  }
  const CLI::App* command = chosen(app);
  const auto extras = app.remaining(true);
  if (!extras.empty()) return wrong_usage(unknown_argument(extras.front(), command));
  if (command == nullptr) {
    std::cerr << app.help();
    return {{}, exit_usage};
  }
  return {runner(command->get_name(), all), exit_ok};
}

}  // namespace automill::cli
