#pragma once
// An interior point method for losses that are piecewise linear, with penalties of the weights (Portnoy & Koenker 1997:
// the Frisch-Newton method for regression quantiles; predictor and corrector of Mehrotra 1992):
//
//   minimise  sum of the losses of f = b + x' w  +  l1 |w|_1 + l2 / 2 |w|^2            (b is not penalised)
//
// In the dual, multipliers beta lie between the bounds of their rows, and X'beta within l1 of l2 w. Every point on the
// way is feasible for both problems, so that their gap is known.

#include "linear_design.hpp"
#include "piecewise_rows.hpp"

namespace automill::linear {

struct WeightPenalty {
  double l1 = 0, l2 = 0;
};

/// Precondition: no squares, epsilon is 0, and 0 lies inside the bounds of every row. `options.intercept` is true.
/// Begins at weights and an intercept of 0. O(rows columns^2 + columns^3) a step, of which some 10 to 30 are needed.
PiecewiseFit fit_by_interior_point(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                                   const WeightPenalty& penalty, const PiecewiseOptions& options,
                                   const RunContext& context);

}  // namespace automill::linear
