#pragma once
// Marginal likelihood of a Gaussian process with the data prepared for many evaluations.

#include "gaussian_process.hpp"

namespace automill::search {

class GaussianLikelihood {
 public:
  GaussianLikelihood(const GaussianData& data, const std::vector<bool>& categorical);

  /// See GaussianProcess::objective.
  double operator()(std::span<const double> parameters, std::span<double> gradient);

 private:
  std::size_t rows_, dimensions_;
  const ColumnVector& targets_;
  std::vector<double> squares_;  ///< squared differences: a coordinate, then pairs (1,0), (2,0), (2,1), ...
  std::vector<double> distances_, slopes_;
  Matrix covariance_;
};

/// Logarithms of hyperparameters stay within these.
struct GaussianBounds {
  static constexpr double length_low = -4.0, length_high = 6.0;  ///< e^-4 = 0.018
  static constexpr double signal_low = -4.6, signal_high = 4.6;
  static constexpr double noise_low = -13.8, noise_high = 0.7;  ///< variance 1e-6 to 2
};

/// What is believed of the logarithms beforehand: normal distributions. Length scales are alike, unless the data say
/// otherwise: in twenty dimensions some tens of trials cannot tell them one by one.
inline constexpr double length_spread = 1.0, usual_log_noise = -6.0;
double usual_log_length(std::size_t dimensions);

/// Negative logarithm of the priors of (lengths, signal, noise), without its constant; adds its derivatives.
double gaussian_priors(std::span<const double> parameters, std::span<double> gradient);

}  // namespace automill::search
