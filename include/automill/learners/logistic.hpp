#pragma once
// Logistic regression, binary and multinomial, with an L2 penalty.
//
//   minimise  sum_i w_i loss_i(b + x_i' beta) + |beta|^2 / (2 c)        (intercepts are not penalised)
//
// Solved by L-BFGS (Nocedal & Wright 2006, ch. 7.2), which starts from the Hessian at the class shares where there are
// at most 512 columns. Without `c`, strengths are tried from strong to weak, each starting where the last one ended,
// until the log-loss on held-out rows gets worse: the rows of FitInput::validation, or else folds of the training rows
// keyed by their content (all of the rows are then used for the model).
//
//   FitResult result = Logistic{}.fit(dataset);
//   result.report.details.find("c")->number();       // the strength that was chosen

#include <automill/core/estimator.hpp>

namespace automill {

struct LogisticParameters {
  std::optional<double> c{};
  bool standardize = true;
  double tolerance = 1e-5;
  int max_iterations = 500;

  static auto declare() {
    return std::tuple{
        parameter("c", &LogisticParameters::c,
                  "Inverse strength of the L2 penalty; without it, chosen on held-out rows.")
            .range(1e-12, 1e12)
            .search(1e-4, 1e3, Scale::log),
        parameter("standardize", &LogisticParameters::standardize,
                  "Whether columns are brought to one scale before they are penalised: the standard deviation, or for "
                  "a column of two values half of their distance."),
        parameter("tolerance", &LogisticParameters::tolerance,
                  "The fit has ended when no derivative of the mean loss is larger (columns of one scale).")
            .range(1e-12, 0.1),
        parameter("max_iterations", &LogisticParameters::max_iterations, "Most iterations for one strength.")
            .range(1, 1e6)};
  }
};

/// Numbers, booleans and datetimes without missing values; binary and multiclass. An infinite value counts as the
/// largest finite one of its column. O(rows columns classes) an iteration; columns that are mostly 0 cost their
/// nonzeros. A class that training rows do not have gets about the probability of half a row.
class AUTOMILL_EXPORT Logistic final : public Learner<Logistic, LogisticParameters> {
 public:
  static constexpr const char* registered_name = "logistic";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
