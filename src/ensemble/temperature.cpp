#include <algorithm>
#include <automill/core/math.hpp>
#include <automill/ensemble/temperature.hpp>

namespace automill {
namespace {

constexpr double least_probability = 1e-15;

double logarithm(double probability) { return math::log(std::max(probability, least_probability)); }

/// First and second derivative of the mean log-loss by 1/T.
struct Derivatives {
  double first = 0, second = 0;
};

Derivatives derivatives_at(double inverse, const MetricInput& held_out, const std::vector<double>& logarithms) {
  const std::size_t width = held_out.width;
  Derivatives sum;
  for (std::size_t row = 0; row < held_out.rows(); ++row) {
    const double* own = logarithms.data() + row * width;
    const double top = *std::max_element(own, own + width);
    double total = 0, mean = 0, squares = 0;
    for (std::size_t k = 0; k < width; ++k) {
      const double share = math::exp(inverse * (own[k] - top));
      total += share;
      mean += share * own[k];
      squares += share * own[k] * own[k];
    }
    mean /= total;
    const double weight = held_out.weight(row);
    sum.first += weight * (mean - own[static_cast<std::size_t>(held_out.labels[row])]);
    sum.second += weight * (squares / total - mean * mean);
  }
  return sum;
}

}  // namespace

double fit_temperature(const MetricInput& held_out) {
  std::vector<double> logarithms;
  logarithms.reserve(held_out.predictions.size());
  for (double probability : held_out.predictions) logarithms.push_back(logarithm(probability));
  constexpr int most_steps = 20;
  constexpr double near = 1e-6;
  double inverse = 1;
  for (int step = 0; step < most_steps; ++step) {
    const Derivatives at = derivatives_at(inverse, held_out, logarithms);
    if (!(at.second > 0)) break;
    const double before = inverse;
    inverse -= std::clamp(at.first / at.second, -0.5, 0.5);  // far from the least, a whole step would overshoot
    inverse = std::clamp(inverse, 1 / most_temperature, 1 / least_temperature);
    if (std::abs(inverse - before) < near) break;
  }
  return 1 / inverse;
}

void apply_temperature(double temperature, std::span<double> probabilities) noexcept {
  double top = 0, sum = 0;
  for (double probability : probabilities) top = std::max(top, probability);
  const double highest = logarithm(top), inverse = 1 / temperature;
  for (double& probability : probabilities) {
    probability = math::exp(inverse * (logarithm(probability) - highest));
    sum += probability;
  }
  for (double& probability : probabilities) probability /= sum;
}

void apply_temperature_to_rows(double temperature, PredictionsView rows) noexcept {
  if (temperature == 1) return;
  for (std::size_t i = 0; i < rows.rows; ++i) apply_temperature(temperature, {rows.data + i * rows.width, rows.width});
}

}  // namespace automill
