#include "score_scale.hpp"

#include <algorithm>
#include <automill/core/math.hpp>
#include <cstdlib>

namespace automill::search {
namespace {

double power_of(double base, double exponent) { return math::exp(exponent * math::log(base)); }

double transformed(double value, double exponent) {
  if (value >= 0) {
    if (std::abs(exponent) < 1e-9) return math::log1p(value);
    return (power_of(1 + value, exponent) - 1) / exponent;
  }
  const double other = 2 - exponent;
  if (std::abs(other) < 1e-9) return -math::log1p(-value);
  return -(power_of(1 - value, other) - 1) / other;
}

/// Logarithm of the likelihood of a normal sample, up to a constant.
double likelihood(const std::vector<double>& values, double exponent) {
  double mean = 0, logs = 0;
  std::vector<double> all;
  for (double value : values) {
    all.push_back(transformed(value, exponent));
    mean += all.back();
    logs += std::copysign(math::log1p(std::abs(value)), value);
  }
  const double n = static_cast<double>(values.size());
  mean /= n;
  double variance = 0;
  for (double value : all) variance += (value - mean) * (value - mean);
  return -0.5 * n * math::log(std::max(variance / n, 1e-300)) + (exponent - 1) * logs;
}

}  // namespace

std::vector<double> standardised(std::vector<double> values, double& deviation) {
  const double n = static_cast<double>(values.size());
  double mean = 0, variance = 0;
  for (double value : values) mean += value / n;
  for (double value : values) variance += (value - mean) * (value - mean) / n;
  deviation = std::sqrt(variance);
  const bool constant = !(deviation > 1e-12 * std::abs(mean));
  for (double& value : values) value = constant ? 0 : (value - mean) / deviation;
  return values;
}

std::vector<double> scaled_scores(const std::vector<double>& scores) {
  double deviation = 0;
  std::vector<double> values = standardised(scores, deviation);
  double best = 1, best_likelihood = likelihood(values, 1);
  for (double exponent = -2; exponent <= 4; exponent += 0.15) {
    const double each = likelihood(values, exponent);
    if (each > best_likelihood) {
      best_likelihood = each;
      best = exponent;
    }
  }
  for (double& value : values) value = transformed(value, best);
  return standardised(std::move(values), deviation);
}

}  // namespace automill::search
