#pragma once
// Losses of regression with one score a row.

#include "smooth_fit.hpp"

namespace automill::linear {

/// A loss of a row with target t and score s.
class RegressionLoss {
 public:
  virtual ~RegressionLoss() = default;
  virtual double loss(double t, double s) const = 0;
  virtual double slope(double t, double s) const = 0;      ///< its derivative in s
  virtual double curvature(double t, double s) const = 0;  ///< about its second derivative, not below 0
  /// The score that is best for all rows together, or near it.
  virtual double start(const std::vector<double>& targets, const std::vector<double>& weights) const = 0;
};

/// (t - s)^2 / 2
class SquaredLoss final : public RegressionLoss {
 public:
  double loss(double t, double s) const override { return 0.5 * (t - s) * (t - s); }
  double slope(double t, double s) const override { return s - t; }
  double curvature(double, double) const override { return 1; }
  double start(const std::vector<double>& targets, const std::vector<double>& weights) const override;
};

class RegressionObjective final : public LinearObjective {
 public:
  /// `targets`: one a row. `loss` must outlive it.
  RegressionObjective(const Design& design, WeightedRows rows, std::vector<double> targets, const RegressionLoss& loss);
  std::vector<double> start() const override;
  const std::vector<double>& targets() const { return targets_; }

 private:
  double tile_loss(std::size_t tile, Judged which, std::vector<double>& scores) const override;
  void row_curvatures(std::size_t row, std::vector<double>& scores) const override;
  void row_hessian(std::size_t row, std::vector<double>& scores, std::vector<double>& hessian) const override;
  double start_curvature(std::size_t score) const override;

  std::vector<double> targets_;
  const RegressionLoss* loss_;
};

/// Makes them of rows of a view, with targets (value - shift) / unit. Design and loss must outlive what it makes.
MakeObjective regression_objectives(const Design& design, const RegressionLoss& loss, double shift, double unit);

/// The mean of values by weight.
double weighted_mean(const std::vector<double>& values, const std::vector<double>& weights);

}  // namespace automill::linear
