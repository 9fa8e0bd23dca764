#include "ridge_forms.hpp"

#include <cmath>

#include "linear_products.hpp"

namespace automill::linear {

template <class Each>
bool RidgeForm::sweep(const std::vector<double>& penalties, const RunContext& context, const Each& each) const {
  struct Shifted {
    ShiftedTridiagonal solver;
    std::vector<double> target;
  };
  std::vector<Shifted> shifted;
  for (double penalty : penalties) {
    ShiftedTridiagonal solver(reduced_, 1.0, penalty);
    std::vector<double> target = solver.half_solve(target_);
    shifted.push_back({std::move(solver), std::move(target)});
  }
  std::atomic<bool> stopped{false};
  for_each_block(context.executor(), task_->tiles(), 4, [&](std::size_t begin, std::size_t end) {
    Tile scratch;
    std::vector<double> z, quadratic(tile_rows), linear(tile_rows);
    for (std::size_t t = begin; t < end; ++t) {
      if (stopped || !rotated(t, scratch, z, context.stop)) {
        stopped = true;
        return;
      }
      const std::size_t rows = std::min(tile_rows, task_->rows() - t * tile_rows);
      for (std::size_t s = 0; s < shifted.size(); ++s) {
        const ShiftedTridiagonal& solver = shifted[s].solver;
        tridiagonal_forms(z.data(), reduced_.size, solver.ratios().data(), solver.inverse_pivots().data(),
                          shifted[s].target.data(), quadratic.data(), linear.data());
        for (std::size_t i = 0; i < rows; ++i)
          each(t, s, t * tile_rows + i, left_out_error(t * tile_rows + i, penalties[s], quadratic[i], linear[i]));
      }
    }
  });
  return !stopped;
}

double RidgeForm::generalised_error(double penalty) const {
  const ShiftedTridiagonal shifted(reduced_, 1.0, penalty);
  const double freedom = 1 + static_cast<double>(reduced_.size) - penalty * shifted.inverse_trace();
  const double left = std::max(1e-10, 1 - freedom / static_cast<double>(task_->rows()));
  return squared_residuals(penalty, shifted.solve(target_)) / (task_->total_weight * left * left);
}

std::optional<std::vector<double>> RidgeForm::errors(const std::vector<double>& penalties,
                                                     const RunContext& context) const {
  const std::size_t tiles = task_->tiles();
  std::vector<double> of_tile(tiles * penalties.size(), 0.0), total(penalties.size(), 0.0);
  const bool done = sweep(penalties, context, [&](std::size_t t, std::size_t s, std::size_t row, double error) {
    of_tile[t * penalties.size() + s] += task_->weights[row] * error * error;
  });
  if (!done) return std::nullopt;
  for (std::size_t t = 0; t < tiles; ++t)
    for (std::size_t s = 0; s < penalties.size(); ++s) total[s] += of_tile[t * penalties.size() + s];
  return total;
}

std::optional<std::vector<double>> RidgeForm::left_out(double penalty, const RunContext& context) const {
  std::vector<double> errors(task_->rows());
  const bool done =
      sweep({penalty}, context, [&](std::size_t, std::size_t, std::size_t row, double error) { errors[row] = error; });
  if (!done) return std::nullopt;
  return errors;
}

namespace {

/// What is left of a row's weight when it is out, 1 - h; a row that alone decides its fit has (nearly) nothing.
double left_share(double share) { return std::max(share, 1e-10); }

class PrimalForm final : public RidgeForm {
 public:
  PrimalForm(const RidgeTask& task, const Gram& gram, Tridiagonal reduced) : RidgeForm(task) {
    reduced_ = std::move(reduced);
    target_ = reduced_.rotate(gram.target);
    for (std::size_t j = 0; j < gram.columns; ++j) unit_ += gram.products[j * gram.columns + j];
    unit_ /= static_cast<double>(gram.columns);
    for (std::size_t i = 0; i < task.rows(); ++i) squares_ += task.weights[i] * task.targets[i] * task.targets[i];
    shift_ = reduced_.rotate(task.design.shifts());
    for (double& value : shift_) value = -value;
  }
  double unit() const override { return unit_; }
  std::vector<double> solve(double penalty) const override {
    return reduced_.rotate_back(ShiftedTridiagonal(reduced_, 1.0, penalty).solve(target_));
  }

