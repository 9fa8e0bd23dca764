#include "interrupt.hpp"

#include <thread>

namespace automill::python {

void Completion::finish() {
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

bool Completion::wait_for(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [&] { return finished_; });
}

bool hears_signals() {
  const auto threading = py::module_::import("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

namespace {

/// The body in a thread of its own, with what it threw.
class Worker {
 public:
  explicit Worker(const std::function<void(std::stop_token)>& body)
      : thread_([this, &body](std::stop_token stop) {
          try {
            body(std::move(stop));
          } catch (...) {
            error_ = std::current_exception();
          }
          done_.finish();
        }) {}

  bool wait_for(std::chrono::milliseconds time) {
    const py::gil_scoped_release release;
    return done_.wait_for(time);
  }
  void stop_and_join() {
    const py::gil_scoped_release release;
    thread_.request_stop();
    thread_.join();
  }
  void join_and_rethrow() {
    {
      const py::gil_scoped_release release;
      thread_.join();
    }
    if (error_) std::rethrow_exception(error_);
  }

 private:
  Completion done_;
  std::exception_ptr error_;
  std::jthread thread_;
};

}  // namespace

void run_interruptibly(const std::function<void(std::stop_token)>& body) {
  if (!hears_signals()) {
    const py::gil_scoped_release release;
    return body(std::stop_token{});
  }
  Worker worker(body);
  while (!worker.wait_for(std::chrono::milliseconds(100))) {
    if (PyErr_CheckSignals() == 0) continue;
    py::error_already_set interrupt;
    worker.stop_and_join();
    throw interrupt;
  }
  worker.join_and_rethrow();
}

}  // namespace automill::python
