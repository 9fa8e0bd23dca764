#include "linear_tridiagonal.hpp"

#include <algorithm>
#include <cmath>

#include "linear_algebra.hpp"

namespace automill::linear {

Tridiagonal reduce_symmetric(const std::vector<double>& matrix, std::size_t size) {
  using automill_eigen::MatrixXd;
  Tridiagonal t{.size = size, .diagonal = {}, .beside = {}, .basis = {}};
  if (size <= 1) {  // nothing to reduce, and Eigen wants two
    t.diagonal = matrix;
    t.basis.assign(size, 1.0);
    return t;
  }
  const auto n = static_cast<automill_eigen::Index>(size);
  const automill_eigen::Tridiagonalization<MatrixXd> reduced(
      automill_eigen::Map<const MatrixXd>(matrix.data(), n, n));
  t.diagonal.resize(size);
  t.beside.resize(size - 1);
  t.basis.resize(size * size);
  automill_eigen::Map<automill_eigen::VectorXd>(t.diagonal.data(), n) = reduced.diagonal();
  automill_eigen::Map<automill_eigen::VectorXd>(t.beside.data(), n - 1) = reduced.subDiagonal();
  const MatrixXd q = reduced.matrixQ();
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

}  // namespace automill::linear
