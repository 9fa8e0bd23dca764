#include "block_factor.hpp"

#include <atomic>

#include "linear_vectors.hpp"
#include "triangular_factor.hpp"

namespace automill::linear {
namespace {

/// Products of a lower triangular block, or its transpose, and a part of a vector.
std::vector<double> triangle_times(const double* triangle, std::size_t width, const double* x) {
  std::vector<double> result(width, 0.0);
  for (std::size_t c = 0; c < width; ++c)
    for (std::size_t r = c; r < width; ++r) result[r] += triangle[c * tile_rows + r] * x[c];
  return result;
}
std::vector<double> transposed_triangle_times(const double* triangle, std::size_t width, const double* x) {
  std::vector<double> result(width);
  for (std::size_t c = 0; c < width; ++c) result[c] = dot(triangle + c * tile_rows + c, x + c, width - c);
  return result;
}

}  // namespace

SymmetricBlocks::SymmetricBlocks(std::size_t size) : size_(size) {
  for (std::size_t i = 0; i < blocks(); ++i)
    for (std::size_t j = 0; j <= i; ++j) lower_.emplace_back(tile_rows * width(j), 0.0);
}

std::uint64_t SymmetricBlocks::bytes(std::size_t size) {
  const std::uint64_t blocks = (size + tile_rows - 1) / tile_rows;
  return blocks * (blocks + 1) / 2 * tile_rows * std::min(size, tile_rows) * sizeof(double);
}

void SymmetricBlocks::scale(const std::vector<double>& factors) {
  for (std::size_t i = 0; i < blocks(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      for (std::size_t c = 0; c < width(j); ++c) {
        double* column = block(i, j) + c * tile_rows;
        for (std::size_t r = 0; r < width(i); ++r) column[r] *= factors[i * tile_rows + r] * factors[j * tile_rows + c];
      }
}

std::vector<double> SymmetricBlocks::times(const std::vector<double>& x) const {
  std::vector<double> result(size_, 0.0);
  for (std::size_t i = 0; i < blocks(); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double* values = block(i, j);
      const double* from = x.data() + i * tile_rows;
      double* to = result.data() + i * tile_rows;
      for (std::size_t c = 0; c < width(j); ++c) {
        const double* column = values + c * tile_rows;
        const std::size_t first = i == j ? c : 0, at = j * tile_rows + c;
        for (std::size_t r = first; r < width(i); ++r) to[r] += column[r] * x[at];
        const std::size_t rest = i == j ? c + 1 : 0;
        result[at] += dot(column + rest, from + rest, width(i) - rest);
      }
    }
  return result;
}

bool for_each_lower_block(std::size_t blocks, const RunContext& context,
                          const std::function<void(std::size_t row, std::size_t column)>& body) {
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t i = 0; i < blocks; ++i)
    for (std::size_t j = 0; j <= i; ++j) all.emplace_back(i, j);
  std::atomic<bool> stopped = false;
  context.executor().run(all.size(), [&](std::size_t each) {
    if (stopped || context.stop.stop_requested()) stopped = true;
    else body(all[each].first, all[each].second);
  });
  return !stopped;
}

std::optional<BlockFactor> BlockFactor::of(SymmetricBlocks matrix, double least, const RunContext& context) {
  BlockFactor result;
  result.factor_ = std::move(matrix);
  if (!result.factorise(least, context)) return std::nullopt;
  return result;
}

/// Column of blocks after column, from those before it (left-looking).
bool BlockFactor::factorise(double least, const RunContext& context) {
  const std::size_t blocks = factor_.blocks();
  std::atomic<bool> stopped = false;
  for (std::size_t j = 0; j < blocks; ++j) {
    const std::size_t columns = factor_.width(j);
    context.executor().run(blocks - j, [&](std::size_t below) {
      std::vector<double> sum(tile_rows * columns, 0.0);
      for (std::size_t k = 0; k < j && !stopped; ++k) {
        if (context.stop.stop_requested()) stopped = true;
        add_product(factor_.block(j + below, k), factor_.width(k), factor_.block(j, k), tile_rows, sum.data(), columns);
      }
      double* own = factor_.block(j + below, j);
      for (std::size_t e = 0; e < sum.size(); ++e) own[e] -= sum[e];
    });
    if (stopped || !factorise_diagonal(j, least, context.stop)) return false;
    context.executor().run(blocks - j - 1, [&](std::size_t below) {
      if (stopped || context.stop.stop_requested()) {
        stopped = true;
        return;
      }
      double* own = factor_.block(j + 1 + below, j);
      std::vector<double> solved(tile_rows * columns, 0.0);
      add_product(own, columns, factor_.block(j, j), tile_rows, solved.data(), columns);
      std::copy(solved.begin(), solved.end(), own);
    });
    if (stopped) return false;
  }
  return true;
}

bool BlockFactor::factorise_diagonal(std::size_t i, double least, const StopToken& stop) {
  const std::size_t width = factor_.width(i);
  double* own = factor_.block(i, i);
  std::vector<double> matrix(width * width);
  for (std::size_t r = 0; r < width; ++r)
    for (std::size_t c = 0; c <= r; ++c) matrix[r * width + c] = own[c * tile_rows + r];
  const auto found = inverse_factor(std::move(matrix), width, least, stop);
  if (!found) return false;
  log_determinant_ += found->log_determinant;
  std::fill(own, own + tile_rows * width, 0.0);
  for (std::size_t r = 0; r < width; ++r)
    for (std::size_t c = 0; c <= r; ++c) own[c * tile_rows + r] = found->inverse[r * (r + 1) / 2 + c];
  return true;
}

std::vector<double> BlockFactor::solve(const std::vector<double>& x) const {
  std::vector<double> result = x;
  const std::size_t blocks = factor_.blocks();
  const auto part = [&](std::size_t i) { return result.data() + i * tile_rows; };
  for (std::size_t i = 0; i < blocks; ++i) {
    for (std::size_t k = 0; k < i; ++k)
      for (std::size_t c = 0; c < factor_.width(k); ++c) {
        const double* column = factor_.block(i, k) + c * tile_rows;
        for (std::size_t r = 0; r < factor_.width(i); ++r) part(i)[r] -= column[r] * part(k)[c];
      }
    const std::vector<double> solved = triangle_times(factor_.block(i, i), factor_.width(i), part(i));
    std::copy(solved.begin(), solved.end(), part(i));
  }
  for (std::size_t i = blocks; i-- > 0;) {
    for (std::size_t k = i + 1; k < blocks; ++k)
      for (std::size_t c = 0; c < factor_.width(i); ++c)
        part(i)[c] -= dot(factor_.block(k, i) + c * tile_rows, part(k), factor_.width(k));
    const std::vector<double> solved = transposed_triangle_times(factor_.block(i, i), factor_.width(i), part(i));
    std::copy(solved.begin(), solved.end(), part(i));
  }
  return result;
}

/// With T = L^-T: T_ji = -(sum of T_jk L_ik' over j <= k < i) L_ii^-T. Rows j of T by themselves.
std::optional<BlockFactor::Inverse> BlockFactor::inverse(const RunContext& context) const {
  Inverse result;
  SymmetricBlocks& all = result.transposed_;
  all = SymmetricBlocks(factor_.size());
  const std::size_t blocks = factor_.blocks();
  std::atomic<bool> stopped = false;
  context.executor().run(blocks, [&](std::size_t j) {
    double* first = all.block(j, j);
    for (std::size_t c = 0; c < factor_.width(j); ++c)
      for (std::size_t r = c; r < factor_.width(j); ++r)
        first[r * tile_rows + c] = factor_.block(j, j)[c * tile_rows + r];
    for (std::size_t i = j + 1; i < blocks && !stopped; ++i) {
      const std::size_t columns = factor_.width(i);
      std::vector<double> sum(tile_rows * columns, 0.0), solved(tile_rows * columns, 0.0);
      for (std::size_t k = j; k < i && !stopped; ++k) {
        if (context.stop.stop_requested()) stopped = true;
        add_product(all.block(k, j), factor_.width(k), factor_.block(i, k), tile_rows, sum.data(), columns);
      }
      add_product(sum.data(), columns, factor_.block(i, i), tile_rows, solved.data(), columns);
      double* own = all.block(i, j);
      for (std::size_t e = 0; e < solved.size(); ++e) own[e] = -solved[e];
    }
  });
  if (stopped) return std::nullopt;
  return result;
}

std::vector<double> BlockFactor::Inverse::packed() const {
  std::vector<double> rows;
  rows.reserve(transposed_.size() * (transposed_.size() + 1) / 2);
  for (std::size_t row = 0; row < transposed_.size(); ++row) {
    const std::size_t i = row / tile_rows;
    for (std::size_t j = 0; j <= i; ++j) {
      const double* column = transposed_.block(i, j) + row % tile_rows * tile_rows;
      rows.insert(rows.end(), column, column + (j == i ? row % tile_rows + 1 : tile_rows));
    }
  }
  return rows;
}

/// T T': block (i, j) is the sum of T_ik T_jk' over k >= i.
std::optional<SymmetricBlocks> BlockFactor::Inverse::square(const RunContext& context) const {
  SymmetricBlocks result(transposed_.size());
  const std::size_t blocks = transposed_.blocks();
  const bool finished = for_each_lower_block(blocks, context, [&](std::size_t i, std::size_t j) {
    for (std::size_t k = i; k < blocks && !context.stop.stop_requested(); ++k)
      add_product(transposed_.block(k, i), transposed_.width(k), transposed_.block(k, j), tile_rows, result.block(i, j),
                  transposed_.width(j));
  });
  if (!finished || context.stop.stop_requested()) return std::nullopt;
  return result;
}

std::optional<std::vector<double>> solve_system(std::vector<double> matrix, std::size_t size, std::vector<double> right,
                                                double least, const RunContext& context) {
  if (size <= tile_rows) return solve_positive(std::move(matrix), size, std::move(right), least, context.stop);
  SymmetricBlocks blocks(size);
  for (std::size_t row = 0; row < size; ++row)
    for (std::size_t column = 0; column <= row; ++column) blocks.at(row, column) = matrix[row * size + column];
  const auto factor = BlockFactor::of(std::move(blocks), least, context);
  if (!factor) return std::nullopt;
  return factor->solve(right);
}

}  // namespace automill::linear
