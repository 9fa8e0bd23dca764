#pragma once
// Targets and weights of a forest as integers: their sums do not depend on the order of rows.

#include <automill/core/dataset.hpp>

namespace automill::tree {

/// Numbers, and two classes (0 and 1), are averaged; more classes are counted.
struct ForestTarget {
  std::size_t classes = 0;               ///< above two; 0: values are averaged
  std::vector<std::int64_t> values{};    ///< one a training row: its class, or (value - center) / unit
  std::vector<std::uint32_t> weights{};  ///< one a training row; empty: all 1
  double center = 0, unit = 1;
  std::vector<double> prior{};  ///< mean of all rows: one value, or one share a class

  std::size_t width() const { return std::max<std::size_t>(1, classes); }
  std::uint32_t weight(std::size_t i) const { return weights.empty() ? 1 : weights[i]; }
};

/// No row is drawn more often for a tree.
constexpr std::uint32_t most_copies = 9;

/// Error when a weight is negative or not finite, or all are zero.
ForestTarget forest_target(const DatasetView& view);

}  // namespace automill::tree
