#pragma once
// Weights of the members, and an honest blend: a row's blended prediction is made with weights that were found without
// the rows of its part, so that choosing among candidates does not flatter the score.

#include "automl/candidate.hpp"
#include "automl/scoring.hpp"

namespace automill {

struct WeightsInput {
  const std::vector<Candidate*>* candidates = nullptr;  ///< complete ones
  const FoldedDataset* folded = nullptr;
  const Scorer* scorer = nullptr;
  std::uint64_t seed = 0;
  StopToken stop{};
  const Executor* executor = &InlineExecutor::instance();
};

struct Blend {
  std::vector<double> weights{};  ///< of each candidate, sum 1
  double temperature = 1;         ///< of class probabilities
};

struct EnsembleWeights {
  Blend all{};                        ///< found on all held-out rows
  std::vector<Blend> without_part{};  ///< without the rows of a part; empty: no time for it, or no choice
  std::vector<std::int32_t> part{};   ///< of each row; negative: it was never held out
};

/// The parts of an honest score: of each row its fold, or a fifth of a single held-out part; negative: never held out.
std::vector<std::int32_t> parts_of_rows(const FoldedDataset& folded, std::uint64_t seed);

/// Greedy selection on at most 20,000 held-out rows, and a temperature, once for the members and once for each part: a
/// fold, or a fifth of a single held-out part. The temperature stays where it improves the log-loss of parts without
/// which it was found.
EnsembleWeights find_weights(const WeightsInput& input);

/// Core seconds of find_weights for each candidate, as measured (ranks and logarithms cost ten times what squares do).
double selection_seconds(const Dataset& dataset, std::size_t parts);

/// What is predicted for held-out rows, of all rows of the dataset; without blends of parts by that of all rows.
Predictions blend_out_of_fold(const std::vector<Candidate*>& candidates, const EnsembleWeights& weights);

}  // namespace automill
