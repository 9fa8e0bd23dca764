#pragma once
// Metrics of how good probabilities are. Bodies expect a checked input: see input_check.hpp; probabilities outside [0,
// 1] by more than rounding give NaN.

#include <algorithm>
#include <automill/core/metric.hpp>
#include <limits>

namespace automill::metric_bodies {

/// Whether all predictions are from 0 to 1, but for rounding.
bool are_probabilities(const MetricInput& in);

/// Of the row's class. Binary: from the column of the positive class alone.
double probability_of_truth(const MetricInput& in, std::size_t row);

/// What log_loss takes the logarithm of.
inline double clipped_probability(double probability) {
  constexpr double least = std::numeric_limits<double>::epsilon();  // 2^-52: scikit-learn's clip of log_loss
  return std::min(std::max(probability, least), 1.0 - least);
}

double log_loss(const MetricInput& in);
double brier_score(const MetricInput& in);
double d2_log_loss_score(const MetricInput& in);
double d2_brier_score(const MetricInput& in);
double expected_calibration_error(const MetricInput& in);

}  // namespace automill::metric_bodies
