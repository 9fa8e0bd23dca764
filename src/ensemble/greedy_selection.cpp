#include <automill/ensemble/greedy_selection.hpp>
#include <cmath>
#include <limits>

namespace automill {
namespace {

double finite_loss(double loss) { return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss; }

}  // namespace

Selection select_greedily(BlendLoss& blend, const GreedyOptions& options) {
  const std::size_t candidates = blend.candidates();
  std::vector<std::size_t> chosen, uses(candidates, 0);
  Selection selection;
  selection.loss = std::numeric_limits<double>::infinity();
  std::size_t best_prefix = 0;
  for (std::size_t step = 0; step < options.steps; ++step) {
    std::size_t best = candidates;
    double best_loss = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < candidates; ++j) {
      if (step > 0 && options.stop.stop_requested()) break;
      const double value = finite_loss(blend.with(j));
      if (step == 0) selection.single_losses.push_back(value);
      const double margin = options.tolerance * std::max(std::abs(value), 1e-300);
      const bool better = best == candidates || value < best_loss - margin;
      const bool tie_of_used = !better && std::abs(value - best_loss) <= margin && uses[j] > uses[best];
      if (better || tie_of_used) {
        best = j;
        best_loss = value;
      }
    }
    if (step > 0 && options.stop.stop_requested()) break;
    blend.add(best);
    ++uses[best];
    chosen.push_back(best);
    if (step == 0 || best_loss < selection.loss) {
      selection.loss = best_loss;
      best_prefix = chosen.size();
    }
  }
  std::vector<std::size_t> counts(candidates, 0);
  for (std::size_t step = 0; step < best_prefix; ++step) ++counts[chosen[step]];
  for (std::size_t count : counts)
    selection.weights.push_back(static_cast<double>(count) / static_cast<double>(best_prefix));
  return selection;
}

}  // namespace automill
