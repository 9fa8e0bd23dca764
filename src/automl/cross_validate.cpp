#include <automill/automl/train.hpp>

#include "automl/fold_scores.hpp"
#include "automl/nested_rounds.hpp"

namespace automill {
namespace {

std::vector<FoldOutcome> outcomes_of(std::vector<FitResult>& fits) {
  std::vector<FoldOutcome> outcomes(fits.size());
  for (std::size_t fold = 0; fold < fits.size(); ++fold) outcomes[fold].report = std::move(fits[fold].report);
  return outcomes;
}

}  // namespace

CrossValidation cross_validate(const Estimator& estimator, std::shared_ptr<const Dataset> dataset,
                               const CrossValidateOptions& options, const RunContext& context) {
  const FoldedDataset folded(dataset, make_folds(*dataset, options.folds, options.seed));
  const FoldScores scores(*dataset, estimator, options.metric);
  const std::size_t width = dataset->target.width();
  CrossValidation result;
  result.metric = scores.metric().name;
  result.out_of_fold.predictions = Predictions(dataset->rows(), width);
  result.out_of_fold.fold = folded.plan().fold_of;
  auto fits = estimator.fit_folds(folded, context);
  const std::vector<FoldOutcome> outcomes = outcomes_of(fits);
  for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
    const DatasetView& held_out = folded.held_out(fold);
    Predictions predictions(held_out.rows(), width);
    fits[fold].require_model(estimator.name()).predict_aligned(held_out.features(), predictions.view(), context);
    if (const Predictions* nested = predictions_of_other_rounds(outcomes, fold)) predictions = *nested;
    const auto rows = held_out.row_numbers();
    result.out_of_fold.predictions.put(rows, predictions);
    result.fold_scores.push_back(scores.score(rows, predictions));
  }
  const Score mean = scores.mean(result.fold_scores, folded.plan().protocol);
  result.mean = mean.value;
  result.low = mean.low;
  result.high = mean.high;
  return result;
}

}  // namespace automill
