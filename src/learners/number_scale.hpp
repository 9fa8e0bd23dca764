#pragma once
// One scale for the numbers of a column: what learners of raw tables do where a pipeline would put Scale before them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace automill {

/// standardized(x) = (clip(x) - center) / scale. Values are clipped to what training saw, widened by one range on
/// either side, as linear models clip; finite for any x that is not missing.
struct NumberScale {
  double center = 0;            ///< weighted mean
  double scale = 0;             ///< weighted standard deviation; 0: the column is constant
  double lower = 0, upper = 0;  ///< smallest and largest value that is used as it is

  double standardized(double value) const {
    return ((value < lower ? lower : value > upper ? upper : value) - center) / scale;
  }
};

/// Of the values that are not missing and have a weight; infinite ones count as the ends of the range. O(values).
inline NumberScale number_scale(std::span<const double> values, std::span<const double> weights) {
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(weights[i] > 0) || !std::isfinite(values[i])) continue;
    smallest = std::min(smallest, values[i]);
    largest = std::max(largest, values[i]);
  }
  NumberScale result;
  if (!(smallest < largest)) return result;
  result.lower = std::max(smallest - (largest - smallest), -1e300);
  result.upper = std::min(largest + (largest - smallest), 1e300);
  const double unit = std::max(std::abs(result.lower), std::abs(result.upper));
  const auto each = [&](const auto& visit) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (weights[i] > 0 && !std::isnan(values[i]))
        visit(std::clamp(values[i], result.lower, result.upper) / unit, weights[i]);
  };
  double weight = 0, sum = 0, rest = 0, squares = 0;
  each([&](double x, double w) {
    weight += w;
    sum += w * x;
  });
  const double mean = sum / weight;
  each([&](double x, double w) {
    rest += w * (x - mean);
    squares += w * (x - mean) * (x - mean);
  });
  result.center = (mean + rest / weight) * unit;
  result.scale = std::sqrt(squares / weight) * unit;
  constexpr double farthest = 1e6;  // standard deviations; only weights of hardly anything put a row beyond
  result.lower = std::max(result.lower, result.center - farthest * result.scale);
  result.upper = std::min(result.upper, result.center + farthest * result.scale);
  return result;
}

}  // namespace automill
