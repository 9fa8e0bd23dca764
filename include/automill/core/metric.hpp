#pragma once
// A metric scores predictions against the truth. Values are in natural units; `higher_is_better` says the direction.
//
//   auto mae = Metric{"mae", [](const MetricInput& in) { ... }, higher_is_better_no, MetricNeeds::values};

#include <automill/core/task.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace automill {

/// Truth and predictions of one scoring, as views. Classification reads `labels`, regression reads `values`.
struct MetricInput {
  Task task = Task::regression;
  std::span<const double> values{};        ///< truth of regression, one a row
  std::span<const std::int32_t> labels{};  ///< truth of classification: class index 0 .. classes-1, one a row
  std::span<const double>
      predictions{};  ///< row-major rows x width: values (width 1) or probabilities (width = classes)
  std::size_t width = 1;
  std::span<const double> weights{};  ///< one a row; empty: all one
  std::size_t positive = 1;           ///< binary: index of the positive class
  double threshold = 0.5;             ///< binary: predicted positive when the probability is at or above it

  std::size_t rows() const { return predictions.size() / width; }
  double weight(std::size_t row) const { return weights.empty() ? 1.0 : weights[row]; }
};

enum class Direction { lower_is_better, higher_is_better };
enum class MetricNeeds { labels, probabilities, values };

/// A named scoring function. `compute` may return NaN where the metric is not defined (one class only, for instance).
struct Metric {
  std::string name;
  std::function<double(const MetricInput&)> compute;
  Direction direction = Direction::higher_is_better;
  MetricNeeds needs = MetricNeeds::probabilities;
  std::vector<Task> tasks{};  ///< tasks it is defined for; empty: all
  std::string description{};  ///< one plain sentence

  bool higher_is_better() const { return direction == Direction::higher_is_better; }
  /// A loss to minimise: the value itself or its negative.
  double loss(const MetricInput& in) const { return higher_is_better() ? -compute(in) : compute(in); }
  bool supports(Task task) const {
    for (Task known : tasks)
      if (known == task) return true;
    return tasks.empty();
  }
};

}  // namespace automill
