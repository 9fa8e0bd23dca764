#include "gaussian_covariance.hpp"

#include "linear_vectors.hpp"
#include "matern.hpp"

namespace automill::linear {
namespace {

CovarianceTerms covariance_terms(Kernel kernel, double squared_distance, double signal) {
  if (kernel == Kernel::matern) return matern_terms(squared_distance, signal);
  const double value = signal * math::exp(-0.5 * squared_distance);
  return {value, -0.5 * value};
}

/// Squared distances of a point to those of a block of rows, `across` being their first coordinate.
void add_squared_distances(const double* across, const double* point, std::size_t columns, std::size_t stride,
                           std::size_t first, std::size_t rows, double* out) {
  for (std::size_t j = 0; j < columns; ++j, across += stride, point += stride)
    for (std::size_t r = first; r < rows; ++r) out[r] += (across[r] - *point) * (across[r] - *point);
}

}  // namespace

GaussianCovariance::GaussianCovariance(const GaussianPoints& points, Kernel kernel, bool one_length)
    : points_(&points), kernel_(kernel), one_length_(one_length) {}

bool GaussianCovariance::prepare(const RunContext& context) {
  if (!one_length_) return true;
  squares_ = SymmetricBlocks(rows());
  const bool finished = for_each_lower_block(squares_.blocks(), context, [&](std::size_t row, std::size_t column) {
    for (std::size_t c = 0; c < squares_.width(column) && !context.stop.stop_requested(); ++c)
      add_squared_distances(points_->values.data() + row * tile_rows, points_->values.data() + column * tile_rows + c,
                            points_->columns, rows(), row == column ? c : 0, squares_.width(row),
                            squares_.block(row, column) + c * tile_rows);
  });
  return finished && !context.stop.stop_requested();
}

void GaussianCovariance::squared_distances(const std::vector<double>& points, const LogParameters& parameters,
                                           std::size_t row, std::size_t column, std::size_t c,
                                           std::vector<double>& out) const {
  const std::size_t rest = rows() - row * tile_rows, height = std::min(tile_rows, rest);
  out.assign(tile_rows, 0.0);
  if (!one_length_) {
    add_squared_distances(points.data() + row * tile_rows, points.data() + column * tile_rows + c, points_->columns,
                          rows(), row == column ? c : 0, height, out.data());
    return;
  }
  const double factor = math::exp(-2 * parameters[0]);
  const double* squares = squares_.block(row, column) + c * tile_rows;
  for (std::size_t r = row == column ? c : 0; r < height; ++r) out[r] = factor * squares[r];
}

std::vector<double> GaussianCovariance::scaled(const LogParameters& parameters) const {
  std::vector<double> result;
  if (one_length_) return result;
  result = points_->values;
  for (std::size_t j = 0; j < points_->columns; ++j) {
    const double factor = math::exp(-parameters[j]);
    for (std::size_t i = 0; i < rows(); ++i) result[j * rows() + i] *= factor;
  }
  return result;
}

std::optional<GaussianCovariance::Matrices> GaussianCovariance::matrices(const LogParameters& parameters, Slopes which,
                                                                         const RunContext& context) const {
  const std::vector<double> points = scaled(parameters);
  const double signal = math::exp(parameters[lengths()]);
  Matrices result{SymmetricBlocks(rows()), SymmetricBlocks(which == Slopes::all ? rows() : 0)};
  const bool finished = for_each_lower_block(result.values.blocks(), context, [&](std::size_t row, std::size_t column) {
    const std::size_t height = result.values.width(row);
    std::vector<double> squares;
    for (std::size_t c = 0; c < result.values.width(column); ++c) {
      if (c % 32 == 0 && context.stop.stop_requested()) return;
      const std::size_t first = row == column ? c : 0;
      squared_distances(points, parameters, row, column, c, squares);
      double* values = result.values.block(row, column) + c * tile_rows;
      double* slopes = which == Slopes::all ? result.slopes.block(row, column) + c * tile_rows : nullptr;
      for (std::size_t r = first; r < height; ++r) {
        const CovarianceTerms terms = covariance_terms(kernel_, squares[r], signal);
        values[r] = terms.value;
        if (slopes != nullptr) slopes[r] = terms.slope;
      }
    }
  });
  if (!finished || context.stop.stop_requested()) return std::nullopt;
  return result;
}

std::vector<double> GaussianCovariance::block_gradient(const std::vector<double>& points,
                                                       const LogParameters& parameters, const Matrices& matrices,
                                                       const CovarianceSlopes& by_element, std::size_t row,
                                                       std::size_t column) const {
  std::vector<double> result(lengths() + 1, 0.0), weights(tile_rows), squares;
  const std::vector<double>&a = by_element.a, &u = by_element.u, &g = by_element.g;
  const std::size_t top = row * tile_rows, height = matrices.values.width(row);
  for (std::size_t c = 0; c < matrices.values.width(column); ++c) {
    const std::size_t at = column * tile_rows + c, first = row == column ? c : 0;
    const double* inverse = by_element.inverse.block(row, column) + c * tile_rows;
    const double* values = matrices.values.block(row, column) + c * tile_rows;
    const double* slopes = matrices.slopes.block(row, column) + c * tile_rows;
    for (std::size_t r = first; r < height; ++r) {
      double each = a[top + r] * a[at] - inverse[r];
      if (!u.empty()) each += u[top + r] * g[at] + g[top + r] * u[at];
      if (top + r == at) each *= 0.5;  // the others stand twice in the matrix
      result[lengths()] += each * values[r];
      weights[r] = each * slopes[r];
    }
    if (one_length_) {
      squared_distances(points, parameters, row, column, c, squares);
      result[0] -= 2 * dot(weights.data() + first, squares.data() + first, height - first);
    } else {
      squares.resize(tile_rows);
      for (std::size_t j = 0; j < points_->columns; ++j) {
        const double* across = points.data() + j * rows() + top;
        const double here = points[j * rows() + at];
        for (std::size_t r = first; r < height; ++r) squares[r] = (across[r] - here) * (across[r] - here);
        result[j] -= 2 * dot(weights.data() + first, squares.data() + first, height - first);
      }
    }
  }
  return result;
}

std::optional<std::vector<double>> GaussianCovariance::gradient(const LogParameters& parameters,
                                                                const Matrices& matrices,
                                                                const CovarianceSlopes& by_element,
                                                                const RunContext& context) const {
  const std::vector<double> points = scaled(parameters);
  const std::size_t blocks = matrices.values.blocks();
  std::vector<std::vector<double>> parts(blocks * (blocks + 1) / 2);
  const bool finished = for_each_lower_block(blocks, context, [&](std::size_t row, std::size_t column) {
    parts[row * (row + 1) / 2 + column] = block_gradient(points, parameters, matrices, by_element, row, column);
  });
  if (!finished) return std::nullopt;
  std::vector<double> sum(lengths() + 1, 0.0);
  for (const std::vector<double>& part : parts)
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += part[k];
  return sum;
}

}  // namespace automill::linear
