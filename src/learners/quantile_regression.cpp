#include <automill/learners/linear_model.hpp>
#include <automill/learners/quantile_regression.hpp>
#include <cmath>

#include "linear_targets.hpp"
#include "piecewise_interior.hpp"
#include "quantile_levels.hpp"

namespace automill {
namespace {

constexpr double least_cost = 1e-14;  // of a row, in units of the largest: less does not change the objective

class QuantileRegressionFit {
 public:
  QuantileRegressionFit(const FitInput& input, const QuantileRegressionParameters& parameters,
                        const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, parameters.standardize, context),
        levels_(quantile_levels(parameters.quantiles, QuantileRegression::registered_name)) {
    if (levels_.empty()) levels_ = {parameters.quantile};
    design_.lay_out(linear::Layout::sparse_where_possible);
    for (double variance : design_.variances())
      if (!(variance < 1e200))
        throw Error("fit.overflow", QuantileRegression::registered_name,
                    "the variance of a column exceeds the largest number", "standardize the columns");
    take_targets();
  }

  FitResult run() {
    FitResult result;
    points_.assign(levels_.size(), {.weights = std::vector<double>(design_.columns())});
    if (targets_.vary() && !fit_levels()) result.report.stopped = context_.stop.stopped_by();
    result.report.rounds = rounds_;
    result.model = make_model();
    return result;
  }

 private:
  void take_targets() {
    targets_ = linear::centred_targets(input_.train, design_.rows());
    const double deviation = linear::deviation_of(targets_.targets, design_.rows());
    if (!(deviation > 0)) return;
    for (double& target : targets_.targets) target /= deviation;
    targets_.unit *= deviation;
  }

  /// False: stopped.
  bool fit_levels() {
    const std::uint64_t n = design_.rows().size(), p = design_.columns();
    const MemoryClaim claim(context_.memory, design_.tile_bytes(n) + 16 * p * p + 240 * (n + p),
                            "rows of a linear fit");
    std::optional<std::vector<linear::Tile>> tiles;
    try {
      tiles = design_.read_tiles(input_.train.dataset().features, design_.rows().rows, context_);
    } catch (const Stopped&) {
    }
    if (!tiles) return false;
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      linear::PiecewiseOptions options{.tolerance = parameters_.tolerance, .max_steps = parameters_.max_iterations};
      if (input_.stop_at_round) options.max_steps = std::min(options.max_steps, *input_.stop_at_round - rounds_);
      auto fit = fit_by_interior_point(design_, *tiles, rows_of(levels_[k]), penalty(), options, context_);
      points_[k] = std::move(fit.point);
      rounds_ += fit.steps;
      if (fit.stopped) return false;
    }
    return true;
  }

  /// The mean loss: costs add up to 1.
  linear::PiecewiseRows rows_of(double level) const {
    const std::vector<double>& weights = design_.rows().weights;
    const double largest = *std::max_element(weights.begin(), weights.end());
    linear::PiecewiseRows rows{.targets = targets_.targets};
    for (double weight : weights) {
      rows.costs.push_back(std::max(weight, least_cost * largest) / design_.rows().total_weight);
      rows.lower.push_back((level - 1) * rows.costs.back());
      rows.upper.push_back(level * rows.costs.back());
    }
    return rows;
  }
  /// Losses have the unit of the target, and so has an l1 penalty; an l2 penalty has its square.
  linear::WeightPenalty penalty() const {
    if (parameters_.penalty == "l1") return {.l1 = parameters_.alpha};
    const double unit = parameters_.standardize ? 1.0 : targets_.unit;
    return {.l2 = std::min(parameters_.alpha * unit, 1e100)};
  }

  std::unique_ptr<LinearModel> make_model() const {
    const std::size_t columns = design_.columns(), levels = levels_.size();
    std::vector<double> weights(columns * levels), intercepts(levels);
    for (std::size_t k = 0; k < levels; ++k) {
      for (std::size_t j = 0; j < columns; ++j) weights[j * levels + k] = targets_.unit * points_[k].weights[j];
      intercepts[k] = targets_.mean + targets_.unit * points_[k].intercept;
    }
    const Link link = levels > 1 ? Link::ascending : Link::identity;
    LinearState state = design_.make_state(link, weights, intercepts);
    linear::require_finite_predictions(state, QuantileRegression::registered_name);
    return std::make_unique<LinearModel>(std::move(state));
  }

  const FitInput& input_;
  const QuantileRegressionParameters& parameters_;
  const RunContext& context_;
  linear::Design design_;
  std::vector<double> levels_;
  linear::CentredTargets targets_{};
  std::vector<linear::PiecewisePoint> points_{};
  std::int64_t rounds_ = 0;
};

}  // namespace

EstimatorTraits QuantileRegression::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::regression};
  traits.row_order_tolerance = 1e-3;
  return traits;
}

OutputSpec QuantileRegression::output_spec(const Target& target) const {
  OutputSpec output = output_of(target);
  if (parameters_.quantiles.is_null()) return output;
  return output_of_levels(std::move(output), quantile_levels(parameters_.quantiles, registered_name));
}

CostEstimate QuantileRegression::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double levels =
      parameters_.quantiles.is_array() ? static_cast<double>(parameters_.quantiles.array().size()) : 1;
  const double filled = shape.filled();
  return {levels * 25 * (n * (filled * filled + 16 * filled + 60) + p * p * p / 3),
          (n + 512) * (12 * filled + 280) + 96 * p * p + 400 * p * levels + 1e4};
}

FitResult QuantileRegression::fit_checked(const FitInput& input, const RunContext& context) const {
  return QuantileRegressionFit(input, parameters_, context).run();
}

}  // namespace automill
