#pragma once
// Ctrl-C (and SIGTERM) in the shell command. The library installs no signal handler; only the shell and Python do.
//
//   InterruptWatch watch;                    // before any other thread starts
//   options.stop = watch.token();            // the first Ctrl-C requests a stop
//   ...                                      // the second ends the process at once, with exit code 130
//   if (watch.interrupted()) return exit_interrupted;

#include <atomic>
#include <stop_token>
#include <string>
#include <thread>

namespace automill::cli {

/// Takes the signals over until it is destroyed: a thread of its own waits for them, so that nothing runs in a signal
/// handler.
class InterruptWatch {
 public:
  /// `message` is written to the standard error at the first signal.
  explicit InterruptWatch(std::string message);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool interrupted() const { return source_.stop_requested(); }

 private:
  void wait_for_signals();

  std::string message_;
  std::stop_source source_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

/// While it lives, Ctrl-C removes the unfinished file `path` before the process ends with exit code 130.
class RemoveOnInterrupt {
 public:
  explicit RemoveOnInterrupt(const std::string& path);
  ~RemoveOnInterrupt();
  RemoveOnInterrupt(const RemoveOnInterrupt&) = delete;
  RemoveOnInterrupt& operator=(const RemoveOnInterrupt&) = delete;
};

}  // namespace automill::cli
