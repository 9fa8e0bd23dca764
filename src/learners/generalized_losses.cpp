#include "generalized_losses.hpp"

#include <cmath>

namespace automill::linear {
namespace {

/// e^x for scores: finite, and so are its products with targets.
double bounded_exp(double x) { return math::exp(std::clamp(x, -500.0, 500.0)); }

}  // namespace

double TweedieLoss::loss(double t, double s) const {
  if (power_ == 1) return bounded_exp(s) - t * s;
  if (power_ == 2) return t * bounded_exp(-s) + s;
  return t * bounded_exp((1 - power_) * s) / (power_ - 1) + bounded_exp((2 - power_) * s) / (2 - power_);
}
double TweedieLoss::slope(double t, double s) const {
  if (power_ == 1) return bounded_exp(s) - t;
  if (power_ == 2) return 1 - t * bounded_exp(-s);
  return bounded_exp((2 - power_) * s) - t * bounded_exp((1 - power_) * s);
}
double TweedieLoss::curvature(double t, double s) const {
  if (power_ == 1) return bounded_exp(s);
  if (power_ == 2) return t * bounded_exp(-s);
  return (2 - power_) * bounded_exp((2 - power_) * s) + (power_ - 1) * t * bounded_exp((1 - power_) * s);
}
double TweedieLoss::start(const std::vector<double>& targets, const std::vector<double>& weights) const {
  return math::log(std::max(weighted_mean(targets, weights), 1e-300));
}

double HuberLoss::loss(double t, double s) const {
  const double residual = std::abs(t - s);
  if (residual <= epsilon_ * scale_) return scale_ + residual * residual / scale_;
  return scale_ + 2 * epsilon_ * residual - epsilon_ * epsilon_ * scale_;
}
double HuberLoss::slope(double t, double s) const { return 2 * std::clamp((s - t) / scale_, -epsilon_, epsilon_); }
/// That of the parabola that touches the loss in the residual and its mirror image.
double HuberLoss::curvature(double t, double s) const { return 2 / std::max(scale_, std::abs(t - s) / epsilon_); }
double HuberLoss::start(const std::vector<double>& targets, const std::vector<double>& weights) const {
  return weighted_median(targets, weights);
}

double weighted_median(const std::vector<double>& values, const std::vector<double>& weights) {
  std::vector<std::pair<double, double>> sorted;
  double total = 0, below = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sorted.emplace_back(values[i], weights[i]);
    total += weights[i];
  }
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [value, weight] : sorted)
    if ((below += weight) >= 0.5 * total) return value;
  return sorted.empty() ? 0.0 : sorted.back().first;
}

double huber_scale(const std::vector<double>& residuals, const std::vector<double>& weights, double epsilon) {
  double largest = 0, total = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    if (weights[i] > 0) largest = std::max(largest, std::abs(residuals[i]));
    total += weights[i];
  }
  const double least = 1e-12 * std::max(largest, 1e-288);
  const auto excess = [&](double scale) {
    double sum = 0;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      const double z = std::min(std::abs(residuals[i]) / scale, epsilon);
      sum += weights[i] * z * z;
    }
    return sum - total;
  };
  double low = least, high = std::max(largest, 2 * least);
  if (excess(low) <= 0) return low;  // a line through so many rows that no scale is left
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = high > 4 * low ? std::sqrt(low) * std::sqrt(high) : 0.5 * (low + high);
    (excess(middle) > 0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace automill::linear
