#include "linear_objective.hpp"

#include <cmath>

#include "linear_products.hpp"

namespace automill::linear {

namespace {

/// Up to here the Hessian of a score is known as a matrix.
constexpr std::size_t most_full_columns = 512;

/// At most `wanted` tiles, spread evenly.
std::vector<std::size_t> sampled_tiles(std::size_t tiles, std::size_t wanted) {
  std::vector<std::size_t> sampled;
  const std::size_t count = std::min(tiles, wanted);
  for (std::size_t u = 0; u < count; ++u) sampled.push_back(u * tiles / count);
  return sampled;
}

}  // namespace

struct LinearObjective::Sums {
  double loss = 0;
  std::vector<double> products{}, totals{};
};

template <class OfTile>
std::optional<std::vector<LinearObjective::Sums>> LinearObjective::over_tiles(const RunContext& context,
                                                                              const OfTile& of_tile) const {
  // at most 64 blocks, so that their gradients stay small beside the data; about a millisecond each
  const std::size_t tiles = rows_.tiles.size(), block = std::max<std::size_t>(8, (tiles + 63) / 64);
  std::vector<Sums> sums((tiles + block - 1) / block);
  std::atomic<bool> stopped{false};
  for_each_block(context.executor(), tiles, block, [&](std::size_t begin, std::size_t end) {
    std::vector<double> scores(tile_rows * scores_);
    for (std::size_t t = begin; t < end; ++t) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      of_tile(t, scores, sums[begin / block]);
    }
  });
  if (stopped) return std::nullopt;
  return sums;
}

std::optional<Evaluation> LinearObjective::evaluate(const std::vector<double>& point, double penalty,
                                                    const RunContext& context) const {
  const std::size_t weights = design_->columns() * scores_;
  const double* intercepts = point.data() + weights;
  const std::vector<double> at_zero = scores_at_zero(*design_, point.data(), intercepts, scores_);
  auto sums = over_tiles(context, [&](std::size_t t, std::vector<double>& scores, Sums& sum) {
    if (sum.products.empty()) {
      sum.products.assign(weights, 0.0);
      sum.totals.assign(scores_, 0.0);
    }
    tile_scores(*design_, rows_.tiles[t], point.data(), at_zero, scores.data());
    sum.loss += tile_loss(t, Judged::training, scores);
    for (std::size_t k = 0; k < scores_; ++k)
      for (std::size_t i = 0; i < rows_.tiles[t].rows; ++i) sum.totals[k] += scores[k * tile_rows + i];
    add_tile_products(*design_, rows_.tiles[t], scores.data(), scores_, sum.products.data());
  });
  if (!sums) return std::nullopt;
  Evaluation result{0, std::vector<double>(point.size(), 0.0)};
  double* totals = result.gradient.data() + weights;
  for (const Sums& sum : *sums) {
    result.value += sum.loss;
    for (std::size_t j = 0; j < weights; ++j) result.gradient[j] += sum.products[j];
    for (std::size_t k = 0; k < scores_; ++k) totals[k] += sum.totals[k];
  }
  take_off_shifts(*design_, totals, scores_, result.gradient.data());
  const double share = 1 / rows_.total_weight;
  result.value *= share;
  for (double& value : result.gradient) value *= share;
  for (std::size_t j = 0; j < weights; ++j) {
    result.value += 0.5 * penalty * point[j] * point[j];
    result.gradient[j] += penalty * point[j];
  }
  if (!determined()) std::fill(result.gradient.begin(), result.gradient.end(), 0.0);
  return result;
}

std::optional<double> LinearObjective::mean_loss(const std::vector<double>& point, const RunContext& context) const {
  const double* intercepts = point.data() + design_->columns() * scores_;
  const std::vector<double> at_zero = scores_at_zero(*design_, point.data(), intercepts, scores_);
  const auto sums = over_tiles(context, [&](std::size_t t, std::vector<double>& scores, Sums& sum) {
    tile_scores(*design_, rows_.tiles[t], point.data(), at_zero, scores.data());
    sum.loss += tile_loss(t, Judged::held_out, scores);
  });
  if (!sums) return std::nullopt;
  double loss = 0;
  for (const Sums& sum : *sums) loss += sum.loss;
  return loss / rows_.total_weight;
}

