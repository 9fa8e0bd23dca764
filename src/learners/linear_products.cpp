#include "linear_products.hpp"

namespace automill::linear {

std::vector<double> scores_at_zero(const Design& design, const double* weights, const double* intercepts,
                                   std::size_t scores) {
  std::vector<double> at_zero(intercepts, intercepts + scores);
  for (std::size_t j = design.dense_columns(); j < design.columns(); ++j)
    for (std::size_t k = 0; k < scores; ++k) at_zero[k] -= design.shifts()[j] * weights[j * scores + k];
  return at_zero;
}

void tile_scores(const Design& design, const Tile& tile, const double* weights, const std::vector<double>& at_zero,
                 double* out) {
  const std::size_t dense = design.dense_columns(), columns = design.columns(), scores = at_zero.size();
  std::vector<double> row(scores);
  for (std::size_t k = 0; k < scores; ++k) std::fill_n(out + k * tile_rows, tile_rows, at_zero[k]);
  add_product(tile.dense.data(), dense, weights, scores, out, scores);
  if (columns == dense) return;
  if (scores == 1) {
    for (std::size_t i = 0; i < tile.rows; ++i) {
      double sum = 0;
      for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a)
        sum += tile.values[a] * weights[tile.columns[a]];
      out[i] += sum;
    }
    return;
  }
  for (std::size_t i = 0; i < tile.rows; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a) {
      const double* weight = weights + tile.columns[a] * scores;
      for (std::size_t k = 0; k < scores; ++k) row[k] += tile.values[a] * weight[k];
    }
    for (std::size_t k = 0; k < scores; ++k) out[k * tile_rows + i] += row[k];
  }
}

void add_tile_products(const Design& design, const Tile& tile, const double* rest, std::size_t scores, double* sums) {
  const std::size_t dense = design.dense_columns();
  add_transposed_product(tile.dense.data(), dense, rest, scores, sums, scores);
  if (design.columns() == dense) return;
  if (scores == 1) {
    for (std::size_t i = 0; i < tile.rows; ++i)
      for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a)
        sums[tile.columns[a]] += tile.values[a] * rest[i];
    return;
  }
  std::vector<double> row(scores);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    for (std::size_t k = 0; k < scores; ++k) row[k] = rest[k * tile_rows + i];
    for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a) {
      double* sum = sums + tile.columns[a] * scores;
      for (std::size_t k = 0; k < scores; ++k) sum[k] += tile.values[a] * row[k];
    }
  }
}

void take_off_shifts(const Design& design, const double* totals, std::size_t scores, double* sums) {
  for (std::size_t j = design.dense_columns(); j < design.columns(); ++j)
    for (std::size_t k = 0; k < scores; ++k) sums[j * scores + k] -= design.shifts()[j] * totals[k];
}

}  // namespace automill::linear
