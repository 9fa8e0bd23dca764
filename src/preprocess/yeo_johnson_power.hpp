#pragma once
// The Yeo-Johnson power of one number, and its inverse.

#include <algorithm>

#include "number_math.hpp"

namespace automill {

constexpr double least_power = -4, largest_power = 6;

namespace power_detail {

constexpr double largest = std::numeric_limits<double>::max();

/// ((1 + x)^power - 1) / power for x >= 0; finite for finite x.
inline double rise(double x, double power) {
  if (std::isinf(x)) return power < 0 ? -1 / power : x;
  const double log = math::log1p(x);
  return power == 0 ? log : std::min(largest, math::expm1(power * log) / power);
}
/// The x >= 0 whose rise is y >= 0; the largest number where no smaller one reaches y.
inline double fall(double y, double power) {
  if (power != 0 && !(power * y > -1)) return largest;
  return std::min(largest, math::expm1(power == 0 ? y : math::log1p(power * y) / power));
}

}  // namespace power_detail

inline double yeo_johnson(double x, double power) {
  if (std::isnan(x)) return x;
  return x >= 0 ? power_detail::rise(x, power) : -power_detail::rise(-x, 2 - power);
}
inline double inverse_yeo_johnson(double y, double power) {
  if (std::isnan(y)) return y;
  return y >= 0 ? power_detail::fall(y, power) : -power_detail::fall(-y, 2 - power);
}

}  // namespace automill
