#pragma once
// Scores of the held-out rows of a fold, of targets with one or several outputs.

#include "automl/scoring.hpp"

namespace automill {

/// Of the scores of folds.
double fold_mean(const std::vector<double>& values);

class FoldScores {
 public:
  /// Error evaluate.several_outputs where the estimator does not give one value for each output, option.contradiction
  /// for a metric that is not defined for the task. The dataset must outlive it. Empty metric: the task's default.
  FoldScores(const Dataset& dataset, const Estimator& estimator, const std::string& metric);

  const Metric& metric() const { return metric_; }
  /// Of predictions of these rows of the dataset; of several outputs, the mean.
  double score(std::span<const std::uint32_t> rows, const Predictions& predictions) const;
  /// The mean of the folds with a normal 90 % interval; of one fold, the value alone.
  Score mean(const std::vector<double>& fold_scores, const std::string& protocol) const;

 private:
  const Dataset& dataset_;
  Metric metric_;
  std::vector<Target> outputs_;
};

}  // namespace automill
