#pragma once
// Early stopping chooses a fold's rounds by the very rows that are to tell how good it is, so those tell too much. What
// is scored here are the predictions after the rounds that the other folds' learning curves choose; the models
// themselves keep theirs.

#include "automl/candidate.hpp"

namespace automill {

/// The round with the least mean loss over the learning curves of the other folds, each of which stays where it ended;
/// 0: they have no curves.
std::int64_t round_of_other_folds(const std::vector<FoldOutcome>& folds, std::size_t fold);

/// The checkpoint nearest to the round, in ratio; null: the fold has none.
const Predictions* nearest_checkpoint(const FitReport& report, std::int64_t round);

/// Of a fold's held-out rows, after the round that the other folds choose; null: they choose none, or the fold has no
/// checkpoints.
const Predictions* predictions_of_other_rounds(const std::vector<FoldOutcome>& folds, std::size_t fold);

/// Of a fold that has ended: drops them where those of all folds would take more than 64 MB.
void drop_large_checkpoints(FitReport& report, std::size_t folds);

/// Replaces a complete candidate's held-out predictions, where its folds have checkpoints, and drops these.
void put_rounds_of_other_folds(Candidate& candidate, const FoldedDataset& folded);

}  // namespace automill
