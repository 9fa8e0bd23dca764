#include "automl/fold_scores.hpp"

namespace automill {
namespace {

/// The target's outputs, each as a target of its own.
std::vector<Target> single_outputs(const Target& target) {
  if (target.outputs.empty()) return {target};
  std::vector<Target> singles;
  for (std::size_t k = 0; k < target.width(); ++k) {
    Target single{.task = target.task, .name = target.outputs[k]};
    for (std::size_t i = 0; i < target.rows(); ++i) single.values.push_back(target.row(i)[k]);
    singles.push_back(std::move(single));
  }
  return singles;
}

}  // namespace

FoldScores::FoldScores(const Dataset& dataset, const Estimator& estimator, const std::string& metric)
    : dataset_(dataset),
      metric_(metric.empty() ? default_metric(dataset.target.task) : metric_by_name(metric)),
      outputs_(single_outputs(dataset.target)) {
  const Task task = dataset.target.task;
  if (!metric_.supports(task))
    throw Error("option.contradiction", "metric", metric_.name + " is not defined for a " + task_name(task) + " target",
                "leave it out for " + default_metric(task).name);
  const std::size_t given = estimator.output_spec(dataset.target).width;
  if (given != dataset.target.width())
    throw Error("evaluate.several_outputs", dataset.target.name,
                "the learner gives " + std::to_string(given) + " values a row, and metrics judge one",
                "judge each level by itself");
}

double FoldScores::score(std::span<const std::uint32_t> rows, const Predictions& predictions) const {
  double sum = 0;
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    const Scorer scorer(outputs_[k], dataset_.weights, {rows.begin(), rows.end()}, metric_);
    if (outputs_.size() == 1) return scorer.value(predictions.values);
    std::vector<double> own;
    for (std::size_t i = 0; i < predictions.rows(); ++i) own.push_back(predictions.row(i)[k]);
    sum += scorer.value(own);
  }
  return sum / static_cast<double>(outputs_.size());
}

double fold_mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Score FoldScores::mean(const std::vector<double>& fold_scores, const std::string& protocol) const {
  const double folds = static_cast<double>(fold_scores.size());
  Score result{.metric = metric_.name, .protocol = protocol};
  const double mean = fold_mean(fold_scores);
  double square = 0;
  for (double score : fold_scores) square += (score - mean) * (score - mean);
  result.value = mean;
  if (fold_scores.size() < 2) return result;
  const double half = 1.645 * std::sqrt(square / (folds - 1) / folds);  // normal 90 % interval of the mean
  result.low = mean - half;
  result.high = mean + half;
  return result;
}

}  // namespace automill
