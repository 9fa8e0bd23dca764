#pragma once
// What was asked for on the command line, as plain data: the parser fills it, the subcommands read it, and neither
// knows of the other.

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace automill::cli {

struct TrainArguments {
  std::string data{};                                         ///< path, or "-" for the standard input
  std::map<std::string, std::vector<std::string>> options{};  ///< options of train as given, by their name
  std::string output{};                                       ///< empty: <name of the data>.automill
  std::string log{};                                          ///< empty: no log file
  bool json = false;
};

struct PredictArguments {
  std::string model{}, data = "-", output = "-";
  std::optional<double> interval{}, set{};  ///< coverage
  std::vector<double> quantiles{};
  int threads = 0;  ///< 0: all cores
  bool json = false;
};

struct EvaluateArguments {
  std::string model{}, data{}, by{};
  std::vector<std::string> metrics{};
  bool json = false;
};

struct LeaderboardArguments {
  std::string model{}, data{};
  bool json = false;
};

struct InspectArguments {
  std::string model{};
  bool json = false;
};

struct VerifyArguments {
  std::string model{}, data{};
  bool json = false;
};

struct RefitArguments {
  std::string model{}, data{}, output{};
  int threads = 0;  ///< 0: all cores
  bool json = false;
};

struct ReplayArguments {
  std::string model{}, data{}, output{}, validation_data{};
  std::vector<std::string> missing{};
  int threads = 0;  ///< 0: all cores
  bool json = false;
};

struct RunsArguments {
  std::string action{};                                       ///< list, show or resume
  std::string journal{};                                      ///< file, or for list a folder; empty: the current one
  std::string data{};                                         ///< resume: rows, where the journal does not name them
  std::map<std::string, std::vector<std::string>> options{};  ///< resume: limits, threads and progress, by their name
  std::string output{}, log{};
  bool json = false;
};

struct ListArguments {
  std::string what{};  ///< empty: everything
  bool json = false;
};

struct DoctorArguments {
  bool json = false;
};

int run_train(const TrainArguments& arguments);
int run_predict(const PredictArguments& arguments);
int run_evaluate(const EvaluateArguments& arguments);
int run_leaderboard(const LeaderboardArguments& arguments);
int run_inspect(const InspectArguments& arguments);
int run_verify(const VerifyArguments& arguments);
int run_refit(const RefitArguments& arguments);
int run_replay(const ReplayArguments& arguments);
int run_runs(const RunsArguments& arguments);
int run_list(const ListArguments& arguments);
int run_doctor(const DoctorArguments& arguments);

}  // namespace automill::cli