std::optional<std::vector<double>> LinearObjective::row_scores(const std::vector<double>& point,
                                                               const RunContext& context) const {
  const std::vector<double> at_zero =
      scores_at_zero(*design_, point.data(), point.data() + design_->columns() * scores_, scores_);
  std::vector<double> all(rows_.tiles.size() * tile_rows * scores_);
  const auto done = over_tiles(context, [&](std::size_t t, std::vector<double>&, Sums&) {
    tile_scores(*design_, rows_.tiles[t], point.data(), at_zero, all.data() + t * tile_rows * scores_);
  });
  if (!done) return std::nullopt;
  return all;
}

void LinearObjective::prepare(const RunContext& context) {
  const std::size_t p = design_->columns();
  curvatures_.assign(scores_, {});
  std::vector<double> variances = design_->variances();
  Tridiagonal covariance;
  if (p > 0 && p <= most_full_columns) {
    const std::vector<std::size_t> tiles =
        sampled_tiles(rows_.tiles.size(), std::max<std::size_t>(16, 8 * p / tile_rows));
    std::vector<double> weights;
    for (std::size_t t : tiles)
      for (std::size_t i = 0; i < tile_rows; ++i)
        weights.push_back(i < rows_.tiles[t].rows ? rows_.weights[t * tile_rows + i] : 0.0);
    auto gram = weighted_gram(
        *design_, tiles.size(), [&](std::size_t u, Tile&) -> const Tile& { return rows_.tiles[tiles[u]]; }, weights, {},
        context);
    if (gram) {
      for (double& product : gram->products) product /= gram->total_weight;
      if (auto reduced = reduce_symmetric(gram->products, p, context.stop)) covariance = std::move(*reduced);
    }
  }
  for (std::size_t k = 0; k < scores_; ++k) {
    const double curvature = start_curvature(k);
    curvatures_[k] = {.intercept = curvature, .weights = covariance, .diagonal = variances, .factor = curvature};
  }
  iterations_ = 0;
}

std::optional<std::vector<Gram>> LinearObjective::second_derivatives(const std::vector<double>& point,
                                                                     std::size_t most_tiles,
                                                                     const RunContext& context) const {
  const std::size_t p = design_->columns();
  const std::vector<std::size_t> tiles = sampled_tiles(rows_.tiles.size(), most_tiles);
  std::vector<std::vector<double>> weights(scores_, std::vector<double>(tiles.size() * tile_rows, 0.0));
  const std::vector<double> at_zero = scores_at_zero(*design_, point.data(), point.data() + p * scores_, scores_);
  double total = 0;
  for (std::size_t t : tiles)
    for (std::size_t i = 0; i < rows_.tiles[t].rows; ++i) total += rows_.weights[t * tile_rows + i];
  context.executor().run(tiles.size(), [&](std::size_t u) {
    const Tile& tile = rows_.tiles[tiles[u]];
    std::vector<double> scores(tile_rows * scores_), row(scores_);
    tile_scores(*design_, tile, point.data(), at_zero, scores.data());
    for (std::size_t i = 0; i < tile.rows; ++i) {
      for (std::size_t k = 0; k < scores_; ++k) row[k] = scores[k * tile_rows + i];
      row_curvatures(tiles[u] * tile_rows + i, row);
      const double weight = rows_.weights[tiles[u] * tile_rows + i] / total;
      for (std::size_t k = 0; k < scores_; ++k) weights[k][u * tile_rows + i] = weight * row[k];
    }
  });
  std::vector<Gram> grams;
  for (std::size_t k = 0; k < scores_; ++k) {
    if (context.stop.stop_requested()) return std::nullopt;
    auto gram = weighted_gram(
        *design_, tiles.size(), [&](std::size_t u, Tile&) -> const Tile& { return rows_.tiles[tiles[u]]; }, weights[k],
        {}, context);
    if (!gram) return std::nullopt;
    grams.push_back(std::move(*gram));
  }
  return grams;
}

