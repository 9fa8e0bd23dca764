#include "penalty_path.hpp"

#include <cmath>

namespace automill::linear {
namespace {

/// 10^(half / 2)
double strength(int half) {
  double power = half % 2 == 0 ? 1.0 : half > 0 ? 3.1622776601683795 : 1 / 3.1622776601683795;
  for (int i = 0; i < std::abs(half) / 2; ++i) power = half > 0 ? power * 10 : power / 10;
  return power;
}

}  // namespace

PathResult choose_strength(std::vector<PathFold>& folds, const MinimizeOptions& options,
                           std::optional<std::int64_t> stop_after, const RunContext& context) {
  constexpr int weakest = 8, patience = 3;
  double fewest = std::numeric_limits<double>::infinity(), held_out_weight = 0;
  std::vector<std::vector<double>> points;
  context.executor().run(folds.size(), [&](std::size_t f) { folds[f].train->prepare(context); });
  for (const PathFold& fold : folds) {
    fewest = std::min(fewest, fold.train->total_weight());
    held_out_weight += fold.held_out->total_weight();
    points.push_back(fold.train->start());
  }
  int half = weakest;
  while (half > -24 && strength(half) > 1 / fewest) --half;
  PathResult result;
  std::size_t best = 0;
  for (; half <= weakest; ++half) {
    if (stop_after && static_cast<std::int64_t>(result.losses.size()) >= *stop_after) {
      result.stopped = true;
      break;
    }
    const double c = strength(half);
    std::vector<double> losses(folds.size(), 0.0);
    std::atomic<bool> stopped{false};
    context.executor().run(folds.size(), [&](std::size_t f) {
      const double penalty = 1 / (c * folds[f].train->total_weight());
      auto solved = folds[f].train->minimize(points[f], penalty, options, context);
      const auto loss = folds[f].held_out->mean_loss(solved.point, context);
      if (solved.stopped || !loss) {
        stopped = true;
        return;
      }
      points[f] = std::move(solved.point);
      losses[f] = *loss * folds[f].held_out->total_weight() / held_out_weight;
    });
    result.stopped = stopped;
    if (stopped) break;
    double loss = 0;
    for (double one : losses) loss += one;
    result.losses.push_back(loss);
    if (result.point.empty() || loss < result.losses[best]) {
      best = result.losses.size() - 1;
      result.c = c;
      result.point = points[0];
    } else if (result.losses.size() - 1 - best >= patience) {
      break;
    }
  }
  return result;
}

}  // namespace automill::linear
