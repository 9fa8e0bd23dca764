#pragma once
// What the folds of a candidate share, whoever fits them: seeds, rows that are held out, and what is predicted for
// them.

#include <automill/core/estimator.hpp>
#include <automill/core/random.hpp>

namespace automill {

/// Of the fits of a candidate, in the run, in a refit and in a replay.
inline std::uint64_t seed_of_candidate(std::uint64_t seed, const std::string& name) {
  return combine_hashes(seed, hash_text(name));
}

/// Rows that some fold holds out, ascending.
std::vector<std::uint32_t> held_out_rows(const SplitPlan& plan);

/// Of all rows, before any fold has put its own: NaN.
Predictions no_predictions(const Dataset& dataset);

/// The model's predictions of the held-out rows: those that the fit has from its last round, else made now.
Predictions held_out_predictions(const FitResult& result, const DatasetView& held_out, const RunContext& context);

}  // namespace automill
