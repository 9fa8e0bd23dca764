#pragma once
// Kernel ridge regression, for numbers and classes: ridge regression on similarities to rows of training, so that the
// function may bend in any way that neighbouring rows agree on.
//
//   minimise  sum_i w_i (y_i - b - f(x_i))^2 + alpha |f|^2,    f(x) = sum_j a_j k(x, landmark_j)
//
// With as many landmarks as rows this is exact (Saunders, Gammerman & Vovk 1998); with fewer it is Nystroem's
// approximation (Williams & Seeger 2001), the landmarks being rows drawn by the hash of their content. Columns are
// standardised. The length scale of the kernel is a multiple of the median distance between rows, chosen from 1/2, 1
// and 2 where it is not given, and alpha from thirty strengths, both by generalised cross-validation (Golub, Heath &
// Wahba 1979). Classes are regressed as 0 and 1; one factor that makes probabilities of the scores is fitted to
// leave-one-out scores of some hundred rows.
//
//   FitResult result = KernelRidge{}.fit(dataset);
//   result.report.details.find("alpha")->number();      // and "length_scale", "landmarks"

#include <automill/core/estimator.hpp>

namespace automill {

struct KernelRidgeParameters {
  std::string kernel = "gaussian";
  std::optional<double> length_scale{};
  std::optional<double> alpha{};
  std::optional<int> landmarks{};

  static auto declare() {
    using P = KernelRidgeParameters;
    return std::tuple{
        parameter("kernel", &P::kernel, "How similarity falls with distance: gaussian is smoothest, matern is 5/2.")
            .choices({"gaussian", "matern"}),
        parameter("length_scale", &P::length_scale,
                  "Distance of standardised rows over which similarity falls, as a multiple of the median distance; "
                  "without it, chosen by generalised cross-validation.")
            .range(1e-3, 1e3)
            .search(0.2, 5, Scale::log),
        parameter("alpha", &P::alpha,
                  "Strength of the penalty on the function; without it, chosen by generalised cross-validation.")
            .range(1e-12, 1e12)
            .search(1e-4, 100, Scale::log),
        parameter(
            "landmarks", &P::landmarks,
            "Most rows that others are compared with; without it, up to 1,000, and fewer where there are more than "
            "2,000 rows (600 of 5,000, 300 of 20,000).")
            .range(1, 4000)};
  }
};

/// Numbers, booleans and datetimes without missing values; all tasks. An infinite value counts as the largest finite
/// one of its column. O(rows landmarks (columns + landmarks) + landmarks^3); a prediction costs O(landmarks columns).
/// A class that training rows do not have gets about the probability of half a row. Errors: fit.missing, memory.limit.
class AUTOMILL_EXPORT KernelRidge final : public Learner<KernelRidge, KernelRidgeParameters> {
 public:
  static constexpr const char* registered_name = "kernel_ridge";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
