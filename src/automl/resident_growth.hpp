#pragma once
// How far the resident memory of the process has grown since a run began: what `memory_limit` bounds.

#include <algorithm>
#include <atomic>
#include <automill/automl/options.hpp>

#include "data/platform.hpp"

namespace automill {

class ResidentGrowth {
 public:
  explicit ResidentGrowth(const CallStart& start)
      : start_(start.resident_bytes), peak_before_(start.peak_resident_bytes) {}
  /// Bytes now. Costs a read of /proc (20 us).
  std::uint64_t now() const {
    const std::uint64_t resident = resident_bytes();
    std::uint64_t seen = most_seen_;
    while (seen < resident && !most_seen_.compare_exchange_weak(seen, resident)) {
    }
    return above_start(resident);
  }
  /// The most so far: the peak of the process where it was reached in this run, else the most that now() has seen.
  std::uint64_t most() const {
    const std::uint64_t current = now(), peak = peak_resident_bytes();
    return std::max(current, above_start(peak > peak_before_ ? peak : most_seen_.load()));
  }

 private:
  std::uint64_t above_start(std::uint64_t bytes) const { return std::max(bytes, start_) - start_; }

  std::uint64_t start_, peak_before_;
  mutable std::atomic<std::uint64_t> most_seen_{0};
};

}  // namespace automill
