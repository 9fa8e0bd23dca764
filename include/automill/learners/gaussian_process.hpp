#pragma once
// Gaussian processes for numbers and classes: functions that are alike where rows are alike, with a length scale for
// each column, which the data choose, and what is not known of them.
//
//   f ~ GP(0, signal * kernel(|(x - x') / lengths|)),   y = mean + f(x) + N(0, noise / weight)      (numbers)
//                                                       P(class 1) = logistic(f(x))                 (classes)
//
// Length scales, signal and noise are those of highest marginal likelihood (Rasmussen & Williams 2006, chapters 2, 3
// and 5), found by L-BFGS with exact derivatives from several starts. Classes take Laplace's approximation; of several,
// each is told from the others, and the probabilities are divided by their sum. Columns are standardised, and so is the
// target.
//
// Up to `max_rows` distinct rows are learned from as they are, of more a sample that their content draws. Marginal
// likelihoods are of at most 1,024 rows (512 for classes), which are drawn in the same way; from 256 of them all starts
// begin.
//
//   FitResult result = GaussianProcess{}.fit(dataset);
//   result.report.details.find("noise")->number();      // share of the target's variance; also "signal", "rows"
//   GaussianProcess{{.quantiles = Array{0.05, 0.5, 0.95}}}.fit(dataset);    // of new rows, their noise included

#include <automill/core/estimator.hpp>

namespace automill {

struct GaussianProcessParameters {
  std::string kernel = "matern";
  std::optional<bool> relevance{};
  std::optional<double> length_scale{};
  std::optional<double> signal{};
  std::optional<double> noise{};
  int restarts = 1;
  std::optional<int> max_rows{};
  Value quantiles{};

  static auto declare() {
    using P = GaussianProcessParameters;
    return std::tuple{
        parameter("kernel", &P::kernel, "How similarity falls with distance: matern is 5/2, gaussian is smoothest.")
            .choices({"matern", "gaussian"}),
        parameter("relevance", &P::relevance,
                  "Whether each column has its own length scale; without it, where there are up to 50 columns."),
        parameter("length_scale", &P::length_scale,
                  "Distance of standardised rows over which similarity falls, for all columns; without it, chosen by "
                  "marginal likelihood.")
            .range(1e-3, 1e6)
            .search(0.1, 100, Scale::log),
        parameter("signal", &P::signal,
                  "Variance of the function: in units of the target's variance, or of squared log-odds; without it, "
                  "chosen by marginal likelihood.")
            .range(1e-6, 1e6)
            .search(0.1, 100, Scale::log),
        parameter(
            "noise", &P::noise,
            "Variance of the noise of a row of mean weight, in units of the target's variance; without it, chosen "
            "by marginal likelihood. Not for classes.")
            .range(1e-10, 1e3)
            .search(1e-6, 1, Scale::log),
        parameter("restarts", &P::restarts, "Random starts of the search for them beside the usual one.").range(0, 100),
        parameter("max_rows", &P::max_rows, "Most rows that are learned from; without it, 3,000, or 1,000 for classes.")
            .range(1, 10000),
        parameter("quantiles", &P::quantiles,
                  "Levels of quantiles to predict in place of the mean, ascending, such as [0.1, 0.5, 0.9].")};
  }
};

/// Numbers, booleans and datetimes without missing values; all tasks. An infinite value counts as the largest finite
/// one of its column. With n rows learned from: O(n^3 + iterations min(n, 1024)^2 (min(n, 1024) + columns)), for each
/// of several classes; a prediction costs O(n columns), and O(n^2) more for quantiles and classes. Errors: fit.missing,
/// fit.quantiles, memory.limit.
class AUTOMILL_EXPORT GaussianProcess final : public Learner<GaussianProcess, GaussianProcessParameters> {
 public:
  static constexpr const char* registered_name = "gaussian_process";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  OutputSpec output_spec(const Target& target) const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
