#pragma once
// Elastic net: a linear model that leaves out columns, for regression and for classes. Its penalty is a mixture of the
// sum of the weights' magnitudes (lasso: weights become 0) and of their squares (ridge: weights of like columns become
// alike).
//
//   regression:  minimise  1 / (2 W) sum_i w_i (y_i - b - x_i' beta)^2 + alpha (r |beta|_1 + (1 - r) / 2 |beta|^2)
//   classes:     the same with 1 / W sum_i w_i loss_i of logistic regression; the sum runs over all classes' weights
//
// r is `l1_ratio`, W the sum of the weights, b is not penalised. Columns and target are standardised first
// (`standardize`), so alpha has no unit: from 1 / r on, all weights of a regression are 0.
//
// Without `alpha`, a path of penalties is followed from the smallest that leaves out every column to weaker ones, each
// starting where the last one ended (glmnet: Friedman, Hastie & Tibshirani 2010), on all rows and on those of five
// folds, and the penalty with the least loss on held-out rows is taken. Regression of up to 1,000 columns needs the
// rows once for all that; classes and wider tables take proximal Newton steps (Lee, Sun & Saunders 2014).
//
//   FitResult result = ElasticNet{}.fit(dataset);
//   result.report.details.find("alpha")->number();       // the penalty that was chosen
//   result.report.details.find("columns")->integer();    // how many columns have a weight

#include <automill/core/estimator.hpp>

namespace automill {

struct ElasticNetParameters {
  std::optional<double> alpha{};
  double l1_ratio = 0.5;
  bool standardize = true;
  int n_alphas = 100;
  double eps = 1e-4;
  double tolerance = 1e-6;

  static auto declare() {
    return std::tuple{
        parameter("alpha", &ElasticNetParameters::alpha,
                  "Strength of the penalty; without it, chosen on held-out rows.")
            .range(1e-12, 1e12)
            .search(1e-4, 1, Scale::log),
        parameter("l1_ratio", &ElasticNetParameters::l1_ratio,
                  "Share of the penalty that is on magnitudes: 1 is the lasso, near 0 is ridge regression.")
            .range(1e-3, 1)
            .search(0.05, 1),
        parameter("standardize", &ElasticNetParameters::standardize,
                  "Whether columns (and the target of a regression) are brought to one scale before they are "
                  "penalised: the standard deviation, or for a column of two values half of their distance."),
        parameter("n_alphas", &ElasticNetParameters::n_alphas, "Penalties that are tried where alpha is not given.")
            .range(2, 1e4),
        parameter("eps", &ElasticNetParameters::eps, "The weakest of them, as a share of the strongest.")
            .range(1e-8, 0.5),
        parameter("tolerance", &ElasticNetParameters::tolerance,
                  "The fit has ended when no derivative of the mean loss is further from its optimum (columns of one "
                  "scale).")
            .range(1e-12, 0.1)};
  }
};

/// Numbers, booleans and datetimes without missing values. An infinite value counts as the largest finite one of its
/// column. Regression of p <= 1,000 columns: O(rows p^2) once and O(p) a change of a weight; otherwise O(rows columns
/// classes) a step, where columns that are mostly 0 cost their nonzeros. More than 5,000 rows (classes, and wider
/// tables): one fold is held out instead of each of five; more than 100,000: the folds are of 50,000. A class that
/// training rows do not have gets about the probability of half a row. Errors: fit.missing, fit.overflow, memory.limit.
class AUTOMILL_EXPORT ElasticNet final : public Learner<ElasticNet, ElasticNetParameters> {
 public:
  static constexpr const char* registered_name = "elastic_net";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
