#pragma once
// The command line: subcommands, options and help. Parsing alone; the one file that knows CLI11.

#include <functional>
#include <string>

namespace automill::cli {

/// What the command line asks for: a subcommand to run, or an exit code right away (help, version, wrong usage; what
/// there is to say has been written).
struct Parsed {
  std::function<int()> run{};
  int exit_code = 0;
};

Parsed parse_command_line(int argument_count, const char* const* arguments);

}  // namespace automill::cli
