#include <automill/learners/logistic.hpp>

#include "logistic_objective.hpp"
#include "smooth_fit.hpp"

namespace automill {

EstimatorTraits Logistic::traits() const {
  EstimatorTraits traits;
  traits.tasks = {Task::binary, Task::multiclass};
  traits.early_stopping = true;
  traits.row_order_tolerance = 1e-3;
  return traits;
}

CostEstimate Logistic::cost(const DataShape& shape) const {
  const auto n = static_cast<double>(shape.rows), p = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double scores = shape.classes <= 2 ? 1 : static_cast<double>(shape.classes);
  const double path = parameters_.c ? 0 : 80 * std::min(n, 1e5), covariance = std::min(p, 512.0);
  return {(path + 30 * n) * scores * (4 * shape.filled() + 30) + 8 * covariance * covariance * covariance,
          24 * n + 40 * n * shape.filled() + 400 * p * scores};
}

FitResult Logistic::fit_checked(const FitInput& input, const RunContext& context) const {
  linear::Design design(input.train, parameters_.standardize, context);
  design.lay_out(linear::Layout::sparse_where_possible);
  const std::size_t classes = input.train.target().classes.size(), scores = classes == 2 ? 1 : classes;
  const linear::SmoothOptions options{.c = parameters_.c,
                                      .tolerance = parameters_.tolerance,
                                      .max_iterations = parameters_.max_iterations,
                                      .salt = purpose("logistic path")};
  linear::SmoothFit fit = fit_smooth(input, design, linear::logistic_objectives(design), options, context);
  FitResult result;
  result.report = std::move(fit.report);
  result.report.details = Object{{"c", fit.c}};
  const std::span<const double> point(fit.point);
  const std::size_t weights = design.columns() * scores;
  result.model = std::make_unique<LinearModel>(
      design.make_state(classes == 2 ? Link::logistic : Link::softmax, point.first(weights), point.subspan(weights)));
  return result;
}

}  // namespace automill
