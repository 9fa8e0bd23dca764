#pragma once
// Histograms of the rows of a node: for each bin of the columns in use, the sums of its packed gradients.

#include <automill/learners/tree/histogram_parts.hpp>
#include <automill/learners/tree/split.hpp>

namespace automill::tree {

class AUTOMILL_EXPORT HistogramBuilder {
 public:
  /// What the next histograms are of; all must outlive them.
  void start(const BinnedTable& bins, const QuantisedGradients& gradients, const ActiveColumns& active,
             const RunContext& context);

  /// Integers of a histogram: one plane, or two where sums are wide.
  std::size_t size() const { return parts_.bins().histogram_size() * planes(); }
  /// False: the context stopped.
  bool build(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  /// parent -= child.
  void subtract(std::int64_t* parent, const std::int64_t* child) const;
  /// Takes rows out of a histogram: for few rows, much less work than a histogram of them. False: the context stopped.
  bool take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  HistogramView view(const std::int64_t* histogram) const {
    return {histogram, wide() ? histogram + parts_.bins().histogram_size() : nullptr};
  }
  PackedSum sum(std::span<const std::uint32_t> rows) const;

 private:
  bool wide() const { return gradients_->scale.fields.wide; }
  std::size_t planes() const { return wide() ? 2 : 1; }
  void gather(std::span<const std::uint32_t> rows);
  bool add_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const;
  void add_rows(std::span<const std::uint32_t> rows, std::size_t part, const std::int64_t* gradients,
                std::int64_t* out) const;
  /// The integers of a part in a plane of a histogram.
  HistogramParts::Range range_of(std::size_t part, std::size_t plane) const {
    const HistogramParts::Range range = parts_.range(part);
    return {plane * parts_.bins().histogram_size() + range.begin, range.size};
  }

  HistogramParts parts_;
  const QuantisedGradients* gradients_ = nullptr;
  std::vector<std::int64_t> ordered_, ordered_second_;  ///< gradients in the order of the rows
};

/// All columns, or a share of them drawn for tree number `index`.
ActiveColumns draw_columns(const BinnedTable& bins, double fraction, std::uint64_t seed, std::uint64_t index);

}  // namespace automill::tree
