#pragma once
// A linear model with a smooth loss, from rows to weights: the strength of its L2 penalty is given, or chosen along a
// path on held-out rows - those of FitInput::validation, or folds of the training rows keyed by their content.

#include <automill/core/estimator.hpp>

#include "penalty_path.hpp"

namespace automill::linear {

/// The loss of some rows of a view; `positions` are theirs in the view. Called from several threads.
using MakeObjective = std::function<std::unique_ptr<LinearObjective>(
    const DatasetView& view, std::span<const std::uint32_t> positions, WeightedRows rows)>;

/// Rows of a design, by position there, as the loss of them. Stopped leaves it.
std::unique_ptr<LinearObjective> objective_of_rows(const DatasetView& train, const Design& design,
                                                   const std::vector<std::uint32_t>& positions,
                                                   const MakeObjective& make, const RunContext& context);

struct SmoothOptions {
  std::optional<double> c{};  ///< inverse strength; 1 / (c W) is the penalty of the mean loss
  double tolerance = 1e-5;
  int max_iterations = 500;
  std::uint64_t salt = 0;  ///< of the folds
  /// What follows the last fit with it (a scale that is fitted in turns, for instance): point, iterations.
  std::function<void(LinearObjective& objective, double penalty, const MinimizeOptions& options,
                     MinimizeResult& result)>
      finish{};
};

struct SmoothFit {
  std::vector<double> point{};  ///< weights (columns x scores, row-major), then intercepts
  double c = 1;
  FitReport report{};
};

SmoothFit fit_smooth(const FitInput& input, const Design& design, const MakeObjective& make,
                     const SmoothOptions& options, const RunContext& context);

}  // namespace automill::linear
