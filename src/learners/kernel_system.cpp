#include "kernel_system.hpp"

#include <cmath>

#include "linear_kernels.hpp"
#include "linear_vectors.hpp"
#include "triangular_factor.hpp"

namespace automill::linear {
namespace {

constexpr std::size_t columns_at_once = 64;  // some milliseconds between two looks at the stop token

/// out (tile_rows x columns) += a (tile_rows x inner) b (inner x columns, row-major). False: stopped.
bool add_product_in_parts(const double* a, std::size_t inner, const double* b, std::size_t columns, double* out,
                          const StopToken& stop) {
  for (std::size_t first = 0; first < columns; first += columns_at_once) {
    if (stop.stop_requested()) return false;
    add_product(a, inner, b + first, columns, out + first * tile_rows, std::min(columns_at_once, columns - first));
  }
  return true;
}

}  // namespace

KernelBasis::KernelBasis(const Design& design, const Table& features, const std::vector<std::uint32_t>& landmarks,
                         Kernel kernel, double length, const StopToken& stop)
    : kernel_(kernel), length_(length), columns_(design.columns()), squares_(landmarks.size(), 0.0) {
  const std::size_t m = landmarks.size();
  transposed_.resize(columns_ * m);
  std::vector<Tile> tiles((m + tile_rows - 1) / tile_rows);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    stop.throw_if_requested();
    design.read_positions(features, landmarks, t, tiles[t]);
    for (std::size_t j = 0; j < columns_; ++j)
      for (std::size_t i = 0; i < tiles[t].rows; ++i) {
        const double value = tiles[t].dense[j * tile_rows + i];
        transposed_[j * m + t * tile_rows + i] = value;
        squares_[t * tile_rows + i] += value * value;
      }
  }
  std::vector<double> similar, matrix(m * m);
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    if (!similarities(tiles[t], stop, similar)) throw Stopped();
    for (std::size_t i = 0; i < tiles[t].rows; ++i)
      for (std::size_t l = 0; l < m; ++l) matrix[(t * tile_rows + i) * m + l] = similar[l * tile_rows + i];
  }
  constexpr double nugget = 1e-8;  // beside 1: landmarks that are nearly others'
  for (std::size_t l = 0; l < m; ++l) matrix[l * m + l] = 1 + nugget;
  const auto factor = inverse_factor(std::move(matrix), m, nugget, stop);
  if (!factor) throw Stopped();
  upper_.assign(m * m, 0.0);
  for (std::size_t a = 0; a < m; ++a)
    for (std::size_t b = 0; b <= a; ++b) upper_[b * m + a] = factor->inverse[a * (a + 1) / 2 + b];
}

std::vector<double> KernelBasis::landmarks() const {
  std::vector<double> rows(transposed_.size());
  for (std::size_t j = 0; j < columns_; ++j)
    for (std::size_t l = 0; l < size(); ++l) rows[l * columns_ + j] = transposed_[j * size() + l];
  return rows;
}

bool KernelBasis::similarities(const Tile& tile, const StopToken& stop, std::vector<double>& out) const {
  out.assign(tile_rows * size(), 0.0);
  if (!add_product_in_parts(tile.dense.data(), columns_, transposed_.data(), size(), out.data(), stop)) return false;
  std::vector<double> lengths(tile_rows, 0.0);
  for (std::size_t j = 0; j < columns_; ++j)
    for (std::size_t i = 0; i < tile_rows; ++i)
      lengths[i] += tile.dense[j * tile_rows + i] * tile.dense[j * tile_rows + i];
  for (std::size_t l = 0; l < size(); ++l) {
    if (l % 256 == 0 && stop.stop_requested()) return false;
    double* column = out.data() + l * tile_rows;
    for (std::size_t i = 0; i < tile_rows; ++i)
      column[i] =
          i < tile.rows ? kernel_value(kernel_, std::max(0.0, lengths[i] + squares_[l] - 2 * column[i]), length_) : 0.0;
  }
  return true;
}

