#pragma once
// Targets and weights of a forest as integers: their sums do not depend on the order of rows.

#include <automill/core/dataset.hpp>

namespace automill::tree {

/// Numbers, and two classes (0 and 1), are averaged; more classes are counted.
struct ForestTarget {
  std::size_t classes = 0;               ///< above two; 0: values are averaged
  bool two_classes = false;              ///< values are 0 and 1
  std::size_t outputs = 1;               ///< numbers of a row that are predicted together
  std::vector<std::int64_t> values{};    ///< one a training row: its class, or [row][output] (value - center) / unit
  std::vector<std::uint32_t> weights{};  ///< one a training row; empty: all 1
  std::vector<double> centers{0.0}, units{1.0};  ///< one an output
  std::vector<double> factors{};  ///< several outputs: 1 / variance in units, so that all count alike in a split
  std::vector<double> prior{};    ///< mean of all rows: one value an output, or one share a class

  std::size_t width() const { return std::max(outputs, classes); }
  bool vector_leaves() const { return width() > 1; }
  const std::int64_t* row(std::size_t i) const { return values.data() + i * outputs; }
  /// What the splits of several outputs are judged by.
  double squares(std::span<const std::int64_t> moments) const {
    double sum = 0;
    for (std::size_t k = 0; k < outputs; ++k)
      sum += factors[k] * static_cast<double>(moments[k]) * static_cast<double>(moments[k]);
    return sum;
  }
  std::uint32_t weight(std::size_t i) const { return weights.empty() ? 1 : weights[i]; }
};

/// No row is drawn more often for a tree.
constexpr std::uint32_t most_copies = 9;

/// Error when a weight is negative or not finite, or all are zero.
ForestTarget forest_target(const DatasetView& view);

}  // namespace automill::tree
