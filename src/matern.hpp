#pragma once
// The Matern covariance with smoothness 5/2 (Rasmussen & Williams 2006, equation 4.17), which learners and the search
// share.

#include <automill/core/math.hpp>
#include <cmath>

namespace automill {

struct CovarianceTerms {
  double value = 0;
  double slope = 0;  ///< by the squared distance
};

/// Of a squared distance, in squares of the length scale.
inline CovarianceTerms matern_terms(double squared_distance, double signal) {
  const double r = std::sqrt(5 * squared_distance), decay = signal * math::exp(-r);
  return {decay * (1 + r + r * r / 3), -5.0 / 6 * decay * (1 + r)};
}

}  // namespace automill
