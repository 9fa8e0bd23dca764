#include "regression.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "sums.hpp"

namespace automill::metric_bodies {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

double residual(const MetricInput& in, std::size_t row) { return in.values[row] - in.predictions[row]; }

/// Whether all rows that count hold the same value.
template <class Value>
bool is_constant(const MetricInput& in, Value value) {
  std::size_t first = 0;
  while (in.weight(first) == 0.0) ++first;
  for (std::size_t row = first; row < in.rows(); ++row) {
    if (in.weight(row) != 0.0 && value(row) != value(first)) return false;
  }
  return true;
}

/// Weighted sum of squares around the weighted mean. Exactly 0 for a constant, whose mean would be rounded.
template <class Value>
double squares_around_mean(const MetricInput& in, Value value) {
  if (is_constant(in, value)) return 0.0;
  const double mean = weighted_mean(in, value);
  return weighted_sum(in, [&](std::size_t row) { return (value(row) - mean) * (value(row) - mean); });
}

double sum_of_squared_residuals(const MetricInput& in) {
  return weighted_sum(in, [&](std::size_t row) { return residual(in, row) * residual(in, row); });
}

/// 1 - loss / reference; scikit-learn's force_finite: 1 without any loss, 0 when the reference has none.
double explained_share(double loss, double reference) {
  if (loss == 0.0) return 1.0;
  return reference == 0.0 ? 0.0 : 1.0 - loss / reference;
}

bool all_above(std::span<const double> values, double bound) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value > bound; });
}

std::vector<std::size_t> order_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

/// Weighted median; the mean of two values where exactly half of the weight lies below. The plain running sum and the
/// absolute epsilon are scikit-learn's (`_weighted_percentile`, average=True): they decide what "exactly half" means.
double weighted_median(const MetricInput& in, const std::vector<double>& values) {
  const std::vector<std::size_t> order = order_of(values);
  std::vector<double> below;
  below.reserve(order.size());
  double sum = 0.0;
  for (std::size_t row : order) below.push_back(sum += in.weight(row));
  const double half = 0.5 * sum;
  const auto middle = std::lower_bound(below.begin(), below.end(), half);
  const double lower = values[order[static_cast<std::size_t>(middle - below.begin())]];
  if (*middle - half > epsilon) return lower;
  const auto next = std::upper_bound(middle, below.end(), *middle);
  return next == below.end() ? lower : 0.5 * (lower + values[order[static_cast<std::size_t>(next - below.begin())]]);
}

std::vector<double> absolute_residuals(const MetricInput& in) {
  std::vector<double> residuals(in.rows());
  for (std::size_t row = 0; row < in.rows(); ++row) residuals[row] = std::abs(residual(in, row));
  return residuals;
}

double poisson_deviance(double truth, double prediction) {
  const double information = truth == 0.0 ? 0.0 : truth * std::log(truth / prediction);
  return 2.0 * (information - truth + prediction);
}

double gamma_deviance(double truth, double prediction) {
  return 2.0 * (std::log(prediction / truth) + truth / prediction - 1.0);
}

}  // namespace

double explained_variance(const MetricInput& in) {
  const double unexplained = squares_around_mean(in, [&](std::size_t row) { return residual(in, row); });
  return explained_share(unexplained, squares_around_mean(in, [&](std::size_t row) { return in.values[row]; }));
}

double r2(const MetricInput& in) {
  if (in.rows() < 2) return not_defined;
  const double variation = squares_around_mean(in, [&](std::size_t row) { return in.values[row]; });
  return explained_share(sum_of_squared_residuals(in), variation);
}

double max_error(const MetricInput& in) {
  double largest = 0.0;
  for (std::size_t row = 0; row < in.rows(); ++row) {
    if (in.weight(row) != 0.0) largest = std::max(largest, std::abs(residual(in, row)));
  }
  return largest;
}

double mean_absolute_error(const MetricInput& in) {
  return weighted_mean(in, [&](std::size_t row) { return std::abs(residual(in, row)); });
}

double mean_squared_error(const MetricInput& in) { return sum_of_squared_residuals(in) / total_weight(in); }

double root_mean_squared_error(const MetricInput& in) { return std::sqrt(mean_squared_error(in)); }

double mean_squared_log_error(const MetricInput& in) {
  if (!all_above(in.values, -1.0) || !all_above(in.predictions, -1.0)) return not_defined;
  return weighted_mean(in, [&](std::size_t row) {
    const double difference = std::log1p(in.values[row]) - std::log1p(in.predictions[row]);
    return difference * difference;
  });
}

double root_mean_squared_log_error(const MetricInput& in) { return std::sqrt(mean_squared_log_error(in)); }

// A true value of zero counts as 2^-52, as in scikit-learn: the result is then huge rather than infinite.
double mean_absolute_percentage_error(const MetricInput& in) {
  return weighted_mean(
      in, [&](std::size_t row) { return std::abs(residual(in, row)) / std::max(std::abs(in.values[row]), epsilon); });
}

double median_absolute_error(const MetricInput& in) { return weighted_median(in, absolute_residuals(in)); }

double mean_poisson_deviance(const MetricInput& in) {
  if (!all_above(in.predictions, 0.0)) return not_defined;  // a negative truth has no logarithm: NaN as well
  return weighted_mean(in, [&](std::size_t row) { return poisson_deviance(in.values[row], in.predictions[row]); });
}

double mean_gamma_deviance(const MetricInput& in) {
  if (!all_above(in.values, 0.0) || !all_above(in.predictions, 0.0)) return not_defined;
  return weighted_mean(in, [&](std::size_t row) { return gamma_deviance(in.values[row], in.predictions[row]); });
}

double d2_absolute_error_score(const MetricInput& in) {
  if (in.rows() < 2) return not_defined;
  const double median = weighted_median(in, std::vector<double>(in.values.begin(), in.values.end()));
  const double reference = weighted_sum(in, [&](std::size_t row) { return std::abs(in.values[row] - median); });
  return explained_share(weighted_sum(in, [&](std::size_t row) { return std::abs(residual(in, row)); }), reference);
}

double mean_pinball_loss(const MetricInput& in, double alpha) {
  return weighted_mean(in, [&](std::size_t row) {
    const double difference = residual(in, row);
    return difference >= 0.0 ? alpha * difference : (alpha - 1.0) * difference;
  });
}

}  // namespace automill::metric_bodies
