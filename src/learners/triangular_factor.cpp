#include "triangular_factor.hpp"

#include <automill/core/math.hpp>
#include <cmath>

#include "linear_vectors.hpp"

namespace automill {
namespace {

/// Rows of L in place of the lower triangle. False: stopped.
bool factorise_rows(std::vector<double>& matrix, std::size_t size, double least, const StopToken& stop) {
  for (std::size_t i = 0; i < size; ++i) {
    if (stop.stop_requested()) return false;
    double* row = matrix.data() + i * size;
    for (std::size_t j = 0; j < i; ++j) {
      const double* other = matrix.data() + j * size;
      row[j] = (row[j] - linear::dot(row, other, j)) / other[j];
    }
    row[i] = std::sqrt(std::max(row[i] - linear::dot(row, row, i), least));
  }
  return true;
}

}  // namespace

std::optional<InverseFactor> inverse_factor(std::vector<double> matrix, std::size_t size, double least,
                                            const StopToken& stop) {
  InverseFactor result;
  if (!factorise_rows(matrix, size, least, stop)) return std::nullopt;
  for (std::size_t i = 0; i < size; ++i) result.log_determinant += math::log(matrix[i * size + i]);
  result.inverse.assign(size * (size + 1) / 2, 0.0);
  for (std::size_t i = 0; i < size; ++i) {
    if (stop.stop_requested()) return std::nullopt;
    const double* row = matrix.data() + i * size;
    double* out = result.inverse.data() + i * (i + 1) / 2;
    for (std::size_t m = 0; m < i; ++m) {
      const double* above = result.inverse.data() + m * (m + 1) / 2;
      for (std::size_t j = 0; j <= m; ++j) out[j] -= row[m] * above[j];
    }
    for (std::size_t j = 0; j < i; ++j) out[j] /= row[i];
    out[i] = 1 / row[i];
  }
  return result;
}

std::optional<std::vector<double>> solve_positive(std::vector<double> matrix, std::size_t size,
                                                  std::vector<double> right, double least, const StopToken& stop) {
  if (!factorise_rows(matrix, size, least, stop)) return std::nullopt;
  for (std::size_t i = 0; i < size; ++i) {
    const double* row = matrix.data() + i * size;
    right[i] = (right[i] - linear::dot(row, right.data(), i)) / row[i];
  }
  for (std::size_t i = size; i-- > 0;) {
    const double* row = matrix.data() + i * size;
    right[i] /= row[i];
    for (std::size_t j = 0; j < i; ++j) right[j] -= row[j] * right[i];
  }
  return right;
}

}  // namespace automill
