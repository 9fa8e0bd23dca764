#pragma once
// Linear regression of quantiles (Koenker & Bassett 1978): of the median, or of other levels side by side.
//
//   minimise  1 / W sum_i w_i rho(y_i - b - x_i' beta)  +  alpha |beta|_1   or   alpha / 2 |beta|^2
//   rho(r) = quantile r above 0, (quantile - 1) r below          (b is not penalised)
//
// Columns are standardised first (`standardize`), and so is the target, by its standard deviation: alpha has no unit
// then. Solved by an interior point method (Portnoy & Koenker 1997) until the gap between the problem and its dual is
// within `tolerance`. Lines of several levels may cross: predictions of a row are brought into ascending order
// (Chernozhukov, Fernandez-Val & Galichon 2010), which makes none of them worse.
//
//   FitResult median = QuantileRegression{}.fit(dataset);
//   QuantileRegression{{.quantiles = Array{0.1, 0.5, 0.9}}}.fit(dataset);       // three values a row

#include <automill/core/estimator.hpp>

namespace automill {

struct QuantileRegressionParameters {
  double quantile = 0.5;
  Value quantiles{};
  double alpha = 0;
  std::string penalty = "l1";
  bool standardize = true;
  double tolerance = 1e-8;
  int max_iterations = 200;

  static auto declare() {
    using P = QuantileRegressionParameters;
    return std::tuple{
        parameter("quantile", &P::quantile, "Level of the quantile that is predicted.").range(1e-6, 1 - 1e-6),
        parameter("quantiles", &P::quantiles,
                  "Levels to predict side by side in place of one, ascending, such as [0.1, 0.5, 0.9]."),
        parameter("alpha", &P::alpha, "Strength of the penalty; 0 for none.")
            .range(0, 1e12)
            .search(1e-5, 0.3, Scale::log),
        parameter("penalty", &P::penalty, "Of the weights: l1 leaves out columns, l2 makes all of them smaller.")
            .choices({"l1", "l2"}),
        parameter("standardize", &P::standardize,
                  "Whether columns and target are brought to one scale before weights are penalised."),
        parameter("tolerance", &P::tolerance,
                  "The fit has ended when the objective is within this share of its least value.")
            .range(1e-12, 0.1),
        parameter("max_iterations", &P::max_iterations, "Most steps for a level.").range(1, 1e6)};
  }
};

/// Numbers, booleans and datetimes without missing values; regression only. An infinite value counts as the largest
/// finite one of its column. O(rows columns^2 + columns^3) a step, of which there are some 10 to 30. Errors:
/// fit.missing, fit.overflow, memory.limit.
class AUTOMILL_EXPORT QuantileRegression final : public Learner<QuantileRegression, QuantileRegressionParameters> {
 public:
  static constexpr const char* registered_name = "quantile_regression";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  OutputSpec output_spec(const Target& target) const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
