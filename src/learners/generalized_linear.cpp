#include <automill/learners/generalized_linear.hpp>
#include <cmath>

#include "generalized_losses.hpp"
#include "linear_targets.hpp"

namespace automill {
namespace {

using linear::HuberLoss;
using linear::LinearObjective;
using linear::MinimizeOptions;
using linear::MinimizeResult;

/// Target = shift + unit * what is fitted.
struct TargetScale {
  double shift = 0, unit = 1;
};

class GeneralizedFit {
 public:
  GeneralizedFit(const FitInput& input, const GeneralizedLinearParameters& parameters, const RunContext& context)
      : input_(input),
        parameters_(parameters),
        context_(context),
        design_(input.train, parameters.standardize, context),
        huber_(parameters.objective == "huber") {
    design_.lay_out(linear::Layout::sparse_where_possible);
    for (double variance : design_.variances())
      if (!std::isfinite(variance))
        throw Error("fit.overflow", GeneralizedLinear::registered_name,
                    "the variance of a column exceeds the largest number", "standardize the columns");
    if (huber_) scale_by_deviation();
    else scale_by_mean();
  }

  FitResult run() {
    linear::SmoothFit fit{.point = std::vector<double>(design_.columns() + 1, 0.0)};
    fit.point.back() = start_;
    if (varies_) {
      linear::SmoothOptions options{.c = given_strength(),
                                    .tolerance = parameters_.tolerance,
                                    .max_iterations = parameters_.max_iterations,
                                    .salt = purpose("generalized linear folds")};
      if (huber_)
        options.finish = [&](LinearObjective& objective, double penalty, const MinimizeOptions& how,
                             MinimizeResult& result) { fit_scale(objective, penalty, how, result); };
      fit = fit_smooth(input_, design_, linear::regression_objectives(design_, loss(), scale_.shift, scale_.unit),
                       options, context_);
    }
    FitResult result;
    result.report = std::move(fit.report);
    result.report.details = Object{{"alpha", 1 / (fit.c * design_.rows().total_weight) / penalty_unit_}};
    if (huber_) result.report.details["scale"] = huber_loss_.scale() * scale_.unit;
    result.model = make_model(std::move(fit.point));
    return result;
  }

 private:
  const linear::RegressionLoss& loss() const {
    if (huber_) return huber_loss_;
    return tweedie_loss_;
  }

  /// Residuals of the mean, in units of the standard deviation.
  void scale_by_deviation() {
    linear::CentredTargets centred = linear::centred_targets(input_.train, design_.rows());
    const double deviation = linear::deviation_of(centred.targets, design_.rows());
    varies_ = deviation > 0;
    scale_ = {centred.mean, varies_ ? centred.unit * deviation : 1.0};
    if (!varies_) return;
    for (double& target : centred.targets) target /= deviation;
    const double median = linear::weighted_median(centred.targets, design_.rows().weights);
    for (double& target : centred.targets) target -= median;
    huber_loss_.set_scale(linear::huber_scale(centred.targets, design_.rows().weights, parameters_.epsilon));
    // loss and penalty have the unit and the square of the unit
    if (!parameters_.standardize) penalty_unit_ = scale_.unit;
  }

  /// Shares of the mean.
  void scale_by_mean() {
    const linear::TrainingRows& rows = design_.rows();
    const bool gamma = parameters_.objective == "gamma";
    double largest = 0, sum = 0;
    for (std::uint32_t from : rows.keys_from) {
      const double value = input_.train.value(from);
      if (gamma ? !(value > 0) : !(value >= 0)) refuse(from, gamma);
      largest = std::max(largest, value);
    }
    if (largest == 0)
      throw Error("fit.target_zero", "target", parameters_.objective + " needs a target above 0 somewhere");
    for (std::size_t i = 0; i < rows.size(); ++i)
      sum += rows.weights[i] * (input_.train.value(rows.keys_from[i]) / largest);
    scale_.unit = largest * (sum / rows.total_weight);
    // the loss has a power of the unit
    if (!parameters_.standardize) penalty_unit_ = math::exp((power() - 2) * math::log(scale_.unit));
  }
  [[noreturn]] void refuse(std::uint32_t row, bool gamma) const {
    throw Error(gamma ? "fit.target_not_positive" : "fit.target_negative",
                "row " + std::to_string(input_.train.row_numbers()[row]),
                param_detail::number_text(input_.train.value(row)) + " is not allowed: " + parameters_.objective +
                    (gamma ? " needs targets above 0" : " needs targets of 0 or more"));
  }

