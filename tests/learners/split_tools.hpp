#pragma once
// Nodes of random rows with integer gradients, their histograms, and the sides of all thresholds, for tests of splits.

#include "tree_tools.hpp"

namespace tree_tools {

inline constexpr std::array<std::uint8_t, 8> eight_lanes{0, 1, 2, 3, 4, 5, 6, 7};

/// Rows of one node with integer gradients and Hessians.
struct NodeRows {
  Table table;
  std::shared_ptr<const BinnedTable> bins;
  std::vector<std::int64_t> gradients, hessians;
  GradientScale scale;
  SplitParameters parameters;
  NodeTotals bounds{};                      // value, lower and upper of the node
  std::vector<std::int64_t> first, second;  // histogram

  std::size_t rows() const { return gradients.size(); }

  PackedSum packed(std::size_t row) const {
    const std::int64_t high = gradients[row] * (std::int64_t{1} << scale.fields.gradient_shift);
    return scale.fields.wide ? PackedSum{high, hessians[row]} : PackedSum{high + hessians[row], 0};
  }
  NodeTotals totals() const {
    NodeTotals node = bounds;
    node.rows = static_cast<double>(rows());
    for (std::size_t i = 0; i < rows(); ++i) node.sum = node.sum + packed(i);
    return node;
  }
  void make_histogram() {
    first.assign(bins->histogram_size(), 0);
    second.assign(bins->histogram_size(), 0);
    for (const auto& group : bins->groups())
      for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
        for (std::size_t i = 0; i < rows(); ++i) {
          const std::size_t entry = group.entry(bins->code(group, lane, i), lane);
          first[entry] += packed(i).first;
          second[entry] += packed(i).second;
        }
  }
  Split best(const double* random = nullptr) const {
    const SplitFinder finder(*bins, scale, parameters);
    Split split;
    for (std::size_t g = 0; g < bins->groups().size(); ++g)
      finder.find(g, {eight_lanes.data(), bins->groups()[g].columns.size()},
                  {first.data(), scale.fields.wide ? second.data() : nullptr}, totals(), random, split);
    return split;
  }
};

using Side = std::vector<bool>;  // row goes left

/// Sides of all thresholds of a number: x <= value with missing ones right or left. The largest value separates the
/// missing rows from all others.
inline std::vector<Side> number_sides(const NodeRows& node, std::uint32_t column) {
  std::vector<double> values(node.rows());
  node.table[column].numbers(0, node.rows(), values.data());
  std::vector<Side> sides;
  for (double threshold : values)
    for (const bool missing_left : {false, true}) {
      if (std::isnan(threshold)) continue;
      Side side(node.rows());
      for (std::size_t i = 0; i < node.rows(); ++i)
        side[i] = std::isnan(values[i]) ? missing_left : values[i] <= threshold;
      sides.push_back(side);
    }
  return sides;
}

inline Side side_of(const NodeRows& node, const Split& split) {
  const auto& group = node.bins->groups()[split.group];
  Side side(node.rows());
  for (std::size_t i = 0; i < node.rows(); ++i) side[i] = split.goes_left(node.bins->code(group, split.lane, i));
  return side;
}

/// Three columns of numbers and a choice of parameters and units; the sum of Hessians is odd, so that no side lies
/// exactly on the limit of rows ((min_rows - 1/2) H / n is no whole number then).
inline NodeRows random_node(std::uint64_t seed, std::size_t rows, std::size_t distinct, std::size_t max_bin) {
  RandomStream random = random_of(seed);
  NodeRows node;
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> values(rows);
    for (double& value : values)
      value =
          seed % 2 == c % 2 && random.below(5) == 0 ? missing : std::sqrt(static_cast<double>(random.below(distinct)));
    columns.push_back(number_column("x" + std::to_string(c), values));
  }
  node.table = Table(columns);
  node.bins = binned(node.table, {.max_bin = max_bin, .min_rows_in_bin = 1});
  std::int64_t total = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    node.gradients.push_back(static_cast<std::int64_t>(random.below(2001)) - 1000);
    node.hessians.push_back(seed % 3 == 0 ? 1 : 1 + static_cast<std::int64_t>(random.below(8)));
    total += node.hessians.back();
  }
  if (total % 2 == 0) ++node.hessians[0];
  if (seed % 4 == 1) node.scale.fields = {.gradient_shift = 12, .hessian_mask = (1ULL << 52) - 1, .wide = true};
  node.scale.gradient_unit = seed % 5 == 0 ? 0.25 : 1;
  node.scale.hessian_unit = seed % 5 == 1 ? 0.0625 : 1;
  node.parameters = {.min_rows = static_cast<double>(1 + random.below(rows / 3)), .min_hessian = 1e-3};
  if (seed % 7 < 2)
    node.parameters.min_hessian = (0.3 + static_cast<double>(random.below(2 * rows))) * node.scale.hessian_unit;
  if (seed % 3 == 1) node.parameters.l1 = 500 * random.uniform();
  if (seed % 3 != 2) node.parameters.l2 = 20 * random.uniform();
  if (seed % 6 == 5) node.parameters.min_gain = 1e5;
  node.make_histogram();
  return node;
}

}  // namespace tree_tools