std::optional<std::vector<double>> LinearObjective::joint_second_derivatives(const std::vector<double>& point,
                                                                             std::size_t most_tiles,
                                                                             const RunContext& context) const {
  const std::size_t p = design_->columns(), size = point.size(), pairs = scores_ * scores_;
  const std::vector<std::size_t> tiles = sampled_tiles(rows_.tiles.size(), most_tiles);
  std::vector<std::vector<double>> weights(pairs, std::vector<double>(tiles.size() * tile_rows, 0.0));
  const std::vector<double> at_zero = scores_at_zero(*design_, point.data(), point.data() + p * scores_, scores_);
  double total = 0;
  for (std::size_t t : tiles)
    for (std::size_t i = 0; i < rows_.tiles[t].rows; ++i) total += rows_.weights[t * tile_rows + i];
  std::vector<double> scores(tile_rows * scores_), row(scores_), hessian(pairs), joint(size * size);
  for (std::size_t u = 0; u < tiles.size(); ++u) {
    if (context.stop.stop_requested()) return std::nullopt;
    tile_scores(*design_, rows_.tiles[tiles[u]], point.data(), at_zero, scores.data());
    for (std::size_t i = 0; i < rows_.tiles[tiles[u]].rows; ++i) {
      for (std::size_t k = 0; k < scores_; ++k) row[k] = scores[k * tile_rows + i];
      row_hessian(tiles[u] * tile_rows + i, row, hessian);
      for (std::size_t pair = 0; pair < pairs; ++pair)
        weights[pair][u * tile_rows + i] = rows_.weights[tiles[u] * tile_rows + i] / total * hessian[pair];
    }
  }
  for (std::size_t k = 0; k < scores_; ++k)
    for (std::size_t l = k; l < scores_; ++l) {
      const auto gram = weighted_gram(
          *design_, tiles.size(), [&](std::size_t u, Tile&) -> const Tile& { return rows_.tiles[tiles[u]]; },
          weights[k * scores_ + l], {}, context);
      if (!gram) return std::nullopt;
      const auto set = [&](std::size_t a, std::size_t b, double value) {
        joint[(a * scores_ + k) * size + b * scores_ + l] = joint[(b * scores_ + l) * size + a * scores_ + k] = value;
      };
      for (std::size_t a = 0; a < p; ++a) {
        for (std::size_t b = 0; b < p; ++b) set(a, b, gram->products[a * p + b]);
        set(a, p, gram->sums[a]);
        set(p, a, gram->sums[a]);
      }
      set(p, p, gram->total_weight);
    }
  return joint;
}

std::optional<RowDerivatives> LinearObjective::row_derivatives(const std::vector<double>& point,
                                                               const RunContext& context) const {
  const std::size_t size = rows_.tiles.size() * tile_rows;
  const std::vector<double> at_zero =
      scores_at_zero(*design_, point.data(), point.data() + design_->columns() * scores_, scores_);
  RowDerivatives result;
  result.slopes.assign(scores_, std::vector<double>(size));
  result.curvatures = result.slopes;
  const auto done = over_tiles(context, [&](std::size_t t, std::vector<double>& scores, Sums&) {
    tile_scores(*design_, rows_.tiles[t], point.data(), at_zero, scores.data());
    std::vector<double> row(scores_);
    for (std::size_t i = 0; i < rows_.tiles[t].rows; ++i) {
      for (std::size_t k = 0; k < scores_; ++k) row[k] = scores[k * tile_rows + i];
      row_curvatures(t * tile_rows + i, row);
      const double weight = rows_.weights[t * tile_rows + i] / rows_.total_weight;
      for (std::size_t k = 0; k < scores_; ++k) result.curvatures[k][t * tile_rows + i] = weight * row[k];
    }
    tile_loss(t, Judged::training, scores);
    for (std::size_t k = 0; k < scores_; ++k)
      for (std::size_t i = 0; i < tile_rows; ++i)
        result.slopes[k][t * tile_rows + i] = scores[k * tile_rows + i] / rows_.total_weight;
  });
  if (!done) return std::nullopt;
  return result;
}

