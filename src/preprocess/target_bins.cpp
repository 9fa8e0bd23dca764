#include "target_bins.hpp"

#include <cmath>

#include "read_numbers.hpp"

namespace automill {
namespace {

__extension__ using Wide = __int128;
constexpr double target_unit = 0x1p30, count_unit = 0x1p20;

/// Targets of a row as integers: 1 for its class or outputs in [-1, 1], times `target_unit`.
class TargetTerms {
 public:
  explicit TargetTerms(const DatasetView& train) : train_(train), width_(train.target().width()) {
    if (is_classification(train.task())) return;
    centers_.resize(width_);
    factors_.resize(width_);
    for (std::size_t k = 0; k < width_; ++k) {
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (std::size_t i = 0; i < train.rows(); ++i) {
        low = std::min(low, train.value(i, k));
        high = std::max(high, train.value(i, k));
      }
      centers_[k] = low / 2 + high / 2;
      const double half = high / 2 - low / 2;
      factors_[k] = half > 0 && std::isfinite(1 / half) ? target_unit / half : 0.0;
    }
  }
  std::size_t width() const { return width_; }
  /// Adds `count` times the terms of row i of the view.
  void add(std::size_t i, std::int64_t count, Wide* sums) const {
    if (centers_.empty()) {
      sums[train_.label(i)] += Wide{count} * static_cast<std::int64_t>(target_unit);
      return;
    }
    for (std::size_t k = 0; k < width_; ++k)
      sums[k] += Wide{count} * std::llrint((train_.value(i, k) - centers_[k]) * factors_[k]);
  }

 private:
  const DatasetView& train_;
  std::size_t width_;
  std::vector<double> centers_{}, factors_{};
};

/// Cumulated sums of the bins between candidates: [0, bin) of each.
struct Histogram {
  std::vector<double> counts;
  std::vector<double> sums;  ///< (bins + 1) x width
  std::size_t width = 1;

  /// Sum of squared sums by count over bins [begin, end): what a leaf of them takes off the error.
  double gain(std::size_t begin, std::size_t end) const {
    const double count = counts[end] - counts[begin];
    double squares = 0;
    for (std::size_t k = 0; k < width; ++k) {
      const double sum = sums[end * width + k] - sums[begin * width + k];
      squares += sum * sum;
    }
    return count > 0 ? squares / count : 0.0;
  }
};

Histogram histogram_of(const DatasetView& train, const std::vector<double>& row_counts, std::size_t column,
                       const std::vector<double>& candidates) {
  const TargetTerms terms(train);
  const std::size_t bins = candidates.size() + 1, width = terms.width();
  const bool whole = std::all_of(row_counts.begin(), row_counts.end(), [](double w) { return w == std::floor(w); });
  const double unit = whole ? 1 : count_unit;
  std::vector<Wide> counts(bins, 0), sums(bins * width, 0);
  const std::vector<double> values = all_numbers(train.features(), column);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    const double weight = row_counts.empty() ? 1.0 : std::min(row_counts[i] * unit, 0x1p62);
    const std::int64_t count = std::llrint(weight);
    const auto bin = static_cast<std::size_t>(std::lower_bound(candidates.begin(), candidates.end(), values[i]) -
                                              candidates.begin());
    counts[bin] += count;
    terms.add(i, count, sums.data() + bin * width);
  }
  Histogram all{std::vector<double>(bins + 1, 0.0), std::vector<double>((bins + 1) * width, 0.0), width};
  Wide count = 0;
  std::vector<Wide> sum(width, 0);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    count += counts[bin];
    all.counts[bin + 1] = static_cast<double>(count) / unit;
    for (std::size_t k = 0; k < width; ++k) {
      sum[k] += sums[bin * width + k];
      all.sums[(bin + 1) * width + k] = static_cast<double>(sum[k]) / (unit * target_unit);
    }
  }
  return all;
}

/// A leaf of bins [begin, end) and its best split: `at` 0 where there is none.
struct Leaf {
  std::size_t begin = 0, end = 0, at = 0;
  double gain = 0;
};

Leaf leaf_of(const Histogram& all, std::size_t begin, std::size_t end, double min_rows) {
  Leaf leaf{.begin = begin, .end = end};
  const double whole = all.gain(begin, end);
  for (std::size_t at = begin + 1; at < end; ++at) {
    if (all.counts[at] - all.counts[begin] < min_rows || all.counts[end] - all.counts[at] < min_rows) continue;
    const double gain = all.gain(begin, at) + all.gain(at, end) - whole;
    if (gain > leaf.gain) {
      leaf.gain = gain;
      leaf.at = at;
    }
  }
  return leaf;
}

}  // namespace

std::vector<double> target_bins(const DatasetView& train, const std::vector<double>& counts, std::size_t column,
                                const std::vector<double>& candidates, const TargetBinOptions& options) {
  const Histogram all = histogram_of(train, counts, column, candidates);
  std::vector<Leaf> leaves{leaf_of(all, 0, candidates.size() + 1, options.min_rows)};
  const double least = 1e-12 * all.counts.back();  // what rounding makes of a target that does not change
  std::vector<double> edges;
  while (leaves.size() < options.bins) {
    const auto best =
        std::max_element(leaves.begin(), leaves.end(), [](const Leaf& a, const Leaf& b) { return a.gain < b.gain; });
    if (best->at == 0 || !(best->gain > least)) break;
    const Leaf split = *best;
    edges.push_back(candidates[split.at - 1]);
    *best = leaf_of(all, split.begin, split.at, options.min_rows);
    leaves.push_back(leaf_of(all, split.at, split.end, options.min_rows));
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

}  // namespace automill
