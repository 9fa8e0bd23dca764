#pragma once
// Metrics of how good probabilities are. Bodies expect a checked input: see input_check.hpp; probabilities outside [0,
// 1] by more than rounding give NaN.

#include <automill/core/metric.hpp>

namespace automill::metric_bodies {

double log_loss(const MetricInput& in);
double brier_score(const MetricInput& in);
double d2_log_loss_score(const MetricInput& in);
double d2_brier_score(const MetricInput& in);
double expected_calibration_error(const MetricInput& in);

}  // namespace automill::metric_bodies