bool KernelBasis::coordinates(const Tile& tile, const StopToken& stop, std::vector<double>& out) const {
  const std::size_t m = size();
  std::vector<double> similar;
  if (!similarities(tile, stop, similar)) return false;
  out.assign(tile_rows * m, 0.0);
  for (std::size_t first = 0; first < m; first += columns_at_once) {
    if (stop.stop_requested()) return false;
    const std::size_t count = std::min(columns_at_once, m - first);  // below them T' holds 0
    add_product(similar.data(), first + count, upper_.data() + first, m, out.data() + first * tile_rows, count);
  }
  return true;
}

std::vector<double> KernelBasis::map_back(const std::vector<double>& x) const {
  std::vector<double> result(size());
  for (std::size_t j = 0; j < size(); ++j) result[j] = dot(upper_.data() + j * size(), x.data(), size());
  return result;
}

/// Of coordinates c and targets t, by weight: c c', c and c t.
struct KernelSystem::Sums {
  std::vector<double> products{}, firsts{}, targets{};
  bool stopped = false;
};

KernelSystem::KernelSystem(const Design& design, const Table& features, const KernelBasis& basis,
                           const std::vector<std::uint32_t>& positions, const KernelTargets& targets,
                           const RunContext& context)
    : design_(&design),
      features_(&features),
      basis_(&basis),
      targets_(&targets),
      rows_(static_cast<double>(positions.size())),
      target_means_(targets.outputs, 0.0),
      squares_(targets.outputs, 0.0) {
  const std::size_t m = basis.size(), outputs = targets.outputs;
  const std::vector<double>& weights = design.rows().weights;
  for (std::uint32_t i : positions) total_weight_ += weights[i];
  for (std::uint32_t i : positions)
    for (std::size_t k = 0; k < outputs; ++k)
      target_means_[k] += weights[i] / total_weight_ * targets.values[i * outputs + k];
  for (std::uint32_t i : positions)
    for (std::size_t k = 0; k < outputs; ++k) {
      const double rest = targets.values[i * outputs + k] - target_means_[k];
      squares_[k] += weights[i] * rest * rest;
    }
  Sums total;
  add_rows(positions, context, total);
  means_ = total.firsts;
  for (double& mean : means_) mean /= total_weight_;
  for (std::size_t a = 0; a < m; ++a)
    for (std::size_t b = 0; b < m; ++b) total.products[a * m + b] -= total.firsts[a] * means_[b];
  for (std::size_t a = 0; a < m; ++a) unit_ += total.products[a * m + a] / static_cast<double>(m);
  auto reduced = reduce_symmetric(total.products, m, context.stop);
  if (!reduced) throw Stopped();
  reduced_ = std::move(*reduced);
  for (std::size_t k = 0; k < outputs; ++k) {
    std::vector<double> target(m);
    for (std::size_t a = 0; a < m; ++a) target[a] = total.targets[a * outputs + k];
    rotated_.push_back(reduced_.rotate(target));
  }
}

void KernelSystem::add_rows(const std::vector<std::uint32_t>& positions, const RunContext& context, Sums& total) const {
  const std::size_t m = basis_->size(), outputs = targets_->outputs;
  const std::size_t tiles = (positions.size() + tile_rows - 1) / tile_rows;
  const std::size_t blocks = std::clamp<std::size_t>(tiles / 8, 1, 4);
  std::vector<Sums> sums(blocks);
  context.executor().run(blocks, [&](std::size_t block) {
    Sums& sum = sums[block];
    sum.products.assign(m * m, 0.0);
    sum.firsts.assign(m, 0.0);
    sum.targets.assign(m * outputs, 0.0);
    Tile tile;
    std::vector<double> at, weighted(tile_rows * m), weight(tile_rows), rest(tile_rows * outputs);
    for (std::size_t t = block * tiles / blocks; t < (block + 1) * tiles / blocks && !sum.stopped; ++t) {
      design_->read_positions(*features_, positions, t, tile);
      sum.stopped = context.stop.stop_requested() || !basis_->coordinates(tile, context.stop, at);
      if (sum.stopped) break;
      std::fill(weight.begin(), weight.end(), 0.0);
      std::fill(rest.begin(), rest.end(), 0.0);
      for (std::size_t i = 0; i < tile.rows; ++i) {
        const std::uint32_t row = positions[t * tile_rows + i];
        weight[i] = design_->rows().weights[row];
        for (std::size_t k = 0; k < outputs; ++k)
          rest[k * tile_rows + i] = weight[i] * (targets_->values[row * outputs + k] - target_means_[k]);
      }
      for (std::size_t l = 0; l < m; ++l)
        for (std::size_t i = 0; i < tile_rows; ++i) weighted[l * tile_rows + i] = weight[i] * at[l * tile_rows + i];
      for (std::size_t first = 0; first < m && !sum.stopped; first += columns_at_once) {
        sum.stopped = context.stop.stop_requested();
        const std::size_t count = std::min(columns_at_once, m - first);
        add_transposed_product(at.data() + first * tile_rows, count, weighted.data() + first * tile_rows, m - first,
                               sum.products.data() + first * m + first, m);
      }
      add_transposed_product(at.data(), m, weight.data(), 1, sum.firsts.data(), 1);
      add_transposed_product(at.data(), m, rest.data(), outputs, sum.targets.data(), outputs);
    }
  });
  for (const Sums& sum : sums)
    if (sum.stopped) throw Stopped();
  total = std::move(sums[0]);
  const auto add = [](std::vector<double>& to, const std::vector<double>& from) { add_scaled(to, 1, from); };
  for (std::size_t block = 1; block < blocks; ++block) {
    add(total.products, sums[block].products);
    add(total.firsts, sums[block].firsts);
    add(total.targets, sums[block].targets);
  }
  for (std::size_t a = 0; a < m; ++a)
    for (std::size_t b = 0; b < a; ++b) total.products[a * m + b] = total.products[b * m + a];
}

