#include <automill/ensemble/greedy_selection.hpp>
#include <cmath>
#include <limits>

namespace automill {
namespace {

double finite_loss(double loss) { return std::isnan(loss) ? std::numeric_limits<double>::infinity() : loss; }

/// loss of (sum + candidate) / count
double blend_loss(const std::vector<double>& sum, const Predictions& candidate, double count,
                  std::vector<double>& blend, const std::function<double(std::span<const double>)>& loss) {
  for (std::size_t i = 0; i < blend.size(); ++i) blend[i] = (sum[i] + candidate.values[i]) / count;
  return finite_loss(loss(blend));
}

}  // namespace

Selection select_greedily(const std::vector<const Predictions*>& candidates,
                          const std::function<double(std::span<const double>)>& loss, const GreedyOptions& options) {
  const std::size_t size = candidates[0]->values.size();
  std::vector<double> sum(size, 0.0), blend(size);
  std::vector<std::size_t> chosen;
  std::vector<std::size_t> uses(candidates.size(), 0);
  Selection selection;
  selection.loss = std::numeric_limits<double>::infinity();
  std::size_t best_prefix = 0;
  for (std::size_t step = 0; step < options.steps; ++step) {
    std::size_t best = candidates.size();
    double best_loss = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < candidates.size(); ++j) {
      if (step > 0 && options.stop.stop_requested()) break;
      const double value = blend_loss(sum, *candidates[j], static_cast<double>(step + 1), blend, loss);
      if (step == 0) selection.single_losses.push_back(value);
      const double margin = options.tolerance * std::max(std::abs(value), 1e-300);
      const bool better = best == candidates.size() || value < best_loss - margin;
      const bool tie_of_used = !better && std::abs(value - best_loss) <= margin && uses[j] > uses[best];
      if (better || tie_of_used) {
        best = j;
        best_loss = value;
      }
    }
    if (step > 0 && options.stop.stop_requested()) break;
    for (std::size_t i = 0; i < size; ++i) sum[i] += candidates[best]->values[i];
    ++uses[best];
    chosen.push_back(best);
    if (step == 0 || best_loss < selection.loss) {
      selection.loss = best_loss;
      best_prefix = chosen.size();
    }
  }
  std::vector<std::size_t> counts(candidates.size(), 0);
  for (std::size_t step = 0; step < best_prefix; ++step) ++counts[chosen[step]];
  for (std::size_t count : counts)
    selection.weights.push_back(static_cast<double>(count) / static_cast<double>(best_prefix));
  return selection;
}

}  // namespace automill
