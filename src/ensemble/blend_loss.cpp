#include <automill/core/math.hpp>
#include <automill/ensemble/blend_loss.hpp>
#include <bit>
#include <cmath>
#include <limits>

#include "ensemble/fast_blends.hpp"

namespace automill {
namespace {

class AnyBlend final : public BlendLoss {
 public:
  AnyBlend(std::vector<const Predictions*> candidates, std::function<double(std::span<const double>)> loss)
      : candidates_(std::move(candidates)),
        loss_(std::move(loss)),
        sum_(candidates_[0]->values.size(), 0.0),
        blend_(sum_.size()) {}

  std::size_t candidates() const override { return candidates_.size(); }

  double with(std::size_t candidate) override {
    const std::vector<double>& own = candidates_[candidate]->values;
    for (std::size_t i = 0; i < blend_.size(); ++i) blend_[i] = (sum_[i] + own[i]) / (chosen_ + 1);
    return loss_(blend_);
  }

  void add(std::size_t candidate) override {
    const std::vector<double>& own = candidates_[candidate]->values;
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += own[i];
    chosen_ += 1;
  }

 private:
  std::vector<const Predictions*> candidates_;
  std::function<double(std::span<const double>)> loss_;
  std::vector<double> sum_, blend_;
  double chosen_ = 0;
};

constexpr std::size_t rows_worth_bins = 2000;  // fewer are sorted in less time

/// Whether a fast way computes what the metric does, on each candidate by itself.
bool agrees(BlendLoss& fast, const std::vector<const Predictions*>& candidates, const Metric& metric,
            const MetricInput& truth, double tolerance) {
  for (std::size_t j = 0; j < candidates.size(); ++j) {
    MetricInput input = truth;
    input.predictions = candidates[j]->values;
    const double exact = metric.loss(input), own = fast.with(j);
    if (std::isnan(exact) != std::isnan(own)) return false;
    if (!std::isnan(exact) && std::abs(exact - own) > tolerance * std::max(1.0, std::abs(exact))) return false;
  }
  return true;
}

}  // namespace

std::unique_ptr<BlendLoss> blend_of_any_loss(const std::vector<const Predictions*>& candidates,
                                             std::function<double(std::span<const double>)> loss) {
  return std::make_unique<AnyBlend>(candidates, std::move(loss));
}

std::unique_ptr<BlendLoss> make_blend_loss(const std::vector<const Predictions*>& candidates, const Metric& metric,
                                           const MetricInput& truth) {
  std::unique_ptr<BlendLoss> fast;
  double tolerance = 1e-6;  // of predictions that are kept in single precision
  if (metric.name == "log_loss" && is_classification(truth.task)) {
    fast = std::make_unique<LogLossBlend>(candidates, truth);
  } else if ((metric.name == "rmse" || metric.name == "mse") && truth.task == Task::regression && truth.width == 1) {
    fast = std::make_unique<SquaredErrorBlend>(candidates, truth, metric.name == "rmse");
  } else if (metric.name == "roc_auc" && truth.task == Task::binary && truth.labels.size() >= rows_worth_bins) {
    fast = std::make_unique<RankingBlend>(candidates, truth);
    tolerance = 2e-3;  // of ties
  }
  if (fast != nullptr && agrees(*fast, candidates, metric, truth, tolerance)) return fast;
  return blend_of_any_loss(candidates, [metric, truth](std::span<const double> blend) {
    MetricInput input = truth;
    input.predictions = blend;
    return metric.loss(input);
  });
}

}  // namespace automill
