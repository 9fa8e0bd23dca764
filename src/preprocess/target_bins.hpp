#pragma once
// Bins of a number column that end where the target changes: a small decision tree of one column.

#include "column_statistics.hpp"

namespace automill {

struct TargetBinOptions {
  std::size_t bins = 16;  ///< most bins
  double min_rows = 64;   ///< fewest counted rows of a bin
};

/// Inner edges, ascending, chosen among `candidates` (ascending, distinct): a value belongs to the bin below an edge
/// when it is not above it. The split of the largest gain comes first: of the squared error of each output, or of the
/// Gini impurity. Sums are integers: the order of rows does not matter. `counts`: row_counts. Rows without a finite
/// value do not count. O(rows log candidates + bins candidates outputs).
std::vector<double> target_bins(const DatasetView& train, const std::vector<double>& counts, std::size_t column,
                                const std::vector<double>& candidates, const TargetBinOptions& options);

}  // namespace automill
