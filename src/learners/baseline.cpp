#include <automill/learners/baseline.hpp>
#include <cmath>

#include "row_weights.hpp"

namespace automill {
namespace {

std::vector<double> class_shares(const DatasetView& train) {
  std::vector<double> shares(train.target().classes.size(), 0.0);
  double total = 0;
  for (std::size_t i = 0; i < train.rows(); ++i) {
    const double weight = checked_weight(train, i);
    shares[static_cast<std::size_t>(train.label(i))] += weight;
    total += weight;
  }
  for (double& share : shares) share = total > 0 ? share / total : 1.0 / static_cast<double>(shares.size());
  return shares;
}

double weighted_mean(const DatasetView& train) {
  // in units of the largest magnitude, so that no sum overflows
  double unit = 0, sum = 0, total = 0, rest = 0;
  for (std::size_t i = 0; i < train.rows(); ++i) {
    unit = std::max(unit, std::abs(train.value(i)));
    total += checked_weight(train, i);
  }
  if (unit == 0 || total == 0) return 0;
  for (std::size_t i = 0; i < train.rows(); ++i) sum += train.weight(i) * (train.value(i) / unit);
  const double mean = sum / total;
  for (std::size_t i = 0; i < train.rows(); ++i) rest += train.weight(i) * (train.value(i) / unit - mean);
  return unit * (mean + rest / total);
}

/// Where half of the weight lies below; the middle of two values when exactly half does.
double weighted_median(const DatasetView& train) {
  std::vector<std::pair<double, double>> rows;
  double total = 0;
  for (std::size_t i = 0; i < train.rows(); ++i)
    if (const double weight = checked_weight(train, i); weight > 0) {
      rows.emplace_back(train.value(i), weight);
      total += weight;
    }
  if (rows.empty()) return 0;
  std::sort(rows.begin(), rows.end());
  double below = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    below += rows[i].second;
    if (below == total / 2) return 0.5 * rows[i].first + 0.5 * rows[i + 1].first;
    if (below > total / 2) return rows[i].first;
  }
  return rows.back().first;
}

}  // namespace

EstimatorTraits Baseline::traits() const {
  EstimatorTraits traits;
  traits.missing = traits.categories = traits.text = true;
  traits.row_order_tolerance = 1e-12;
  return traits;
}

CostEstimate Baseline::cost(const DataShape& shape) const {
  const auto rows = static_cast<double>(shape.rows);
  return {5 * rows, parameters_.statistic == "median" ? 16 * rows : 64};
}

FitResult Baseline::fit_checked(const FitInput& input, const RunContext& context) const {
  const DatasetView& train = input.train;
  FitResult result;
  if (is_classification(train.task())) {
    result.model = std::make_unique<ConstantModel>(class_shares(train));
  } else {
    const MemoryClaim claim(context.memory, parameters_.statistic == "median" ? 16 * train.rows() : 0, "target values");
    const double value = parameters_.statistic == "median" ? weighted_median(train) : weighted_mean(train);
    result.model = std::make_unique<ConstantModel>(std::vector<double>{value});
  }
  result.report.rounds = 1;
  return result;
}

}  // namespace automill
