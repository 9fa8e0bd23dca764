#include "automl/nested_rounds.hpp"

#include <cmath>
#include <limits>

namespace automill {

std::int64_t round_of_other_folds(const std::vector<FoldOutcome>& folds, std::size_t fold) {
  std::size_t rounds = 0;
  for (std::size_t other = 0; other < folds.size(); ++other) {
    if (other == fold) continue;
    if (folds[other].report.learning_curve.empty()) return 0;
    rounds = std::max(rounds, folds[other].report.learning_curve.size());
  }
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t round = 0; round < rounds; ++round) {
    double sum = 0;
    for (std::size_t other = 0; other < folds.size(); ++other) {
      const std::vector<double>& curve = folds[other].report.learning_curve;
      if (other != fold) sum += curve[std::min(round, curve.size() - 1)];
    }
    if (!(sum < least)) continue;
    least = sum;
    best = round + 1;
  }
  return static_cast<std::int64_t>(best);
}

const Predictions* nearest_checkpoint(const FitReport& report, std::int64_t round) {
  const Predictions* nearest = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [known, predictions] : report.checkpoints) {
    const double apart = std::abs(std::log(static_cast<double>(known) / static_cast<double>(round)));
    if (!(apart < least)) continue;
    least = apart;
    nearest = &predictions;
  }
  return nearest;
}

const Predictions* predictions_of_other_rounds(const std::vector<FoldOutcome>& folds, std::size_t fold) {
  const std::int64_t round = round_of_other_folds(folds, fold);
  return round > 0 ? nearest_checkpoint(folds[fold].report, round) : nullptr;
}

void drop_large_checkpoints(FitReport& report, std::size_t folds) {
  constexpr std::size_t most_bytes = std::size_t{64} << 20;  // of all folds of a candidate
  std::size_t bytes = 0;
  for (const auto& kept : report.checkpoints) bytes += folds * kept.second.values.size() * sizeof(double);
  if (bytes > most_bytes) report.checkpoints.clear();
}

void put_rounds_of_other_folds(Candidate& candidate, const FoldedDataset& folded) {
  for (std::size_t fold = 0; fold < candidate.folds.size(); ++fold) {
    if (const Predictions* predictions = predictions_of_other_rounds(candidate.folds, fold))
      candidate.out_of_fold.put(folded.held_out(fold).row_numbers(), *predictions);
  }
  for (FoldOutcome& fold : candidate.folds) fold.report.checkpoints.clear();
}

}  // namespace automill
