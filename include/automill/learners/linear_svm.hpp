#pragma once
// Linear support vector machines, for classes and for numbers.
//
//   minimise  1/2 |beta|^2 + C sum_i w_i loss(y_i, b + x_i' beta)                 (b is not penalised)
//
//   hinge, squared_hinge:                   max(0, 1 - y f) or its square, y = +-1; of several classes each is told
//                                           from the others
//   epsilon_insensitive, squared_epsilon_insensitive:   max(0, |y - f| - epsilon) or its square
//
// Newton's method in the weights (Keerthi & DeCoste 2005), for the losses that are not squared on ever less smooth ones
// (Chapelle 2007), until the duality gap is within `tolerance`; from 1,000 columns on its steps are by conjugate
// gradients, and losses that are not squared take dual coordinate descent with shrinking (Hsieh et al. 2008; Ho & Lin
// 2012). So do classes of more than 512 columns that have not twice as many rows. Absolute errors (epsilon = 0) of up
// to 1,000 columns that have not five times as many rows take an interior point method (Portnoy & Koenker 1997).
//
// Probabilities are Platt's (1999; of several classes: Alexandari, Kundaje & Shrikumar 2020): the logistic function of
// slope * score + offset, which have the highest likelihood on held-out training rows - each row once in 5 folds, with
// more than 5,000 rows or 250,000 cells a part of them once. The class that is predicted is the one of highest
// probability.
//
//   FitResult result = LinearSvm{{.loss = "hinge", .c = 0.1}}.fit(dataset);
//   result.report.details.find("slope")->number();       // weights of the model = slope * beta; also "offsets"

#include <automill/core/estimator.hpp>

namespace automill {

struct LinearSvmParameters {
  std::optional<std::string> loss{};
  double c = 1;
  double epsilon = 0;
  bool fit_intercept = true;
  bool standardize = true;
  double tolerance = 1e-5;
  int max_iterations = 1000;

  static auto declare() {
    using P = LinearSvmParameters;
    return std::tuple{
        parameter("loss", &P::loss, "The loss; without it, squared_hinge for classes, epsilon_insensitive for numbers.")
            .choices({"hinge", "squared_hinge", "epsilon_insensitive", "squared_epsilon_insensitive"}),
        parameter("C", &P::c, "Weight of a row's loss against the L2 penalty.")
            .range(1e-12, 1e12)
            .search(1e-4, 1e2, Scale::log),
        parameter("epsilon", &P::epsilon,
                  "Errors up to here cost nothing, for numbers: in standard deviations of the target, or in its own "
                  "unit without `standardize`.")
            .range(0, 1e12)
            .search(0, 0.5),
        parameter("fit_intercept", &P::fit_intercept,
                  "Whether scores have an intercept; without it, a row of zeros has the score 0."),
        parameter("standardize", &P::standardize,
                  "Whether columns, and a target of numbers, are brought to one scale before weights are penalised."),
        parameter("tolerance", &P::tolerance,
                  "The fit has ended when the objective is within this share of its least value.")
            .range(1e-12, 0.1),
        parameter("max_iterations", &P::max_iterations, "Most steps, or passes over the rows, for a class.")
            .range(1, 1e6)};
  }
};

/// Numbers, booleans and datetimes without missing values; all tasks. An infinite value counts as the largest finite
/// one of its column, and a constant column has no weight. O(rows columns) a step, and columns^3 up to 1,000 of them;
/// columns that are mostly 0 cost their nonzeros. Errors: fit.missing, fit.loss, fit.overflow, memory.limit.
class AUTOMILL_EXPORT LinearSvm final : public Learner<LinearSvm, LinearSvmParameters> {
 public:
  static constexpr const char* registered_name = "linear_svm";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
