#pragma once
// What the candidates of a run will take, in their order, before any of them is fitted.

#include <automill/automl/run_plan.hpp>

#include "automl/portfolio.hpp"

namespace automill {

struct EstimateInput {
  const Portfolio* portfolio = nullptr;
  const FoldedDataset* folded = nullptr;
  int threads = 1;
  std::optional<std::int64_t> max_trials{};
  std::optional<double> fit_seconds{};  ///< by the clock, from now to the last fit; null: no limit
  std::uint64_t free_bytes = 0;         ///< of the memory limit, for fits and what is kept of them
};

/// Fills `plan`'s candidates and searches, and adds to its seconds and bytes. Each candidate is asked for its cost (as
/// the evaluator does); rates of families are typical ones.
void estimate_candidates(const EstimateInput& input, RunPlan& plan);

}  // namespace automill
