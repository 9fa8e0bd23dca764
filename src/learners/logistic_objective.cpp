#include "logistic_objective.hpp"

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

struct LogisticObjective::Sums {
  double loss = 0;
  std::vector<double> products{}, totals{};
};

LogisticObjective::LogisticObjective(const Design& design, LabelledRows rows, std::size_t classes)
    : design_(&design), rows_(std::move(rows)), scores_(classes == 2 ? 1 : classes) {
  shares_.assign(classes, 0.0);
  for (std::size_t i = 0; i < rows_.labels.size(); ++i)
    shares_[static_cast<std::size_t>(rows_.labels[i])] += rows_.weights[i] / rows_.total_weight;
}

std::vector<double> LogisticObjective::start() const {
  const std::size_t columns = design_->columns();
  std::vector<double> point((columns + 1) * scores_, 0.0);
  const double least = 0.5 / (1 + rows_.total_weight);
  const auto log_share = [&](std::size_t k) { return math::log(std::max(shares_[k], least)); };
  for (std::size_t k = 0; k < scores_; ++k)
    point[columns * scores_ + k] = scores_ == 1 ? log_share(1) - log_share(0) : log_share(k);
  return point;
}

double LogisticObjective::tile_loss(std::size_t tile, Classes which, std::vector<double>& scores) const {
  const std::size_t first = tile * tile_rows, rows = rows_.tiles[tile].rows;
  double loss = 0;
  if (scores_ == 1) {
    for (std::size_t i = 0; i < rows; ++i) {
      // with s the score towards the row's own class: loss log(1 + e^-s), derivative -1 / (1 + e^s)
      const bool positive = rows_.labels[first + i] == 1;
      const double weight = rows_.weights[first + i], own = positive ? scores[i] : -scores[i];
      const double e = math::exp(-std::abs(own)), wrong = (own > 0 ? e : 1.0) / (1 + e);
      loss += weight * (math::log(1 + e) + (own > 0 ? 0.0 : -own));
      scores[i] = positive ? -weight * wrong : weight * wrong;
    }
  } else {
    std::vector<double> row(scores_);
    for (std::size_t i = 0; i < rows; ++i) {
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      const auto counts = [&](std::size_t k) { return which == Classes::all || shares_[k] > 0; };
      for (std::size_t k = 0; k < scores_; ++k)
        if (counts(k)) largest = std::max(largest, scores[k * tile_rows + i]);
      for (std::size_t k = 0; k < scores_; ++k)
        sum += row[k] = counts(k) ? math::exp(scores[k * tile_rows + i] - largest) : 0.0;
      const auto label = static_cast<std::size_t>(rows_.labels[first + i]);
      const double weight = rows_.weights[first + i];
      loss += weight * (math::log(sum) + largest - scores[label * tile_rows + i]);
      for (std::size_t k = 0; k < scores_; ++k)
        scores[k * tile_rows + i] = weight * (row[k] / sum - (k == label ? 1.0 : 0.0));
    }
  }
  for (std::size_t k = 0; k < scores_; ++k)
    std::fill(scores.begin() + static_cast<std::ptrdiff_t>(k * tile_rows + rows),
              scores.begin() + static_cast<std::ptrdiff_t>((k + 1) * tile_rows), 0.0);
  return loss;
}

template <class OfTile>
std::optional<std::vector<LogisticObjective::Sums>> LogisticObjective::over_tiles(const RunContext& context,
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

std::optional<Evaluation> LogisticObjective::evaluate(const std::vector<double>& point, double penalty,
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
    sum.loss += tile_loss(t, Classes::present, scores);
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
  if (scores_ == 1 && (shares_[0] == 0 || shares_[1] == 0))  // one class: it stays at half a row for the other
    std::fill(result.gradient.begin(), result.gradient.end(), 0.0);
  return result;
}

std::optional<double> LogisticObjective::mean_loss(const std::vector<double>& point, const RunContext& context) const {
  const double* intercepts = point.data() + design_->columns() * scores_;
  const std::vector<double> at_zero = scores_at_zero(*design_, point.data(), intercepts, scores_);
  const auto sums = over_tiles(context, [&](std::size_t t, std::vector<double>& scores, Sums& sum) {
    tile_scores(*design_, rows_.tiles[t], point.data(), at_zero, scores.data());
    sum.loss += tile_loss(t, Classes::all, scores);
  });
  if (!sums) return std::nullopt;
  double loss = 0;
  for (const Sums& sum : *sums) loss += sum.loss;
  return loss / rows_.total_weight;
}

void LogisticObjective::prepare(const RunContext& context) {
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
    const double share = scores_ == 1 ? shares_[1] : shares_[k], curvature = std::max(share * (1 - share), 1e-4);
    curvatures_[k] = {.intercept = curvature, .weights = covariance, .diagonal = variances, .factor = curvature};
  }
  iterations_ = 0;
}

void LogisticObjective::renew_curvatures(const std::vector<double>& point, const RunContext& context) {
  const std::size_t p = design_->columns();
  const std::vector<std::size_t> tiles =
      sampled_tiles(rows_.tiles.size(), std::max<std::size_t>(128, 8 * p / tile_rows));
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
      if (scores_ == 1) row[0] = math::sigmoid(row[0]);
      else math::softmax(row.data(), scores_);
      const double weight = rows_.weights[tiles[u] * tile_rows + i] / total;
      for (std::size_t k = 0; k < scores_; ++k) weights[k][u * tile_rows + i] = weight * row[k] * (1 - row[k]);
    }
  });
  std::vector<Curvature> renewed(scores_);
  for (std::size_t k = 0; k < scores_; ++k) {
    if (context.stop.stop_requested()) return;
    const auto gram = weighted_gram(
        *design_, tiles.size(), [&](std::size_t u, Tile&) -> const Tile& { return rows_.tiles[tiles[u]]; }, weights[k],
        {}, context);
    if (!gram) return;
    Curvature& curvature = renewed[k];
    curvature.intercept = std::max(gram->total_weight, 1e-6);
    curvature.means = gram->sums;
    std::vector<double> products = gram->products;
    for (double& mean : curvature.means) mean /= curvature.intercept;
    for (std::size_t a = 0; a < p; ++a)
      for (std::size_t b = 0; b < p; ++b) products[a * p + b] -= curvature.means[a] * gram->sums[b];
    auto reduced = reduce_symmetric(products, p, context.stop);
    if (!reduced) return;
    curvature.weights = std::move(*reduced);
  }
  curvatures_ = std::move(renewed);
  iterations_ = 0;
}

std::vector<double> LogisticObjective::precondition(const std::vector<double>& gradient, double penalty) const {
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

MinimizeResult LogisticObjective::minimize(std::vector<double> start, double penalty, const MinimizeOptions& options,
                                           const RunContext& context) {
  // New curvatures are taken after as many iterations as they cost, when those did not do (measured: products of
  // columns at 25 GFLOP/s, iterations at 18, the reduction p^3 nanoseconds).
  const std::size_t p = design_->columns(), n = rows_.labels.size();
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
