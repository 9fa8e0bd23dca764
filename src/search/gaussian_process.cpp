#include "gaussian_process.hpp"

#include <automill/core/math.hpp>
#include <limits>

#include "box_minimizer.hpp"
#include "gaussian_likelihood.hpp"

namespace automill::search {
namespace {

using automill_eigen::Index;

std::vector<double> as_parameters(const GaussianHyperparameters& h) {
  std::vector<double> all = h.lengths;
  all.insert(all.end(), {h.signal, h.noise});
  return all;
}

GaussianHyperparameters from_parameters(const std::vector<double>& all) {
  return {{all.begin(), all.end() - 2}, all[all.size() - 2], all.back()};
}

Box bounds(std::size_t dimensions) {
  using Bounds = GaussianBounds;
  Box box{std::vector<double>(dimensions, Bounds::length_low), std::vector<double>(dimensions, Bounds::length_high)};
  box.low.insert(box.low.end(), {Bounds::signal_low, Bounds::noise_low});
  box.high.insert(box.high.end(), {Bounds::signal_high, Bounds::noise_high});
  return box;
}

/// Added to the diagonal until the covariance can be factorised, at first relative to the signal.
constexpr double first_jitter = 1e-10;

}  // namespace

GaussianHyperparameters GaussianProcess::default_hyperparameters() const {
  const std::size_t d = categorical_.size();
  return {std::vector<double>(d, GaussianPriors::of(0, d).middle), GaussianPriors::of(d, d).middle,
          GaussianPriors::of(d + 1, d).middle};
}

void GaussianProcess::fit(GaussianData data, const std::vector<GaussianHyperparameters>& starts, int evaluations) {
  GaussianLikelihood likelihood(data, categorical_);
  const Differentiable function = [&](std::span<const double> at, std::span<double> gradient) {
    return likelihood(at, gradient);
  };
  const Box box = bounds(categorical_.size());
  BoxMinimum best{.point = as_parameters(default_hyperparameters()), .value = std::numeric_limits<double>::infinity()};
  for (const GaussianHyperparameters& start : starts) {
    BoxMinimum found = minimize_in_box(as_parameters(start), box, function,
                                       {.max_evaluations = evaluations, .tolerance = 1e-3, .first_step = 0.5});
    if (found.value < best.value) best = std::move(found);
  }
  condition(std::move(data), from_parameters(best.point));
}

ColumnVector GaussianProcess::squared_distances(std::span<const double> point) const {
  const Index n = data_.inputs.rows();
  ColumnVector squares = ColumnVector::Zero(n);
  for (std::size_t k = 0; k < categorical_.size(); ++k) {
    const double factor = math::exp(-2 * hyperparameters_.lengths[k]);
    const double* column = data_.inputs.data() + static_cast<Index>(k) * n;
    if (categorical_[k])
      for (Index i = 0; i < n; ++i) squares[i] += column[i] != point[k] ? factor : 0.0;
    else
      for (Index i = 0; i < n; ++i) squares[i] += factor * (column[i] - point[k]) * (column[i] - point[k]);
  }
  return squares;
}

void GaussianProcess::condition(GaussianData data, GaussianHyperparameters hyperparameters) {
  data_ = std::move(data);
  hyperparameters_ = std::move(hyperparameters);
  const Index n = data_.inputs.rows();
  const double signal = math::exp(hyperparameters_.signal), noise = math::exp(hyperparameters_.noise);
  Matrix covariance(n, n);
  std::vector<double> point(categorical_.size());
  for (Index j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < point.size(); ++k) point[k] = data_.inputs(j, static_cast<Index>(k));
    const ColumnVector squares = squared_distances(point);
    for (Index i = j; i < n; ++i) {
      const double r = std::sqrt(5 * squares[i]);
      covariance(i, j) = signal * (1 + r + r * r / 3) * math::exp(-r);
    }
  }
  for (double jitter = first_jitter;; jitter *= 10) {
    Matrix with_noise = covariance;
    diagonal_ = noise + jitter * signal;
    with_noise.diagonal().array() += diagonal_;
    const automill_eigen::LLT<Matrix> cholesky(with_noise);
    if (cholesky.info() != automill_eigen::Success && jitter < 1) continue;
    factor_ = cholesky.matrixL();
    weights_ = cholesky.solve(data_.targets);
    return;
  }
}

void GaussianProcess::predict(const Matrix& points, std::span<GaussianPrediction> out) const {
  const Index n = data_.inputs.rows(), m = points.rows();
  const double signal = math::exp(hyperparameters_.signal);
  Matrix cross(n, m);
  std::vector<double> point(categorical_.size());
  for (Index j = 0; j < m; ++j) {
    for (std::size_t k = 0; k < point.size(); ++k) point[k] = points(j, static_cast<Index>(k));
    const ColumnVector squares = squared_distances(point);
    for (Index i = 0; i < n; ++i) {
      const double r = std::sqrt(5 * squares[i]);
      cross(i, j) = signal * (1 + r + r * r / 3) * math::exp(-r);
    }
  }
  const ColumnVector means = cross.transpose() * weights_;
  factor_.triangularView<automill_eigen::Lower>().solveInPlace(cross);
  for (Index j = 0; j < m; ++j)
    out[static_cast<std::size_t>(j)] = {means[j], std::sqrt(std::max(signal - cross.col(j).squaredNorm(), 1e-14))};
}

GaussianPrediction GaussianProcess::predict(std::span<const double> point) const {
  Matrix one(1, static_cast<Index>(point.size()));
  for (std::size_t k = 0; k < point.size(); ++k) one(0, static_cast<Index>(k)) = point[k];
  GaussianPrediction out;
  predict(one, {&out, 1});
  return out;
}

GaussianGradient GaussianProcess::predict_with_gradient(std::span<const double> point) const {
  const Index n = data_.inputs.rows();
  const double signal = math::exp(hyperparameters_.signal);
  ColumnVector cross = squared_distances(point), slopes(n);
  for (Index i = 0; i < n; ++i) {
    const double r = std::sqrt(5 * cross[i]), decay = signal * math::exp(-r);
    cross[i] = decay * (1 + r + r * r / 3);
    slopes[i] = -5.0 / 6 * decay * (1 + r);
  }
  ColumnVector solved = factor_.triangularView<automill_eigen::Lower>().solve(cross);
  const double variance = std::max(signal - solved.squaredNorm(), 1e-14);
  GaussianGradient result{
      {cross.dot(weights_), std::sqrt(variance)}, std::vector<double>(point.size()), std::vector<double>(point.size())};
  factor_.triangularView<automill_eigen::Lower>().transpose().solveInPlace(solved);
  const ColumnVector by_mean = slopes.cwiseProduct(weights_), by_variance = slopes.cwiseProduct(solved);
  for (std::size_t k = 0; k < point.size(); ++k) {
    if (categorical_[k]) continue;
    const double factor = 2 * math::exp(-2 * hyperparameters_.lengths[k]);
    const double* column = data_.inputs.data() + static_cast<Index>(k) * n;
    double mean = 0, reduction = 0;
    for (Index i = 0; i < n; ++i) {
      mean += by_mean[i] * (point[k] - column[i]);
      reduction += by_variance[i] * (point[k] - column[i]);
    }
    result.mean[k] = factor * mean;
    result.deviation[k] = -factor * reduction / result.at.deviation;
  }
  return result;
}

}  // namespace automill::search
