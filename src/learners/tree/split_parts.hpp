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

}  // namespace automill::tree
