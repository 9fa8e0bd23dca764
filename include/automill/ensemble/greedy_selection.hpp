#pragma once
// Weights of an ensemble by greedy selection with replacement (Caruana et al., "Ensemble selection from libraries of
// models", ICML 2004): add the candidate that improves the blend most, keep the shortest prefix with the best loss.
//
//   Selection s = select_greedily(candidates, loss, {.steps = 25});      // s.weights sum to 1

#include <automill/core/export.hpp>
#include <automill/core/predictions.hpp>
#include <automill/core/stop.hpp>
#include <functional>

namespace automill {

struct GreedyOptions {
  std::size_t steps = 25;
  StopToken stop{};          ///< asked between candidates; what is selected so far counts
  double tolerance = 1e-12;  ///< relative: losses nearer than this are equal, and a candidate already used wins
};

struct Selection {
  std::vector<double> weights{};  ///< one a candidate, sum 1
  double loss = 0;                ///< of the chosen prefix
  std::vector<double> single_losses{};
};

/// `candidates`: held-out predictions of the same rows. `loss` of a blend, lower is better; NaN counts as infinitely
/// bad. O(steps x candidates) evaluations of `loss`. Precondition: at least one candidate.
AUTOMILL_EXPORT Selection select_greedily(const std::vector<const Predictions*>& candidates,
                                          const std::function<double(std::span<const double>)>& loss,
                                          const GreedyOptions& options = {});

}  // namespace automill
