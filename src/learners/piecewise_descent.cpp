#include "piecewise_descent.hpp"

#include <array>
#include <automill/core/random.hpp>

#include "linear_vectors.hpp"
#include "row_sums.hpp"

namespace automill::linear {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t descent_block = 256;  // rows between two looks at the stop token
constexpr int passes_of_look = 10;          // between two looks at the gap

/// The rows one after the other, not centred: an intercept makes up for that, and without one they must not be.
class RowMajor {
 public:
  RowMajor(const Design& design, const std::vector<Tile>& tiles, std::size_t rows, bool intercept)
      : dense_columns_(design.dense_columns()), dense_(rows * dense_columns_), starts_(rows + 1), squares_(rows) {
    const std::vector<double> means = intercept ? std::vector<double>(dense_columns_) : design.means();
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      const Tile& tile = tiles[t];
      for (std::size_t j = 0; j < dense_columns_; ++j)
        for (std::size_t i = 0; i < tile.rows; ++i)
          dense_[(t * tile_rows + i) * dense_columns_ + j] = tile.dense[j * tile_rows + i] + means[j];
      columns_.insert(columns_.end(), tile.columns.begin(), tile.columns.end());
      values_.insert(values_.end(), tile.values.begin(), tile.values.end());
      for (std::size_t i = 0; i < tile.rows; ++i)
        starts_[t * tile_rows + i + 1] = starts_[t * tile_rows] + tile.starts[i + 1];
    }
    for (std::size_t i = 0; i < rows; ++i) {
      squares_[i] = dot(dense_row(i), dense_row(i), dense_columns_);
      for (std::size_t a = starts_[i]; a < starts_[i + 1]; ++a) squares_[i] += values_[a] * values_[a];
    }
  }

  double square(std::size_t i) const { return squares_[i]; }
  double times(std::size_t i, const std::vector<double>& weights) const {
    std::array<double, 4> sums{};  // side by side: an addition need not wait for the one before
    std::size_t a = starts_[i];
    const std::size_t end = starts_[i + 1];
    for (; a + 4 <= end; a += 4)
      for (std::size_t lane = 0; lane < 4; ++lane) sums[lane] += values_[a + lane] * weights[columns_[a + lane]];
    for (; a < end; ++a) sums[0] += values_[a] * weights[columns_[a]];
    const double sparse = (sums[0] + sums[2]) + (sums[1] + sums[3]);
    return dense_columns_ == 0 ? sparse : sparse + dot(dense_row(i), weights.data(), dense_columns_);
  }
  void add(std::size_t i, double factor, std::vector<double>& weights) const {
    const double* row = dense_row(i);
    for (std::size_t j = 0; j < dense_columns_; ++j) weights[j] += factor * row[j];
    for (std::size_t a = starts_[i]; a < starts_[i + 1]; ++a) weights[columns_[a]] += factor * values_[a];
  }

 private:
  const double* dense_row(std::size_t i) const { return dense_.data() + i * dense_columns_; }
  std::size_t dense_columns_;
  std::vector<double> dense_{};
  std::vector<std::size_t> starts_{};
  std::vector<std::uint32_t> columns_{};
  std::vector<double> values_{}, squares_{};
};

class DescentRun {
 public:
  DescentRun(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
             const std::vector<std::uint32_t>& order, DescentState& state, const PiecewiseOptions& options,
             const RunContext& context)
      : design_(design),
        rows_(rows),
        options_(options),
        context_(context),
        cells_(design, tiles, rows.size(), options.intercept),
        multipliers_(state.multipliers),
        intercept_(state.intercept),
        weights_(design.columns()) {
    multipliers_.resize(rows.size());
    for (std::uint32_t i : order)
      if (rows.costs[i] > 0) order_.push_back(i);
    for (std::size_t i = 0; i < rows.size(); ++i)
      multipliers_[i] = rows.costs[i] > 0 ? std::clamp(multipliers_[i], rows.lower[i], rows.upper[i]) : 0.0;
    for (std::uint32_t i : order_) add(i, multipliers_[i]);
    double loss = 0;
    for (std::uint32_t i : order_) loss += rows_.loss(i, rows_.targets[i]);
    floor_ = 1e-10 * loss;
  }

  PiecewiseFit run(const std::vector<Tile>& tiles) {
    PiecewiseFit fit;
    if (floor_ > 0) fit.stopped = !descend(fit.steps);
    fit.point.weights = weights_;
    // the design's columns are centred
    const std::vector<double> means = design_.means();
    fit.point.intercept = options_.intercept ? intercept_ : 0.0;
    for (std::size_t j = options_.intercept ? design_.dense_columns() : 0; j < weights_.size(); ++j)
      fit.point.intercept += means[j] * weights_[j];
    auto scores = scores_of_rows(design_, tiles, rows_.size(), weights_, fit.point.intercept, context_);
    if (scores) fit.point.scores = std::move(*scores);
    else fit.stopped = true;
    return fit;
  }

 private:
  void add(std::uint32_t i, double change) {
    if (change == 0) return;
    cells_.add(i, change, weights_);
    intercept_ += change;
  }
  double residual(std::uint32_t i) const {
    const double b = options_.intercept ? intercept_ : 0.0;
    return rows_.targets[i] - b - cells_.times(i, weights_);
  }

