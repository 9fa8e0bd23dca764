#pragma once
// Gaussian process regression for some hundred points: Matern 5/2 with a length scale for each coordinate (numbers by
// their distance, categories by whether they differ), signal and noise variance, all fitted by marginal likelihood
// with priors (Rasmussen & Williams 2006, chapter 5). Length scales that grow with the square root of the dimension
// are expected beforehand (Hvarfner, Hellsten & Nardi, ICML 2024).

#include <optional>
#include <span>

#include "linear_algebra.hpp"

namespace automill::search {

using Matrix = automill_eigen::MatrixXd;
using ColumnVector = automill_eigen::VectorXd;

/// Natural logarithms.
struct GaussianHyperparameters {
  std::vector<double> lengths;
  double signal = 0;
  double noise = 0;
  bool operator==(const GaussianHyperparameters&) const = default;
};

/// One row a point; categorical coordinates hold the number of the category.
struct GaussianData {
  Matrix inputs;
  ColumnVector targets;  ///< of mean 0 and variance 1, about
};

struct GaussianPrediction {
  double mean = 0, deviation = 0;
};
struct GaussianGradient {
  GaussianPrediction at;
  std::vector<double> mean, deviation;  ///< by coordinate; 0 for categorical ones
};

class GaussianProcess {
 public:
  explicit GaussianProcess(std::vector<bool> categorical) : categorical_(std::move(categorical)) {}

  /// Hyperparameters of highest posterior density, from each of the starts. O(n^3 + n^2 d) an evaluation, of which a
  /// start takes at most `evaluations`.
  GaussianHyperparameters fitted(const GaussianData& data, const std::vector<GaussianHyperparameters>& starts,
                                 int evaluations) const;
  /// Predictions from now on are those given these data. O(n^3), or O(n^2) a new row where the hyperparameters are the
  /// same and the data begin with those of before (targets may differ).
  void condition(GaussianData data, const GaussianHyperparameters& hyperparameters);

  GaussianHyperparameters default_hyperparameters() const;
  const GaussianHyperparameters& hyperparameters() const { return hyperparameters_; }
  const GaussianData& data() const { return data_; }

  /// Means of the function at the data: what is left of the targets without their noise. O(n).
  ColumnVector means_at_data() const { return data_.targets - diagonal_ * weights_; }

  /// Of the function, without the noise of an observation. O(n d + n^2) a point.
  void predict(const Matrix& points, std::span<GaussianPrediction> out) const;
  GaussianPrediction predict(std::span<const double> point) const;
  GaussianGradient predict_with_gradient(std::span<const double> point) const;

  /// Negative logarithm of likelihood times priors, and its gradient by (lengths, signal, noise). Infinite where the
  /// covariance is singular.
  static double objective(const GaussianData& data, const std::vector<bool>& categorical,
                          std::span<const double> parameters, std::span<double> gradient);

 private:
  void factorise();
  bool extend(automill_eigen::Index rows);
  /// Of the first `rows` data and a point.
  ColumnVector squared_distances(std::span<const double> point, automill_eigen::Index rows) const;
  /// From squared distances, in place.
  void to_covariances(std::span<double> squares) const;
  std::vector<double> row(automill_eigen::Index i) const;

  std::vector<bool> categorical_;
  GaussianHyperparameters hyperparameters_;
  std::vector<double> inverse_squares_;  ///< of the lengths
  double signal_ = 1;
  double diagonal_ = 0;  ///< what is added to the diagonal: the noise, and what makes a factor possible
  GaussianData data_;
  Matrix inverse_factor_;  ///< of the lower Cholesky factor of the covariance of the observations
  ColumnVector weights_;   ///< covariance^-1 targets
};

}  // namespace automill::search
