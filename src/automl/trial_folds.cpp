#include "automl/trial_folds.hpp"

#include <automill/core/pipeline.hpp>

#include "automl/nested_rounds.hpp"

namespace automill {

TrialFolds::TrialFolds(const Estimator& estimator, const FoldedDataset& folded, const FoldScores& scores,
                       const RunContext& context, StopToken scoring)
    : estimator_(estimator), folded_(folded), fold_scores_(scores), context_(context), scoring_(std::move(scoring)) {}

void TrialFolds::fit_until(std::size_t end) {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator_);
  const bool together = pipeline != nullptr && pipeline->transformers().shares_folds();
  const std::size_t begin = done();
  end = together ? folded_.folds() : end;
  if (end <= begin) return;
  folds_.resize(end);
  held_out_.resize(end);
  if (together) {
    std::vector<FitResult> fits = estimator_.fit_folds(folded_, context_);
    context_.executor().run(end, [&](std::size_t fold) { keep(fold, std::move(fits[fold])); });
    return;
  }
  context_.executor().run(end - begin, [&](std::size_t i) {
    const std::size_t fold = begin + i;
    keep(fold, estimator_.fit({.train = folded_.train(fold), .validation = &folded_.held_out(fold)}, context_));
  });
}

/// Predicts what the fold holds out; the model has done its duty then.
void TrialFolds::keep(std::size_t fold, FitResult fit) {
  FoldOutcome& outcome = folds_[fold];
  outcome.report = std::move(fit.report);
  drop_large_checkpoints(outcome.report, folded_.folds());
  if (fit.model == nullptr) return;
  RunContext scoring = context_;
  scoring.stop = scoring_;
  const DatasetView& rows = folded_.held_out(fold);
  held_out_[fold] = Predictions(rows.rows(), folded_.dataset()->target.width());
  try {
    fit.model->predict_aligned(rows.features(), held_out_[fold].view(), scoring);
    outcome.done = true;
  } catch (const Stopped&) {
    outcome.report.stopped = scoring_.stopped_by();
  }
}

std::vector<double> TrialFolds::scores() const {
  std::vector<double> all;
  for (std::size_t fold = 0; fold < done(); ++fold) {
    const Predictions* chosen = predictions_of_other_rounds(folds_, fold);
    all.push_back(fold_scores_.score(folded_.held_out(fold).row_numbers(), chosen ? *chosen : held_out_[fold]));
  }
  return all;
}

bool TrialFolds::cut_short() const {
  return std::any_of(folds_.begin(), folds_.end(), [](const auto& fold) { return fold.report.cut_short(); });
}

bool TrialFolds::lacks_model() const {
  return std::any_of(folds_.begin(), folds_.end(), [](const auto& fold) { return !fold.done; });
}

bool TrialFolds::memory_ended() const {
  return std::any_of(folds_.begin(), folds_.end(),
                     [](const auto& fold) { return fold.report.stopped == "memory limit"; });
}

std::vector<std::int64_t> TrialFolds::rounds() const {
  std::vector<std::int64_t> all;
  for (const FoldOutcome& fold : folds_) all.push_back(fold.report.rounds);
  return all;
}

double TrialFolds::longest_fit() const {
  double longest = 0;
  for (const FoldOutcome& fold : folds_) longest = std::max(longest, fold.report.seconds);
  return longest;
}

}  // namespace automill
