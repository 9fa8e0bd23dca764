#pragma once
// Small things that both ways of searching a split need.

#include <algorithm>
#include <automill/learners/tree/split.hpp>

namespace automill::tree {

constexpr double no_gain = -std::numeric_limits<double>::infinity();

inline double threshold_l1(double gradient, double l1) {
  return std::max(gradient - l1, 0.0) + std::min(gradient + l1, 0.0);
}

inline Moments operator+(const Moments& a, const Moments& b) {
  return {a.gradient + b.gradient, a.hessian + b.hessian};
}
inline Moments operator-(const Moments& a, const Moments& b) {
  return {a.gradient - b.gradient, a.hessian - b.hessian};
}

inline double SplitFinder::count(const Moments& sum, const Node& node) const {
  constexpr double rounder = 0x1.8p52;  // adding it rounds to an integer
  return (sum.hessian * node.count_per_hessian + rounder) - rounder;
}

inline bool SplitFinder::allowed(const Moments& left, const Node& node) const {
  return left.hessian >= node.lowest && left.hessian <= node.highest;
}

/// Which of `count` candidates a number in [0, 1) names.
inline std::size_t pick(double uniform, std::size_t count) {
  return std::min(count - 1, static_cast<std::size_t>(uniform * static_cast<double>(count)));
}

/// Which categories of an order go left: so many from its start, or from its end.
struct CategoryPrefix {
  std::size_t size = 0;
  bool from_end = false;
  std::size_t place(std::size_t i, std::size_t used) const { return from_end ? used - 1 - i : i; }
};

/// What a prefix must leave on either side.
struct PrefixLimits {
  std::size_t most = 0;  ///< categories
  double rows = 0, hessian = 0, rows_per_group = 0;
};

/// LightGBM's many-vs-many: of the categories in an order, prefixes from both ends are tried. `category(place)` has
/// `sum` and `count`; `only`: null, or the one length that is tried. Improves `best_gain`.
template <class Moments, class CategoryAt, class Gain>
CategoryPrefix best_prefix(std::size_t used, const PrefixLimits& limits, double node_rows, double node_hessian,
                           const CategoryAt& category, const Gain& gain, const std::size_t* only, double& best_gain) {
  CategoryPrefix best;
  for (const bool from_end : {false, true}) {
    Moments left;
    double left_rows = 0, group_rows = 0;
    for (std::size_t i = 0; i < limits.most; ++i) {
      const auto& next = category(CategoryPrefix{i, from_end}.place(i, used));
      left = left + next.sum;
      left_rows += next.count;
      group_rows += next.count;
      if (left_rows < limits.rows || left.hessian < limits.hessian) continue;
      const double right_rows = node_rows - left_rows;
      if (right_rows < limits.rows || right_rows < limits.rows_per_group ||
          node_hessian - left.hessian < limits.hessian)
        break;
      if (group_rows < limits.rows_per_group) continue;
      group_rows = 0;
      if (only != nullptr && i != *only) continue;
      const double here = gain(left);
      if (!(here > best_gain)) continue;
      best_gain = here;
      best = {i + 1, from_end};
    }
  }
  return best;
}

}  // namespace automill::tree
