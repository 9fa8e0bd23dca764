#pragma once
// Threads that live as long as one piece of reading. `width` 1 starts none.

#include <automill/core/executor.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace automill {

class ThreadTeam final : public Executor {
 public:
  explicit ThreadTeam(int width) {
    for (int i = 1; i < width; ++i) workers_.emplace_back([this] { wait_for_work(); });
  }
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  int width() const override { return static_cast<int>(workers_.size()) + 1; }

  /// One loop at a time: a loop inside a loop runs in its own thread.
  void run(std::size_t count, const std::function<void(std::size_t)>& body) const override {
    std::unique_lock lock(mutex_);
    if (body_ != nullptr || workers_.empty() || count < 2) {
      lock.unlock();
      return InlineExecutor::instance().run(count, body);
    }
    body_ = &body;
    next_ = 0;
    count_ = count;
    failure_ = nullptr;
    changed_.notify_all();
    work(lock);
    changed_.wait(lock, [this] { return busy_ == 0; });
    body_ = nullptr;
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// Takes pieces until none is left. The lock is held outside the pieces.
  void work(std::unique_lock<std::mutex>& lock) const {
    while (next_ < count_) {
      const std::size_t piece = next_++;
      ++busy_;
      lock.unlock();
      std::exception_ptr failure;
      try {
        (*body_)(piece);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      --busy_;
      if (failure) {
        if (!failure_) failure_ = failure;
        next_ = count_;
      }
    }
    if (busy_ == 0) changed_.notify_all();
  }
  void wait_for_work() const {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || next_ < count_; });
      if (ended_) return;
      work(lock);
    }
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable const std::function<void(std::size_t)>* body_ = nullptr;
  mutable std::size_t next_ = 0, count_ = 0, busy_ = 0;
  mutable std::exception_ptr failure_;
  bool ended_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace automill