 protected:
  bool rotated(std::size_t t, Tile& scratch, std::vector<double>& out, const StopToken& stop) const override {
    const std::size_t size = reduced_.size, dense = task_->design.dense_columns();
    const std::size_t first = t * tile_rows, count = std::min(tile_rows, task_->rows() - first);
    task_->design.read(task_->features, std::span(task_->design.rows().rows).subspan(first, count), scratch);
    out.resize(tile_rows * size);
    for (std::size_t k = 0; k < size; ++k) std::fill_n(out.data() + k * tile_rows, tile_rows, shift_[k]);
    constexpr std::size_t columns_at_once = 128;  // a few milliseconds between two looks at the stop token
    for (std::size_t k = 0; k < size; k += columns_at_once) {
      if (stop.stop_requested()) return false;
      add_product(scratch.dense.data(), dense, reduced_.basis.data() + k, size, out.data() + k * tile_rows,
                  std::min(columns_at_once, size - k));
    }
    if (size == dense) return true;
    std::vector<double> row(size);
    for (std::size_t i = 0; i < count; ++i) {
      std::fill(row.begin(), row.end(), 0.0);
      for (std::uint32_t a = scratch.starts[i]; a < scratch.starts[i + 1]; ++a) {
        const double value = scratch.values[a], *basis = reduced_.basis.data() + scratch.columns[a] * size;
        for (std::size_t k = 0; k < size; ++k) row[k] += value * basis[k];
      }
      for (std::size_t k = 0; k < size; ++k) out[k * tile_rows + i] += row[k];
    }
    return true;
  }
  /// With M = X'WX and b = X'Wt: t'Wt - 2 u'b + u'Mu, and u'Mu = u'b - c u'u.
  double squared_residuals(double penalty, const std::vector<double>& u) const override {
    double squares = squares_;
    for (std::size_t k = 0; k < u.size(); ++k) squares -= u[k] * (target_[k] + penalty * u[k]);
    return std::max(0.0, squares);
  }
  double left_out_error(std::size_t row, double, double quadratic, double linear) const override {
    const double leverage = task_->weights[row] * (1 / task_->total_weight + quadratic);
    return (task_->targets[row] - linear) / left_share(1 - leverage);
  }

 private:
  double unit_ = 0, squares_ = 0;  ///< squares_: of the targets
  std::vector<double> shift_;      ///< what the shifts of sparse columns take off a rotated row
};

/// With A the rows of X times the roots of their weights, K = A A', t the targets times those roots and M = (K + c
/// I)^-1: the residuals are c M t, 1 - h = c M_ii - w_i / W (the roots of the weights are an eigenvector of K with
/// value 0: what the intercept takes), and the weights of the columns are A' M t.
class DualForm final : public RidgeForm {
 public:
  DualForm(const RidgeTask& task, std::vector<Tile> tiles, const std::vector<double>& products, Tridiagonal reduced)
      : RidgeForm(task), tiles_(std::move(tiles)) {
    const std::size_t n = task.rows();
    reduced_ = std::move(reduced);
    std::vector<double> rooted(n);
    for (std::size_t i = 0; i < n; ++i) rooted[i] = std::sqrt(task.weights[i]) * task.targets[i];
    target_ = reduced_.rotate(rooted);
    for (std::size_t i = 0; i < n; ++i) unit_ += products[i * n + i];
    unit_ /= static_cast<double>(task.design.columns());
  }
  double unit() const override { return unit_; }
  std::vector<double> solve(double penalty) const override {
    const std::vector<double> rooted = reduced_.rotate_back(ShiftedTridiagonal(reduced_, 1.0, penalty).solve(target_));
    std::vector<double> weights(task_->design.columns(), 0.0), rest(tile_rows);
    double total = 0;
    for (std::size_t t = 0; t < tiles_.size(); ++t) {
      std::fill(rest.begin(), rest.end(), 0.0);
      for (std::size_t i = 0; i < tiles_[t].rows; ++i)
        rest[i] = std::sqrt(task_->weights[t * tile_rows + i]) * rooted[t * tile_rows + i];
      add_tile_products(task_->design, tiles_[t], rest.data(), 1, weights.data());
      for (std::size_t i = 0; i < tile_rows; ++i) total += rest[i];
    }
    take_off_shifts(task_->design, &total, 1, weights.data());
    return weights;
  }

 protected:
  bool rotated(std::size_t t, Tile&, std::vector<double>& out, const StopToken& stop) const override {
    const std::size_t size = reduced_.size, first = t * tile_rows;
    out.assign(tile_rows * size, 0.0);
    for (std::size_t i = 0; i < tiles_[t].rows; ++i)
      for (std::size_t k = 0; k < size; ++k) out[k * tile_rows + i] = reduced_.basis[(first + i) * size + k];
    return !stop.stop_requested();
  }
  double squared_residuals(double penalty, const std::vector<double>& u) const override {
    double squares = 0;
    for (double value : u) squares += value * value;
    return penalty * penalty * squares;
  }
  double left_out_error(std::size_t row, double penalty, double quadratic, double linear) const override {
    const double share = penalty * quadratic - task_->weights[row] / task_->total_weight;
    return penalty * linear / std::sqrt(task_->weights[row]) / left_share(share);
  }

