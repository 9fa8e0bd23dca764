#pragma once
// The standard normal distribution, and expected improvement on the logarithmic scale, without underflow far from the
// best (Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023). IEEE
// operations alone: the same bits on every processor.

#include <automill/core/math.hpp>

namespace automill::search {

inline constexpr double log_root_two_pi = 0.91893853320467274178;

inline double normal_density(double z) { return math::exp(-0.5 * z * z - log_root_two_pi); }

/// c = 1 / (t + 2 / (t + 3 / (t + ...))), t >= 3: Mills' ratio (1 - Phi(t)) / phi(t) is 1 / (t + c) (Laplace).
inline double mills_fraction(double t) {
  double c = t;
  for (int k = 12 + static_cast<int>(300 / (t * t)); k >= 2; --k) c = t + k / c;
  return 1 / c;
}

/// Distribution function: a series near 0, a continued fraction in the tails; absolute error below 1e-15, relative
/// error below 1e-12 on the left.
inline double normal_cdf(double z) {
  const double density = normal_density(z);
  if (z < -3) return density / (-z + mills_fraction(-z));
  if (z > 3) return 1 - density / (z + mills_fraction(z));
  double term = z, sum = z;
  for (int k = 1; k < 80 && std::abs(term) > 1e-17; ++k) {
    term *= z * z / (2 * k + 1);
    sum += term;
  }
  return 0.5 + density * sum;
}

/// With h(z) = phi(z) + z Phi(z): its logarithm and what the derivatives of that are made of.
struct ImprovementTerms {
  double log_h;
  double cdf_over_h;  ///< the derivative of log h
  double pdf_over_h;
};

inline ImprovementTerms improvement_terms(double z) {
  if (z < -3) {  // h = phi c / (t + c): nothing is subtracted
    const double t = -z, c = mills_fraction(t);
    return {-0.5 * z * z - log_root_two_pi + math::log(c / (t + c)), 1 / c, (t + c) / c};
  }
  const double density = normal_density(z), cdf = normal_cdf(z), h = density + z * cdf;
  return {math::log(h), cdf / h, density / h};
}

}  // namespace automill::search
