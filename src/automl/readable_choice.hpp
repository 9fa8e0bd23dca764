#pragma once
// The preset "glass_box": one model that can be read, in the place of an ensemble. Linear models, single trees and
// explainable boosting machines are compared on the same folds. The one-standard-error rule (Breiman et al. 1984,
// section 3.4.3) with the error of the difference: among the candidates whose mean loss over the parts of the rows is
// above the least one by at most one standard error of that difference over the parts, the simplest is taken, and of
// equally simple ones the best.

#include "automl/ensemble_weights.hpp"

namespace automill {

/// Whether the options ask for one.
inline bool wants_readable_model(const TrainOptions& options) { return options.preset == "glass_box"; }

/// What was compared, and why one was taken; positions are those of `losses`.
struct ReadableChoice {
  std::size_t chosen = 0, best = 0;
  double more_loss = 0, standard_error = 0;  ///< of the chosen one against the best, means over the parts
};

/// `losses`: [candidate][part], not finite where the metric says nothing of a part; `complexity` of each candidate.
/// Where fewer than two parts tell, the standard error is 0. `skipped`: parts that are not looked at.
ReadableChoice choose_readable(const std::vector<std::vector<double>>& losses, const std::vector<int>& complexity,
                               const std::function<bool(std::size_t part)>& skipped = {});

/// Weights of 1 and 0: the choice on all parts, and for each part that without it (in time order: before it). The place
/// of the temperature stays empty: a model that is to be read stays as it is.
EnsembleWeights readable_weights(const WeightsInput& input);

/// Of the candidate whose weight is not 0, for the model's metadata: chosen (its name), what (it is, in words), reason.
/// `compared`: the candidates are those of a run, else one that a recipe names.
Object describe_choice(const WeightsInput& input, bool compared);

}  // namespace automill
