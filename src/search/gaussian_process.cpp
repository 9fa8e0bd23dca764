#include "gaussian_process.hpp"

#include <automill/core/math.hpp>
#include <limits>

#include "box_minimizer.hpp"
#include "gaussian_likelihood.hpp"
#include "matern.hpp"

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
constexpr double least_variance = 1e-14;

}  // namespace

GaussianHyperparameters GaussianProcess::default_hyperparameters() const {
  return {std::vector<double>(categorical_.size(), usual_log_length(categorical_.size())), 0, usual_log_noise};
}

GaussianHyperparameters GaussianProcess::fitted(const GaussianData& data,
                                                const std::vector<GaussianHyperparameters>& starts,
                                                int evaluations) const {
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
  return from_parameters(best.point);
}

ColumnVector GaussianProcess::squared_distances(std::span<const double> point, Index rows) const {
  ColumnVector squares = ColumnVector::Zero(rows);
  for (std::size_t k = 0; k < categorical_.size(); ++k) {
    const double factor = inverse_squares_[k], at = point[k];
    const double* column = data_.inputs.data() + static_cast<Index>(k) * data_.inputs.rows();
    if (categorical_[k])
      for (Index i = 0; i < rows; ++i) squares[i] += column[i] != at ? factor : 0.0;
    else
      for (Index i = 0; i < rows; ++i) squares[i] += factor * (column[i] - at) * (column[i] - at);
  }
  return squares;
}

void GaussianProcess::to_covariances(std::span<double> squares) const {
  for (double& each : squares) each = matern_terms(each, signal_).value;
}

std::vector<double> GaussianProcess::row(Index i) const {
  std::vector<double> point(categorical_.size());
  for (std::size_t k = 0; k < point.size(); ++k) point[k] = data_.inputs(i, static_cast<Index>(k));
  return point;
}

void GaussianProcess::condition(GaussianData data, const GaussianHyperparameters& hyperparameters) {
  const Index before = data_.inputs.rows();
  const bool longer = hyperparameters == hyperparameters_ && before > 0 && before <= data.inputs.rows() &&
                      data.inputs.topRows(before) == data_.inputs;
  data_ = std::move(data);
  if (!longer) {
    hyperparameters_ = hyperparameters;
    signal_ = math::exp(hyperparameters_.signal);
    inverse_squares_.clear();
    for (double length : hyperparameters_.lengths) inverse_squares_.push_back(math::exp(-2 * length));
  }
  if (!longer || !extend(before)) factorise();
  const auto factor = inverse_factor_.triangularView<automill_eigen::Lower>();
  const ColumnVector solved = factor * data_.targets;
  weights_ = inverse_factor_.transpose().triangularView<automill_eigen::Upper>() * solved;
}

void GaussianProcess::factorise() {
  const Index n = data_.inputs.rows();
  Matrix covariance(n, n);
  for (Index j = 0; j < n; ++j) {
    ColumnVector column = squared_distances(row(j), j);
    to_covariances({column.data(), static_cast<std::size_t>(j)});
    covariance.row(j).head(j) = column;
    covariance(j, j) = signal_;
  }
  for (double jitter = first_jitter;; jitter *= 10) {
    Matrix with_noise = covariance;
    diagonal_ = math::exp(hyperparameters_.noise) + jitter * signal_;
    with_noise.diagonal().array() += diagonal_;
    const automill_eigen::LLT<automill_eigen::Ref<Matrix>> cholesky(with_noise);
    if (cholesky.info() != automill_eigen::Success && jitter < 1) continue;
    inverse_factor_ = Matrix::Identity(n, n);
    cholesky.matrixL().solveInPlace(inverse_factor_);
    return;
  }
}

/// Rows of the factor and of its inverse behind those that are there; false when a new pivot is too small.
bool GaussianProcess::extend(Index rows) {
  const Index n = data_.inputs.rows();
  Matrix longer = Matrix::Zero(n, n);
  longer.topLeftCorner(rows, rows) = inverse_factor_;
  for (Index i = rows; i < n; ++i) {
    ColumnVector column = squared_distances(row(i), i);
    to_covariances({column.data(), static_cast<std::size_t>(i)});
    const auto known = longer.topLeftCorner(i, i).triangularView<automill_eigen::Lower>();
    const ColumnVector solved = known * column;
    const double pivot = signal_ + diagonal_ - solved.squaredNorm();
    if (!(pivot > 0.5 * diagonal_)) return false;
    longer(i, i) = 1 / std::sqrt(pivot);
    const ColumnVector back = longer.topLeftCorner(i, i).transpose().triangularView<automill_eigen::Upper>() * solved;
    longer.row(i).head(i) = -longer(i, i) * back.transpose();
  }
  inverse_factor_ = std::move(longer);
  return true;
}

void GaussianProcess::predict(const Matrix& points, std::span<GaussianPrediction> out) const {
  const Index n = data_.inputs.rows(), m = points.rows();
  Matrix cross(n, m);
  std::vector<double> point(categorical_.size());
  for (Index j = 0; j < m; ++j) {
    for (std::size_t k = 0; k < point.size(); ++k) point[k] = points(j, static_cast<Index>(k));
    cross.col(j) = squared_distances(point, n);
    to_covariances({cross.col(j).data(), static_cast<std::size_t>(n)});
  }
  const ColumnVector means = cross.transpose() * weights_;
  const Matrix solved = inverse_factor_.triangularView<automill_eigen::Lower>() * cross;
  for (Index j = 0; j < m; ++j)
    out[static_cast<std::size_t>(j)] = {means[j],
                                        std::sqrt(std::max(signal_ - solved.col(j).squaredNorm(), least_variance))};
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
  ColumnVector cross = squared_distances(point, n), slopes(n);
  for (Index i = 0; i < n; ++i) {
    const CovarianceTerms terms = matern_terms(cross[i], signal_);
    cross[i] = terms.value;
    slopes[i] = terms.slope;
  }
  const auto factor = inverse_factor_.triangularView<automill_eigen::Lower>();
  const ColumnVector solved = factor * cross;
  const double variance = std::max(signal_ - solved.squaredNorm(), least_variance);
  GaussianGradient result{
      {cross.dot(weights_), std::sqrt(variance)}, std::vector<double>(point.size()), std::vector<double>(point.size())};
  const ColumnVector both = inverse_factor_.transpose().triangularView<automill_eigen::Upper>() * solved;
  const ColumnVector by_mean = slopes.cwiseProduct(weights_), by_variance = slopes.cwiseProduct(both);
  for (std::size_t k = 0; k < point.size(); ++k) {
    if (categorical_[k]) continue;
    const double* column = data_.inputs.data() + static_cast<Index>(k) * n;
    double mean = 0, reduction = 0;
    for (Index i = 0; i < n; ++i) {
      mean += by_mean[i] * (point[k] - column[i]);
      reduction += by_variance[i] * (point[k] - column[i]);
    }
    result.mean[k] = 2 * inverse_squares_[k] * mean;
    result.deviation[k] = -2 * inverse_squares_[k] * reduction / result.at.deviation;
  }
  return result;
}

}  // namespace automill::search
