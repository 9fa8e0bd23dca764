#include <automill/automl/train.hpp>

#include "automl/scoring.hpp"

namespace automill {

CrossValidation cross_validate(const Estimator& estimator, std::shared_ptr<const Dataset> dataset,
                               const CrossValidateOptions& options, const RunContext& context) {
  const FoldedDataset folded(dataset, make_folds(*dataset, options.folds, options.seed));
  const Metric metric = options.metric.empty() ? default_metric(dataset->target.task) : metric_by_name(options.metric);
  const std::size_t width = dataset->target.width();
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
    const Scorer scorer(dataset->target, dataset->weights, {rows.begin(), rows.end()}, metric);
    result.fold_scores.push_back(scorer.value(predictions.values));
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
