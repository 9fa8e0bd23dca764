#pragma once
// Histograms of the rows of a node for trees with several outputs: for each bin of the columns in use, an entry of
// VectorGradients. Bins of a column lie together.

#include <automill/learners/tree/histogram_builder.hpp>

#include "learners/tree/vector_gradients.hpp"

namespace automill::tree {

/// A sum of entries; as many integers count as an entry has.
using VectorSum = std::array<std::int64_t, VectorGradients::most_columns + 1>;

class VectorHistogramBuilder {
 public:
  /// What the next histograms are of; all must outlive them.
  void start(const BinnedTable& bins, const VectorGradients& gradients, const ActiveColumns& active,
             const RunContext& context);

  /// Integers of a histogram.
  std::size_t size() const { return parts_.bins().histogram_size() * entry_size_; }
  /// False: the context stopped.
  bool build(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  /// parent -= child.
  void subtract(std::int64_t* parent, const std::int64_t* child) const;
  /// Takes rows out of a histogram: for few rows, much less work than a histogram of them. False: the context stopped.
  bool take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram);
  VectorSum sum(std::span<const std::uint32_t> rows) const;

 private:
  void gather(std::span<const std::uint32_t> rows, std::int64_t sign);
  bool add_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const;
  void add_rows(std::span<const std::uint32_t> rows, std::size_t part, const std::int64_t* entries,
                std::int64_t* out) const;
  /// The integers of a part in a histogram.
  HistogramParts::Range range_of(std::size_t part) const {
    const HistogramParts::Range range = parts_.range(part);
    return {range.begin * entry_size_, range.size * entry_size_};
  }

  HistogramParts parts_;
  const VectorGradients* gradients_ = nullptr;
  std::size_t entry_size_ = 8;
  LinesOfIntegers ordered_;  ///< entries in the order of the rows
};

/// The entries of a column in a histogram: [bin][entry].
inline const std::int64_t* column_entries(const std::int64_t* histogram, const BinnedTable::Group& group,
                                          std::size_t lane, std::size_t entry_size) {
  return histogram + (group.offset + group.starts[lane]) * entry_size;
}

}  // namespace automill::tree
