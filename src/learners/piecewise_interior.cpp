#include "piecewise_interior.hpp"

#include "block_factor.hpp"
#include "linear_vectors.hpp"
#include "row_sums.hpp"

namespace automill::linear {
namespace {

constexpr double to_the_wall = 0.9995;  // of the way to where a variable would be 0
constexpr double more_curved = 1e-12;   // that a column's own product is, so that equal columns have a step

/// What one step changes.
struct InteriorStep {
  std::vector<double> weights{};
  double intercept = 0;
  std::vector<double> scores{};  ///< of the rows, then the weights where they have an l1 penalty
  std::vector<double> multipliers{}, above{}, below{};
};

/// Variables come one a row; with an l1 penalty then one a weight, as rows would that have minus the weight as their
/// score and 0 as their target.
class InteriorRun {
 public:
  InteriorRun(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
              const WeightPenalty& penalty, const PiecewiseOptions& options, const RunContext& context)
      : design_(design),
        tiles_(tiles),
        penalty_(penalty),
        options_(options),
        context_(context),
        rows_(rows.size()),
        lower_(rows.lower),
        upper_(rows.upper) {
    point_.weights.assign(design.columns(), 0.0);
    std::vector<double> residuals = rows.targets;
    if (penalty.l1 > 0) {
      lower_.insert(lower_.end(), design.columns(), -penalty.l1);
      upper_.insert(upper_.end(), design.columns(), penalty.l1);
      residuals.resize(lower_.size());
    }
    begin(residuals);
  }

  PiecewiseFit run(const PiecewiseRows& rows) {
    PiecewiseFit fit;
    while (fit.steps < options_.max_steps && mean_ > 0) {
      if (gap() <= options_.tolerance * objective() + floor_) break;
      const auto done = step();
      fit.stopped = !done;
      if (fit.stopped || !*done) break;
      ++fit.steps;
    }
    fit.point = std::move(point_);
    fit.point.scores.assign(rows.targets.begin(), rows.targets.end());
    for (std::size_t i = 0; i < rows_; ++i) fit.point.scores[i] -= above_[i] - below_[i];
    return fit;
  }

 private:
  std::size_t size() const { return lower_.size(); }

  void begin(const std::vector<double>& residuals) {
    for (std::size_t i = 0; i < rows_; ++i) mean_ += std::abs(residuals[i]) / static_cast<double>(rows_);
    multipliers_.assign(size(), 0.0);
    for (double residual : residuals) {
      above_.push_back(std::max(residual, 0.0) + mean_);
      below_.push_back(std::max(-residual, 0.0) + mean_);
    }
    floor_ = 1e-12 * objective();
  }

  /// Residual = above - below.
  double objective() const {
    double value = 0.5 * penalty_.l2 * dot(point_.weights, point_.weights);
    for (std::size_t i = 0; i < size(); ++i) {
      const double residual = above_[i] - below_[i];
      value += residual * (residual > 0 ? upper_[i] : lower_[i]);
    }
    return value;
  }
  double gap() const {
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i)
      sum += (upper_[i] - multipliers_[i]) * above_[i] + (multipliers_[i] - lower_[i]) * below_[i];
    return sum;
  }

  /// False: no further, as exact as rounding allows. Nothing: stopped.
  std::optional<bool> step() {
    std::vector<double> curvatures(size());
    for (std::size_t i = 0; i < size(); ++i)
      curvatures[i] = 1 / (above_[i] / (upper_[i] - multipliers_[i]) + below_[i] / (multipliers_[i] - lower_[i]));
    const auto gram = products(curvatures);
    if (!gram) return std::nullopt;
    std::vector<double> to_upper(size()), to_lower(size());
    const auto predictor = direction(*gram, curvatures, to_upper, to_lower);
    if (!predictor) return std::nullopt;
    const double now = gap(), least = gap_after(*predictor);
    const double left = std::max(least, 0.0) / now;
    const double share = left * left * left * now / static_cast<double>(2 * size());
    for (std::size_t i = 0; i < size(); ++i) {
      to_upper[i] = share + predictor->multipliers[i] * predictor->above[i];
      to_lower[i] = share - predictor->multipliers[i] * predictor->below[i];
    }
    const auto corrector = direction(*gram, curvatures, to_upper, to_lower);
    if (!corrector) return std::nullopt;
    return take(*corrector);
  }

  std::optional<Gram> products(const std::vector<double>& curvatures) const {
    const auto tile = [&](std::size_t t, Tile&) -> const Tile& { return tiles_[t]; };
    return weighted_gram(design_, tiles_.size(), tile, std::span(curvatures).first(rows_), {}, context_);
  }

