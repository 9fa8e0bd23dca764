#pragma once
// Losses of generalised and robust linear regression: half deviances with a logarithmic link, and Huber's.

#include "regression_objective.hpp"

namespace automill::linear {

/// Half the deviance of a Tweedie distribution, without what does not depend on the score: 1 is Poisson, 2 is Gamma.
/// The score is the logarithm of the mean.
class TweedieLoss final : public RegressionLoss {
 public:
  explicit TweedieLoss(double power) : power_(power) {}
  double loss(double t, double s) const override;
  double slope(double t, double s) const override;
  double curvature(double t, double s) const override;
  double start(const std::vector<double>& targets, const std::vector<double>& weights) const override;

 private:
  double power_;
};

/// scale + scale H((t - s) / scale), H(z) = z^2 up to epsilon and 2 epsilon |z| - epsilon^2 beyond (Owen 2007, section
/// 4; Huber 1981, section 7.7): convex in score and scale together.
class HuberLoss final : public RegressionLoss {
 public:
  HuberLoss(double epsilon, double scale) : epsilon_(epsilon), scale_(scale) {}
  double loss(double t, double s) const override;
  double slope(double t, double s) const override;
  double curvature(double t, double s) const override;
  double start(const std::vector<double>& targets, const std::vector<double>& weights) const override;

  double scale() const { return scale_; }
  void set_scale(double scale) { scale_ = scale; }

 private:
  double epsilon_, scale_;
};

/// The scale that is best for residuals: at which sum w (1 - min(|r| / scale, epsilon)^2) is 0.
double huber_scale(const std::vector<double>& residuals, const std::vector<double>& weights, double epsilon);

/// Half of the weight of the values is on either side.
double weighted_median(const std::vector<double>& values, const std::vector<double>& weights);

}  // namespace automill::linear
