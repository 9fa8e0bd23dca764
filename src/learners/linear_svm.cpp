#include <automill/learners/linear_model.hpp>
#include <automill/learners/linear_svm.hpp>
#include <cmath>

#include "keyed_rows.hpp"
#include "linear_targets.hpp"
#include "piecewise_descent.hpp"
#include "piecewise_interior.hpp"
#include "piecewise_newton.hpp"
#include "score_calibration.hpp"

namespace automill {
namespace {

using linear::DescentState;
using linear::PiecewiseFit;
using linear::PiecewisePoint;
using linear::PiecewiseRows;

constexpr std::size_t svm_folds = 5;        // of the scores that probabilities are learned from
constexpr std::size_t few_svm_rows = 5000;  // up to here, and so many cells, every row is held out once
constexpr double few_svm_cells = 250000;
constexpr std::size_t most_held_out = 10000;   // rows, where there are more
constexpr std::size_t few_svm_columns = 512;   // for which steps of Newton's method always pay
constexpr std::size_t few_rows_of_column = 5;  // for which an interior point method does
constexpr double held_out_accuracy = 1e-3;     // of fits whose scores are only calibrated by
constexpr double smoother_again = 125;         // where they begin, in units of the smoothing at the end
constexpr double infinite = std::numeric_limits<double>::infinity();

class LinearSvmFit {
 public:
  LinearSvmFit(const FitInput& input, const LinearSvmParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        regression_(input.train.task() == Task::regression),
        loss_(parameters.loss.value_or(regression_ ? "epsilon_insensitive" : "squared_hinge")),
        design_(input.train, parameters.standardize, context),
        classes_(input.train.target().classes.size()),
        scores_(regression_ || classes_ == 2 ? 1 : classes_) {
    check_loss();
    design_.lay_out(linear::Layout::sparse_where_possible);
    for (double variance : design_.variances())
      if (!(variance < 1e200)) refuse_columns();
    if (regression_) take_targets();
    const linear::TrainingRows& rows = design_.rows();
    std::vector<std::uint64_t> keys;
    for (std::uint32_t from : rows.keys_from) {
      keys.push_back(input.train.key(from));
      if (!regression_) labels_.push_back(input.train.label(from));
    }
    order_ = keyed_order(keys, labels_, context.seed, purpose("linear svm rows"));
    left_ = input.stop_at_round.value_or(std::numeric_limits<std::int64_t>::max());
  }

  FitResult run() {
    FitResult result;
    points_.assign(scores_, {.weights = std::vector<double>(design_.columns())});
    states_.resize(scores_);
    const MemoryClaim claim(context_.memory, bytes(), "rows of a linear fit");
    bool complete = false;
    try {
      complete = read_rows() && fit_scores() && (regression_ || calibrate());
    } catch (const Stopped&) {  // while rows were read
    }
    if (!complete && context_.stop.stop_requested()) result.report.stopped = context_.stop.stopped_by();
    result.report.rounds = rounds_;
    if (!regression_) result.report.details = calibration_details();
    result.model = make_model();
    return result;
  }

 private:
  void check_loss() const {
    const bool of_numbers = loss_.ends_with("epsilon_insensitive");
    if (of_numbers == regression_) return;
    throw Error("fit.loss", std::string(LinearSvm::registered_name) + ".loss",
                loss_ + " is a loss of " + (of_numbers ? "numbers" : "classes"),
                regression_ ? "set loss to epsilon_insensitive or squared_epsilon_insensitive, or leave it out"
                            : "set loss to hinge or squared_hinge, or leave it out");
  }
  [[noreturn]] static void refuse_columns() {
    throw Error("fit.overflow", LinearSvm::registered_name, "the variance of a column exceeds the largest number",
                "standardize the columns");
  }
  bool squared() const { return loss_.starts_with("squared"); }
  /// Where rows are few for their columns, classes can be told apart, or errors avoided: multipliers settle soon then,
  /// and steps of Newton's method are many.
  bool by_descent() const {
    const std::size_t n = design_.rows().size(), p = design_.columns();
    if (p <= few_svm_columns) return false;
    if (regression_) return !squared() && (n < p || p > linear::most_curved_columns);
    return n < 2 * p || (!squared() && p > linear::most_curved_columns);
  }

  /// Absolute errors of few rows for their columns: many of them are 0 in the end, and steps until it is known which
  /// are many, too.
  bool by_interior_point() const {
    const std::size_t n = design_.rows().size(), p = design_.columns();
    return regression_ && !squared() && parameters_.epsilon == 0 && parameters_.fit_intercept && !by_descent() &&
           n < few_rows_of_column * p;
  }

  /// Targets around 0 in a unit in which they neither overflow nor vanish; around their origin without an intercept.
  void take_targets() {
    targets_ = linear::centred_targets(input_.train, design_.rows());
    const double deviation = linear::deviation_of(targets_.targets, design_.rows());
    if (!parameters_.fit_intercept) {
      const double mean = targets_.mean / targets_.unit;
      for (double& target : targets_.targets) target += mean;
      targets_.mean = 0;
    }
    if (!parameters_.standardize || !(deviation > 0)) return;
    for (double& target : targets_.targets) target /= deviation;
    targets_.unit *= deviation;
  }

  std::uint64_t bytes() const {
    const std::uint64_t n = design_.rows().size(), p = design_.columns();
    const std::uint64_t products = p <= linear::most_curved_columns ? 40 * p * p : 0;
    return (by_descent() ? 3 : 1) * design_.tile_bytes(n) + products + n * (96 + (by_descent() ? 8 * scores_ : 0)) +
           64 * p + (regression_ ? 0 : 16 * n * classes_);
  }

  bool read_rows() {
    auto tiles = design_.read_tiles(input_.train.dataset().features, design_.rows().rows, context_);
    if (tiles) tiles_ = std::move(*tiles);
    return tiles.has_value();
  }

  // --- one score after the other; each step is a round, and each fit that has ended one more ------------------------

  bool fit_scores() {
    for (std::size_t k = 0; k < scores_; ++k) {
      if (!fit_one(rows_of(k, {}), parameters_.tolerance, points_[k], states_[k])) return false;
      points_[k].scores = {};
      if (scores_ > 1) points_[k].products = nullptr;  // there may be many of them
    }
    return true;
  }

  /// Begins at `point` or `state`, and leaves there what it ends with. False: stopped.
  bool fit_one(const PiecewiseRows& rows, double tolerance, PiecewisePoint& point, DescentState& state) {
    const linear::PiecewiseOptions options{.intercept = parameters_.fit_intercept,
                                           .tolerance = tolerance,
                                           .max_steps = std::min<std::int64_t>(left_, parameters_.max_iterations)};
    PiecewiseFit fit = by_interior_point() ? fit_by_interior_point(design_, tiles_, rows, {.l2 = 1}, options, context_)
                       : by_descent()      ? fit_by_descent(design_, tiles_, rows, order_, state, options, context_)
                                           : fit_by_newton(design_, tiles_, rows, std::move(point), options, context_);
    point = std::move(fit.point);
    for (double weight : point.weights)
      if (!std::isfinite(weight)) refuse_columns();
    return count(fit.steps) && !fit.stopped && count(1);
  }
  /// Rounds that are done; false: there are no more to do.
  bool count(std::int64_t rounds) {
    if (rounds > left_) return false;
    left_ -= rounds;
    rounds_ += rounds;
    return true;
  }

  /// Rows as score k sees them, without those that are held out (0 or 1 a row; none: all count).
  PiecewiseRows rows_of(std::size_t k, const std::vector<std::uint8_t>& held_out) const {
    const std::size_t n = design_.rows().size();
    PiecewiseRows rows{.squared = squared(), .epsilon = regression_ ? epsilon() : 0.0};
    const std::size_t told = scores_ == 1 ? 1 : k;
    const double cost = cost_of_loss(), least = by_interior_point() ? least_svm_weight() : 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const bool counts = held_out.empty() || held_out[i] == 0;
      rows.costs.push_back(counts ? cost * std::max(design_.rows().weights[i], least) : 0.0);
      const double bound = squared() && counts ? infinite : rows.costs.back();
      const bool positive = !regression_ && static_cast<std::size_t>(labels_[i]) == told;
      rows.targets.push_back(regression_ ? targets_.targets[i] : positive ? 1.0 : -1.0);
      rows.lower.push_back(regression_ || !positive ? -bound : 0.0);
      rows.upper.push_back(regression_ || positive ? bound : 0.0);
    }
    return rows;
  }
  /// A row of less does not change the objective, but every row must have room for its multiplier.
  double least_svm_weight() const {
    return 1e-14 * *std::max_element(design_.rows().weights.begin(), design_.rows().weights.end());
  }
  /// In the unit of the targets that are fitted, the penalty has the unit's square and losses have the unit or its
  /// square.
  double cost_of_loss() const {
    const bool own_unit = regression_ && !parameters_.standardize && !squared();
    return own_unit ? std::clamp(parameters_.c / targets_.unit, 1e-100, 1e100) : parameters_.c;
  }
  double epsilon() const {
    return parameters_.standardize ? parameters_.epsilon : std::min(parameters_.epsilon / targets_.unit, 1e100);
  }

