#pragma once
// Ridge regression where rows and columns are both many: conjugate gradients on the tiles of the design.

#include "ridge_forms.hpp"

namespace automill::linear {

struct LargeRidge {
  std::vector<double> weights{};  ///< of the design columns
  std::int64_t iterations = 0;
  bool stopped = false;
};

/// Solves (X'WX + penalty I) b = X'Wt to a relative residual of 1e-8, at most 500 iterations or `most_iterations`.
/// Starts at 0, so that the weights of an interrupted solve are those of a stronger penalty, roughly.
/// O(rows columns) an iteration (nonzeros of sparse columns).
LargeRidge solve_large_ridge(const RidgeTask& task, const std::vector<Tile>& tiles, double penalty,
                             std::optional<std::int64_t> most_iterations, const RunContext& context);

}  // namespace automill::linear
