#include "linear_products.hpp"

#include <array>

namespace automill::linear {
namespace {

constexpr std::size_t any_number = 0;

/// Calls body with the number of scores as a constant where it is small: loops over them are then vectors.
template <class Body>
void with_fixed(std::size_t scores, const Body& body) {
  switch (scores) {
    case 1:
      return body(std::integral_constant<std::size_t, 1>{});
    case 2:
      return body(std::integral_constant<std::size_t, 2>{});
    case 3:
      return body(std::integral_constant<std::size_t, 3>{});
    case 4:
      return body(std::integral_constant<std::size_t, 4>{});
    case 5:
      return body(std::integral_constant<std::size_t, 5>{});
    case 6:
      return body(std::integral_constant<std::size_t, 6>{});
    case 7:
      return body(std::integral_constant<std::size_t, 7>{});
    case 8:
      return body(std::integral_constant<std::size_t, 8>{});
    default:
      return body(std::integral_constant<std::size_t, any_number>{});
  }
}

/// Scores of a row: as many as are fixed, or a vector of them.
template <std::size_t fixed>
using RowScores = std::conditional_t<fixed == any_number, std::vector<double>, std::array<double, fixed>>;

template <std::size_t fixed>
RowScores<fixed> row_scores(std::size_t scores) {
  if constexpr (fixed == any_number) return std::vector<double>(scores);
  else return {};
}

/// The sparse columns of a tile; `fixed`: the number of scores, or any_number.
template <std::size_t fixed>
void add_sparse_scores(const Tile& tile, const double* weights, std::size_t scores, double* out) {
  const std::size_t width = fixed == any_number ? scores : fixed;
  RowScores<fixed> row = row_scores<fixed>(scores);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a) {
      const double* weight = weights + tile.columns[a] * width;
      for (std::size_t k = 0; k < width; ++k) row[k] += tile.values[a] * weight[k];
    }
    for (std::size_t k = 0; k < width; ++k) out[k * tile_rows + i] += row[k];
  }
}

template <std::size_t fixed>
void add_sparse_products(const Tile& tile, const double* rest, std::size_t scores, double* sums) {
  const std::size_t width = fixed == any_number ? scores : fixed;
  RowScores<fixed> row = row_scores<fixed>(scores);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    for (std::size_t k = 0; k < width; ++k) row[k] = rest[k * tile_rows + i];
    for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a) {
      double* sum = sums + tile.columns[a] * width;
      for (std::size_t k = 0; k < width; ++k) sum[k] += tile.values[a] * row[k];
    }
  }
}

}  // namespace

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
  for (std::size_t k = 0; k < scores; ++k) std::fill_n(out + k * tile_rows, tile_rows, at_zero[k]);
  add_product(tile.dense.data(), dense, weights, scores, out, scores);
  if (columns != dense) with_fixed(scores, [&](auto fixed) { add_sparse_scores<fixed>(tile, weights, scores, out); });
}

void add_tile_products(const Design& design, const Tile& tile, const double* rest, std::size_t scores, double* sums) {
  const std::size_t dense = design.dense_columns();
  add_transposed_product(tile.dense.data(), dense, rest, scores, sums, scores);
  if (design.columns() != dense)
    with_fixed(scores, [&](auto fixed) { add_sparse_products<fixed>(tile, rest, scores, sums); });
}

void take_off_shifts(const Design& design, const double* totals, std::size_t scores, double* sums) {
  for (std::size_t j = design.dense_columns(); j < design.columns(); ++j)
    for (std::size_t k = 0; k < scores; ++k) sums[j * scores + k] -= design.shifts()[j] * totals[k];
}

}  // namespace automill::linear
