#pragma once
// Histograms of the rows of a node: for each bin of the columns in use, the sums of its packed gradients.

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/split.hpp>

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

class AUTOMILL_EXPORT HistogramBuilder {
 public:
  /// What the next histograms are of; all must outlive them.
  void start(const BinnedTable& bins, const QuantisedGradients& gradients, const ActiveColumns& active,
             const RunContext& context);

  /// Integers of a histogram: one plane, or two where sums are wide.
  std::size_t size() const { return bins_->histogram_size() * (wide() ? 2 : 1); }
  /// False: the context stopped.
  bool build(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  /// parent -= child.
  void subtract(std::int64_t* parent, const std::int64_t* child) const;
  /// Takes rows out of a histogram: for few rows, much less work than a histogram of them.
  void take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  HistogramView view(const std::int64_t* histogram) const {
    return {histogram, wide() ? histogram + bins_->histogram_size() : nullptr};
  }
  PackedSum sum(std::span<const std::uint32_t> rows) const;

 private:
  bool wide() const { return gradients_->scale.fields.wide; }
  void gather(std::span<const std::uint32_t> rows);
  int planes() const { return wide() ? 2 : 1; }
  /// The groups, and the sparse columns as one more.
  std::size_t parts() const { return active_->groups.size() + (active_->sparse.empty() ? 0 : 1); }
  struct Range {
    std::size_t begin = 0, size = 0;
  };
  Range range_of(std::size_t part, int plane) const;
  std::size_t rows_at_once(std::size_t part) const;
  bool build_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const;
  bool add_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const;
  void add_rows(std::span<const std::uint32_t> rows, std::size_t part, const std::int64_t* gradients,
                std::int64_t* out) const;

  const BinnedTable* bins_ = nullptr;
  const QuantisedGradients* gradients_ = nullptr;
  const ActiveColumns* active_ = nullptr;
  const RunContext* context_ = nullptr;
  std::vector<std::int64_t> ordered_, ordered_second_;  ///< gradients in the order of the rows
};

/// All columns, or a share of them drawn for tree number `index`.
ActiveColumns draw_columns(const BinnedTable& bins, double fraction, std::uint64_t seed, std::uint64_t index);

}  // namespace automill::tree
