#pragma once
// Temperature scaling of class probabilities: p_k^(1/T) / sum_j p_j^(1/T) (Guo et al. 2017, "On calibration of modern
// neural networks", section 4.2). T above 1 makes them less sure, below 1 surer; the order of classes stays.
//
//   const double temperature = fit_temperature(held_out);      // truth and predictions of rows that were held out
//   apply_temperature(temperature, row);

#include <automill/core/export.hpp>
#include <automill/core/metric.hpp>
#include <automill/core/predictions.hpp>

namespace automill {

constexpr double least_temperature = 0.25, most_temperature = 4;

/// The T in [0.25, 4] with the least mean log-loss, by Newton steps on 1/T, in which it is convex. O(rows x classes) a
/// step. 1 where no row has a weight.
AUTOMILL_EXPORT double fit_temperature(const MetricInput& held_out);

/// Of one row. O(classes).
AUTOMILL_EXPORT void apply_temperature(double temperature, std::span<double> probabilities) noexcept;
/// Of all rows; nothing to do where it is 1.
AUTOMILL_EXPORT void apply_temperature_to_rows(double temperature, PredictionsView rows) noexcept;

}  // namespace automill
