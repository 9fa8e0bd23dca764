#pragma once
// What transformers need beyond automill::math: IEEE operations alone, the same bits on every processor.

#include <automill/core/math.hpp>
#include <automill/core/normal_quantile.hpp>
#include <utility>

namespace automill::math {

/// e^x - 1 without cancellation near 0. Below ln(2) / 2 a Taylor polynomial of degree 14 (error below 2^-57).
inline double expm1(double x) {
  if (!(std::abs(x) < 0.35)) return exp(x) - 1;
  double p = 1.0 / 87178291200.0;
  for (const double inverse : {1.0 / 6227020800.0, 1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0, 1.0 / 362880.0,
                               1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5})
    p = p * x + inverse;
  return x + x * x * p;
}

/// (value - low) / (high - low) for low < high, also where their distance is beyond the largest double.
inline double part_between(double value, double low, double high) {
  const double gap = high - low;
  return std::isfinite(gap) ? (value - low) / gap : (value / 2 - low / 2) / (high / 2 - low / 2);
}

/// Sine and cosine of 2 pi `turns`, 0 <= turns < 2, within 1e-15.
inline std::pair<double, double> sine_and_cosine(double turns) {
  const double quarter = std::nearbyint(4 * turns), x = (turns - quarter / 4) * 6.283185307179586, z = x * x;
  double sine = 1, cosine = 1;  // Taylor series for |x| <= pi / 4, the smallest terms first
  for (int k = 8; k >= 1; --k) {
    sine = 1 - sine * z / (2.0 * k * (2.0 * k + 1));
    cosine = 1 - cosine * z / (2.0 * k * (2.0 * k - 1));
  }
  sine *= x;
  switch (static_cast<int>(quarter) % 4) {
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    case 3:
      return {-cosine, sine};
    default:
      return {sine, cosine};
  }
}

}  // namespace automill::math
