#pragma once
// The fits of a trial, fold by fold, and their scores.

#include "automl/candidate.hpp"
#include "automl/fold_scores.hpp"

namespace automill {

class TrialFolds {
 public:
  /// All must outlive it. Fits end when the context says so; what they give is scored until `scoring` does.
  TrialFolds(const Estimator& estimator, const FoldedDataset& folded, const FoldScores& scores,
             const RunContext& context, StopToken scoring);

  /// Fits all folds before `end`, side by side. Where steps share work between folds, those are all.
  void fit_until(std::size_t end);
  std::size_t done() const { return folds_.size(); }
  /// Of the folds done. Held-out rows are scored at the round that the other folds' learning curves choose.
  std::vector<double> scores() const;
  /// Whether a limit or a request ended a fit: with a model, and without.
  bool cut_short() const;
  bool lacks_model() const;
  bool memory_ended() const;  ///< whether the memory limit ended one
  std::vector<std::int64_t> rounds() const;
  double longest_fit() const;  ///< seconds

 private:
  void keep(std::size_t fold, FitResult fit);

  const Estimator& estimator_;
  const FoldedDataset& folded_;
  const FoldScores& fold_scores_;
  const RunContext& context_;
  StopToken scoring_;
  std::vector<FoldOutcome> folds_{};
  std::vector<Predictions> held_out_{};  ///< empty where there is no model
};

}  // namespace automill