  // --- probabilities ------------------------------------------------------------------------------------------------

  bool calibrate() {
    const std::size_t n = order_.size();
    if (n < 2) return true;
    const bool few = n <= few_svm_rows && static_cast<double>(n * design_.columns()) <= few_svm_cells;
    const std::size_t parts = few ? svm_folds : std::max(svm_folds, n / most_held_out);
    std::vector<std::size_t> of_class(classes_);  // the only row of a class stays
    for (std::int32_t label : labels_) ++of_class[static_cast<std::size_t>(label)];
    ScoredRows scored{.classes = classes_};
    for (std::size_t fold = 0; fold < (few ? std::min(parts, n) : 1); ++fold) {
      std::vector<std::uint8_t> held_out(n);
      for (std::size_t i = fold; i < n; i += parts)
        if (of_class[static_cast<std::size_t>(labels_[order_[i]])] > 1) held_out[order_[i]] = 1;
      if (!add_held_out(held_out, scored)) return false;
    }
    auto found = calibrate_scores(scored, context_.stop);
    if (!found || !count(1)) return false;
    calibration_ = std::move(*found);
    return true;
  }

  /// Scores of rows by fits without them, which begin where the fits of all rows ended.
  bool add_held_out(const std::vector<std::uint8_t>& held_out, ScoredRows& scored) {
    const double tolerance = std::max(held_out_accuracy, parameters_.tolerance);
    std::vector<std::vector<double>> scores(scores_);
    for (std::size_t k = 0; k < scores_; ++k) {
      PiecewisePoint point = points_[k];
      point.smoothing *= smoother_again;
      DescentState state = states_[k];
      if (!fit_one(rows_of(k, held_out), tolerance, point, state)) return false;
      scores[k] = std::move(point.scores);
    }
    for (std::size_t i = 0; i < held_out.size(); ++i) {
      if (held_out[i] == 0) continue;
      scored.labels.push_back(labels_[i]);
      scored.weights.push_back(design_.rows().weights[i]);
      if (scores_ == 1) scored.scores.push_back(0);
      for (const auto& each : scores) scored.scores.push_back(each[i]);
    }
    return true;
  }
  Object calibration_details() const {
    Array offsets;
    for (std::size_t k = 0; k < scores_; ++k) offsets.push_back(offset(k));
    return Object{{"slope", calibration_.slope}, {"offsets", std::move(offsets)}};
  }
  double offset(std::size_t k) const {
    if (calibration_.offsets.empty()) return 0;
    return scores_ == 1 ? calibration_.offsets[1] - calibration_.offsets[0] : calibration_.offsets[k];
  }

