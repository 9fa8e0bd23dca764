#pragma once
// What every iteration of a linear fit does with a tile: scores of its rows, and the sums X'R.

#include "linear_design.hpp"

namespace automill::linear {

/// Scores of a row whose sparse columns are all 0 and whose dense ones are at the center: `intercepts` with the shifts
/// taken off. Once for all tiles: there may be far more columns than nonzeros in a tile.
std::vector<double> scores_at_zero(const Design& design, const double* weights, const double* intercepts,
                                   std::size_t scores);

/// Scores of the rows of a tile: out[i + k * tile_rows] = at_zero[k] + sum_j x_ij weights[j * scores + k]; x of sparse
/// columns not shifted.
void tile_scores(const Design& design, const Tile& tile, const double* weights, const std::vector<double>& at_zero,
                 double* out);

/// sums[j * scores + k] += sum_i x_ij rest[i + k * tile_rows], x NOT shifted (the caller takes shifts off once).
void add_tile_products(const Design& design, const Tile& tile, const double* rest, std::size_t scores, double* sums);

/// Takes the shifts of sparse columns off sums over rows: `totals` are the sums of the rests, one a score.
void take_off_shifts(const Design& design, const double* totals, std::size_t scores, double* sums);

}  // namespace automill::linear
