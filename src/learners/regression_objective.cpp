#include "regression_objective.hpp"

#include <cmath>

namespace automill::linear {

double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  return sum / total;
}

double SquaredLoss::start(const std::vector<double>& targets, const std::vector<double>& weights) const {
  return weighted_mean(targets, weights);
}

RegressionObjective::RegressionObjective(const Design& design, WeightedRows rows, std::vector<double> targets,
                                         const RegressionLoss& loss)
    : LinearObjective(design, std::move(rows), 1), targets_(std::move(targets)), loss_(&loss) {}

std::vector<double> RegressionObjective::start() const {
  std::vector<double> point(design().columns() + 1, 0.0);
  point.back() = loss_->start(targets_, rows().weights);
  return point;
}

double RegressionObjective::tile_loss(std::size_t tile, Judged, std::vector<double>& scores) const {
  const std::size_t first = tile * tile_rows, size = rows().tiles[tile].rows;
  double loss = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double weight = rows().weights[first + i], target = targets_[first + i], score = scores[i];
    loss += weight * loss_->loss(target, score);
    scores[i] = weight * loss_->slope(target, score);
  }
  std::fill(scores.begin() + static_cast<std::ptrdiff_t>(size), scores.end(), 0.0);
  return loss;
}

void RegressionObjective::row_curvatures(std::size_t row, std::vector<double>& scores) const {
  scores[0] = loss_->curvature(targets_[row], scores[0]);
}

void RegressionObjective::row_hessian(std::size_t row, std::vector<double>& scores,
                                      std::vector<double>& hessian) const {
  hessian[0] = loss_->curvature(targets_[row], scores[0]);
}

double RegressionObjective::start_curvature(std::size_t) const {
  const double at = loss_->start(targets_, rows().weights);
  double sum = 0;
  for (std::size_t i = 0; i < targets_.size(); ++i) sum += rows().weights[i] * loss_->curvature(targets_[i], at);
  return std::max(sum / total_weight(), 1e-6);
}

MakeObjective regression_objectives(const Design& design, const RegressionLoss& loss, double shift, double unit) {
  return [&design, &loss, shift, unit](const DatasetView& view, std::span<const std::uint32_t> positions,
                                       WeightedRows rows) {
    std::vector<double> targets;
    for (std::uint32_t i : positions) targets.push_back(view.value(i) / unit - shift / unit);
    return std::make_unique<RegressionObjective>(design, std::move(rows), std::move(targets), loss);
  };
}

}  // namespace automill::linear
