#pragma once
// Metrics of predicted numbers. Bodies expect a checked input: see input_check.hpp.

#include <automill/core/metric.hpp>

namespace automill::metric_bodies {

double explained_variance(const MetricInput& in);
double r2(const MetricInput& in);
double max_error(const MetricInput& in);
double mean_absolute_error(const MetricInput& in);
double mean_squared_error(const MetricInput& in);
double root_mean_squared_error(const MetricInput& in);
double mean_squared_log_error(const MetricInput& in);
double root_mean_squared_log_error(const MetricInput& in);
double mean_absolute_percentage_error(const MetricInput& in);
double median_absolute_error(const MetricInput& in);
double mean_poisson_deviance(const MetricInput& in);
double mean_gamma_deviance(const MetricInput& in);
double d2_absolute_error_score(const MetricInput& in);
double mean_pinball_loss(const MetricInput& in, double alpha);

}  // namespace automill::metric_bodies
