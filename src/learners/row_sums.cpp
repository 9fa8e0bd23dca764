#include "row_sums.hpp"

#include "linear_products.hpp"
#include "linear_vectors.hpp"

namespace automill::linear {

std::optional<std::vector<double>> scores_of_rows(const Design& design, const std::vector<Tile>& tiles,
                                                  std::size_t rows, const std::vector<double>& weights,
                                                  double intercept, const RunContext& context) {
  std::vector<double> scores(rows);
  const std::vector<double> at_zero = scores_at_zero(design, weights.data(), &intercept, 1);
  std::atomic<bool> stopped{false};
  for_each_block(context.executor(), tiles.size(), 16, [&](std::size_t begin, std::size_t end) {
    double out[tile_rows];
    for (std::size_t t = begin; t < end; ++t) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      tile_scores(design, tiles[t], weights.data(), at_zero, out);
      std::copy_n(out, tiles[t].rows, scores.begin() + static_cast<std::ptrdiff_t>(t * tile_rows));
    }
  });
  if (stopped) return std::nullopt;
  return scores;
}

std::optional<RowSums> sums_over_rows(const Design& design, const std::vector<Tile>& tiles,
                                      const std::vector<double>& v, const RunContext& context) {
  const std::size_t blocks = std::clamp<std::size_t>(tiles.size() / 8, 1, 8);
  std::vector<RowSums> sums(blocks);
  std::atomic<bool> stopped{false};
  context.executor().run(blocks, [&](std::size_t block) {
    RowSums& sum = sums[block];
    sum.columns.assign(design.columns(), 0.0);
    double rest[tile_rows];
    for (std::size_t t = block * tiles.size() / blocks; t < (block + 1) * tiles.size() / blocks; ++t) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      std::fill_n(rest, tile_rows, 0.0);
      for (std::size_t i = 0; i < tiles[t].rows; ++i) sum.total += rest[i] = v[t * tile_rows + i];
      add_tile_products(design, tiles[t], rest, 1, sum.columns.data());
    }
  });
  if (stopped) return std::nullopt;
  for (std::size_t block = 1; block < blocks; ++block) {
    add_scaled(sums[0].columns, 1, sums[block].columns);
    sums[0].total += sums[block].total;
  }
  take_off_shifts(design, &sums[0].total, 1, sums[0].columns.data());
  return std::move(sums[0]);
}

}  // namespace automill::linear
