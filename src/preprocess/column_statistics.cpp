#include "column_statistics.hpp"

#include <cmath>
#include <tuple>

#include "read_numbers.hpp"

namespace automill {
namespace {

// Terms are rounded to 2^-56. Counts are multiplied so that each fits into 62 bits and their sum into 70: a sum of
// counted terms then fits into 127 bits.
__extension__ using Wide = __int128;
constexpr double term_unit = 0x1p56;

int bits_of(double count) { return count > 0 ? std::ilogb(count) + 1 : 0; }

}  // namespace

std::vector<double> row_counts(const DatasetView& train) {
  if (!train.weighted()) return {};
  std::vector<double> counts(train.rows());
  double total = 0;
  bool whole = true;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = train.weight(i);
    if (!(counts[i] >= 0 && std::isfinite(counts[i])))
      throw Error("data.weight_invalid", "weights",
                  "row " + std::to_string(i) + " has a weight that is not a number from 0 on");
    whole = whole && counts[i] == std::floor(counts[i]);
    total += counts[i];
  }
  if (!(total > 0)) throw Error("data.weight_invalid", "weights", "all weights are 0");
  if (!whole)
    for (double& count : counts) count *= static_cast<double>(counts.size()) / total;
  return counts;
}

ColumnValues::ColumnValues(const DatasetView& train, const std::vector<double>& counts, std::size_t column)
    : ColumnValues(all_numbers(train.features(), column), counts) {}

ColumnValues::ColumnValues(const std::vector<double>& all, const std::vector<double>& counts) {
  const std::size_t n = all.size();
  values_.reserve(n);
  smallest_ = std::numeric_limits<double>::infinity();
  largest_ = -smallest_;
  bool whole = true;
  double largest_count = 1, sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isnan(all[i])) ++missing_rows_;
    if (!std::isfinite(all[i]) || (!counts.empty() && counts[i] == 0)) continue;
    values_.push_back(all[i]);
    smallest_ = std::min(smallest_, all[i]);
    largest_ = std::max(largest_, all[i]);
    if (counts.empty()) continue;
    counts_.push_back(counts[i]);
    whole = whole && counts[i] == std::floor(counts[i]);
    largest_count = std::max(largest_count, counts[i]);
    sum += counts[i];
  }
  total_ = static_cast<double>(values_.size());
  if (counts_.empty()) return;
  const int room = std::min(62 - bits_of(largest_count), 69 - bits_of(sum));
  if (!whole || room < 0) whole_ = std::ldexp(1.0, room);
  Wide total = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) total += std::llrint(count(i) * whole_);
  total_ = static_cast<double>(total) / whole_;
}

/// Counted mean of terms between -1 and 1.
template <class Term>
double ColumnValues::mean_of(const Term& term) const {
  Wide sum = 0;
  if (counts_.empty())
    for (double value : values_) sum += std::llrint(term(value) * term_unit);
  else
    for (std::size_t i = 0; i < values_.size(); ++i)
      sum += Wide{std::llrint(counts_[i] * whole_)} * std::llrint(term(values_[i]) * term_unit);
  return static_cast<double>(sum) / (term_unit * whole_ * total_);
}

double ColumnValues::mean() const {
  const double largest_magnitude = unit();
  if (largest_magnitude == 0) return 0;
  return largest_magnitude * mean_of([&](double value) { return value / largest_magnitude; });
}

double ColumnValues::deviation() const {
  const double scale = unit();
  if (scale == 0) return 0;
  const double center = mean() / scale;
  const double span = std::max(largest_ / scale - center, center - smallest_ / scale);
  if (!(span > 1e-13)) return 0;
  const double square = mean_of([&](double value) {
    const double distance = (value / scale - center) / span;
    return distance * distance;
  });
  return scale * span * std::sqrt(square);
}

void ColumnValues::sort() {
  if (counts_.empty()) return std::sort(values_.begin(), values_.end());
  if (!ends_.empty()) return;
  std::vector<std::pair<double, double>> pairs(values_.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {values_[i], counts_[i]};
  std::sort(pairs.begin(), pairs.end());
  double end = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    std::tie(values_[i], counts_[i]) = pairs[i];
    ends_.push_back(end += counts_[i]);
  }
}

double ColumnValues::quantile(double q) {
  const double position = std::max(0.0, total_ - 1) * q, whole = std::floor(position), part = position - whole;
  if (!counts_.empty()) {
    sort();
    return between(position);
  }
  const auto at = values_.begin() + static_cast<std::ptrdiff_t>(whole);
  std::nth_element(values_.begin(), at, values_.end());
  const double low = *at, high = at + 1 == values_.end() ? low : *std::min_element(at + 1, values_.end());
  return low == high ? low : low * (1 - part) + high * part;
}

/// The values are sorted: the one that a row of this number among the copies has.
double ColumnValues::value_at(double place) const {
  if (counts_.empty()) return values_[std::min(values_.size() - 1, static_cast<std::size_t>(place))];
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), place);
  return values_[std::min(values_.size() - 1, static_cast<std::size_t>(found - ends_.begin()))];
}

double ColumnValues::between(double position) const {
  const double whole = std::floor(position), part = position - whole;
  const double low = value_at(whole), high = value_at(whole + 1);
  return low == high ? low : low * (1 - part) + high * part;
}

std::vector<double> ColumnValues::quantiles(std::size_t count) {
  sort();
  std::vector<double> all(count);
  const double last = std::max(0.0, total_ - 1), steps = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count; ++i) all[i] = between(last * static_cast<double>(i) / steps) + 0.0;
  for (std::size_t i = 1; i < count; ++i) all[i] = std::max(all[i], all[i - 1]);  // rounding may not turn them round
  return all;
}

std::vector<CountedValue> ColumnValues::distinct() {
  sort();
  std::vector<CountedValue> all;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (all.empty() || all.back().value != values_[i]) all.push_back({values_[i] + 0.0, 0});  // -0 as 0
    all.back().count += count(i);
  }
  return all;
}

double ColumnValues::most_frequent() {
  sort();
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
  std::vector<double> frequency(categories + 1, 0.0);
  const std::vector<double> codes = all_numbers(train.features(), column);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const double weight = counts.empty() ? 1.0 : counts[i];
    if (std::isnan(codes[i])) frequency[categories] += weight;
    else if (codes[i] >= 0 && codes[i] < static_cast<double>(categories))
      frequency[static_cast<std::size_t>(codes[i])] += weight;
  }
  return frequency;
}

}  // namespace automill
