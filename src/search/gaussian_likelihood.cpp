#include "gaussian_likelihood.hpp"

#include <automill/core/math.hpp>
#include <limits>

#include "matern.hpp"

namespace automill::search {

namespace {

/// Adds the negative logarithm of a normal density, without its constant, and its derivative.
void add_normal(double value, double middle, double spread, double& sum, double& derivative) {
  const double z = (value - middle) / spread;
  sum += 0.5 * z * z;
  derivative += z / spread;
}

}  // namespace

double usual_log_length(std::size_t dimensions) {
  // LogNormal(sqrt(2) + log(d) / 2, sqrt(3)) of the length itself has its mode here
  return 1.4142135623730951 - 3 + 0.5 * math::log(static_cast<double>(dimensions));
}

double gaussian_priors(std::span<const double> parameters, std::span<double> gradient) {
  const std::size_t d = parameters.size() - 2;
  double sum = 0, mean = 0, by_mean = 0;
  for (std::size_t k = 0; k < d; ++k) mean += parameters[k] / static_cast<double>(d);
  add_normal(mean, usual_log_length(d), 1.7320508075688772, sum, by_mean);
  for (std::size_t k = 0; k < d; ++k) {
    add_normal(parameters[k], mean, length_spread, sum, gradient[k]);  // the derivatives by the mean add up to 0
    gradient[k] += by_mean / static_cast<double>(d);
  }
  add_normal(parameters[d], 0, 1, sum, gradient[d]);
  add_normal(parameters[d + 1], usual_log_noise, 2, sum, gradient[d + 1]);
  return sum;
}

GaussianLikelihood::GaussianLikelihood(const GaussianData& data, const std::vector<bool>& categorical)
    : rows_(static_cast<std::size_t>(data.inputs.rows())),
      dimensions_(static_cast<std::size_t>(data.inputs.cols())),
      targets_(data.targets),
      covariance_(data.inputs.rows(), data.inputs.rows()) {
  const std::size_t pairs = rows_ * (rows_ - 1) / 2;
  squares_.reserve(dimensions_ * pairs);
  for (std::size_t k = 0; k < dimensions_; ++k) {
    const double* column = data.inputs.data() + k * rows_;
    for (std::size_t i = 1; i < rows_; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const double difference = column[i] - column[j];
        squares_.push_back(categorical[k] ? (difference != 0 ? 1.0 : 0.0) : difference * difference);
      }
  }
  distances_.resize(pairs);
  slopes_.resize(pairs);
}

double GaussianLikelihood::operator()(std::span<const double> parameters, std::span<double> gradient) {
  const std::size_t pairs = distances_.size();
  const double signal = math::exp(parameters[dimensions_]), noise = math::exp(parameters[dimensions_ + 1]);
  std::fill(distances_.begin(), distances_.end(), 0.0);
  std::vector<double> inverse_squares(dimensions_);
  for (std::size_t k = 0; k < dimensions_; ++k) {
    const double factor = inverse_squares[k] = math::exp(-2 * parameters[k]);
    const double* squares = squares_.data() + k * pairs;
    for (std::size_t p = 0; p < pairs; ++p) distances_[p] += factor * squares[p];
  }
  const auto n = static_cast<automill_eigen::Index>(rows_);
  std::size_t p = 0;
  for (automill_eigen::Index i = 0; i < n; ++i) {
    for (automill_eigen::Index j = 0; j < i; ++j, ++p) {
      const CovarianceTerms terms = matern_terms(distances_[p], signal);
      covariance_(i, j) = terms.value;
      slopes_[p] = terms.slope;
    }
    covariance_(i, i) = signal + noise;
  }
  automill_eigen::LLT<automill_eigen::Ref<Matrix>> cholesky(covariance_);
  if (cholesky.info() != automill_eigen::Success) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    return std::numeric_limits<double>::infinity();
  }
  const ColumnVector weights = cholesky.solve(targets_);
  double value = 0.5 * targets_.dot(weights);
  for (automill_eigen::Index i = 0; i < n; ++i) value += math::log(covariance_(i, i));
  Matrix inverse_factor = Matrix::Identity(n, n);
  cholesky.matrixL().solveInPlace(inverse_factor);
  Matrix inverse = Matrix::Zero(n, n);
  inverse.selfadjointView<automill_eigen::Lower>().rankUpdate(inverse_factor.transpose());

  // d value / d K = (K^-1 - w w') / 2; every pair stands twice in K
  double by_signal = 0, by_noise = 0;
  p = 0;
  for (automill_eigen::Index i = 0; i < n; ++i) {
    for (automill_eigen::Index j = 0; j < i; ++j, ++p) {
      const double each = inverse(i, j) - weights[i] * weights[j];
      slopes_[p] *= each;
    }
    by_noise += 0.5 * (inverse(i, i) - weights[i] * weights[i]);
  }
  by_noise *= noise;
  // K = signal C + noise I, so that sum_ij (dV/dK)_ij K_ij = by_signal + by_noise, and tr(K^-1 K) = n
  by_signal = 0.5 * (static_cast<double>(rows_) - targets_.dot(weights)) - by_noise;
  for (std::size_t k = 0; k < dimensions_; ++k) {
    const double* squares = squares_.data() + k * pairs;
    double sum = 0;
    for (std::size_t q = 0; q < pairs; ++q) sum += slopes_[q] * squares[q];
    gradient[k] = -2 * inverse_squares[k] * sum;
  }
  gradient[dimensions_] = by_signal;
  gradient[dimensions_ + 1] = by_noise;
  return value + gaussian_priors(parameters, gradient);
}

double GaussianProcess::objective(const GaussianData& data, const std::vector<bool>& categorical,
                                  std::span<const double> parameters, std::span<double> gradient) {
  return GaussianLikelihood(data, categorical)(parameters, gradient);
}

}  // namespace automill::search
