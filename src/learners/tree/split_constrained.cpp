// Splits of a number, bin by bin: columns of many bins, and nodes whose children's values are limited, smoothed or
// ordered. A child with value w contributes -(2 T(G) w + (H + l2) w^2), which is T(G)^2 / (H + l2) at the best w.

#include "split_parts.hpp"

namespace automill::tree {

int order_of_children(const BinnedTable& bins, const std::vector<std::int8_t>& monotone, std::uint32_t column,
                      std::size_t bin, bool missing_left) {
  if (monotone.empty() || bins.mappings()[column].categorical) return 0;
  return !missing_left && bin > bins.mappings()[column].edges.size() ? 0 : monotone[column];
}

double SplitFinder::value(const Moments& sum, double rows, double l2, double parent, double lower, double upper) const {
  double value = -threshold_l1(sum.gradient, l1_) / (sum.hessian + l2);
  if (parameters_.max_delta_step > 0) {
    const double most = parameters_.max_delta_step / value_unit_;
    value = std::clamp(value, -most, most);
  }
  if (parameters_.path_smooth > 0) {
    const double own = rows / (rows + parameters_.path_smooth);
    value = value * own + parent * (1 - own);
  }
  return std::clamp(value, lower, upper);
}

double SplitFinder::score_at(const Moments& sum, double l2, double value) const {
  return -(2 * threshold_l1(sum.gradient, l1_) * value + (sum.hessian + l2) * value * value);
}

double SplitFinder::leaf_value(const NodeTotals& node, double extra_l2, const NodeTotals* parent) const {
  const Moments total = scale_.moments(node.sum);
  const double extra = extra_l2 / scale_.hessian_unit;
  if (!constrained_) return -threshold_l1(total.gradient, l1_) / (total.hessian + l2_ + extra) * value_unit_;
  const double lower = node.lower / value_unit_, upper = node.upper / value_unit_;
  const double towards = parent != nullptr ? parent->value / value_unit_ : 0;
  const double rows = parent != nullptr ? node.rows : std::numeric_limits<double>::max();
  // bounds are values of other leaves: to the last bit
  return std::clamp(value(total, rows, l2_ + extra, towards, lower, upper) * value_unit_, node.lower, node.upper);
}

/// Of children in the wrong order: none. `sign`: 1 when the left value may not be above the right one, -1 not below.
double SplitFinder::constrained_gain(const Moments& left, const Node& node, double l2, int sign) const {
  const Moments right = node.total - left;
  const double a = value(left, count(left, node), l2, node.value, node.lower, node.upper),
               b = value(right, count(right, node), l2, node.value, node.lower, node.upper);
  if (sign * a > sign * b) return no_gain;
  return score_at(left, l2, a) + score_at(right, l2, b) - node.score;
}

void SplitFinder::find_number(const BinnedTable::Group& group, std::uint32_t index, std::uint32_t lane,
                              HistogramView histogram, const Node& node, const double* random_bins, Split& best) const {
  const std::uint32_t column = group.columns[lane];
  const std::size_t edges = bins_->mappings()[column].edges.size(), bins = bins_->mappings()[column].bins;
  const std::size_t only = random_bins != nullptr ? 1 + pick(random_bins[lane], std::max<std::size_t>(1, edges)) : 0;
  const PackedSum missing = histogram.at(group.entry(0, lane));
  double best_gain = no_gain;
  Split candidate{.group = index, .lane = lane};
  for (const bool missing_left : {false, true}) {
    if (missing_left && missing == PackedSum{}) break;
    PackedSum left = missing_left ? missing : PackedSum{};
    for (std::size_t b = 1; b < bins; ++b) {
      const PackedSum added = histogram.at(group.entry(b, lane));
      left = left + added;
      const bool as_before = added == PackedSum{} && b > 1 && b < bins - 1;  // the last bin has an order of its own
      if (random_bins != nullptr ? b != only : as_before) continue;
      const Moments sum = scale_.moments(left);
      if (!allowed(sum, node)) continue;
      const double here =
          constrained_ ? constrained_gain(sum, node, l2_,
                                          order_of_children(*bins_, parameters_.monotone, column, b, missing_left))
                       : gain(sum, node, l2_);
      if (!(here > best_gain)) continue;
      best_gain = here;
      candidate.bin = static_cast<std::uint32_t>(b);
      candidate.missing_left = missing == PackedSum{} ? 2 * count(sum, node) >= node.rows : missing_left;
      candidate.left = left;
    }
  }
  offer(best_gain, column, best, candidate);
}

}  // namespace automill::tree
