#include <automill/automl/train.hpp>

#include "automl/scoring.hpp"

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

/// The mean over the outputs.
double score(const std::vector<Target>& singles, const Dataset& dataset, std::span<const std::uint32_t> rows,
             const Metric& metric, const Predictions& predictions) {
  double sum = 0;
  for (std::size_t k = 0; k < singles.size(); ++k) {
    const Scorer scorer(singles[k], dataset.weights, {rows.begin(), rows.end()}, metric);
    if (singles.size() == 1) return scorer.value(predictions.values);
    std::vector<double> own;
    for (std::size_t i = 0; i < predictions.rows(); ++i) own.push_back(predictions.row(i)[k]);
    sum += scorer.value(own);
  }
  return sum / static_cast<double>(singles.size());
}

}  // namespace

CrossValidation cross_validate(const Estimator& estimator, std::shared_ptr<const Dataset> dataset,
                               const CrossValidateOptions& options, const RunContext& context) {
  const FoldedDataset folded(dataset, make_folds(*dataset, options.folds, options.seed));
  const Metric metric = options.metric.empty() ? default_metric(dataset->target.task) : metric_by_name(options.metric);
  const std::size_t width = dataset->target.width();
  const std::size_t given = estimator.output_spec(dataset->target).width;
  if (given != width)
    throw Error("evaluate.several_outputs", dataset->target.name,
                "the learner gives " + std::to_string(given) + " values a row, and metrics judge one",
                "judge each level by itself");
  const std::vector<Target> singles = single_outputs(dataset->target);
  CrossValidation result;
  result.metric = metric.name;
  result.out_of_fold.predictions = Predictions(dataset->rows(), width);
  result.out_of_fold.fold = folded.plan().fold_of;
  auto fits = estimator.fit_folds(folded, context);
  for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
    const DatasetView& held_out = folded.held_out(fold);
    Predictions predictions(held_out.rows(), width);
    fits[fold].require_model(estimator.name()).predict_aligned(held_out.features(), predictions.view(), context);
    const auto rows = held_out.row_numbers();
    result.out_of_fold.predictions.put(rows, predictions);
    result.fold_scores.push_back(score(singles, *dataset, rows, metric, predictions));
  }
  const double folds = static_cast<double>(folded.folds());
  double square = 0;
  for (double score : result.fold_scores) result.mean += score / folds;
  for (double score : result.fold_scores) square += (score - result.mean) * (score - result.mean);
  const double half = 1.645 * std::sqrt(square / (folds - 1) / folds);  // normal 90 % interval of the mean
  result.low = result.mean - half;
  result.high = result.mean + half;
  return result;
}

}  // namespace automill
