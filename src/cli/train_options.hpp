#pragma once
// Options of train from what was written on the command line. The names are those of train_option_list(); what an
// option means is decided by the library, only the text is read here.

#include <automill/automl/options.hpp>
#include <map>

namespace automill::cli {

/// Options as the shell knows them: those of the library, and what concerns reading and showing.
struct TrainRequest {
  TrainOptions options{};
  std::vector<std::string> missing{};  ///< further strings that mean missing
  std::string validation_data{};       ///< path; empty: none
  std::string progress = "auto";       ///< "auto", "bar", "lines" or "none"
  bool plan = false;                   ///< nothing is trained
};

/// Reads options by name ("time_limit": {"60"}); all faults come in one Error. Planned options are refused by name.
TrainRequest read_train_options(const std::map<std::string, std::vector<std::string>>& given);

/// Delivered options that the shell can read, by name; a test compares them with train_option_list().
std::vector<std::string> readable_train_options();

/// What stands behind an option in the help: "--time-limit SECONDS".
std::string placeholder(const OptionInfo& option);

}  // namespace automill::cli
