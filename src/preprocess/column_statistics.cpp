#include "column_statistics.hpp"

namespace automill {

std::vector<double> row_counts(const DatasetView& train) {
  if (!train.weighted()) return {};
  std::vector<double> counts(train.rows());
  double total = 0;
  bool whole = true;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = train.weight(i);
    if (!(counts[i] >= 0 && std::isfinite(counts[i])))
      throw Error("data.weight_invalid", "weights", "row " + std::to_string(i) + " has a weight that is not a number from 0 on");
    whole = whole && counts[i] == std::floor(counts[i]);
    total += counts[i];
  }
  if (!(total > 0)) throw Error("data.weight_invalid", "weights", "all weights are 0");
  if (!whole)
    for (double& count : counts) count *= static_cast<double>(counts.size()) / total;
  return counts;
}

SortedValues::SortedValues(const DatasetView& train, const std::vector<double>& counts, std::size_t column) {
  const std::size_t n = train.rows();
  std::vector<double> all(n);
  train.features().numbers(column, all.data());
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(all[i])) ++missing_rows_;
    if (!std::isfinite(all[i]) || (!counts.empty() && counts[i] == 0)) continue;
    if (counts.empty()) values_.push_back(all[i]);
    else pairs.emplace_back(all[i], counts[i]);
  }
  std::sort(values_.begin(), values_.end());
  std::sort(pairs.begin(), pairs.end());
  for (const auto& [value, weight] : pairs) {
    values_.push_back(value);
    counts_.push_back(weight);
    ends_.push_back(total_ += weight);
  }
  if (counts.empty()) total_ = static_cast<double>(values_.size());
}

double SortedValues::mean() const {
  // in units of the largest magnitude, so that no sum overflows; the second pass takes off the first one's rounding
  const double unit = std::max(std::abs(smallest()), std::abs(largest()));
  if (unit == 0) return 0;
  double sum = 0, rest = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) sum += count(i) * (values_[i] / unit);
  const double mean = sum / total_;
  for (std::size_t i = 0; i < values_.size(); ++i) rest += count(i) * (values_[i] / unit - mean);
  return unit * (mean + rest / total_);
}

double SortedValues::deviation() const {
  const double unit = std::max(std::abs(smallest()), std::abs(largest()));
  if (unit == 0) return 0;
  const double center = mean();
  const double span = std::max(largest() / unit - center / unit, center / unit - smallest() / unit);
  if (!(span > 1e-13)) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const double d = (values_[i] / unit - center / unit) / span;
    sum += count(i) * d * d;
  }
  return unit * span * std::sqrt(sum / total_);
}

double SortedValues::value_at(double position) const {
  if (counts_.empty()) return values_[std::min(values_.size() - 1, static_cast<std::size_t>(position))];
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), position);
  return values_[std::min(values_.size() - 1, static_cast<std::size_t>(found - ends_.begin()))];
}

double SortedValues::quantile(double q) const {
  const double position = std::max(0.0, total_ - 1) * q, whole = std::floor(position), part = position - whole;
  const double low = value_at(whole), high = value_at(whole + 1);
  return low == high ? low : low * (1 - part) + high * part;
}

double SortedValues::most_frequent() const {
  double best = values_.front(), most = -1;
  for (std::size_t i = 0; i < values_.size();) {
    double frequency = 0;
    const double value = values_[i];
    for (; i < values_.size() && values_[i] == value; ++i) frequency += count(i);
    if (frequency > most) {
      most = frequency;
      best = value;
    }
  }
  return best;
}

std::vector<double> category_counts(const DatasetView& train, const std::vector<double>& counts, std::size_t column) {
  const std::size_t categories = train.dataset().features[column].schema().dictionary->size();
  std::vector<double> codes(train.rows()), frequency(categories + 1, 0.0);
  train.features().numbers(column, codes.data());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double weight = counts.empty() ? 1.0 : counts[i];
    if (std::isnan(codes[i])) frequency[categories] += weight;
    else if (codes[i] >= 0 && codes[i] < static_cast<double>(categories))
      frequency[static_cast<std::size_t>(codes[i])] += weight;
  }
  return frequency;
}

}  // namespace automill
