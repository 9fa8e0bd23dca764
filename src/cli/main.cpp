// automill train | predict | evaluate | leaderboard | inspect | verify | refit | replay | runs | list | doctor
// See docs/shell.md for options, formats and exit codes.

#include <exception>
#include <iostream>

#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"

int main(int argument_count, char** arguments) {
  using namespace automill;
  try {
    const cli::Parsed parsed = cli::parse_command_line(argument_count, arguments);
    if (!parsed.run) return parsed.exit_code;
    const int code = parsed.run();
    std::cout.flush();
    if (!std::cout && code == cli::exit_ok)
      throw Error("file.unwritable", "standard output", "not everything could be written to it");
    return code;
  } catch (const Error& error) {
    std::cerr << "automill: " << error.what() << "\n";
    return cli::exit_code_of(error);
  } catch (const std::bad_alloc&) {
    std::cerr << "automill: the memory of this machine is not enough\n";
    return cli::exit_error;
  } catch (const std::exception& error) {
    std::cerr << "automill: " << error.what() << " (this is a fault of AutoMill: please report it)\n";
    return cli::exit_error;
  }
}
