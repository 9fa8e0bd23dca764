#pragma once
// Dual coordinate descent on piecewise losses, for many columns (Hsieh et al. 2008; Ho & Lin 2012): one multiplier
// after the other in random order, without those that have settled at a bound (shrinking). The intercept is not
// penalised: it is drawn to where it was, and that place follows it (the proximal point method, Rockafellar 1976), so
// that in the end nothing is drawn.

#include "linear_design.hpp"
#include "piecewise_rows.hpp"

namespace automill::linear {

/// Where a descent begins, and what it ends with.
struct DescentState {
  std::vector<double> multipliers{};  ///< one a row; none: 0
  double intercept = 0;
};

/// `order`: of the rows, by their content; a step is a pass over them. O(cells that are not 0) a step.
PiecewiseFit fit_by_descent(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                            const std::vector<std::uint32_t>& order, DescentState& state,
                            const PiecewiseOptions& options, const RunContext& context);

}  // namespace automill::linear
