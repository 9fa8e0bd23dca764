#include "ridge_large.hpp"

#include <cmath>

#include "linear_products.hpp"
#include "linear_vectors.hpp"

namespace automill::linear {
namespace {

/// X'W(X b) or X'Wt, tile by tile, added up in up to 64 blocks in order.
class LargeProducts {
 public:
  LargeProducts(const RidgeTask& task, const std::vector<Tile>& tiles) : task_(&task), tiles_(&tiles) {}

  /// With `weights` null: X'Wt. Empty when stopped.
  std::vector<double> apply(const std::vector<double>* weights, const RunContext& context) const {
    const std::size_t count = tiles_->size(), block = std::max<std::size_t>(16, (count + 63) / 64);
    const std::size_t p = task_->design.columns(), blocks = (count + block - 1) / block;
    std::vector<std::vector<double>> sums(blocks);
    std::vector<double> totals(blocks, 0.0), at_zero;
    const double zero = 0;
    if (weights != nullptr) at_zero = scores_at_zero(task_->design, weights->data(), &zero, 1);
    std::atomic<bool> stopped{false};
    for_each_block(context.executor(), count, block, [&](std::size_t begin, std::size_t end) {
      std::vector<double> rest(tile_rows);
      sums[begin / block].assign(p, 0.0);
      for (std::size_t t = begin; t < end; ++t) {
        if (context.stop.stop_requested()) stopped = true;
        if (stopped) return;
        const Tile& tile = (*tiles_)[t];
        if (weights != nullptr) tile_scores(task_->design, tile, weights->data(), at_zero, rest.data());
        else std::copy_n(task_->targets.data() + t * tile_rows, tile.rows, rest.data());
        for (std::size_t i = 0; i < tile_rows; ++i)
          rest[i] = i < tile.rows ? rest[i] * task_->weights[t * tile_rows + i] : 0;
        for (std::size_t i = 0; i < tile.rows; ++i) totals[begin / block] += rest[i];
        add_tile_products(task_->design, tile, rest.data(), 1, sums[begin / block].data());
      }
    });
    if (stopped) return {};
    for (std::size_t b = 1; b < blocks; ++b) {
      totals[0] += totals[b];
      for (std::size_t j = 0; j < p; ++j) sums[0][j] += sums[b][j];
    }
    take_off_shifts(task_->design, totals.data(), 1, sums[0].data());
    return std::move(sums[0]);
  }

 private:
  const RidgeTask* task_;
  const std::vector<Tile>* tiles_;
};

}  // namespace

LargeRidge solve_large_ridge(const RidgeTask& task, const std::vector<Tile>& tiles, double penalty,
                             std::optional<std::int64_t> most_iterations, const RunContext& context) {
  const LargeProducts products(task, tiles);
  const std::size_t p = task.design.columns();
  LargeRidge result{.weights = std::vector<double>(p, 0.0)};
  std::vector<double> residual = products.apply(nullptr, context);
  result.stopped = residual.empty();
  if (result.stopped) return result;
  std::vector<double> direction = residual;
  double squares = dot(residual, residual);
  const double enough = 1e-16 * squares;
  while (squares > enough && result.iterations < 500) {
    if (most_iterations && result.iterations >= *most_iterations) break;
    std::vector<double> image = products.apply(&direction, context);
    if (image.empty()) {
      result.stopped = true;
      break;
    }
    for (std::size_t j = 0; j < p; ++j) image[j] += penalty * direction[j];
    const double step = squares / dot(direction, image);
    if (!std::isfinite(step)) break;
    for (std::size_t j = 0; j < p; ++j) {
      result.weights[j] += step * direction[j];
      residual[j] -= step * image[j];
    }
    const double before = std::exchange(squares, dot(residual, residual));
    for (std::size_t j = 0; j < p; ++j) direction[j] = residual[j] + squares / before * direction[j];
    ++result.iterations;
  }
  return result;
}

}  // namespace automill::linear
