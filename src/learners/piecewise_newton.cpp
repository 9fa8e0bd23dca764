#include "piecewise_newton.hpp"

#include "block_factor.hpp"
#include "linear_vectors.hpp"
#include "row_sums.hpp"

namespace automill::linear {
namespace {

constexpr double less_smooth = 0.2;        // from stage to stage
constexpr double stage_accuracy = 0.1;     // of a stage's gap
constexpr double least_smoothing = 1e-13;  // of the first
constexpr int most_search_steps = 200;
constexpr std::size_t most_product_steps = 500;
constexpr std::size_t few_rows_of_product = 64;

/// Rows of tiles, put together into other tiles.
Tile gathered_tile(const std::vector<Tile>& tiles, std::size_t dense, std::span<const std::uint32_t> rows) {
  Tile out{.rows = rows.size(), .dense = std::vector<double>(tile_rows * dense)};
  out.starts.assign(tile_rows + 1, 0);
  for (std::size_t j = 0; j < dense; ++j)
    for (std::size_t i = 0; i < rows.size(); ++i)
      out.dense[j * tile_rows + i] = tiles[rows[i] / tile_rows].dense[j * tile_rows + rows[i] % tile_rows];
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Tile& from = tiles[rows[i] / tile_rows];
    const std::size_t row = rows[i] % tile_rows;
    const auto first = static_cast<std::ptrdiff_t>(from.starts[row]),
               end = static_cast<std::ptrdiff_t>(from.starts[row + 1]);
    out.columns.insert(out.columns.end(), from.columns.begin() + first, from.columns.begin() + end);
    out.values.insert(out.values.end(), from.values.begin() + first, from.values.begin() + end);
    out.starts[i + 1] = static_cast<std::uint32_t>(out.columns.size());
  }
  std::fill(out.starts.begin() + static_cast<std::ptrdiff_t>(rows.size()) + 1, out.starts.end(),
            out.starts[rows.size()]);
  return out;
}

/// A direction, or a gradient: of the weights and of the intercept.
struct Step {
  std::vector<double> weights{};
  double intercept = 0;
};
double product(const Step& a, const Step& b) { return dot(a.weights, b.weights) + a.intercept * b.intercept; }

class NewtonRun {
 public:
  NewtonRun(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows, PiecewisePoint start,
            const PiecewiseOptions& options, const RunContext& context)
      : design_(design), tiles_(tiles), rows_(rows), options_(options), context_(context), point_(std::move(start)) {
    if (!options.intercept) means_ = design.means();
    for (double cost : rows.costs) total_cost_ += cost;
    if (point_.products) curved_ = *std::exchange(point_.products, nullptr);
  }

  PiecewiseFit run() {
    PiecewiseFit fit;
    fit.stopped = !prepare() || !minimise(fit.steps);
    if (!curved_.weights.empty()) point_.products = std::make_shared<const CurvedProducts>(std::move(curved_));
    fit.point = std::move(point_);
    return fit;
  }

 private:
  double factor() const { return rows_.squared ? 2 : 1 / point_.smoothing; }
  double residual(std::size_t i) const { return rows_.targets[i] - point_.scores[i]; }

  bool prepare() {
    auto scores = scores_of_rows(design_, tiles_, rows_.size(), point_.weights, point_.intercept, context_);
    if (!scores) return false;
    point_.scores = std::move(*scores);
    double loss = 0, distance = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      loss += rows_.loss(i, residual(i));
      distance += rows_.costs[i] * std::abs(residual(i));
    }
    floor_ = 1e-10 * loss;
    if (point_.smoothing == 0 && total_cost_ > 0) point_.smoothing = 2 * distance / total_cost_;
    last_smoothing_ = least_smoothing * point_.smoothing;
    return true;
  }

