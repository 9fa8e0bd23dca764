#pragma once
// Scores of predictions on rows of a dataset, with 90 % intervals.

#include <automill/automl/automl_model.hpp>
#include <automill/ensemble/blend_loss.hpp>
#include <automill/metrics/metrics.hpp>

namespace automill {

/// Truth and weights of some rows, gathered once, to be scored many times.
class Scorer {
 public:
  /// `rows`: positions in the dataset; `weights`: one a dataset row, or empty.
  Scorer(const Target& target, std::span<const double> weights, std::vector<std::uint32_t> rows, Metric metric,
         double threshold = 0.5);

  const Metric& metric() const { return metric_; }
  const std::vector<std::uint32_t>& rows() const { return rows_; }
  /// Predictions of all dataset rows -> those of the scorer's rows.
  Predictions gather(const Predictions& all) const;
  /// Truth and weights with predictions of the scorer's rows; both must outlive it.
  MetricInput input(std::span<const double> predictions) const;
  double value(std::span<const double> predictions) const;
  double loss(std::span<const double> predictions) const {
    return metric_.higher_is_better() ? -value(predictions) : value(predictions);
  }
  /// 90 % interval by resampling rows (percentiles; at most 5,000 rows are drawn, the width scaled by the square root).
  Score score(std::span<const double> predictions, const std::string& protocol, std::uint64_t seed) const;
  /// Another scorer of at most `most` of the rows, drawn by key.
  Scorer sample(std::size_t most, std::span<const std::uint64_t> keys, std::uint64_t seed) const;
  /// Another scorer of the rows that are `wanted`, by their position in the dataset.
  Scorer where(const std::function<bool(std::uint32_t)>& wanted) const;
  /// The loss of blends of candidates' predictions of the scorer's rows; both must outlive it.
  std::unique_ptr<BlendLoss> blend(const std::vector<const Predictions*>& candidates) const;
  /// The threshold with the best value of a label metric (binary); 0.5 for other metrics.
  double best_threshold(std::span<const double> predictions) const;
  void set_threshold(double threshold) { threshold_ = threshold; }

 private:
  /// The same without rows.
  Scorer emptied() const { return {*target_, {}, {}, metric_, threshold_}; }
  /// Takes row number `i` of another one over.
  void take(const Scorer& from, std::size_t i);
  const Target* target_;
  std::vector<std::uint32_t> rows_;
  std::vector<double> values_, weights_;
  std::vector<std::int32_t> labels_;
  Metric metric_;
  double threshold_;
};

}  // namespace automill
