#pragma once
// Bins of a category cell that the same sets hold are one class: bytes for what may have thousands of bins.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace automill::tree {

class CategoryClasses {
 public:
  static constexpr std::size_t most = 256;
  explicit CategoryClasses(std::size_t bins) : class_of_bin_(bins, 0) {}

  /// Makes classes so fine that the set holds each wholly or not at all. False: there would be too many; nothing is
  /// changed. `set`: a bit a bin. O(bins).
  bool refine(const std::uint64_t* set) {
    constexpr std::uint16_t none = 0xffff;
    std::vector<std::uint16_t> finer(2 * classes_, none);
    std::size_t count = 0;
    std::vector<std::uint8_t> result(class_of_bin_.size());
    for (std::size_t bin = 0; bin < result.size(); ++bin) {
      std::uint16_t& own = finer[2 * std::size_t{class_of_bin_[bin]} + holds(set, bin)];
      if (own == none) {
        if (count == most) return false;
        own = static_cast<std::uint16_t>(count++);
      }
      result[bin] = static_cast<std::uint8_t>(own);
    }
    class_of_bin_ = std::move(result);
    classes_ = count;
    return true;
  }

  const std::vector<std::uint8_t>& class_of_bin() const { return class_of_bin_; }

  static std::size_t holds(const std::uint64_t* set, std::size_t bin) { return (set[bin / 64] >> (bin % 64)) & 1; }

 private:
  std::vector<std::uint8_t> class_of_bin_;
  std::size_t classes_ = 1;
};

}  // namespace automill::tree
