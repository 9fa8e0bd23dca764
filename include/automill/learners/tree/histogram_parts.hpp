#pragma once
// A histogram in parts that can be filled side by side: one for each group of columns in use, and one for the sparse
// columns.

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/binning.hpp>

namespace automill::tree {

/// A group of columns, and those of its lanes that are in use.
struct ActiveGroup {
  std::size_t group = 0;
  std::vector<std::uint8_t> lanes{};
};

/// The columns in use.
struct ActiveColumns {
  std::vector<ActiveGroup> groups{};
  std::vector<std::uint32_t> sparse{};  ///< lanes of the table's SparseColumns
};

/// How much of a part is done between two looks at the stop token, and what is worth a thread.
struct HistogramSteps {
  std::size_t rows = 0;      ///< of one group, about half a millisecond
  std::size_t cells = 0;     ///< the same of sparse columns
  std::size_t work = 0;      ///< rows times parts below which a histogram is done at once
  std::size_t parallel = 0;  ///< rows times parts below which threads cost more than they give
};

class HistogramParts {
 public:
  /// Entries of a histogram, in whole ones.
  struct Range {
    std::size_t begin = 0, size = 0;
  };

  HistogramParts() = default;
  /// All must outlive it.
  HistogramParts(const BinnedTable& bins, const ActiveColumns& active, const RunContext& context,
                 const HistogramSteps& steps)
      : bins_(&bins), active_(&active), context_(&context), steps_(steps) {}

  const BinnedTable& bins() const { return *bins_; }
  std::size_t size() const { return active_->groups.size() + (active_->sparse.empty() ? 0 : 1); }
  /// The group of a part; null: the sparse columns.
  const ActiveGroup* group(std::size_t part) const {
    return part < active_->groups.size() ? &active_->groups[part] : nullptr;
  }
  Range range(std::size_t part) const {
    const ActiveGroup* active = group(part);
    if (active == nullptr) return {bins_->sparse_offset(), bins_->sparse().entries()};
    const auto& columns = bins_->groups()[active->group];
    return {columns.offset, columns.entries};
  }

  /// Calls `fill(part)`, which gives false when it was stopped, for every part, on several threads where that pays.
  /// False: stopped.
  template <class Fill>
  bool for_each(std::size_t rows, const Fill& fill) const {
    if (context_->executor().width() > 1 && rows * size() >= steps_.parallel) {
      std::vector<char> done(size());
      context_->executor().run(size(), [&](std::size_t part) { done[part] = fill(part) ? 1 : 0; });
      return std::find(done.begin(), done.end(), 0) == done.end();
    }
    for (std::size_t part = 0; part < size(); ++part)
      if (!fill(part)) return false;
    return true;
  }

  /// Calls `work(begin, end)` for ranges of the rows of a node, on several threads where that pays.
  template <class Work>
  void for_each_range(std::size_t rows, const Work& work) const {
    constexpr std::size_t range = std::size_t{1} << 15;
    if (context_->executor().width() == 1 || rows < 2 * range) return work(std::size_t{0}, rows);
    automill::for_each_block(context_->executor(), rows, range, work);
  }

  /// Calls `add(first, count)` for blocks of the rows of a node. False: stopped.
  template <class Add>
  bool for_each_block(std::size_t rows, std::size_t part, const Add& add) const {
    const bool stops = rows * size() > steps_.work;
    const std::size_t step = rows_at_once(part);
    for (std::size_t first = 0; first < rows; first += step) {
      if (stops && context_->stop.stop_requested()) return false;
      add(first, std::min(step, rows - first));
    }
    return true;
  }

 private:
  std::size_t rows_at_once(std::size_t part) const {
    if (group(part) != nullptr) return steps_.rows;
    return std::max<std::size_t>(1, steps_.cells * bins_->rows() / (bins_->sparse().cells() + 1));
  }

  const BinnedTable* bins_ = nullptr;
  const ActiveColumns* active_ = nullptr;
  const RunContext* context_ = nullptr;
  HistogramSteps steps_{};
};

}  // namespace automill::tree