void LinearObjective::renew_curvatures(const std::vector<double>& point, const RunContext& context) {
  const std::size_t p = design_->columns();
  auto grams = second_derivatives(point, std::max<std::size_t>(128, 8 * p / tile_rows), context);
  if (!grams) return;
  std::vector<Curvature> renewed(scores_);
  for (std::size_t k = 0; k < scores_; ++k) {
    Gram& gram = (*grams)[k];
    Curvature& curvature = renewed[k];
    curvature.intercept = std::max(gram.total_weight, 1e-6);
    curvature.means = gram.sums;
    for (double& mean : curvature.means) mean /= curvature.intercept;
    for (std::size_t a = 0; a < p; ++a)
      for (std::size_t b = 0; b < p; ++b) gram.products[a * p + b] -= curvature.means[a] * gram.sums[b];
    auto reduced = reduce_symmetric(gram.products, p, context.stop);
    if (!reduced) return;
    curvature.weights = std::move(*reduced);
  }
  curvatures_ = std::move(renewed);
  iterations_ = 0;
}

std::vector<double> LinearObjective::precondition(const std::vector<double>& gradient, double penalty) const {
  const std::size_t p = design_->columns();
  std::vector<double> result(gradient.size()), column(p);
  for (std::size_t k = 0; k < scores_; ++k) {
    const Curvature& curvature = curvatures_[k];
    const double intercept = gradient[p * scores_ + k];
    for (std::size_t j = 0; j < p; ++j) {
      column[j] = gradient[j * scores_ + k];
      if (!curvature.means.empty()) column[j] -= curvature.means[j] * intercept;
    }
    if (curvature.weights.size == 0) {
      for (std::size_t j = 0; j < p; ++j) column[j] /= curvature.factor * curvature.diagonal[j] + penalty + 1e-9;
    } else {
      // directions in which the columns hardly vary have little curvature, but some: nothing may run away
      const ShiftedTridiagonal hessian(curvature.weights, curvature.factor, penalty + 1e-9);
      column = curvature.weights.rotate_back(hessian.solve(curvature.weights.rotate(column)));
    }
    double shift = 0;
    for (std::size_t j = 0; j < p; ++j) {
      result[j * scores_ + k] = column[j];
      if (!curvature.means.empty()) shift += curvature.means[j] * column[j];
    }
    result[p * scores_ + k] = intercept / curvature.intercept - shift;
  }
  return result;
}

MinimizeResult LinearObjective::minimize(std::vector<double> start, double penalty, const MinimizeOptions& options,
                                         const RunContext& context) {
  // New curvatures are taken after as many iterations as they cost, when those did not do (measured: products of
  // columns at 25 GFLOP/s, iterations at 18, the reduction p^3 nanoseconds).
  const std::size_t p = design_->columns(), n = rows_.weights.size();
  const std::size_t cost = p / 6 + 4 * p * p / std::max<std::size_t>(1, n);
  const bool full = p > 0 && p <= most_full_columns;
  const auto patience = static_cast<std::int64_t>(std::max<std::size_t>(8, cost));
  MinimizeResult result{.point = std::move(start)};
  std::int64_t done = 0;
  while (true) {
    MinimizeOptions part = options;
    part.max_iterations = options.max_iterations - done;
    if (full) part.max_iterations = std::min(part.max_iterations, std::max<std::int64_t>(1, patience - iterations_));
    if (options.stop_after) part.stop_after = *options.stop_after - done;
    result = minimize_lbfgs(
        std::move(result.point), [&](const std::vector<double>& point) { return evaluate(point, penalty, context); },
        [&](const std::vector<double>& gradient) { return precondition(gradient, penalty); }, part);
    done += result.iterations;
    iterations_ += result.iterations;
    const bool more = result.iterations == part.max_iterations && done < options.max_iterations;
    if (result.stopped || !more) break;
    if (full && iterations_ >= patience) renew_curvatures(result.point, context);
  }
  result.iterations = done;
  return result;
}

}  // namespace automill::linear
