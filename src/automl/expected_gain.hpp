#pragma once
// What twice the time would add to the ensemble: from what the second half of the candidates added to the first.

#include "automl/ensemble_weights.hpp"

namespace automill {

/// A change of the score in the metric's unit; positive is better, whatever the metric's direction.
struct ExpectedGain {
  double value = 0, low = 0, high = 0;  ///< low .. high: 80 % likely
};

/// Standard error of the candidates' scores, the smallest.
double error_of_score(const std::vector<Candidate*>& candidates);

/// `of_all`: candidates in the order in which they were begun; `all`: their weights, where they are known. The ensemble
/// of the first half and that of all are scored on the parts without which they were chosen; of what the second half
/// added, a doubling adds a fifth again, give or take the noise of the difference over the parts and a part of that of
/// the score: choosing among more candidates moves it (docs/experiments.md has the figures). Null: fewer than six
/// candidates, no parts, or stopped. Costs two selections, or one.
std::optional<ExpectedGain> gain_of_twice_the_time(const WeightsInput& of_all, const EnsembleWeights* all = nullptr);

}  // namespace automill
