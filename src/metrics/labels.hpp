#pragma once
// Metrics of predicted classes. Bodies expect a checked input: see input_check.hpp.

#include <automill/core/metric.hpp>

namespace automill::metric_bodies {

/// What is counted per class: true positives over predicted, over actual, or over both in two ways.
enum class SetScore { precision, recall, f1, jaccard };
/// Over which classes: the positive one, all rows together, classes equally, classes by their weight in the truth.
enum class Average { positive, micro, macro, weighted };

double set_score(const MetricInput& in, SetScore score, Average average);

double accuracy(const MetricInput& in);
double balanced_accuracy(const MetricInput& in);
double matthews_corrcoef(const MetricInput& in);
double cohen_kappa(const MetricInput& in);
double quadratic_kappa(const MetricInput& in);
double positive_likelihood_ratio(const MetricInput& in);
double negative_likelihood_ratio(const MetricInput& in);

}  // namespace automill::metric_bodies
