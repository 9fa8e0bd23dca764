#pragma once
// Exit codes of the shell command, as docs/shell.md states them.

#include <automill/core/error.hpp>

namespace automill::cli {

enum ExitCode : int {
  exit_ok = 0,
  exit_error = 1,         ///< something is wrong with the input or the data, or a file cannot be read or written
  exit_usage = 2,         ///< an unknown subcommand or option, a value that is not allowed
  exit_check_failed = 3,  ///< verify: the model does not repeat its self-test, or the rows differ from training
  exit_interrupted = 130  ///< Ctrl-C or SIGTERM; train has saved the best model so far
};

/// Usage when every fault is one of options, an error of the input otherwise.
inline ExitCode exit_code_of(const Error& error) {
  const auto of_options = [](const Fault& fault) {
    for (const char* start : {"option.", "parameter.", "search.space", "metric.unknown", "registry.unknown"})
      if (fault.code.starts_with(start)) return true;
    return false;
  };
  for (const Fault& fault : error.faults())
    if (!of_options(fault)) return exit_error;
  return exit_usage;
}

}  // namespace automill::cli
