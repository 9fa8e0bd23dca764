#pragma once
// Chooses the strength of the L2 penalty of a smooth loss on held-out rows: strengths from strong to weak, each fit
// starting where the last one ended, until the held-out loss has been worse three times.

#include <memory>

#include "linear_objective.hpp"

namespace automill::linear {

/// Rows to fit on and rows to judge by.
struct PathFold {
  std::unique_ptr<LinearObjective> train, held_out;
};

struct PathResult {
  double c = 0;                  ///< the chosen strength; 0: stopped before the first was done
  std::vector<double> point{};   ///< of the first fold, at that strength
  std::vector<double> losses{};  ///< held-out loss of each strength, weakest last
  bool stopped = false;
};

/// c = 10^(i/2) from 1 / (weight of the fewest rows) up to 1e4. `stop_after`: replay, strengths done when it was
/// stopped.
PathResult choose_strength(std::vector<PathFold>& folds, const MinimizeOptions& options,
                           std::optional<std::int64_t> stop_after, const RunContext& context);

}  // namespace automill::linear
