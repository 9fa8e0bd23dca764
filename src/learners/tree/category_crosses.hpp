#pragma once
// Which category columns are worth looking at together. The means of the target by pairs of categories must tell more
// than the best sum of the means by each: every row is estimated from the rows before it in a random order, so pairs of
// many rare categories gain nothing by chance. The best pairs are crossed with a third column by the same rule.
//
// CatBoost crosses the categories of a tree with all others as it grows (Prokhorenkova et al. 2018, section 3.2,
// "greedy combinations"); chosen beforehand, crosses cost no more than other columns do.

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/binning.hpp>

namespace automill::tree {

struct CrossOptions {
  std::size_t most_pairs = 16, most_triples = 12;
  std::size_t most_columns = 32;  ///< that are tried with each other: those whose means tell most
  std::size_t most_rows = 16384;  ///< that they are tried on
  std::size_t most_bins = 16384;  ///< of a cross: the most frequent pairs
  std::size_t min_bins = 0;       ///< of the larger column of a pair: two that are split one by one need no cross
  double smoothing = 10;          ///< rows that an estimate of the parts counts for
};

/// What is averaged: values of training rows, [signal][row], and the rows' weights.
struct CrossTarget {
  const std::vector<std::vector<double>>& signals;
  const std::vector<double>& weights;
};

/// Bins of all rows of a table in a category column, or in a cross. `mappings`: those of the table, then crosses.
std::vector<std::uint16_t> category_bins(const BinnedTable& table, const std::vector<BinMapping>& mappings,
                                         std::size_t column);

/// Mappings of crosses of `columns`, to come behind those of the table. `rows`: training rows in the table; `order`:
/// their numbers in a random order.
std::vector<BinMapping> find_crosses(const BinnedTable& table, std::span<const std::uint32_t> columns,
                                     std::span<const std::uint32_t> rows, std::span<const std::uint32_t> order,
                                     const CrossTarget& target, const CrossOptions& options, const RunContext& context);

}  // namespace automill::tree