double KernelSystem::generalised_error(double penalty) const {
  const ShiftedTridiagonal shifted(reduced_, 1.0, penalty);
  const double freedom = 1 + static_cast<double>(reduced_.size) - penalty * shifted.inverse_trace();
  const double left = std::max(1e-6, 1 - freedom / rows_);
  double squares = 0;
  for (std::size_t k = 0; k < rotated_.size(); ++k) {
    const std::vector<double> u = shifted.solve(rotated_[k]);
    squares += std::max(0.0, squares_[k] - dot(u, rotated_[k]) - penalty * dot(u, u));
  }
  return squares / (total_weight_ * left * left);
}

KernelSystem::Function KernelSystem::solve(double penalty, std::size_t output) const {
  const ShiftedTridiagonal shifted(reduced_, 1.0, penalty);
  const std::vector<double> u = reduced_.rotate_back(shifted.solve(rotated_[output]));
  return {basis_->map_back(u), target_means_[output] - dot(means_, u)};
}

std::optional<std::vector<double>> KernelSystem::left_out(double penalty, const std::vector<std::uint32_t>& positions,
                                                          const RunContext& context) const {
  const std::size_t m = basis_->size(), outputs = targets_->outputs;
  std::vector<double> scores(positions.size() * outputs);
  const ShiftedTridiagonal shifted(reduced_, 1.0, penalty);
  Tile tile;
  std::vector<double> at, quadratic(tile_rows), linear(tile_rows);
  for (std::size_t t = 0; t * tile_rows < positions.size(); ++t) {
    design_->read_positions(*features_, positions, t, tile);
    if (!basis_->coordinates(tile, context.stop, at)) return std::nullopt;
    for (std::size_t l = 0; l < m; ++l)
      for (std::size_t i = 0; i < tile_rows; ++i) at[l * tile_rows + i] -= means_[l];
    std::vector<double> z(tile_rows * m, 0.0);
    if (!add_product_in_parts(at.data(), m, reduced_.basis.data(), m, z.data(), context.stop)) return std::nullopt;
    for (std::size_t k = 0; k < outputs; ++k) {
      const std::vector<double> half = shifted.half_solve(rotated_[k]);
      tridiagonal_forms(z.data(), m, shifted.ratios().data(), shifted.inverse_pivots().data(), half.data(),
                        quadratic.data(), linear.data());
      for (std::size_t i = 0; i < tile.rows; ++i) {
        const std::uint32_t row = positions[t * tile_rows + i];
        const double target = targets_->values[row * outputs + k], share = design_->rows().weights[row];
        const double leverage = share * (1 / total_weight_ + quadratic[i]);
        const double error = target - (target_means_[k] + linear[i]);
        scores[(t * tile_rows + i) * outputs + k] = target - error / std::max(1e-3, 1 - leverage);
      }
    }
  }
  return scores;
}

}  // namespace automill::linear
