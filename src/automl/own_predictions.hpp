#pragma once
// What nobody has checked: predictions of a user's own learner.

#include <automill/core/estimator.hpp>

namespace automill {

/// "gave 3 numbers a row, not 1"
std::string wrong_width(std::size_t given, std::size_t needed);

/// What is wrong with finite predictions of these rows, or with the size of a checkpoint; empty: nothing is.
/// Probabilities lie in [0, 1] and sum to 1, up to 1e-3: sums of single precision over a thousand classes are as close
/// as that.
std::string fault_of(const Predictions& predictions, const FitReport& report, const DatasetView& rows);

}  // namespace automill
