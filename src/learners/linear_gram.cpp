#include "linear_gram.hpp"

namespace automill::linear {
namespace {

/// Sums of some tiles. Three parts, each with contiguous inner loops: dense x dense, sparse x dense, sparse x sparse
/// (upper triangles).
class GramBlock {
 public:
  GramBlock(const Design& design, bool with_target)
      : dense_(design.dense_columns()),
        sparse_(design.columns() - dense_),
        dense_dense_(dense_ * dense_),
        sparse_dense_(sparse_ * dense_),
        sparse_sparse_(sparse_ * sparse_),
        sums_(design.columns()),
        target_(with_target ? design.columns() : 0),
        weighted_(tile_rows * dense_) {}

  void add(const Tile& tile, const double* weights, const double* targets) {
    double weight[tile_rows] = {}, weighted_target[tile_rows] = {};
    for (std::size_t i = 0; i < tile.rows; ++i) total_weight_ += weight[i] = weights[i];
    for (std::size_t j = 0; j < dense_; ++j)
      for (std::size_t i = 0; i < tile_rows; ++i)
        weighted_[j * tile_rows + i] = tile.dense[j * tile_rows + i] * weight[i];
    add_transposed_product(tile.dense.data(), dense_, weighted_.data(), dense_, dense_dense_.data(), dense_,
                           Part::upper);
    add_transposed_product(tile.dense.data(), dense_, weight, 1, sums_.data(), 1);
    if (targets != nullptr) {
      for (std::size_t i = 0; i < tile.rows; ++i) total_target_ += weighted_target[i] = weights[i] * targets[i];
      add_transposed_product(tile.dense.data(), dense_, weighted_target, 1, target_.data(), 1);
    }
    if (sparse_ > 0) add_sparse(tile, weights, targets != nullptr ? weighted_target : nullptr);
  }

  void add(const GramBlock& other) {
    const auto sum = [](std::vector<double>& to, const std::vector<double>& from) {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
    };
    sum(dense_dense_, other.dense_dense_);
    sum(sparse_dense_, other.sparse_dense_);
    sum(sparse_sparse_, other.sparse_sparse_);
    sum(sums_, other.sums_);
    sum(target_, other.target_);
    total_weight_ += other.total_weight_;
    total_target_ += other.total_target_;
  }

  /// The symmetric matrix and the sums, with the shifts s of sparse columns taken off:
  /// sum v (x - s)(y - r) = sum v x y - r sum v x - s sum v y + s r sum v.
  Gram finish(const std::vector<double>& shifts) && {
    const std::size_t p = dense_ + sparse_;
    Gram gram{p, std::vector<double>(p * p), sums_, std::move(target_), total_weight_};
    const auto set = [&](std::size_t a, std::size_t b, double raw) {
      const double shifted = raw - shifts[b] * sums_[a] - shifts[a] * sums_[b] + shifts[a] * shifts[b] * total_weight_;
      gram.products[a * p + b] = gram.products[b * p + a] = shifted;
    };
    for (std::size_t a = 0; a < dense_; ++a)
      for (std::size_t b = a; b < dense_; ++b) set(a, b, dense_dense_[a * dense_ + b]);
    for (std::size_t a = 0; a < sparse_; ++a) {
      for (std::size_t b = 0; b < dense_; ++b) set(dense_ + a, b, sparse_dense_[a * dense_ + b]);
      for (std::size_t b = a; b < sparse_; ++b) set(dense_ + a, dense_ + b, sparse_sparse_[a * sparse_ + b]);
    }
    for (std::size_t j = 0; j < p; ++j) {
      gram.sums[j] -= shifts[j] * total_weight_;
      if (!gram.target.empty()) gram.target[j] -= shifts[j] * total_target_;
    }
    return gram;
  }

 private:
  void add_sparse(const Tile& tile, const double* weights, const double* weighted_targets) {
    std::vector<double> row(dense_);
    for (std::size_t i = 0; i < tile.rows; ++i) {
      for (std::size_t j = 0; j < dense_; ++j) row[j] = tile.dense[j * tile_rows + i];
      const std::uint32_t end = tile.starts[i + 1];
      for (std::uint32_t a = tile.starts[i]; a < end; ++a) {
        const std::size_t column = tile.columns[a] - dense_;
        const double value = weights[i] * tile.values[a];
        sums_[tile.columns[a]] += value;
        double* with_dense = sparse_dense_.data() + column * dense_;
        for (std::size_t j = 0; j < dense_; ++j) with_dense[j] += value * row[j];
        double* with_sparse = sparse_sparse_.data() + column * sparse_;
        for (std::uint32_t b = a; b < end; ++b) with_sparse[tile.columns[b] - dense_] += value * tile.values[b];
        if (weighted_targets != nullptr) target_[tile.columns[a]] += tile.values[a] * weighted_targets[i];
      }
    }
  }

  std::size_t dense_, sparse_;
  std::vector<double> dense_dense_, sparse_dense_, sparse_sparse_, sums_, target_, weighted_;
  double total_weight_ = 0, total_target_ = 0;
};

}  // namespace

std::optional<Gram> weighted_gram(const Design& design, std::size_t tiles, const TileSource& tile,
                                  std::span<const double> weights, std::span<const double> targets,
                                  const RunContext& context) {
  const std::size_t p = design.columns();
  const std::size_t most = p > 500 ? 2 : 8, blocks = std::clamp<std::size_t>(tiles / 8, 1, most);
  const MemoryClaim claim(context.memory, 8 * p * p * (blocks + 1), "products of columns");
  std::vector<std::optional<GramBlock>> sums(blocks);
  std::atomic<bool> stopped{false};
  context.executor().run(blocks, [&](std::size_t block) {
    GramBlock& sum = sums[block].emplace(design, !targets.empty());
    Tile scratch;
    for (std::size_t t = block * tiles / blocks; t < (block + 1) * tiles / blocks; ++t) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      const Tile& one = tile(t, scratch);
      sum.add(one, weights.data() + t * tile_rows, targets.empty() ? nullptr : targets.data() + t * tile_rows);
    }
  });
  if (stopped) return std::nullopt;
  for (std::size_t block = 1; block < blocks; ++block) sums[0]->add(*sums[block]);
  return std::move(*sums[0]).finish(design.shifts());
}

}  // namespace automill::linear