  /// What a point is worth.
  struct Worth {
    double value = 0;  ///< the objective itself
    double gap = 0;    ///< above the least one, were the smooth gradient 0
  };
  Worth worth() const {
    Worth found{.value = 0.5 * dot(point_.weights, point_.weights)};
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double loss = rows_.loss(i, residual(i));
      found.value += loss;
      if (rows_.squared || loss == 0) continue;
      const double beta = rows_.multiplier(i, residual(i), factor());
      found.gap += loss - (beta * residual(i) - rows_.epsilon * std::abs(beta));
    }
    return found;
  }

  /// False: stopped.
  bool minimise(std::int64_t& steps) {
    if (!(floor_ > 0)) return true;
    while (steps < options_.max_steps) {
      const auto slopes = gradient();
      if (!slopes) return false;
      const auto step = direction(*slopes);
      if (!step) return false;
      const double promised = -0.5 * product(*slopes, *step);
      const Worth now = worth();
      const double allowed = options_.tolerance * now.value + floor_;
      if (rows_.squared ? promised <= 0.1 * allowed : promised <= stage_accuracy * now.gap + 1e-3 * allowed) {
        if (now.gap + promised <= allowed || point_.smoothing < last_smoothing_) return true;
        point_.smoothing *= less_smooth;
        continue;
      }
      if (!(promised > 1e-15 * now.value)) return true;  // as exact as rounding allows
      if (!move(*step, 2 * promised)) return false;
      ++steps;
    }
    return true;
  }

  std::optional<Step> gradient() const {
    std::vector<double> multipliers(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) multipliers[i] = -rows_.multiplier(i, residual(i), factor());
    auto sums = sums_over_rows(design_, tiles_, multipliers, context_);
    if (!sums) return std::nullopt;
    Step slopes{.weights = std::move(sums->columns), .intercept = sums->total};
    add_scaled(slopes.weights, 1, point_.weights);
    tie_slopes(slopes);
    return slopes;
  }

  // Without an intercept, the score of a row that is 0 everywhere is 0: b = means' w in the design's coordinates.
  void tie_slopes(Step& slopes) const {
    if (options_.intercept) return;
    add_scaled(slopes.weights, slopes.intercept, means_);
    slopes.intercept = 0;
  }
  void tie_point(Step& step) const {
    if (!options_.intercept) step.intercept = dot(means_, step.weights);
  }

  std::optional<Step> direction(const Step& slopes) {
    std::vector<std::uint8_t> curved(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) curved[i] = rows_.curved(i, residual(i), factor()) ? 1 : 0;
    auto step =
        design_.columns() <= most_curved_columns ? by_products(slopes, curved) : by_conjugate_gradients(slopes, curved);
    if (step) tie_point(*step);
    return step;
  }

  // --- steps by products of columns -------------------------------------------------------------------------------

  /// Brings the products up to date with the rows that are curved now.
  bool renew(const std::vector<std::uint8_t>& curved) {
    std::vector<std::uint32_t> all, changed;
    for (std::uint32_t i = 0; i < curved.size(); ++i) {
      if (curved[i] != 0) all.push_back(i);
      if (!curved_.weights.empty() && weight_now(curved, i) != curved_.weights[i]) changed.push_back(i);
    }
    const bool anew = curved_.weights.empty() || changed.size() > all.size() / 2;
    if (anew) {
      const std::size_t p = design_.columns();
      curved_.gram = {p, std::vector<double>(p * p), std::vector<double>(p), {}, 0};
      curved_.weights.assign(curved.size(), 0.0);
    }
    const std::vector<std::uint32_t>& rows = anew ? all : changed;
    std::vector<double> weights;
    for (std::uint32_t i : rows) weights.push_back(weight_now(curved, i) - curved_.weights[i]);
    for (std::uint32_t i : rows) curved_.weights[i] = weight_now(curved, i);
    const bool done = rows.size() <= few_rows_of_product ? add_rows(rows, weights) : add_tiles(rows, weights);
    if (!done) curved_.weights.clear();
    return done;
  }
  double weight_now(const std::vector<std::uint8_t>& curved, std::size_t i) const {
    return curved[i] != 0 ? rows_.costs[i] : 0.0;
  }

  bool add_tiles(const std::vector<std::uint32_t>& rows, const std::vector<double>& weights) {
    const auto tile = [&](std::size_t t, Tile& scratch) -> const Tile& {
      const std::span<const std::uint32_t> part(rows);
      scratch = gathered_tile(tiles_, design_.dense_columns(),
                              part.subspan(t * tile_rows, std::min(tile_rows, part.size() - t * tile_rows)));
      return scratch;
    };
    const auto more = weighted_gram(design_, (rows.size() + tile_rows - 1) / tile_rows, tile, weights, {}, context_);
    if (!more) return false;
    add_scaled(curved_.gram.products, 1, more->products);
    add_scaled(curved_.gram.sums, 1, more->sums);
    curved_.gram.total_weight += more->total_weight;
    return true;
  }

  /// One by one: a tile of a few rows would cost as much as a full one.
  bool add_rows(const std::vector<std::uint32_t>& rows, const std::vector<double>& weights) {
    const std::size_t p = design_.columns();
    std::vector<double> values(p);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (context_.stop.stop_requested()) return false;
      const Tile& tile = tiles_[rows[r] / tile_rows];
      const std::size_t row = rows[r] % tile_rows;
      for (std::size_t j = 0; j < p; ++j)
        values[j] = j < design_.dense_columns() ? tile.dense[j * tile_rows + row] : -design_.shifts()[j];
      for (std::size_t a = tile.starts[row]; a < tile.starts[row + 1]; ++a) values[tile.columns[a]] += tile.values[a];
      for (std::size_t a = 0; a < p; ++a) {
        const double factor = weights[r] * values[a];
        for (std::size_t b = 0; b <= a; ++b) curved_.gram.products[a * p + b] += factor * values[b];
        curved_.gram.sums[a] += factor;
      }
      curved_.gram.total_weight += weights[r];
    }
    return true;
  }

  std::optional<Step> by_products(const Step& slopes, const std::vector<std::uint8_t>& curved) {
    if (!renew(curved)) return std::nullopt;
    const std::size_t p = design_.columns(), first = options_.intercept ? 1 : 0, size = p + first;
    // the intercept comes first, in a unit in which its curvature is 1: then every pivot is 1 or more
    const double unit = 1 / std::sqrt(flat() + factor() * std::max(0.0, curved_.gram.total_weight));
    std::vector<double> matrix(size * size), right(size);
    if (options_.intercept) {
      matrix[0] = 1;
      right[0] = -slopes.intercept * unit;
    }
    for (std::size_t a = 0; a < p; ++a) {
      double* row = matrix.data() + (a + first) * size;
      if (options_.intercept) row[0] = factor() * curved_.gram.sums[a] * unit;
      for (std::size_t b = 0; b <= a; ++b) row[b + first] = factor() * curved_product(a, b);
      row[a + first] += 1;
      right[a + first] = -slopes.weights[a];
    }
    const auto solved = solve_system(std::move(matrix), size, std::move(right), 0.5, context_);
    if (!solved) return std::nullopt;
    Step step{.weights = {solved->begin() + static_cast<std::ptrdiff_t>(first), solved->end()}};
    if (options_.intercept) step.intercept = solved->front() * unit;
    return step;
  }
  double curved_product(std::size_t a, std::size_t b) const {
    const double sum = curved_.gram.products[a * curved_.gram.columns + b];
    if (options_.intercept) return sum;
    return sum + means_[a] * curved_.gram.sums[b] + curved_.gram.sums[a] * means_[b] +
           means_[a] * means_[b] * curved_.gram.total_weight;
  }
  /// Curvature that the intercept has at least: where no row is curved, a line search says how far it goes.
  double flat() const { return 1e-9 * (1 + total_cost_); }

  // --- steps by conjugate gradients -------------------------------------------------------------------------------

  /// Second derivatives times a step.
  std::optional<Step> curvature_of(const std::vector<double>& curvatures, Step step) const {
    tie_point(step);
    auto scores = scores_of_rows(design_, tiles_, rows_.size(), step.weights, step.intercept, context_);
    if (!scores) return std::nullopt;
    for (std::size_t i = 0; i < scores->size(); ++i) (*scores)[i] *= curvatures[i];
    auto sums = sums_over_rows(design_, tiles_, *scores, context_);
    if (!sums) return std::nullopt;
    Step result{.weights = std::move(sums->columns), .intercept = sums->total};
    add_scaled(result.weights, 1, step.weights);
    tie_slopes(result);
    if (options_.intercept) result.intercept += flat() * step.intercept;
    return result;
  }

  /// The intercept counts in its own unit, so that its curvature is about that of a column.
  std::optional<Step> by_conjugate_gradients(const Step& slopes, const std::vector<std::uint8_t>& curved) {
    std::vector<double> curvatures(rows_.size());
    double total = flat();
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (curved[i] != 0) total += curvatures[i] = factor() * rows_.costs[i];
    const std::vector<double> variances = design_.variances();
    const auto conditioned = [&](const Step& rest) {
      Step result = rest;
      for (std::size_t j = 0; j < variances.size(); ++j) {
        const double mean = options_.intercept ? 0.0 : means_[j];
        result.weights[j] /= 1 + total * (variances[j] + mean * mean);
      }
      result.intercept = options_.intercept ? rest.intercept / total : 0.0;
      return result;
    };
    Step step{.weights = std::vector<double>(design_.columns())}, rest = slopes;
    Step toward = conditioned(rest), search = toward;
    double norm = product(rest, toward);
    const double enough = norm * std::min(0.01, 0.01 * std::sqrt(norm / std::max(norm, first_norm_)));
    first_norm_ = std::max(first_norm_, norm);
    for (std::size_t turn = 0; turn < most_product_steps && norm > enough && norm > 0; ++turn) {
      const auto curvature = curvature_of(curvatures, search);
      if (!curvature) return std::nullopt;
      const double length = norm / product(search, *curvature);
      add_scaled(step.weights, -length, search.weights);
      step.intercept -= length * search.intercept;
      add_scaled(rest.weights, -length, curvature->weights);
      rest.intercept -= length * curvature->intercept;
      toward = conditioned(rest);
      const double next = product(rest, toward), share = next / norm;
      for (std::size_t j = 0; j < search.weights.size(); ++j)
        search.weights[j] = toward.weights[j] + share * search.weights[j];
      search.intercept = toward.intercept + share * search.intercept;
      norm = next;
    }
    return step;
  }

  // --- along a step -----------------------------------------------------------------------------------------------

  /// To where the objective along the step is least: the root of its derivative, which rises piece by piece. `slope`:
  /// how fast it falls at the beginning.
  bool move(const Step& step, double slope) {
    const auto change = scores_of_rows(design_, tiles_, rows_.size(), step.weights, step.intercept, context_);
    if (!change) return false;
    const double linear = dot(point_.weights, step.weights), square = dot(step.weights, step.weights);
    double length = 1, low = 0, high = std::numeric_limits<double>::infinity();
    for (int turn = 0; turn < most_search_steps; ++turn) {
      if (context_.stop.stop_requested()) return false;
      double first = linear + length * square, second = square;
      for (std::size_t i = 0; i < rows_.size(); ++i) {
        const double rest = residual(i) - length * (*change)[i];
        first -= rows_.multiplier(i, rest, factor()) * (*change)[i];
        if (rows_.curved(i, rest, factor())) second += factor() * rows_.costs[i] * (*change)[i] * (*change)[i];
      }
      if (std::abs(first) <= 0.1 * slope) break;
      (first > 0 ? high : low) = length;
      length -= first / second;
      if (!(length > low && length < high)) length = std::isfinite(high) ? 0.5 * (low + high) : 2 * low;
    }
    add_scaled(point_.weights, length, step.weights);
    point_.intercept += length * step.intercept;
    for (std::size_t i = 0; i < rows_.size(); ++i) point_.scores[i] += length * (*change)[i];
    return true;
  }

  const Design& design_;
  const std::vector<Tile>& tiles_;
  const PiecewiseRows& rows_;
  const PiecewiseOptions& options_;
  const RunContext& context_;
  PiecewisePoint point_;
  std::vector<double> means_{};
  double total_cost_ = 0, floor_ = 0, last_smoothing_ = 0;
  CurvedProducts curved_{};
  double first_norm_ = 0;  ///< the largest that steps by conjugate gradients began with
};

}  // namespace

PiecewiseFit fit_by_newton(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                           PiecewisePoint start, const PiecewiseOptions& options, const RunContext& context) {
  return NewtonRun(design, tiles, rows, std::move(start), options, context).run();
}

}  // namespace automill::linear
