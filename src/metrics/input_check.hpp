#pragma once
// What every built-in metric checks before it computes.

#include <automill/core/metric.hpp>
#include <automill/core/task.hpp>
#include <string>
#include <vector>

namespace automill::metric_bodies {

/// Throws Error "metric.task", "metric.shape" or "metric.label" when the input cannot be read as rows of `tasks`.
void check_input(const std::string& name, const std::vector<Task>& tasks, const MetricInput& in);

/// Whether any metric can be defined: rows, weight and finite numbers.
bool is_defined(const MetricInput& in);

}  // namespace automill::metric_bodies
