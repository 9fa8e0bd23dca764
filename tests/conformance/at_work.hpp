#pragma once
// Counts those that are at work at the same time; one that throws is over, too.

#include <atomic>

namespace automill::conformance {

class AtWork {
 public:
  explicit AtWork(std::atomic<int>& count) : count_(&count), others_(count++) {}
  ~AtWork() { --*count_; }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;

  /// Whether another one was there at the start, or is there now.
  bool disturbed() const { return others_ > 0 || *count_ > 1; }

 private:
  std::atomic<int>* count_;
  int others_;
};

}  // namespace automill::conformance
