#pragma once
// Targets of linear regression: of distinct rows, centred, in units in which they neither overflow nor vanish.

#include <cmath>

#include "linear_design.hpp"

namespace automill::linear {

struct CentredTargets {
  double mean = 0, unit = 1;  ///< value = mean + unit * target
  std::vector<double> targets{};

  bool vary() const {
    return std::any_of(targets.begin(), targets.end(), [](double t) { return t != 0; });
  }
};

/// The unit is the largest magnitude.
inline CentredTargets centred_targets(const DatasetView& train, const TrainingRows& rows) {
  CentredTargets result;
  result.targets.resize(rows.size());
  double largest = 0, sum = 0, rest = 0;
  const auto value = [&](std::size_t i) { return train.value(rows.keys_from[i]); };
  for (std::size_t i = 0; i < rows.size(); ++i) largest = std::max(largest, std::abs(value(i)));
  if (largest == 0) return result;
  for (std::size_t i = 0; i < rows.size(); ++i) sum += rows.weights[i] * (value(i) / largest);
  sum /= rows.total_weight;
  for (std::size_t i = 0; i < rows.size(); ++i) rest += rows.weights[i] * (value(i) / largest - sum);
  result.mean = sum + rest / rows.total_weight;
  for (std::size_t i = 0; i < rows.size(); ++i) result.targets[i] = value(i) / largest - result.mean;
  result.mean *= largest;
  result.unit = largest;
  return result;
}

/// An Error where some row would be predicted beyond the largest number, which targets near it bring about.
inline void require_finite_predictions(const LinearState& state, const char* learner) {
  for (std::size_t k = 0; k < state.scores(); ++k) {
    double bound = std::abs(state.intercepts[k]);
    for (std::size_t j = 0; j < state.columns(); ++j)
      bound += std::abs(state.weights[j * state.scores() + k]) *
               std::max(state.upper[j] - state.centers[j], state.centers[j] - state.lower[j]);
    if (!(bound <= std::numeric_limits<double>::max()))
      throw Error("fit.overflow", learner, "predictions of targets of this size would exceed the largest number",
                  "divide the target by a constant");
  }
}

/// Of targets around 0, by weight.
inline double deviation_of(const std::vector<double>& targets, const TrainingRows& rows) {
  double squares = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) squares += rows.weights[i] * targets[i] * targets[i];
  return std::sqrt(squares / rows.total_weight);
}

}  // namespace automill::linear
