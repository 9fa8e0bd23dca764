#pragma once
// Weights of an ensemble by greedy selection with replacement (Caruana et al., "Ensemble selection from libraries of
// models", ICML 2004): add the candidate that improves the blend most, keep the shortest prefix with the best loss.
//
//   Selection s = select_greedily(*make_blend_loss(candidates, metric, truth), {.steps = 25});   // s.weights sum to 1

#include <automill/core/stop.hpp>
#include <automill/ensemble/blend_loss.hpp>

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

/// `blend`: of held-out predictions, with nothing chosen yet; afterwards all steps are. O(steps x candidates) trials.
AUTOMILL_EXPORT Selection select_greedily(BlendLoss& blend, const GreedyOptions& options = {});

}  // namespace automill
