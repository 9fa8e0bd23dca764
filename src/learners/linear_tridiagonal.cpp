#include "linear_tridiagonal.hpp"

#include <algorithm>
#include <cmath>

#include "linear_algebra.hpp"

namespace automill::linear {

namespace {

using automill_eigen::Index;
using automill_eigen::MatrixXd;
using automill_eigen::VectorXd;

/// Householder's reduction of the lower triangle, one column at a time (Golub & Van Loan 8.3.1): afterwards the
/// diagonal and the one below it are T's, and the reflectors stand below that. False when stopped.
bool reduce_in_place(MatrixXd& a, VectorXd& factors, const StopToken& stop) {
  const Index n = a.rows();
  for (Index i = 0; i + 1 < n; ++i) {
    if (stop.stop_requested()) return false;
    const Index rest = n - i - 1;
    auto column = a.col(i).tail(rest);
    double factor = 0, beside = 0;
    column.makeHouseholderInPlace(factor, beside);
    column(0) = 1;
    auto corner = a.bottomRightCorner(rest, rest);
    VectorXd update = corner.selfadjointView<automill_eigen::Lower>() * (factor * column);
    update -= 0.5 * factor * update.dot(column) * column;
    corner.selfadjointView<automill_eigen::Lower>().rankUpdate(column, update, -1);
    column(0) = beside;
    factors(i) = factor;
  }
  return true;
}

/// The product of the reflectors, some at a time so that the products are of matrices. False when stopped.
bool multiply_reflectors(const MatrixXd& a, const VectorXd& factors, const StopToken& stop, MatrixXd& q) {
  constexpr Index at_once = 48, columns_at_once = 128;  // a few milliseconds between two looks at the stop token
  const Index n = a.rows();
  q.setIdentity(n, n);
  for (Index begin = (n - 2) / at_once * at_once; begin >= 0; begin -= at_once) {
    const Index count = std::min(at_once, n - 1 - begin), rest = n - begin;
    const auto vectors = a.block(begin, begin, rest, count);
    for (Index column = begin; column < n; column += columns_at_once) {
      if (stop.stop_requested()) return false;
      q.block(begin, column, rest, std::min(columns_at_once, n - column))
          .applyOnTheLeft(
              automill_eigen::householderSequence(vectors, factors.segment(begin, count)).setLength(count).setShift(1));
    }
  }
  return true;
}

}  // namespace

std::optional<Tridiagonal> reduce_symmetric(const std::vector<double>& matrix, std::size_t size,
                                            const StopToken& stop) {
  Tridiagonal t{.size = size, .diagonal = {}, .beside = {}, .basis = {}};
  if (size <= 1) {  // nothing to reduce
    t.diagonal = matrix;
    t.basis.assign(size, 1.0);
    return t;
  }
  const auto n = static_cast<Index>(size);
  MatrixXd a = automill_eigen::Map<const MatrixXd>(matrix.data(), n, n), q;
  VectorXd factors(n - 1);
  if (!reduce_in_place(a, factors, stop) || !multiply_reflectors(a, factors, stop, q)) return std::nullopt;
  t.diagonal.resize(size);
  t.beside.resize(size - 1);
  t.basis.resize(size * size);
  automill_eigen::Map<VectorXd>(t.diagonal.data(), n) = a.diagonal();
  automill_eigen::Map<VectorXd>(t.beside.data(), n - 1) = a.diagonal(-1);
  automill_eigen::Map<automill_eigen::Matrix<double, -1, -1, automill_eigen::RowMajor>>(t.basis.data(), n, n) = q;
  return t;
}

std::vector<double> Tridiagonal::rotate(std::span<const double> x) const {
  std::vector<double> rotated(size, 0.0);
  for (std::size_t row = 0; row < size; ++row) {
    const double* q = basis.data() + row * size;
    for (std::size_t k = 0; k < size; ++k) rotated[k] += q[k] * x[row];
  }
  return rotated;
}

std::vector<double> Tridiagonal::rotate_back(std::span<const double> x) const {
  std::vector<double> result(size, 0.0);
  for (std::size_t row = 0; row < size; ++row) {
    const double* q = basis.data() + row * size;
    double sum = 0;
    for (std::size_t k = 0; k < size; ++k) sum += q[k] * x[k];
    result[row] = sum;
  }
  return result;
}

ShiftedTridiagonal::ShiftedTridiagonal(const Tridiagonal& t, double scale, double shift)
    : ratios_(t.size, 0.0), inverse_pivots_(t.size, 0.0) {
  double largest = 0;
  for (double value : t.diagonal) largest = std::max(largest, scale * value + shift);
  const double smallest = 4e-16 * static_cast<double>(t.size) * largest;
  for (std::size_t k = 0; k < t.size; ++k) {
    double pivot = scale * t.diagonal[k] + shift;
    if (k > 0) {
      const double beside = scale * t.beside[k - 1];
      ratios_[k] = beside * inverse_pivots_[k - 1];
      pivot -= ratios_[k] * beside;
    }
    inverse_pivots_[k] = pivot > smallest ? 1 / pivot : 0.0;
  }
}

std::vector<double> ShiftedTridiagonal::half_solve(std::span<const double> x) const {
  std::vector<double> result(x.size());
  double last = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    last = x[k] - ratios_[k] * last;
    result[k] = last * inverse_pivots_[k];
  }
  return result;
}

std::vector<double> ShiftedTridiagonal::solve(std::span<const double> x) const {
  std::vector<double> result = half_solve(x);
  for (std::size_t k = x.size(); k-- > 1;) result[k - 1] -= ratios_[k] * result[k];
  return result;
}

/// The diagonal of L'^-1 D^-1 L^-1 from its end.
double ShiftedTridiagonal::inverse_trace() const {
  double trace = 0, below = 0;
  for (std::size_t k = ratios_.size(); k-- > 0;) {
    const double ratio = k + 1 < ratios_.size() ? ratios_[k + 1] : 0.0;
    below = inverse_pivots_[k] + ratio * ratio * below;
    trace += below;
  }
  return trace;
}

}  // namespace automill::linear
