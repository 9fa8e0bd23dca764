#pragma once
// Discriminant analysis: every class is a normal distribution; with one covariance for all of them the borders are
// planes (LinearDiscriminant), with one each they are quadrics (QuadraticDiscriminant).
//
//   score_k(x) = log prior_k - log det(C_k) / 2 - (x - m_k)' C_k^-1 (x - m_k) / 2,   probabilities: softmax of the
//   scores C = (1 - shrinkage) S + shrinkage * mean of S's diagonal * I
//
// S is the covariance that maximises the likelihood (Hastie, Tibshirani & Friedman 2009, section 4.3). Without a given
// shrinkage it is that of Ledoit & Wolf (2004), which needs no search: with few rows a column it is strong, with many
// it vanishes. Columns are standardised first (`standardize`), so that it does not depend on their units.
//
//   FitResult result = LinearDiscriminant{}.fit(dataset);
//   result.report.details.find("shrinkage")->number();

#include <automill/core/estimator.hpp>

namespace automill {

struct DiscriminantParameters {
  std::optional<double> shrinkage{};
  std::string priors = "empirical";
  bool standardize = true;

  static auto declare() {
    using P = DiscriminantParameters;
    return std::tuple{
        parameter("shrinkage", &P::shrinkage,
                  "How far covariances are drawn towards a multiple of the identity: 0 not at all, 1 all the way; "
                  "without it, as far as their own noise asks for.")
            .range(0, 1)
            .search(0, 1),
        parameter("priors", &P::priors, "Shares of the classes beforehand: those in training, or equal ones.")
            .choices({"empirical", "uniform"}),
        parameter("standardize", &P::standardize,
                  "Whether columns are brought to one scale first: the standard deviation, or for a column of two "
                  "values half of their distance.")};
  }
};

/// One covariance: a weighted mean of those within the classes, by their priors. The model is a LinearModel. Numbers,
/// booleans and datetimes without missing values; binary and multiclass. An infinite value counts as the largest finite
/// one of its column. Collinear and constant columns are taken. A class that training rows do not have gets the prior
/// of half a row. O(rows columns^2 + columns^3); columns that are mostly 0 cost their nonzeros. Errors: fit.missing,
/// fit.overflow, memory.limit.
class AUTOMILL_EXPORT LinearDiscriminant final : public Learner<LinearDiscriminant, DiscriminantParameters> {
 public:
  static constexpr const char* registered_name = "linear_discriminant";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

/// A covariance for each class, each with a shrinkage of its own where none is given. The model is a QuadraticModel, of
/// 4 columns^2 bytes a class. The same input as LinearDiscriminant. A class of one row, or of equal rows, has the
/// covariance within all classes. O(rows columns^2 + classes columns^3); a prediction costs O(classes columns^2).
class AUTOMILL_EXPORT QuadraticDiscriminant final : public Learner<QuadraticDiscriminant, DiscriminantParameters> {
 public:
  static constexpr const char* registered_name = "quadratic_discriminant";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
