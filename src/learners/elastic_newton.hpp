#pragma once
// Elastic nets for any smooth loss, by proximal Newton steps (Lee, Sun & Saunders 2014): the loss is replaced by a
// quadratic at the point, coordinate descent takes that to its optimum, and the step is as long as the function itself
// falls enough. Columns that the strong rule leaves out (Tibshirani et al. 2012) are looked at again before it ends.

#include "elastic_path.hpp"
#include "linear_objective.hpp"

namespace automill::linear {

/// Up to so many weights and intercepts (and scores) the second derivatives are one matrix, which serves many steps;
/// beyond, each step goes through the rows.
constexpr std::size_t most_joint_weights = 1024, most_joint_scores = 16;
constexpr bool solved_jointly(std::size_t columns, std::size_t scores) {
  return (columns + 1) * scores <= most_joint_weights && scores <= most_joint_scores;
}

/// `held_out` may be null. Both are owned.
std::unique_ptr<ElasticFit> make_newton_fit(std::unique_ptr<LinearObjective> train,
                                            std::unique_ptr<LinearObjective> held_out, const RunContext& context);

}  // namespace automill::linear
