#pragma once
// Weighted sums of squares and products of design columns: X'WX and X'Wt, both with centred columns.

#include <functional>

#include "linear_design.hpp"

namespace automill::linear {

struct Gram {
  std::size_t columns = 0;
  std::vector<double> products{};  ///< X'WX, columns x columns, symmetric
  std::vector<double> sums{};      ///< X'W1: 0 within rounding for the weights that the design was made with
  std::vector<double> target{};    ///< X'Wt, or empty
  double total_weight = 0;
};

/// Gives tile `t`, in `scratch` or from elsewhere.
using TileSource = std::function<const Tile&(std::size_t t, Tile& scratch)>;

/// Sums over `tiles` tiles; `weights` and `targets` (or none) are one a row, tile_rows a tile but for the last.
/// Works in up to 8 blocks of tiles, which are added up in order. Nothing when the context says stop.
/// O(rows dense^2 + sum of nonzeros a row (nonzeros + dense)).
std::optional<Gram> weighted_gram(const Design& design, std::size_t tiles, const TileSource& tile,
                                  std::span<const double> weights, std::span<const double> targets,
                                  const RunContext& context);

}  // namespace automill::linear
