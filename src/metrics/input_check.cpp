#include "input_check.hpp"

#include <algorithm>
#include <automill/core/error.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sums.hpp"

namespace automill::metric_bodies {
namespace {

void check_task(const std::string& name, const std::vector<Task>& tasks, Task task) {
  if (std::find(tasks.begin(), tasks.end(), task) != tasks.end()) return;
  std::string allowed;
  for (Task known : tasks) allowed += (allowed.empty() ? "" : ", ") + task_name(known);
  throw Error("metric.task", name, "not defined for the task " + task_name(task), "it is for: " + allowed);
}

void check_width(const std::string& name, const MetricInput& in) {
  const bool fits = in.task == Task::regression ? in.width == 1
                    : in.task == Task::binary   ? in.width == 2
                                                : in.width > 0;
  if (fits && in.predictions.size() % in.width == 0 && (in.task != Task::binary || in.positive < 2)) return;
  throw Error(
      "metric.shape", name,
      std::to_string(in.predictions.size()) + " predictions of width " + std::to_string(in.width) +
          ": regression has width 1, binary 2 with the positive class 0 or 1, multiclass the number of classes");
}

void check_length(const std::string& name, std::string_view what, std::size_t length, std::size_t rows) {
  if (length == rows) return;
  throw Error(
      "metric.shape", name,
      std::to_string(length) + " " + std::string(what) + " for " + std::to_string(rows) + " rows of predictions",
      "give one a row");
}

void check_labels(const std::string& name, const MetricInput& in) {
  // A negative index becomes a huge one.
  const auto outside = [&](std::int32_t label) { return static_cast<std::uint32_t>(label) >= in.width; };
  const auto found = std::find_if(in.labels.begin(), in.labels.end(), outside);
  if (found == in.labels.end()) return;
  throw Error("metric.label", name,
              "row " + std::to_string(found - in.labels.begin()) + " has the class index " + std::to_string(*found) +
                  ": classes run from 0 to " + std::to_string(in.width - 1));
}

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isfinite(number); });
}

}  // namespace

void check_input(const std::string& name, const std::vector<Task>& tasks, const MetricInput& in) {
  check_task(name, tasks, in.task);
  check_width(name, in);
  const bool regression = in.task == Task::regression;
  check_length(name, "true values", regression ? in.values.size() : in.labels.size(), in.rows());
  if (!in.weights.empty()) check_length(name, "weights", in.weights.size(), in.rows());
  if (!regression) check_labels(name, in);
}

bool is_defined(const MetricInput& in) {
  const bool weights_fit =
      std::all_of(in.weights.begin(), in.weights.end(), [](double weight) { return weight >= 0.0; });
  return weights_fit && all_finite(in.weights) && all_finite(in.predictions) &&
         (in.task != Task::regression || all_finite(in.values)) && total_weight(in) > 0.0;
}

}  // namespace automill::metric_bodies
