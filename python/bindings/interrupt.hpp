#pragma once
// Long calls: the GIL is released, and the calling thread wakes every 100 ms so that Ctrl-C is heard. A call that is
// interrupted is asked to stop, waited for, and KeyboardInterrupt is raised.
//
//   return interruptible([&](std::stop_token stop) { return model.predict(table, context(stop)); });

#include <condition_variable>
#include <functional>
#include <stop_token>

#include "bindings.hpp"

namespace automill::python {

/// Something that another thread finishes and the main thread waits for.
class Completion {
 public:
  void finish();
  /// True when finished within the time.
  bool wait_for(std::chrono::milliseconds time);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
};

/// Whether signals are delivered to the calling thread (the main thread of the interpreter). Needs the GIL.
bool hears_signals();

/// Runs `body` without the GIL, in a thread of its own where the caller hears signals. Rethrows what it throws.
void run_interruptibly(const std::function<void(std::stop_token)>& body);

template <class Body>
auto interruptible(const Body& body) {
  using Result = std::invoke_result_t<Body, std::stop_token>;
  if constexpr (std::is_void_v<Result>) {
    run_interruptibly(body);
  } else {
    std::optional<Result> result;
    run_interruptibly([&](std::stop_token stop) { result.emplace(body(std::move(stop))); });
    return std::move(*result);
  }
}

}  // namespace automill::python
