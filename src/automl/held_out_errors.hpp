#pragma once
// From held-out predictions of the chosen ensemble to intervals and sets of new rows.

#include <automill/predict/uncertainty.hpp>

#include "automl/scoring.hpp"

namespace automill {

/// Rows that are looked at where there are more: a coverage of 90 % is then known to 0.2 points.
constexpr std::size_t most_held_out_errors = 20000;

struct HeldOutErrors {
  const Dataset* dataset = nullptr;
  std::span<const std::uint32_t> rows{};     ///< those that were held out
  const Predictions* predictions = nullptr;  ///< of all rows of the dataset
  std::vector<double> quantiles{};           ///< what train's option named
  bool learn_spread = true;                  ///< false: the spread is 1
  RunContext context{};                      ///< of the fits of the spread; where it stops, the spread is 1
};

/// The scores of held-out rows; of at most 20,000 of them. Numbers: a spread is learned from the sizes of their
/// residuals, in five parts so that no row's own residual takes part, and stays where interval scores (Gneiting &
/// Raftery 2007, eq. 43) at 90 % are better by more than a standard error. Null: no row was held out.
std::shared_ptr<const Uncertainty> learn_uncertainty(const HeldOutErrors& held_out);

/// The order statistics of a sample, of which ScoreRanks keeps some. O(n log n).
ScoreRanks ranks_of(std::vector<double> scores);

}  // namespace automill
