#include "cli/interrupt.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstring>

#include "cli/exit_code.hpp"

namespace automill::cli {
namespace {

sigset_t interrupt_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

// What the handler may touch: a fixed buffer and calls that are safe in signal handlers.
char unfinished_path[4096];

void remove_and_end(int) {
  unlink(unfinished_path);
  _exit(exit_interrupted);
}

void handle(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void write_error(const std::string& text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

InterruptWatch::InterruptWatch(std::string message) : message_(std::move(message)) {
  const sigset_t set = interrupt_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);  // threads that start later inherit it
  thread_ = std::thread([this] { wait_for_signals(); });
}

InterruptWatch::~InterruptWatch() {
  ended_ = true;
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  const sigset_t set = interrupt_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void InterruptWatch::wait_for_signals() {
  const sigset_t set = interrupt_signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (ended_) return;
    if (source_.stop_requested()) {
      write_error("\nautomill: ended at once, nothing is saved\n");
      _exit(exit_interrupted);
    }
    write_error("\nautomill: " + message_ + "\n");
    source_.request_stop();
  }
}

RemoveOnInterrupt::RemoveOnInterrupt(const std::string& path) {
  std::strncpy(unfinished_path, path.c_str(), sizeof unfinished_path - 1);
  handle(remove_and_end);
}

RemoveOnInterrupt::~RemoveOnInterrupt() { handle(SIG_DFL); }

}  // namespace automill::cli
