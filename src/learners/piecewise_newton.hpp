#pragma once
// Newton's method on piecewise losses, in the space of the weights (Keerthi & DeCoste 2005 for squares; Chapelle 2007).
// Linear losses are made smooth, and less so from stage to stage: the multipliers of a smooth optimum are feasible for
// the dual of the problem itself, whose gap says when to end. Few rows lie where the loss is curved, and few of them
// change from step to step, so that products of columns cost far less than all rows' would.

#include "linear_design.hpp"
#include "piecewise_rows.hpp"

namespace automill::linear {

/// Up to here steps are solved by the products of the curved rows; beyond, by conjugate gradients.
constexpr std::size_t most_curved_columns = 1000;

/// Begins at `start`. O(rows columns) a step, and columns^3, or products of rows and columns for conjugate gradients.
PiecewiseFit fit_by_newton(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                           PiecewisePoint start, const PiecewiseOptions& options, const RunContext& context);

}  // namespace automill::linear
