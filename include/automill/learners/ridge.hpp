#pragma once
// Ridge regression: least squares with an L2 penalty, the strength of which is chosen by exact leave-one-out errors
// that cost little more than one fit.
//
//   minimise  sum_i w_i (y_i - b - x_i' beta)^2 + alpha |beta|^2        (the intercept b is not penalised)
//
// Identical rows (same features, same target) are one row of their summed weight, so a repeated row is the same as a
// weighted one, and leaving a row out leaves out its copies.
//
// With h_i = w_i (1/W + x_i' (X'WX + alpha I)^-1 x_i), columns centred, the error of the fit without row i is
// (y_i - fit_i) / (1 - h_i) (Cook & Weisberg 1982; the ridge path by one eigendecomposition: Golub, Heath & Wahba
// 1979).
//
//   FitResult result = Ridge{}.fit(dataset);
//   result.out_of_bag->values;                       // leave-one-out predictions of the training rows
//   result.report.details.find("alpha")->number();   // the strength that was chosen

#include <automill/core/estimator.hpp>

namespace automill {

struct RidgeParameters {
  std::optional<double> alpha{};
  bool standardize = true;

  static auto declare() {
    return std::tuple{
        parameter("alpha", &RidgeParameters::alpha,
                  "Strength of the L2 penalty, added to the diagonal of X'WX; without it, chosen by leave-one-out "
                  "error.")
            .range(0, 1e18)
            .search(1e-3, 1e5, Scale::log),
        parameter("standardize", &RidgeParameters::standardize,
                  "Whether columns are brought to one scale before they are penalised: the standard deviation, or for "
                  "a column of two values half of their distance.")};
  }
};

/// Numbers, booleans and datetimes without missing values; regression only. An infinite value counts as the largest
/// finite one of its column. O(rows columns^2) for rows >= columns, O(rows^2 columns) otherwise; above 1,000 of both,
/// the penalty is chosen on 1,000 rows and the equations are solved by conjugate gradients (no leave-one-out then).
class AUTOMILL_EXPORT Ridge final : public Learner<Ridge, RidgeParameters> {
 public:
  static constexpr const char* registered_name = "ridge";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
