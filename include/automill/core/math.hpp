#pragma once
// exp, log and friends made of IEEE operations alone, so that a fit gives the same bits on every processor and C
// library (libm picks its code by processor). Accuracy: within 2 units in the last place over the whole range (tested).

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace automill::math {

/// e^x. Range reduction x = k ln 2 + r, |r| <= ln 2 / 2, then a Taylor polynomial of degree 13 (error below 2^-57).
inline double exp(double x) {
  if (!(x <= 709.782712893384)) return x > 0 ? std::numeric_limits<double>::infinity() : x;  // overflow, or NaN
  if (x < -745.2) return 0.0;
  const double k = std::nearbyint(x * 1.4426950408889634);
  const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  double p = 1.6059043836821613e-10;
  p = p * r + 2.08767569878681e-09;
  p = p * r + 2.505210838544172e-08;
  p = p * r + 2.755731922398589e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.48015873015873e-05;
  p = p * r + 1.984126984126984e-04;
  p = p * r + 1.388888888888889e-03;
  p = p * r + 8.333333333333333e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  const double value = 1.0 + (r + r * r * p);
  const auto scale = [](std::int64_t e) { return std::bit_cast<double>(static_cast<std::uint64_t>(e + 1023) << 52); };
  const auto exponent = static_cast<std::int64_t>(k);
  if (exponent > 1023) return value * scale(exponent - 1) * 2.0;
  if (exponent < -1021) return value * scale(exponent + 100) * scale(-100);
  return value * scale(exponent);
}

/// Natural logarithm. log(0) = -infinity, log(x < 0) = NaN. x = m 2^k, m in [sqrt(1/2), sqrt(2)), log m = 2 atanh(s).
inline double log(double x) {
  if (std::isnan(x) || x < 0) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (std::isinf(x)) return x;
  std::int64_t k = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 18014398509481984.0;  // 2^54
    k = -54;
  }
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  k += static_cast<std::int64_t>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++k;
  }
  const double f = m - 1.0, s = f / (2.0 + f), z = s * s;
  double p = 2.0 / 21;
  p = p * z + 2.0 / 19;
  p = p * z + 2.0 / 17;
  p = p * z + 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  const double half_square = 0.5 * f * f, dk = static_cast<double>(k);
  // log(1+f) = f - (f^2/2 - s (f^2/2 + R)), R = z p: the large terms first, so that rounding stays small
  return dk * 6.93147180369123816490e-01 -
         ((half_square - (s * (half_square + z * p) + dk * 1.90821492927058770002e-10)) - f);
}

/// log(1 + x) for x >= 0; the rounding of 1 + x is made good (Goldberg 1991, theorem 4).
inline double log1p(double x) {
  const double sum = 1.0 + x;
  return sum == 1.0 ? x : log(sum) * (x / (sum - 1.0));
}

/// log(1 + e^x) without overflow or cancellation.
inline double log1p_exp(double x) {
  if (x > 36) return x;
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/// 1 / (1 + e^-x).
inline double sigmoid(double x) {
  if (x >= 0) return 1.0 / (1.0 + exp(-x));
  const double e = exp(x);
  return e / (1.0 + e);
}

/// Probabilities from `width` scores, in place. The largest score is taken off first.
inline void softmax(double* scores, std::size_t width) {
  double largest = scores[0], sum = 0;
  for (std::size_t k = 1; k < width; ++k) largest = scores[k] > largest ? scores[k] : largest;
  for (std::size_t k = 0; k < width; ++k) sum += scores[k] = exp(scores[k] - largest);
  for (std::size_t k = 0; k < width; ++k) scores[k] /= sum;
}

}  // namespace automill::math
