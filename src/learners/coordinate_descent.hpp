#pragma once
// Coordinate descent for a quadratic function with an elastic net (Friedman, Hastie & Tibshirani 2010, section 2):
//
//   minimise  q(b) + l1 |b|_1 + l2 / 2 |b|^2
//
// A quadratic has `rest(j)`, what is left of its slope in b_j (the negative derivative), `curvature(j)`, and `move(j,
// step)`, and `stopped()`, which may be asked at any time.

#include <automill/core/stop.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "linear_vectors.hpp"

namespace automill::linear {

struct ElasticPenalty {
  double l1 = 0, l2 = 0;
  std::size_t free_from = std::numeric_limits<std::size_t>::max();  ///< weights that are not penalised

  double l1_of(std::size_t j) const { return j < free_from ? l1 : 0.0; }
  double l2_of(std::size_t j) const { return j < free_from ? l2 : 0.0; }
};

/// How far a weight is from its optimum given the others, as a derivative; `rest` is that of the loss alone, negative.
inline double violation(double rest, double weight, double l1, double l2) {
  const double slope = rest - l2 * weight;
  if (weight == 0) return std::max(0.0, std::abs(slope) - l1);
  return std::abs(slope - (weight > 0 ? l1 : -l1));
}

/// The quadratic of a matrix of products: rest = target - products * b. Slopes of all columns are kept, so a visit
/// costs nothing and a move O(columns) ("covariance updates").
class ProductQuadratic {
 public:
  /// `products`: size x size, symmetric, not copied; `rest`: at the weights that `descend` is given.
  ProductQuadratic(const std::vector<double>& products, std::vector<double> rest, const StopToken& stop)
      : products_(products.data()), rest_(std::move(rest)), stop_(&stop) {}
  double rest(std::size_t j) const { return rest_[j]; }
  double curvature(std::size_t j) const { return products_[j * rest_.size() + j]; }
  void move(std::size_t j, double step) {
    const double* row = products_ + j * rest_.size();
    for (std::size_t i = 0; i < rest_.size(); ++i) rest_[i] -= step * row[i];
    work_ += rest_.size();
  }
  /// Takes the weights that are not 0 to the optimum that they would have with the signs that they have, or until one
  /// of them is 0 (an active-set step: it ends what coordinates alone would take long for, when columns are alike).
  void move_together(const ElasticPenalty& penalty, std::span<double> weights,
                     const std::vector<std::uint32_t>& columns);
  bool stopped() {
    if (work_ < 1U << 17) return stopped_;  // about 50 microseconds
    work_ = 0;
    return stopped_ = stopped_ || stop_->stop_requested();
  }
  const std::vector<double>& rests() const { return rest_; }

 private:
  const double* products_;
  std::vector<double> rest_;
  const StopToken* stop_;
  std::size_t work_ = 0;
  bool stopped_ = false;
};

enum class Descent { converged, out_of_passes, stopped };

/// Moves the weights of the listed columns until none violates its optimum by more than `tolerance`. Passes over those
/// that are not 0 alternate with passes over all. A column without curvature keeps its weight.
template <class Quadratic>
Descent descend(Quadratic& quadratic, const ElasticPenalty& penalty, std::span<double> weights,
                const std::vector<std::uint32_t>& columns, double tolerance, int most_passes) {
  constexpr int patience = 10;  // passes before all move together
  bool all = true;
  for (int pass = 0, slow = 0; pass < most_passes; ++pass) {
    double worst = 0;
    for (std::uint32_t j : columns) {
      if (!all && weights[j] == 0) continue;
      if (quadratic.stopped()) return Descent::stopped;
      const double curvature = quadratic.curvature(j), l1 = penalty.l1_of(j), total = curvature + penalty.l2_of(j);
      if (!(curvature > 0)) continue;
      const double rest = quadratic.rest(j), before = weights[j];
      worst = std::max(worst, violation(rest, before, l1, penalty.l2_of(j)));
      const double target = rest + curvature * before;
      const double after = target > l1 ? (target - l1) / total : target < -l1 ? (target + l1) / total : 0.0;
      if (after == before) continue;
      weights[j] = after;
      quadratic.move(j, after - before);
    }
    if (worst <= tolerance && all) return Descent::converged;
    all = worst <= tolerance;
    if constexpr (requires { quadratic.move_together(penalty, weights, columns); }) {
      if (!all && ++slow % patience == 0) quadratic.move_together(penalty, weights, columns);
    }
  }
  return Descent::out_of_passes;
}

}  // namespace automill::linear
