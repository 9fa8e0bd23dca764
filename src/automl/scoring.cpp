#include "automl/scoring.hpp"

#include "automl/cost_matrix.hpp"
#include "data/bottom_sample.hpp"

namespace automill {

Scorer::Scorer(const Target& target, std::span<const double> weights, std::vector<std::uint32_t> rows, Metric metric,
               double threshold)
    : target_(&target), rows_(std::move(rows)), metric_(std::move(metric)), threshold_(threshold) {
  for (std::uint32_t row : rows_) {
    if (is_classification(target.task)) labels_.push_back(target.labels[row]);
    else values_.push_back(target.values[row]);
    if (!weights.empty()) weights_.push_back(weights[row]);
  }
}

MetricInput Scorer::input(std::span<const double> predictions) const {
  return {.task = target_->task,
          .values = values_,
          .labels = labels_,
          .predictions = predictions,
          .width = target_->width(),
          .weights = weights_,
          .positive = target_->positive,
          .threshold = threshold_};
}

double Scorer::value(std::span<const double> predictions) const { return metric_.compute(input(predictions)); }

Predictions Scorer::gather(const Predictions& all) const {
  Predictions some(rows_.size(), all.width);
  for (std::size_t i = 0; i < rows_.size(); ++i)
    std::copy_n(all.values.data() + rows_[i] * all.width, all.width, some.values.data() + i * all.width);
  return some;
}

Score Scorer::score(std::span<const double> predictions, const std::string& protocol, std::uint64_t seed) const {
  constexpr std::size_t draws = 60, most = 5000;
  Score score{.value = value(predictions),
              .low = LeaderboardRow::none,
              .high = LeaderboardRow::none,
              .metric = metric_.name,
              .protocol = protocol};
  const std::size_t n = rows_.size(), m = std::min(n, most), width = target_->width();
  if (n < 3 || !std::isfinite(score.value)) return score;
  std::vector<double> values;
  Predictions drawn(m, width);
  Scorer resampled = emptied();
  if (!labels_.empty()) resampled.labels_.resize(m);
  if (!values_.empty()) resampled.values_.resize(m);
  if (!weights_.empty()) resampled.weights_.resize(m);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    RandomStream random(seed, purpose("score interval"), draw);
    for (std::size_t i = 0; i < m; ++i) {
      const auto row = static_cast<std::size_t>(random.below(n));
      if (!labels_.empty()) resampled.labels_[i] = labels_[row];
      else resampled.values_[i] = values_[row];
      if (!weights_.empty()) resampled.weights_[i] = weights_[row];
      std::copy_n(predictions.data() + row * width, width, drawn.values.data() + i * width);
    }
    const double value = resampled.value(drawn.values);
    if (std::isfinite(value)) values.push_back(value);
  }
  if (values.size() < 20) return score;
  std::sort(values.begin(), values.end());
  const double low = values[values.size() / 20], high = values[values.size() - 1 - values.size() / 20];
  if (m == n) {
    score.low = std::min(low, score.value);
    score.high = std::max(high, score.value);
    return score;
  }
  const double scale = std::sqrt(static_cast<double>(m) / static_cast<double>(n));
  const double middle = values[values.size() / 2];
  score.low = score.value + (low - middle) * scale;
  score.high = score.value + (high - middle) * scale;
  return score;
}

Scorer Scorer::sample(std::size_t most, std::span<const std::uint64_t> keys, std::uint64_t seed) const {
  if (rows_.size() <= most) return *this;
  std::vector<std::uint64_t> own;
  for (std::uint32_t row : rows_) own.push_back(keys[row]);
  Scorer small = emptied();
  for (std::uint32_t i : bottom_sample(own, most, seed)) small.take(*this, i);
  return small;
}

Scorer Scorer::where(const std::function<bool(std::uint32_t)>& wanted) const {
  Scorer some = emptied();
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (wanted(rows_[i])) some.take(*this, i);
  return some;
}

void Scorer::take(const Scorer& from, std::size_t i) {
  rows_.push_back(from.rows_[i]);
  if (!from.labels_.empty()) labels_.push_back(from.labels_[i]);
  if (!from.values_.empty()) values_.push_back(from.values_[i]);
  if (!from.weights_.empty()) weights_.push_back(from.weights_[i]);
}

std::unique_ptr<BlendLoss> Scorer::blend(const std::vector<const Predictions*>& candidates) const {
  // expected costs are only as good as the probabilities, and the mean cost is a step function of these
  const bool costs = metric_.name == mean_cost_name;
  return make_blend_loss(candidates, costs ? metric_by_name("log_loss") : metric_, input({}));
}

double Scorer::best_threshold(std::span<const double> predictions) const {
  if (target_->task != Task::binary || metric_.needs != MetricNeeds::labels) return 0.5;
  std::vector<double> scores;
  for (std::size_t i = 0; i < rows_.size(); ++i) scores.push_back(predictions[2 * i + target_->positive]);
  std::sort(scores.begin(), scores.end());
  Scorer trial = *this;
  double best = 0.5, best_loss = trial.loss(predictions);
  constexpr std::size_t steps = 200;
  for (std::size_t k = 1; k < steps; ++k) {
    const std::size_t at = k * scores.size() / steps;
    if (at == 0 || at >= scores.size() || scores[at - 1] == scores[at]) continue;
    trial.set_threshold(0.5 * (scores[at - 1] + scores[at]));
    const double loss = trial.loss(predictions);
    if (loss < best_loss) {
      best_loss = loss;
      best = trial.threshold_;
    }
  }
  return best;
}

}  // namespace automill
