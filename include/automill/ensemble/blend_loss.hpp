#pragma once
// The loss of an ensemble under construction: of the mean of the candidates chosen so far and one more. Metrics that
// allow it are computed from sums that are kept, so that a trial costs about a nanosecond a row or less.
//
//   std::unique_ptr<BlendLoss> blend = make_blend_loss(candidates, metric_by_name("log_loss"), truth);
//   Selection selection = select_greedily(*blend);

#include <automill/core/export.hpp>
#include <automill/core/metric.hpp>
#include <automill/core/predictions.hpp>
#include <functional>
#include <memory>

namespace automill {

class AUTOMILL_EXPORT BlendLoss {
 public:
  virtual ~BlendLoss() = default;
  virtual std::size_t candidates() const = 0;
  /// Of the mean of the chosen ones and this one, lower is better; NaN where it is not defined.
  virtual double with(std::size_t candidate) = 0;
  /// Chooses a candidate, which may be chosen already.
  virtual void add(std::size_t candidate) = 0;
};

/// By a function of the blend's predictions. O(rows x width) and a call of `loss` each trial.
AUTOMILL_EXPORT std::unique_ptr<BlendLoss> blend_of_any_loss(const std::vector<const Predictions*>& candidates,
                                                             std::function<double(std::span<const double>)> loss);

/// By a metric. `candidates`: predictions of the same rows, at least one. `truth`: these rows; its predictions are not
/// read. log_loss takes O(rows) a trial; rmse and mse O(1) after O(rows x candidates^2); roc_auc of 2,000 rows and more
/// O(rows + 2^13), where probabilities that differ by less than 0.8 % of their distance from 0 and 1 count as equal;
/// others blend_of_any_loss, as does one of these names whose values are not those of the fast way.
AUTOMILL_EXPORT std::unique_ptr<BlendLoss> make_blend_loss(const std::vector<const Predictions*>& candidates,
                                                           const Metric& metric, const MetricInput& truth);

}  // namespace automill
