#include "probabilities.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "sums.hpp"

namespace automill::metric_bodies {
namespace {

constexpr double rounding = 1.4901161193847656e-8;  // sqrt(epsilon)
constexpr std::size_t calibration_bins = 15;

/// Probability of a class. Binary: from the column of the positive class alone, so that both sum to one.
double probability(const MetricInput& in, std::size_t row, std::size_t label) {
  const bool binary = in.task == Task::binary;
  const std::size_t column = binary ? in.positive : label;
  const double stored = std::clamp(in.predictions[row * in.width + column], 0.0, 1.0);
  return binary && label != in.positive ? 1.0 - stored : stored;
}

double logarithm_loss(double probability_of_class) { return -std::log(clipped_probability(probability_of_class)); }

/// Squared distance between the indicator of the true class and the probabilities `of(class)`.
template <class Of>
double squared_distance(const MetricInput& in, std::size_t row, Of of) {
  Sum sum;
  for (std::size_t label = 0; label < in.width; ++label) {
    const double truth = static_cast<std::size_t>(in.labels[row]) == label ? 1.0 : 0.0;
    const double difference = truth - of(label);
    sum.add(difference * difference);
  }
  return sum.value();
}

double brier_of_row(const MetricInput& in, std::size_t row) {
  return squared_distance(in, row, [&](std::size_t label) { return probability(in, row, label); });
}

/// Weighted shares of the classes: the predictions of a model that knows nothing else.
std::vector<double> class_shares(const MetricInput& in) {
  std::vector<Sum> sums(in.width);
  for (std::size_t row = 0; row < in.rows(); ++row) {
    sums[static_cast<std::size_t>(in.labels[row])].add(in.weight(row));
  }
  const double total = total_weight(in);
  std::vector<double> shares;
  for (const Sum& sum : sums) shares.push_back(sum.value() / total);
  return shares;
}

/// A comparison with the class shares needs two classes.
bool can_compare(const MetricInput& in, const std::vector<double>& shares) {
  const auto occurring = std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0.0; });
  return occurring >= 2 && are_probabilities(in);
}

/// Weights of one calibration bin: rows that were right, and their predicted probabilities.
struct CalibrationBin {
  Sum hits, confidence;
};

std::size_t bin_of(double confidence) {
  const double position = std::ceil(confidence * static_cast<double>(calibration_bins)) - 1.0;
  return static_cast<std::size_t>(std::clamp(position, 0.0, static_cast<double>(calibration_bins - 1)));
}

void add_row(const MetricInput& in, std::size_t row, std::array<CalibrationBin, calibration_bins>& bins) {
  std::size_t best = 0;
  for (std::size_t label = 1; label < in.width; ++label) {
    if (probability(in, row, label) > probability(in, row, best)) best = label;
  }
  const double confidence = probability(in, row, best);
  CalibrationBin& bin = bins[bin_of(confidence)];
  if (static_cast<std::size_t>(in.labels[row]) == best) bin.hits.add(in.weight(row));
  bin.confidence.add(in.weight(row) * confidence);
}

}  // namespace

bool are_probabilities(const MetricInput& in) {
  return std::all_of(in.predictions.begin(), in.predictions.end(),
                     [](double p) { return p >= -rounding && p <= 1.0 + rounding; });
}

double probability_of_truth(const MetricInput& in, std::size_t row) {
  return probability(in, row, static_cast<std::size_t>(in.labels[row]));
}

double log_loss(const MetricInput& in) {
  if (!are_probabilities(in)) return not_defined;
  return weighted_mean(in, [&](std::size_t row) { return logarithm_loss(probability_of_truth(in, row)); });
}

// Brier 1950; halved for two classes, where it is the mean squared error of the positive class.
double brier_score(const MetricInput& in) {
  if (!are_probabilities(in)) return not_defined;
  const double score = weighted_mean(in, [&](std::size_t row) { return brier_of_row(in, row); });
  return in.width < 3 ? 0.5 * score : score;
}

double d2_log_loss_score(const MetricInput& in) {
  const std::vector<double> shares = class_shares(in);
  if (!can_compare(in, shares)) return not_defined;
  const double loss = weighted_sum(in, [&](std::size_t row) { return logarithm_loss(probability_of_truth(in, row)); });
  const double reference = weighted_sum(
      in, [&](std::size_t row) { return logarithm_loss(shares[static_cast<std::size_t>(in.labels[row])]); });
  return 1.0 - loss / reference;
}

double d2_brier_score(const MetricInput& in) {
  const std::vector<double> shares = class_shares(in);
  if (!can_compare(in, shares)) return not_defined;
  const double loss = weighted_sum(in, [&](std::size_t row) { return brier_of_row(in, row); });
  const double reference = weighted_sum(
      in, [&](std::size_t row) { return squared_distance(in, row, [&](std::size_t label) { return shares[label]; }); });
  return 1.0 - loss / reference;
}

double expected_calibration_error(const MetricInput& in) {
  if (!are_probabilities(in)) return not_defined;
  std::array<CalibrationBin, calibration_bins> bins;
  for (std::size_t row = 0; row < in.rows(); ++row) add_row(in, row, bins);
  Sum error;
  for (const CalibrationBin& bin : bins) error.add(std::abs(bin.hits.value() - bin.confidence.value()));
  return error.value() / total_weight(in);
}

}  // namespace automill::metric_bodies
