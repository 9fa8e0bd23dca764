#include <algorithm>
#include <automill/learners/tree/binning.hpp>
#include <numeric>

namespace automill::tree {

namespace {

/// An edge e with low <= e < high: the middle where doubles allow one.
double edge_between(double low, double high) {
  const double middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

std::vector<double> edges_of_few(const ValueCounts& distinct, std::size_t min_rows) {
  std::vector<double> edges;
  std::size_t rows = 0;
  for (std::size_t i = 0; i + 1 < distinct.values.size(); ++i) {
    rows += distinct.counts[i];
    if (rows < min_rows) continue;
    edges.push_back(edge_between(distinct.values[i], distinct.values[i + 1]));
    rows = 0;
  }
  return edges;
}

std::vector<double> edges_of_many(const ValueCounts& distinct, std::size_t total, std::size_t bins) {
  double mean = static_cast<double>(total) / static_cast<double>(bins);
  std::vector<bool> alone(distinct.values.size());
  std::size_t left_rows = total, left_bins = bins;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    alone[i] = static_cast<double>(distinct.counts[i]) >= mean;
    if (!alone[i]) continue;
    left_rows -= distinct.counts[i];
    left_bins -= 1;
  }
  const auto renew_mean = [&] {
    mean = static_cast<double>(left_rows) / static_cast<double>(std::max<std::size_t>(1, left_bins));
  };
  renew_mean();
  std::vector<double> edges;
  std::size_t rows = 0;
  for (std::size_t i = 0; i + 1 < distinct.values.size() && edges.size() + 1 < bins; ++i) {
    if (!alone[i]) left_rows -= distinct.counts[i];
    rows += distinct.counts[i];
    const bool full = static_cast<double>(rows) >= mean;
    const bool before_big = alone[i + 1] && static_cast<double>(rows) >= std::max(1.0, mean / 2);
    if (!alone[i] && !full && !before_big) continue;
    edges.push_back(edge_between(distinct.values[i], distinct.values[i + 1]));
    rows = 0;
    if (!alone[i]) {
      if (left_bins > 0) --left_bins;
      renew_mean();
    }
  }
  return edges;
}

}  // namespace

ValueCounts ValueCounts::of(std::span<const double> sorted) {
  ValueCounts distinct;
  for (double value : sorted) {
    if (!distinct.values.empty() && distinct.values.back() == value) {
      ++distinct.counts.back();
    } else {
      distinct.values.push_back(value);
      distinct.counts.push_back(1);
    }
  }
  return distinct;
}

std::vector<double> find_edges(const ValueCounts& sample, const BinningOptions& options) {
  if (sample.values.size() <= options.max_bin) return edges_of_few(sample, options.min_rows_in_bin);
  const std::size_t total = std::accumulate(sample.counts.begin(), sample.counts.end(), std::size_t{0});
  const std::size_t bins =
      std::max<std::size_t>(1, std::min(options.max_bin, total / std::max<std::size_t>(1, options.min_rows_in_bin)));
  return edges_of_many(sample, total, bins);
}

std::size_t BinMapping::bin(double value) const {
  if (!categorical) {
    if (std::isnan(value)) return 0;
    return 1 + static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin());
  }
  if (std::isnan(value)) return missing_bin;
  return value >= 0 && value < static_cast<double>(bin_of_code.size()) ? bin_of_code[static_cast<std::size_t>(value)]
                                                                       : 0;
}

}  // namespace automill::tree
