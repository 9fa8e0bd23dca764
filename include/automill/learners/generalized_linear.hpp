#pragma once
// Linear regression with another loss than squares, and an L2 penalty: robust against outliers (Huber), or for targets
// that are counts (Poisson), amounts above 0 (Gamma) or amounts with zeros (Tweedie).
//
//   minimise  1 / W sum_i w_i loss(y_i, b + x_i' beta) + alpha / 2 |beta|^2          (b is not penalised)
//
//   huber:    s + s H((y - f) / s), H(z) = z^2 up to epsilon, 2 epsilon |z| - epsilon^2 beyond; the scale s of the
//   errors
//             is fitted, too (Owen 2007; Huber 1981)
//   poisson, gamma, tweedie:  half the deviance, with f the logarithm of the prediction (McCullagh & Nelder 1989)
//
// Columns and target are standardised first (`standardize`; the target by its standard deviation, or with a logarithm
// by its mean), so alpha has no unit. Solved by L-BFGS (Nocedal & Wright 2006, ch. 7.2). Without `alpha`, strengths are
// tried from strong to weak until the loss on held-out rows gets worse: the rows of FitInput::validation, or else folds
// of the training rows keyed by their content.
//
//   FitResult result = GeneralizedLinear{{.objective = "poisson"}}.fit(dataset);
//   result.report.details.find("alpha")->number();       // the strength that was chosen

#include <automill/core/estimator.hpp>

namespace automill {

struct GeneralizedLinearParameters {
  std::string objective = "huber";
  std::optional<double> alpha{};
  double epsilon = 1.35;
  double tweedie_variance_power = 1.5;
  bool standardize = true;
  double tolerance = 1e-5;
  int max_iterations = 500;

  static auto declare() {
    using P = GeneralizedLinearParameters;
    return std::tuple{
        parameter("objective", &P::objective, "The loss.").choices({"huber", "poisson", "gamma", "tweedie"}),
        parameter("alpha", &P::alpha, "Strength of the L2 penalty; without it, chosen on held-out rows.")
            .range(1e-18, 1e12)
            .search(1e-6, 10, Scale::log),
        parameter("epsilon", &P::epsilon,
                  "From so many scales on, an error counts by its magnitude instead of its square.")
            .range(1.0001, 100)
            .search(1.05, 3)
            .only_if("objective", "huber"),
        parameter("tweedie_variance_power", &P::tweedie_variance_power,
                  "The variance grows with this power of the mean: near 1 like counts, near 2 like amounts.")
            .range(1.001, 1.999)
            .search(1.1, 1.9)
            .only_if("objective", "tweedie"),
        parameter("standardize", &P::standardize,
                  "Whether columns and target are brought to one scale before weights are penalised."),
        parameter("tolerance", &P::tolerance,
                  "The fit has ended when no derivative of the mean loss is larger (columns of one scale).")
            .range(1e-12, 0.1),
        parameter("max_iterations", &P::max_iterations, "Most iterations for one strength.").range(1, 1e6)};
  }
};

/// Numbers, booleans and datetimes without missing values; regression only. An infinite value counts as the largest
/// finite one of its column. O(rows columns) an iteration; columns that are mostly 0 cost their nonzeros. Errors:
/// fit.missing, fit.overflow, fit.target_negative, fit.target_not_positive, fit.target_zero.
class AUTOMILL_EXPORT GeneralizedLinear final : public Learner<GeneralizedLinear, GeneralizedLinearParameters> {
 public:
  static constexpr const char* registered_name = "generalized_linear";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
