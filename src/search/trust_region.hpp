#pragma once
// In many dimensions a Gaussian process knows little of the whole cube: candidates come from a box around the best
// point, which grows after improvements and shrinks without (TuRBO: Eriksson et al., NeurIPS 2019).

#include "box_minimizer.hpp"
#include "strategy.hpp"

namespace automill::search {

/// Up to here the whole cube is searched.
inline constexpr std::size_t dimensions_without_region = 20;

/// The box for the next candidate: a function of the scores so far (lower is better), in the order of trials.
/// `log_lengths`: of the process, whose sides are long where the score changes slowly.
Box trust_region(const std::vector<Point>& points, const std::vector<double>& scores,
                 const std::vector<double>& log_lengths);

}  // namespace automill::search
