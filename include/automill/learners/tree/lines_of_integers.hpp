#pragma once
// Integers at an address that is a multiple of 64, so that no entry of eight lies in two lines of the cache.

#include <cstdint>
#include <memory>
#include <new>

namespace automill::tree {

class LinesOfIntegers {
 public:
  /// Room for so many; what was there is lost where there were fewer.
  void make_room(std::size_t size) {
    if (size <= size_) return;
    integers_.reset(static_cast<std::int64_t*>(::operator new (size * sizeof(std::int64_t), std::align_val_t{64})));
    size_ = size;
  }
  std::int64_t* data() { return integers_.get(); }
  const std::int64_t* data() const { return integers_.get(); }

 private:
  struct Free {
    void operator()(std::int64_t* integers) const { ::operator delete (integers, std::align_val_t{64}); }
  };
  std::unique_ptr<std::int64_t[], Free> integers_;
  std::size_t size_ = 0;
};

}  // namespace automill::tree