  /// Newton's step to where (upper - multiplier) above = `to_upper` and (multiplier - lower) below = `to_lower`.
  std::optional<InteriorStep> direction(const Gram& gram, const std::vector<double>& curvatures,
                                        const std::vector<double>& to_upper,
                                        const std::vector<double>& to_lower) const {
    std::vector<double> wanted(size());  // multipliers, if the weights stayed
    for (std::size_t i = 0; i < size(); ++i)
      wanted[i] = multipliers_[i] + curvatures[i] * (above_[i] - to_upper[i] / (upper_[i] - multipliers_[i]) -
                                                     below_[i] + to_lower[i] / (multipliers_[i] - lower_[i]));
    auto sums = sums_over_rows(design_, tiles_, wanted, context_);
    if (!sums) return std::nullopt;
    for (std::size_t j = 0; j < design_.columns(); ++j) {
      sums->columns[j] -= penalty_.l2 * point_.weights[j];
      if (penalty_.l1 > 0) sums->columns[j] -= wanted[rows_ + j];
    }
    InteriorStep step;
    if (!solve(gram, curvatures, *sums, step)) return std::nullopt;
    auto scores = scores_of_rows(design_, tiles_, rows_, step.weights, step.intercept, context_);
    if (!scores) return std::nullopt;
    step.scores = std::move(*scores);
    if (penalty_.l1 > 0)
      for (double weight : step.weights) step.scores.push_back(-weight);
    for (std::size_t i = 0; i < size(); ++i) {
      const double up = upper_[i] - multipliers_[i], down = multipliers_[i] - lower_[i];
      const double change = wanted[i] - multipliers_[i] - curvatures[i] * step.scores[i];
      step.multipliers.push_back(change);
      step.above.push_back((to_upper[i] + above_[i] * change) / up - above_[i]);
      step.below.push_back((to_lower[i] - below_[i] * change) / down - below_[i]);
    }
    return step;
  }

  /// Weights and intercept of a step; the intercept is eliminated first. False: stopped.
  bool solve(const Gram& gram, const std::vector<double>& curvatures, const RowSums& right, InteriorStep& step) const {
    const std::size_t p = design_.columns(), size = p + 1;
    std::vector<double> matrix(size * size), sums(size);
    const double unit = 1 / std::sqrt(gram.total_weight);
    matrix[0] = 1;
    sums[0] = right.total * unit;
    for (std::size_t a = 0; a < p; ++a) {
      double* row = matrix.data() + (a + 1) * size;
      row[0] = gram.sums[a] * unit;
      for (std::size_t b = 0; b <= a; ++b) row[b + 1] = gram.products[a * p + b];
      row[a + 1] += penalty_.l2 + more_curved * gram.products[a * p + a];
      if (penalty_.l1 > 0) row[a + 1] += curvatures[rows_ + a];
      sums[a + 1] = right.columns[a];
    }
    const auto solved = solve_system(std::move(matrix), size, std::move(sums), 1e-200, context_);
    if (!solved) return false;
    step.intercept = solved->front() * unit;
    step.weights.assign(solved->begin() + 1, solved->end());
    return true;
  }

  /// How far the multipliers, and the weights, may go.
  struct Lengths {
    double multipliers = 1, weights = 1;
  };
  Lengths lengths(const InteriorStep& step) const {
    Lengths most{1 / to_the_wall, 1 / to_the_wall};
    const auto bound = [](double& length, double value, double change) {
      if (value + length * change < 0) length = -value / change;
    };
    for (std::size_t i = 0; i < size(); ++i) {
      bound(most.multipliers, upper_[i] - multipliers_[i], -step.multipliers[i]);
      bound(most.multipliers, multipliers_[i] - lower_[i], step.multipliers[i]);
      bound(most.weights, above_[i], step.above[i]);
      bound(most.weights, below_[i], step.below[i]);
    }
    // with an l2 penalty both are tied to each other
    if (penalty_.l2 > 0) most.multipliers = most.weights = std::min(most.multipliers, most.weights);
    return {to_the_wall * most.multipliers, to_the_wall * most.weights};
  }
  double gap_after(const InteriorStep& step) const {
    const Lengths length = lengths(step);
    double sum = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      const double multiplier = multipliers_[i] + length.multipliers * step.multipliers[i];
      sum += (upper_[i] - multiplier) * (above_[i] + length.weights * step.above[i]) +
             (multiplier - lower_[i]) * (below_[i] + length.weights * step.below[i]);
    }
    return sum;
  }

  bool take(const InteriorStep& step) {
    const Lengths length = lengths(step);
    if (!(length.weights > 1e-10 && std::isfinite(gap_after(step)))) return false;
    add_scaled(point_.weights, length.weights, step.weights);
    point_.intercept += length.weights * step.intercept;
    add_scaled(multipliers_, length.multipliers, step.multipliers);
    add_scaled(above_, length.weights, step.above);
    add_scaled(below_, length.weights, step.below);
    return true;
  }

  const Design& design_;
  const std::vector<Tile>& tiles_;
  const WeightPenalty& penalty_;
  const PiecewiseOptions& options_;
  const RunContext& context_;
  std::size_t rows_;
  std::vector<double> lower_, upper_;
  PiecewisePoint point_{};
  std::vector<double> multipliers_{}, above_{}, below_{};
  double mean_ = 0, floor_ = 0;
};

}  // namespace

PiecewiseFit fit_by_interior_point(const Design& design, const std::vector<Tile>& tiles, const PiecewiseRows& rows,
                                   const WeightPenalty& penalty, const PiecewiseOptions& options,
                                   const RunContext& context) {
  return InteriorRun(design, tiles, rows, penalty, options, context).run(rows);
}

}  // namespace automill::linear
