#include "ensemble/fast_blends.hpp"

#include <automill/core/math.hpp>
#include <bit>
#include <cmath>

#include "metrics/probabilities.hpp"
#include "metrics/sums.hpp"

namespace automill {

using namespace metric_bodies;

namespace {

constexpr std::size_t lanes = 8, factors = 16;  // probabilities are at least 2^-52: 16 of them stay above 2^-1022

/// The same rows with the predictions of a candidate.
MetricInput with_predictions(MetricInput truth, const Predictions& predictions) {
  truth.predictions = predictions.values;
  return truth;
}

/// Sum over lanes of products, in a fixed order.
double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= a.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += a[i + k] * b[i + k];
  for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
  double sum = 0;
  for (double part : sums) sum += part;
  return sum;
}

}  // namespace

LogLossBlend::LogLossBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth)
    : sum_(truth.labels.size(), 0.0),
      weights_(truth.weights),
      total_weight_(total_weight(with_predictions(truth, *candidates[0]))) {
  for (const Predictions* predictions : candidates) {
    std::vector<float>& own = truths_.emplace_back();
    const MetricInput input = with_predictions(truth, *predictions);
    if (!are_probabilities(input)) continue;
    own.reserve(sum_.size());
    for (std::size_t row = 0; row < sum_.size(); ++row)
      own.push_back(static_cast<float>(probability_of_truth(input, row)));
  }
}

double LogLossBlend::weighted_sum_with(const std::vector<float>& own, double share) const {
  double sum = 0;
  for (std::size_t i = 0; i < sum_.size(); ++i)
    sum += weights_[i] * math::log(clipped_probability((sum_[i] + static_cast<double>(own[i])) * share));
  return sum;
}

/// Logarithms of products: one for many rows.
double LogLossBlend::with(std::size_t candidate) {
  const std::vector<float>& own = truths_[candidate];
  if (own.size() != sum_.size()) return not_defined;
  const double share = 1 / (chosen_ + 1);
  if (!weights_.empty()) return -weighted_sum_with(own, share) / total_weight_;
  double sum = 0;
  std::size_t i = 0;
  for (; i + lanes * factors <= sum_.size(); i += lanes * factors) {
    double products[lanes];
    std::fill_n(products, lanes, 1.0);
    for (std::size_t f = 0; f < factors; ++f)
      for (std::size_t k = 0; k < lanes; ++k) {
        const std::size_t row = i + f * lanes + k;
        products[k] *= clipped_probability((sum_[row] + static_cast<double>(own[row])) * share);
      }
    for (double product : products) sum += math::log(product);
  }
  for (; i < sum_.size(); ++i) sum += math::log(clipped_probability((sum_[i] + static_cast<double>(own[i])) * share));
  return -sum / total_weight_;
}

void LogLossBlend::add(std::size_t candidate) {
  const std::vector<float>& own = truths_[candidate];
  for (std::size_t i = 0; i < own.size(); ++i) sum_[i] += static_cast<double>(own[i]);
  chosen_ += 1;
}

SquaredErrorBlend::SquaredErrorBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth,
                                     bool root)
    : products_(candidates.size(), std::vector<double>(candidates.size())),
      with_chosen_(candidates.size(), 0.0),
      root_(root) {
  std::vector<std::vector<double>> residuals;
  for (const Predictions* predictions : candidates) {
    std::vector<double>& own = residuals.emplace_back(predictions->values);
    for (std::size_t i = 0; i < own.size(); ++i) {
      own[i] -= truth.values[i];
      if (!truth.weights.empty()) own[i] *= std::sqrt(truth.weights[i / predictions->width]);
    }
  }
  const std::size_t width = candidates[0]->width;
  const double total = total_weight(with_predictions(truth, *candidates[0])) * static_cast<double>(width);
  for (std::size_t a = 0; a < candidates.size(); ++a)
    for (std::size_t b = 0; b <= a; ++b) products_[a][b] = products_[b][a] = dot(residuals[a], residuals[b]) / total;
}

double SquaredErrorBlend::with(std::size_t candidate) {
  const double count = chosen_ + 1;
  const double sum = of_chosen_ + 2 * with_chosen_[candidate] + products_[candidate][candidate];
  const double mean = std::max(0.0, sum / (count * count));
  if (std::isnan(sum)) return not_defined;
  return root_ ? std::sqrt(mean) : mean;
}

void SquaredErrorBlend::add(std::size_t candidate) {
  of_chosen_ += 2 * with_chosen_[candidate] + products_[candidate][candidate];
  for (std::size_t j = 0; j < with_chosen_.size(); ++j) with_chosen_[j] += products_[candidate][j];
  chosen_ += 1;
}

namespace {

constexpr int octaves = 32, mantissa_bits = 7;
constexpr std::size_t bins_of_side = std::size_t{octaves} << mantissa_bits;

/// Bins of equal width within each halving of the distance from 0, and from 1.
std::size_t bin_of(double probability) {
  const double distance = std::min(probability, 1 - probability);
  constexpr std::uint64_t lowest = static_cast<std::uint64_t>(1023 - octaves) << mantissa_bits;
  const std::uint64_t key = std::bit_cast<std::uint64_t>(std::max(distance, 0.0)) >> (52 - mantissa_bits);
  const std::size_t place = std::min<std::size_t>(key > lowest ? key - lowest : 0, bins_of_side - 1);
  return probability < 0.5 ? place : 2 * bins_of_side - 1 - place;
}

}  // namespace

RankingBlend::RankingBlend(const std::vector<const Predictions*>& candidates, const MetricInput& truth)
    : sum_(truth.labels.size(), 0.0), bins_(2 * bins_of_side) {
  for (const Predictions* predictions : candidates) {
    std::vector<float>& own = scores_.emplace_back();
    if (!are_probabilities(with_predictions(truth, *predictions))) continue;
    own.reserve(sum_.size());
    for (std::size_t row = 0; row < sum_.size(); ++row)
      own.push_back(static_cast<float>(predictions->values[row * predictions->width + truth.positive]));
  }
  for (std::size_t row = 0; row < sum_.size(); ++row) {
    const bool positive = static_cast<std::size_t>(truth.labels[row]) == truth.positive;
    const double weight = truth.weight(row);
    weights_.push_back({positive ? 0 : weight, positive ? weight : 0});
  }
}

double RankingBlend::with(std::size_t candidate) {
  const std::vector<float>& own = scores_[candidate];
  if (own.size() != sum_.size()) return not_defined;
  std::fill(bins_.begin(), bins_.end(), Counts{});
  const double share = 1 / (chosen_ + 1);
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    Counts& bin = bins_[bin_of((sum_[i] + static_cast<double>(own[i])) * share)];
    bin.negative += weights_[i].negative;
    bin.positive += weights_[i].positive;
  }
  return -area();
}

/// Pairs in which the positive row stands above the negative one; those of one bin count half.
double RankingBlend::area() const {
  double pairs = 0, negatives = 0, positives = 0;
  for (const Counts& bin : bins_) {
    pairs += bin.positive * (negatives + 0.5 * bin.negative);
    negatives += bin.negative;
    positives += bin.positive;
  }
  return pairs / (negatives * positives);
}

void RankingBlend::add(std::size_t candidate) {
  const std::vector<float>& own = scores_[candidate];
  for (std::size_t i = 0; i < own.size(); ++i) sum_[i] += static_cast<double>(own[i]);
  chosen_ += 1;
}

}  // namespace automill