  std::unique_ptr<LinearModel> make_model() const {
    const std::size_t columns = design_.columns();
    std::vector<double> weights(columns * scores_), intercepts(scores_);
    for (std::size_t k = 0; k < scores_; ++k) {
      const double unit = regression_ ? targets_.unit : calibration_.slope;
      for (std::size_t j = 0; j < columns; ++j) weights[j * scores_ + k] = unit * points_[k].weights[j];
      intercepts[k] = unit * points_[k].intercept + (regression_ ? targets_.mean : offset(k));
    }
    const Link link = regression_ ? Link::identity : classes_ == 2 ? Link::logistic : Link::softmax;
    LinearState state = design_.make_state(link, weights, intercepts);
    if (regression_) linear::require_finite_predictions(state, LinearSvm::registered_name);
    return std::make_unique<LinearModel>(std::move(state));
  }

  const FitInput& input_;
  const LinearSvmParameters& parameters_;
  const RunContext& context_;
  bool regression_;
  std::string loss_;
  linear::Design design_;
  std::size_t classes_, scores_;
  linear::CentredTargets targets_{};
  std::vector<std::int32_t> labels_{};
  std::vector<std::uint32_t> order_{};  ///< rows by class and content
  std::vector<linear::Tile> tiles_{};
  std::vector<PiecewisePoint> points_{};
  std::vector<DescentState> states_{};
  ScoreCalibration calibration_{};
  std::int64_t left_ = 0, rounds_ = 0;
};

}  // namespace

EstimatorTraits LinearSvm::traits() const {
  EstimatorTraits traits;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate LinearSvm::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double scores = shape.classes <= 2 ? 1 : static_cast<double>(shape.classes), filled = shape.filled();
  const double small = std::min(p, 1.0 * linear::most_curved_columns), fits = 1 + std::min(4.0, 2e4 / (n + 1));
  return {scores * fits * (60 * n * (4 * filled + 60) + 2 * n * small * small + 20 * small * small * small),
          (n + 512) * (36 * filled + 140 + 24 * scores) + 150 * small * small + 400 * p * scores + 1e4};
}

FitResult LinearSvm::fit_checked(const FitInput& input, const RunContext& context) const {
  return LinearSvmFit(input, parameters_, context).run();
}

}  // namespace automill