  /// False: stopped.
  bool descend(std::int64_t& steps) {
    std::vector<std::uint32_t> active = order_;
    double settled = infinity, accuracy = 0.1;
    int since = 0;
    while (steps < options_.max_steps) {
      const std::vector<double> multipliers = multipliers_, weights = weights_;
      const double intercept = intercept_;
      const auto worst = pass(active, settled, steps);
      if (!worst) {  // a pass is done as a whole or not at all
        multipliers_ = multipliers;
        weights_ = weights;
        intercept_ = intercept;
        return false;
      }
      ++steps;
      settled = *worst > 0 ? *worst : infinity;
      if (*worst > accuracy && ++since < passes_of_look) continue;
      since = 0;
      const auto far = excess();
      if (!far) return false;
      if (*far <= 0) return true;
      if (options_.intercept) follow();
      if (*worst <= accuracy) {  // settled among the active ones: all are looked at again
        accuracy *= 0.3;
        active = order_;
        settled = infinity;
      }
    }
    return true;
  }

  /// Every active multiplier once, in random order. Those that have settled leave. The largest violation of what
  /// optimal multipliers satisfy; nothing when stopped.
  std::optional<double> pass(std::vector<std::uint32_t>& active, double settled, std::int64_t step) {
    const std::uint64_t key =
        combine_hashes(combine_hashes(context_.seed, purpose("dual descent")), static_cast<std::uint64_t>(step));
    double worst = 0;
    std::size_t left = active.size();
    for (std::size_t s = 0; s < left; ++s) {
      if (s % descent_block == 0 && context_.stop.stop_requested()) return std::nullopt;
      const auto drawn = static_cast<std::size_t>(((mix64(key + s) >> 32) * (left - s)) >> 32);
      std::swap(active[s], active[s + drawn]);
      const std::uint32_t i = active[s];
      const double violation = improve(i, settled);
      if (violation < 0) std::swap(active[s--], active[--left]);
      worst = std::max(worst, violation);
    }
    active.resize(left);
    return worst;
  }

  /// Brings one multiplier to its optimum. How far it was from it, by the slope; -1: it has settled.
  double improve(std::uint32_t i, double settled) {
    const double own = rows_.squared ? 0.5 / rows_.costs[i] : 0.0, beta = multipliers_[i];
    const double slope = own * beta - residual(i);
    const double up = beta >= rows_.upper[i] ? infinity : slope + (beta >= 0 ? rows_.epsilon : -rows_.epsilon);
    const double down = beta <= rows_.lower[i] ? -infinity : slope + (beta > 0 ? rows_.epsilon : -rows_.epsilon);
    if (up > settled && down < -settled) return -1;
    const double violation = std::max({0.0, -up, down});
    if (violation < 1e-12) return violation;
    const double curvature = own + cells_.square(i) + (options_.intercept ? 1.0 : 0.0);
    const double above = slope + rows_.epsilon, below = slope - rows_.epsilon;
    double next = above < curvature * beta   ? beta - above / curvature
                  : below > curvature * beta ? beta - below / curvature
                                             : 0.0;
    if (!(curvature > 0)) next = down > 0 ? rows_.lower[i] : rows_.upper[i];
    next = std::clamp(next, rows_.lower[i], rows_.upper[i]);
    add(i, next - beta);
    multipliers_[i] = next;
    return violation;
  }

  /// The duality gap beyond what is allowed, with what the intercept is drawn by; nothing when stopped.
  std::optional<double> excess() const {
    double value = 0.5 * dot(weights_, weights_), gap = 0, sum = 0;
    for (std::size_t s = 0; s < order_.size(); ++s) {
      if (s % descent_block == 0 && context_.stop.stop_requested()) return std::nullopt;
      const std::uint32_t i = order_[s];
      const double rest = residual(i), beta = multipliers_[i], loss = rows_.loss(i, rest);
      const double own = rows_.squared ? 0.25 * beta * beta / rows_.costs[i] : 0.0;
      value += loss;
      gap += loss - (beta * rest - rows_.epsilon * std::abs(beta) - own);
      sum += beta;
    }
    if (options_.intercept) gap += std::abs(sum) * std::max(1.0, std::abs(intercept_));
    return gap - (options_.tolerance * value + floor_);
  }

  /// The intercept is drawn to where it is now, with the multipliers as they are: b = center + their sum.
  void follow() {
    double sum = 0;
    for (std::uint32_t i : order_) sum += multipliers_[i];
    intercept_ += sum;
  }

  const Design& design_;
  const PiecewiseRows& rows_;
  const PiecewiseOptions& options_;
  const RunContext& context_;
  RowMajor cells_;
  std::vector<double>& multipliers_;
  double& intercept_;
  std::vector<double> weights_;
  std::vector<std::uint32_t> order_{};
  double floor_ = 0;
};

}  // namespace

PiecewiseFit fit_by_descent(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                            const std::vector<std::uint32_t>& order, DescentState& state,
                            const PiecewiseOptions& options, const RunContext& context) {
  return DescentRun(design, tiles, rows, order, state, options, context).run(tiles);
}

}  // namespace automill::linear
