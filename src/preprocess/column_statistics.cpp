#include "column_statistics.hpp"

#include <cmath>
#include <tuple>

#include "read_numbers.hpp"

namespace automill {
namespace {

// Terms are cut at 2^-56. Counts are multiplied so that each fits into 62 bits and their sum into 70: a sum of
// counted terms then fits into 127 bits.
__extension__ using Wide = __int128;
constexpr double term_unit = 0x1p56;

int bits_of(double count) { return count > 0 ? std::ilogb(count) + 1 : 0; }

/// Smallest and largest of finite values, four at a time; infinities the other way round where there are none.
std::pair<double, double> range_of(const std::vector<double>& values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::array<double, 4> low, high;
  low.fill(infinity);
  high.fill(-infinity);
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4)
    for (std::size_t k = 0; k < 4; ++k) {
      low[k] = values[i + k] < low[k] ? values[i + k] : low[k];
      high[k] = values[i + k] > high[k] ? values[i + k] : high[k];
    }
  for (; i < values.size(); ++i) {
    low[0] = std::min(low[0], values[i]);
    high[0] = std::max(high[0], values[i]);
  }
  return {*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end())};
}

/// Sorts runs of about a millisecond, then merges them; Stopped leaves it between two of either.
template <class T>
void sort_stopping(std::vector<T>& values, const StopToken& stop) {
  constexpr std::size_t run = 16384;
  const std::size_t n = values.size();
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(std::min(i, n)); };
  for (std::size_t begin = 0; begin < n; begin += run) {
    stop.throw_if_requested();
    std::sort(at(begin), at(begin + run));
  }
  for (std::size_t width = run; width < n; width *= 2)
    for (std::size_t begin = 0; begin + width < n; begin += 2 * width) {
      stop.throw_if_requested();
      std::inplace_merge(at(begin), at(begin + width), at(begin + 2 * width));
    }
}

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

ColumnValues::ColumnValues(const std::vector<double>& all, const std::vector<double>& counts) : values_(all.size()) {
  std::size_t kept = 0;
  if (counts.empty()) {
    for (double value : all) {  // written always, kept where it is finite: no branch to guess wrong
      values_[kept] = value;
      kept += std::abs(value) <= std::numeric_limits<double>::max() ? 1 : 0;
      missing_rows_ += std::isnan(value) ? 1 : 0;
    }
  } else {
    counts_.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::isnan(all[i])) ++missing_rows_;
      if (!std::isfinite(all[i]) || counts[i] == 0) continue;
      values_[kept] = all[i];
      counts_[kept++] = counts[i];
    }
    counts_.resize(kept);
  }
  values_.resize(kept);
  std::tie(smallest_, largest_) = range_of(values_);
  total_ = static_cast<double>(kept);
  if (!counts_.empty()) measure_counts();
}

/// In what unit counts are summed, and their sum.
void ColumnValues::measure_counts() {
  bool whole = true;
  double largest_count = 1, sum = 0;
  for (double count : counts_) {
    whole = whole && count == std::floor(count);
    largest_count = std::max(largest_count, count);
    sum += count;
  }
  const int room = std::min(62 - bits_of(largest_count), 69 - bits_of(sum));
  if (!whole || room < 0) whole_ = std::ldexp(1.0, room);
  Wide total = 0;
  for (double count : counts_) total += std::llrint(count * whole_);
  total_ = static_cast<double>(total) / whole_;
}

/// Counted mean of terms between -1 and 1.
template <class Term>
double ColumnValues::mean_of(const Term& term) const {
  // a conversion that cuts is one instruction, one that rounds a call
  const auto whole_term = [&](double value) { return static_cast<std::int64_t>(term(value) * term_unit); };
  Wide sum = 0;
  if (counts_.empty())
    for (double value : values_) sum += whole_term(value);
  else
    for (std::size_t i = 0; i < values_.size(); ++i)
      sum += Wide{std::llrint(counts_[i] * whole_)} * whole_term(values_[i]);
  return static_cast<double>(sum) / (term_unit * whole_ * total_);
}

/// The power of two above all magnitudes (or 2^-1020, whose inverse is finite) as an exponent: dividing by it is exact.
int ColumnValues::exponent() const {
  const double magnitude = std::max(std::abs(smallest_), std::abs(largest_));
  return magnitude > 0 ? std::max(-1020, std::ilogb(magnitude) + 1) : 0;
}

double ColumnValues::mean() const {
  if (values_.empty()) return 0;
  const double inverse = std::ldexp(1.0, -exponent());
  return std::ldexp(mean_of([&](double value) { return value * inverse; }), exponent());
}

double ColumnValues::deviation() const {
  if (values_.empty()) return 0;
  const double inverse = std::ldexp(1.0, -exponent()), center = mean() * inverse;
  const double span = std::max(largest_ * inverse - center, center - smallest_ * inverse), factor = 1 / span;
  if (!(span > 1e-13)) return 0;
  const double square = mean_of([&](double value) {
    const double distance = (value * inverse - center) * factor;
    return distance * distance;
  });
  return std::ldexp(span * std::sqrt(square), exponent());
}

void ColumnValues::sort(const StopToken& stop) {
  if (counts_.empty()) return sort_stopping(values_, stop);
  if (!ends_.empty()) return;
  std::vector<std::pair<double, double>> pairs(values_.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {values_[i], counts_[i]};
  sort_stopping(pairs, stop);
  double end = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    std::tie(values_[i], counts_[i]) = pairs[i];
    ends_.push_back(end += counts_[i]);
  }
}

double ColumnValues::quantile(double q) {
  const double position = std::max(0.0, total_ - 1) * q, whole = std::floor(position), part = position - whole;
  if (!counts_.empty()) {
    sort({});
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

std::vector<double> ColumnValues::quantiles(std::size_t count, const StopToken& stop) {
  sort(stop);
  std::vector<double> all(count);
  const double last = std::max(0.0, total_ - 1), steps = static_cast<double>(count - 1);
  for (std::size_t i = 0; i < count; ++i) all[i] = between(last * static_cast<double>(i) / steps) + 0.0;
  for (std::size_t i = 1; i < count; ++i) all[i] = std::max(all[i], all[i - 1]);  // rounding may not turn them round
  return all;
}

std::vector<CountedValue> ColumnValues::distinct(const StopToken& stop) {
  sort(stop);
  std::vector<CountedValue> all;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (all.empty() || all.back().value != values_[i]) all.push_back({values_[i] + 0.0, 0});  // -0 as 0
    all.back().count += count(i);
  }
  return all;
}

double ColumnValues::most_frequent() {
  sort({});
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

std::vector<std::size_t> frequent_categories(const std::vector<double>& frequency, double min_count, std::size_t most) {
  std::vector<std::size_t> codes;
  for (std::size_t code = 0; code + 1 < frequency.size(); ++code)
    if (frequency[code] > 0 && frequency[code] >= min_count) codes.push_back(code);
  if (codes.size() <= most) return codes;
  std::stable_sort(codes.begin(), codes.end(), [&](auto a, auto b) { return frequency[a] > frequency[b]; });
  codes.resize(most);
  std::sort(codes.begin(), codes.end());
  return codes;
}

std::size_t categories_seen(const DatasetView& train, const std::vector<double>& counts, std::size_t column) {
  const std::vector<double> frequency = category_counts(train, counts, column);
  return static_cast<std::size_t>(
      std::count_if(frequency.begin(), frequency.end() - 1, [](double count) { return count > 0; }));
}

}  // namespace automill
