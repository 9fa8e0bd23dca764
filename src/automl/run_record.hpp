#pragma once
// What a run decided by the clock, by memory or by a search: a part of the recipe, from which replay does the same
// again (replay.hpp).

#include "automl/ensemble_weights.hpp"
#include "automl/prepare.hpp"
#include "automl/validation_plan.hpp"

namespace automill {

/// The part that is known before the first fit: options, data, the time that was planned for, vector instructions.
Object record_of_run(const TrainOptions& options, const Prepared& prepared, const ValidationPlan& plan,
                     const TimeBudget& budget);

/// Every candidate: its structure, how it ended, and of each fold the rounds after which it ended.
Array record_of_trials(const std::vector<Candidate>& candidates);

/// Weights by candidate; those of 0 are left out.
Object record_of_weights(const std::vector<Candidate*>& usable, const EnsembleWeights& weights);

TimeBudget recorded_budget(const Value& run);
/// Rows that were drawn where memory was short; none: all were used.
std::optional<std::size_t> recorded_sample(const Value& run);

/// Weights of `usable`, as they were recorded. `parts`: of the rows (parts_of_rows).
EnsembleWeights recorded_weights(const Value& weights, const std::vector<Candidate*>& usable,
                                 std::vector<std::int32_t> parts);

}  // namespace automill
