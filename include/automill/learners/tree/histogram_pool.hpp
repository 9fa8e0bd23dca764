#pragma once
// The histograms of a growing tree's leaves, used again by later leaves and trees.

#include <automill/learners/tree/lines_of_integers.hpp>
#include <vector>

namespace automill::tree {

class HistogramPool {
 public:
  static constexpr std::int32_t none = -1;

  /// Before a tree: all histograms have `size` integers, and as many of them as fit into `most_bytes`, at least 3, are
  /// kept. None is in use.
  void start(std::size_t size, std::uint64_t most_bytes) {
    if (size != size_) histograms_.clear();
    size_ = size;
    const std::uint64_t bytes = std::max<std::uint64_t>(1, 8 * size);
    limit_ = static_cast<std::size_t>(std::max<std::uint64_t>(3, most_bytes / bytes));
    free_.clear();
    for (std::size_t i = histograms_.size(); i-- > 0;) free_.push_back(static_cast<std::int32_t>(i));
  }

  /// All are in use: another one would be beyond the limit.
  bool full() const { return free_.empty() && histograms_.size() >= limit_; }
  std::int32_t take() {
    if (free_.empty()) {
      histograms_.emplace_back().make_room(size_);
      return static_cast<std::int32_t>(histograms_.size()) - 1;
    }
    const std::int32_t taken = free_.back();
    free_.pop_back();
    return taken;
  }
  /// `histogram` becomes none.
  void give_back(std::int32_t& histogram) {
    if (histogram != none) free_.push_back(histogram);
    histogram = none;
  }
  std::int64_t* integers(std::int32_t histogram) { return histograms_[static_cast<std::size_t>(histogram)].data(); }

 private:
  std::vector<LinesOfIntegers> histograms_;
  std::vector<std::int32_t> free_;
  std::size_t size_ = 0, limit_ = 3;
};

}  // namespace automill::tree
