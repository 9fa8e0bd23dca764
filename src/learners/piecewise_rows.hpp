#pragma once
// Rows whose loss is piecewise linear or quadratic in their score: the hinge and its square, the epsilon-insensitive
// loss and its square, the pinball loss. All of them are
//
//   loss_i(f) = max over beta in [lower_i, upper_i] of  beta r - epsilon |beta| - beta^2 / (2 curvature_i)
//
// where r = t_i - f,
// with a curvature of 2 cost_i for squares and none (infinite) for the others, and a maximiser that is one line of code
// (`multiplier`). A finite curvature cost_i / smoothing makes a linear loss smooth: less by at most
// cost_i smoothing / 2 (Nesterov 2005, "Smooth minimization of non-smooth functions").
//
//   class +1:   t = 1, [0, cost]        regression: [-cost, cost]
//   class -1:   t = -1, [-cost, 0]      quantile q: [(q - 1) cost, q cost], epsilon = 0

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "linear_gram.hpp"

namespace automill::linear {

struct PiecewiseRows {
  bool squared = false;
  double epsilon = 0;
  std::vector<double> targets{};
  std::vector<double> costs{};           ///< 0: the row does not count
  std::vector<double> lower{}, upper{};  ///< of multipliers; squares are bounded by 0 alone, or not at all

  std::size_t size() const { return targets.size(); }

  /// Of a row with this residual t - f; `factor` = curvature / cost.
  double multiplier(std::size_t i, double residual, double factor) const {
    const double free = factor * costs[i] * beyond(residual);
    return free < lower[i] ? lower[i] : free > upper[i] ? upper[i] : free;
  }
  /// Whether the loss is curved there.
  bool curved(std::size_t i, double residual, double factor) const {
    const double free = factor * costs[i] * beyond(residual);
    return lower[i] < free && free < upper[i] && std::abs(residual) >= epsilon;
  }
  double smooth_loss(std::size_t i, double residual, double factor) const {
    const double beta = multiplier(i, residual, factor);
    return beta == 0 ? 0.0 : beta * residual - epsilon * std::abs(beta) - 0.5 * beta * beta / (factor * costs[i]);
  }
  /// The loss itself.
  double loss(std::size_t i, double residual) const {
    if (squared) return smooth_loss(i, residual, 2);
    return (residual > 0 ? upper[i] : lower[i]) * beyond(residual);
  }
  /// How far a residual is outside of epsilon.
  double beyond(double residual) const {
    return residual > epsilon ? residual - epsilon : residual < -epsilon ? residual + epsilon : 0.0;
  }
};

/// Products of columns over the rows whose loss is curved, by which Newton's method makes its steps.
struct CurvedProducts {
  std::vector<double> weights{};  ///< of the rows: their costs, and 0 where the loss is not curved
  Gram gram{};                    ///< of its products the lower triangle counts
};

/// Minimises 1/2 |w|^2 + sum of the losses of f = b + x' w; b is not penalised.
struct PiecewisePoint {
  std::vector<double> weights{};
  double intercept = 0;
  std::vector<double> scores{};                      ///< of all rows; also of those that do not count
  double smoothing = 0;                              ///< that it was found with; 0: none yet
  std::shared_ptr<const CurvedProducts> products{};  ///< of the last step, where there was one
};

struct PiecewiseOptions {
  bool intercept = true;
  double tolerance = 1e-5;  ///< ends where the objective is known to be within this share of its least value
  std::int64_t max_steps = 1000;
};

struct PiecewiseFit {
  PiecewisePoint point{};
  std::int64_t steps = 0;
  bool stopped = false;  ///< by the context
};

}  // namespace automill::linear