 private:
  std::vector<Tile> tiles_;
  double unit_ = 0;
};

}  // namespace

std::unique_ptr<RidgeForm> make_primal_form(const RidgeTask& task, const RunContext& context) {
  const TileSource read = [&](std::size_t t, Tile& scratch) -> const Tile& {
    const std::size_t first = t * tile_rows, count = std::min(tile_rows, task.rows() - first);
    task.design.read(task.features, std::span(task.design.rows().rows).subspan(first, count), scratch);
    return scratch;
  };
  const std::optional<Gram> gram = weighted_gram(task.design, task.tiles(), read, task.weights, task.targets, context);
  if (!gram) return nullptr;
  auto reduced = reduce_symmetric(gram->products, gram->columns, context.stop);
  if (!reduced) return nullptr;
  return std::make_unique<PrimalForm>(task, *gram, std::move(*reduced));
}

namespace {

/// Products of two rows in the sparse columns, with the shifts s taken off: x'y - s'x - s'y + s's.
class SparseProducts {
 public:
  SparseProducts(const Design& design, const std::vector<Tile>& tiles) {
    for (double shift : design.shifts()) squared_shifts_ += shift * shift;
    for (const Tile& tile : tiles)
      for (std::size_t i = 0; i < tile_rows; ++i) {
        double sum = 0;
        for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a)
          sum += tile.values[a] * design.shifts()[tile.columns[a]];
        shifted_.push_back(sum);
      }
  }
  /// Adds the products of row i of tile s with all rows of tile t; `row` holds a zero a column, before and after.
  void add(const std::vector<Tile>& tiles, std::size_t s, std::size_t i, std::size_t t, std::vector<double>& row,
           double* block) const {
    const Tile &one = tiles[s], &other = tiles[t];
    for (std::uint32_t a = one.starts[i]; a < one.starts[i + 1]; ++a) row[one.columns[a]] = one.values[a];
    for (std::size_t j = 0; j < other.rows; ++j) {
      double sum = squared_shifts_ - shifted_[s * tile_rows + i] - shifted_[t * tile_rows + j];
      for (std::uint32_t a = other.starts[j]; a < other.starts[j + 1]; ++a)
        sum += other.values[a] * row[other.columns[a]];
      block[j * tile_rows + i] += sum;
    }
    for (std::uint32_t a = one.starts[i]; a < one.starts[i + 1]; ++a) row[one.columns[a]] = 0;
  }

 private:
  double squared_shifts_ = 0;
  std::vector<double> shifted_{};  ///< of each row
};

}  // namespace

std::unique_ptr<RidgeForm> make_dual_form(const RidgeTask& task, const RunContext& context) {
  const std::size_t n = task.rows(), dense = task.design.dense_columns();
  auto read = task.design.read_tiles(task.features, task.design.rows().rows, context);
  if (!read) return nullptr;
  std::vector<Tile> tiles = std::move(*read);
  std::vector<double> products(n * n);
  std::optional<SparseProducts> sparse;
  if (dense < task.design.columns()) sparse.emplace(task.design, tiles);
  std::atomic<bool> stopped{false};
  context.executor().run(tiles.size() * tiles.size(), [&](std::size_t pair) {
    const std::size_t s = pair / tiles.size(), t = pair % tiles.size();
    if (t < s) return;
    if (context.stop.stop_requested()) stopped = true;
    if (stopped) return;
    std::vector<double> block(tile_rows * tile_rows, 0.0);
    add_product(tiles[s].dense.data(), dense, tiles[t].dense.data(), tile_rows, block.data(), tile_rows);
    if (sparse) {
      std::vector<double> row(task.design.columns(), 0.0);
      for (std::size_t i = 0; i < tiles[s].rows; ++i) sparse->add(tiles, s, i, t, row, block.data());
    }
    for (std::size_t i = 0; i < tiles[s].rows; ++i)
      for (std::size_t j = 0; j < tiles[t].rows; ++j) {
        const std::size_t a = s * tile_rows + i, b = t * tile_rows + j;
        products[a * n + b] = products[b * n + a] =
            std::sqrt(task.weights[a]) * std::sqrt(task.weights[b]) * block[j * tile_rows + i];
      }
  });
  if (stopped) return nullptr;
  auto reduced = reduce_symmetric(products, n, context.stop);
  if (!reduced) return nullptr;
  return std::make_unique<DualForm>(task, std::move(tiles), products, std::move(*reduced));
}

std::vector<double> ridge_penalties(double unit, std::size_t rows, std::size_t columns) {
  constexpr int count = 30;
  const double wide = std::max(1.0, static_cast<double>(columns) / static_cast<double>(rows));
  const double high = math::log(1e2 * wide), low = math::log(1e-6);
  std::vector<double> penalties;
  for (int i = 0; i < count; ++i) penalties.push_back(unit * math::exp(high + (low - high) * i / (count - 1)));
  return penalties;
}

}  // namespace automill::linear