  double power() const {
    return parameters_.objective == "poisson" ? 1.0
           : parameters_.objective == "gamma" ? 2.0
                                              : parameters_.tweedie_variance_power;
  }
  std::optional<double> given_strength() const {
    if (!parameters_.alpha) return std::nullopt;
    const double penalty = std::clamp(*parameters_.alpha * penalty_unit_, 1e-200, 1e200);
    return 1 / (penalty * design_.rows().total_weight);
  }

  /// Weights and scale in turns: both have one optimum together, as the loss is convex in them.
  void fit_scale(LinearObjective& objective, double penalty, const MinimizeOptions& options, MinimizeResult& result) {
    constexpr int most_turns = 100;
    const auto& rows = dynamic_cast<const linear::RegressionObjective&>(objective);
    for (int turn = 0; turn < most_turns; ++turn) {
      auto residuals = objective.row_scores(result.point, context_);
      result.stopped = !residuals;
      if (result.stopped) return;
      residuals->resize(rows.targets().size());
      for (std::size_t i = 0; i < residuals->size(); ++i) (*residuals)[i] -= rows.targets()[i];
      const double before = huber_loss_.scale();
      const double after = linear::huber_scale(*residuals, objective.rows().weights, parameters_.epsilon);
      if (std::abs(after - before) <= 0.1 * parameters_.tolerance * before) return;
      huber_loss_.set_scale(after);
      MinimizeOptions rest = options;
      if (options.stop_after) rest.stop_after = *options.stop_after - result.iterations;
      MinimizeResult next = objective.minimize(std::move(result.point), penalty, rest, context_);
      next.iterations += result.iterations;
      result = std::move(next);
      if (result.stopped) return;
    }
  }

  std::unique_ptr<LinearModel> make_model(std::vector<double> point) const {
    const std::size_t weights = design_.columns();
    if (huber_) {
      for (double& value : point) value *= scale_.unit;
      point.back() += scale_.shift;
    } else {
      point.back() += math::log(scale_.unit);
    }
    const std::span<const double> all(point);
    return std::make_unique<LinearModel>(
        design_.make_state(huber_ ? Link::identity : Link::log, all.first(weights), all.subspan(weights)));
  }

  const FitInput& input_;
  const GeneralizedLinearParameters& parameters_;
  const RunContext& context_;
  linear::Design design_;
  bool huber_, varies_ = true;
  TargetScale scale_{};
  double start_ = 0, penalty_unit_ = 1;  ///< penalty of what is fitted = alpha * unit
  HuberLoss huber_loss_{parameters_.epsilon, 1.0};
  linear::TweedieLoss tweedie_loss_{power()};
};

}  // namespace

EstimatorTraits GeneralizedLinear::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::regression};
  traits.early_stopping = true;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate GeneralizedLinear::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double path = parameters_.alpha ? 0 : 80 * std::min(n, 1e5), covariance = std::min(p, 512.0);
  return {(path + 60 * n) * (4 * shape.filled() + 30) + 8 * covariance * covariance * covariance,
          40 * n + 40 * n * shape.filled() + 72 * covariance * covariance + 400 * p};
}

FitResult GeneralizedLinear::fit_checked(const FitInput& input, const RunContext& context) const {
  return GeneralizedFit(input, parameters_, context).run();
}

}  // namespace automill
