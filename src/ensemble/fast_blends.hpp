#pragma once
// Blends whose loss follows from sums that are kept.

#include <automill/ensemble/blend_loss.hpp>

namespace automill {

/// Mean of -log of the true class's probability: one number a row and candidate.
class LogLossBlend final : public BlendLoss {
 public:
  LogLossBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth);
  std::size_t candidates() const override { return truths_.size(); }
  double with(std::size_t candidate) override;
  void add(std::size_t candidate) override;

 private:
  double weighted_sum_with(const std::vector<float>& own, double share) const;

  std::vector<std::vector<float>> truths_;  ///< [candidate][row]: probability of the true class; empty: undefined
  std::vector<double> sum_;                 ///< of the chosen ones, by row
  std::span<const double> weights_;
  double total_weight_ = 0, chosen_ = 0;
};

/// Squared error of a blend from the products of the candidates' residuals with each other.
class SquaredErrorBlend final : public BlendLoss {
 public:
  /// `root`: the loss is the root of the mean.
  SquaredErrorBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth, bool root);
  std::size_t candidates() const override { return products_.size(); }
  double with(std::size_t candidate) override;
  void add(std::size_t candidate) override;

 private:
  std::vector<std::vector<double>> products_;  ///< [candidate][candidate], mean over rows
  std::vector<double> with_chosen_;            ///< of each candidate with the sum of the chosen ones
  double of_chosen_ = 0, chosen_ = 0;
  bool root_;
};

/// Minus the area under the ROC curve, of rows counted in bins of their probability.
class RankingBlend final : public BlendLoss {
 public:
  RankingBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth);
  std::size_t candidates() const override { return scores_.size(); }
  double with(std::size_t candidate) override;
  void add(std::size_t candidate) override;

 private:
  struct Counts {
    double negative = 0, positive = 0;
  };
  double area() const;

  std::vector<std::vector<float>> scores_;  ///< [candidate][row]: probability of the positive class
  std::vector<double> sum_;
  std::vector<Counts> weights_;  ///< of each row: in the place of its class
  std::vector<Counts> bins_;
  double chosen_ = 0;
};

}  // namespace automill
