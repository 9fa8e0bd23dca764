#pragma once
// Metrics of the order in which rows are ranked. Bodies expect a checked input: see input_check.hpp.

#include <automill/core/metric.hpp>

namespace automill::metric_bodies {

enum class AucAverage { macro, weighted };

double roc_auc(const MetricInput& in);
double roc_auc_one_versus_rest(const MetricInput& in, AucAverage average);
double roc_auc_one_versus_one(const MetricInput& in, AucAverage average);
double average_precision(const MetricInput& in);
/// Share of rows whose class is among the `k` most probable; among equal probabilities the later class ranks first.
double top_k_accuracy(const MetricInput& in, std::size_t k);

}  // namespace automill::metric_bodies
