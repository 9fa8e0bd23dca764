#pragma once
// Big buffers are asked of the meter before they are allocated, so that a memory limit holds.
//
//   MemoryClaim claim(context.memory, rows * 8, "gradients");      // gives the bytes back when it goes out of scope

#include <algorithm>
#include <atomic>
#include <automill/core/error.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace automill {

class MemoryMeter {
 public:
  explicit MemoryMeter(std::uint64_t limit = std::numeric_limits<std::uint64_t>::max()) : limit_(limit) {}

  /// True when the bytes were granted.
  bool try_take(std::uint64_t bytes) {
    std::uint64_t used = used_.load();
    do {
      if (bytes > limit_ || used > limit_ - bytes) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    std::uint64_t peak = peak_.load();
    while (peak < used + bytes && !peak_.compare_exchange_weak(peak, used + bytes)) {
    }
    return true;
  }
  void take(std::uint64_t bytes, const char* what) {
    if (try_take(bytes)) return;
    throw Error("memory.limit", what,
                std::to_string(bytes >> 20) + " MiB more are needed, " + std::to_string(used() >> 20) + " of " +
                    std::to_string(limit_ >> 20) + " MiB are in use",
                "raise memory_limit or use fewer rows");
  }
  void give_back(std::uint64_t bytes) { used_ -= bytes; }
  std::uint64_t used() const { return used_; }
  std::uint64_t peak() const { return peak_; }
  std::uint64_t limit() const { return limit_; }
  std::uint64_t free() const { return limit_ - std::min(limit_, used()); }

 private:
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0}, peak_{0};
};

/// Holds bytes of a meter; movable. A null meter grants everything.
class MemoryClaim {
 public:
  MemoryClaim() = default;
  MemoryClaim(MemoryMeter* meter, std::uint64_t bytes, const char* what) : meter_(meter), bytes_(bytes) {
    if (meter_ != nullptr) meter_->take(bytes_, what);
  }
  MemoryClaim(MemoryClaim&& other) noexcept : meter_(std::exchange(other.meter_, nullptr)), bytes_(other.bytes_) {}
  MemoryClaim& operator=(MemoryClaim&& other) noexcept {
    std::swap(meter_, other.meter_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  /// Asks for more, `bytes` in all. False: it is not granted, and the claim stays as it was.
  bool try_grow(std::uint64_t bytes) {
    if (bytes <= bytes_) return true;
    if (meter_ != nullptr && !meter_->try_take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }
  std::uint64_t bytes() const { return bytes_; }
  ~MemoryClaim() {
    if (meter_ != nullptr) meter_->give_back(bytes_);
  }

 private:
  MemoryMeter* meter_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace automill
