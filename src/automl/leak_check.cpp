#include "automl/leak_check.hpp"

#include <automill/core/random.hpp>
#include <cstdio>
#include <numeric>

namespace automill {
namespace {

constexpr std::size_t number_bins = 64, least_rows_for_leaks = 50, least_class_rows = 20;

std::string with_digits(const char* format, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

/// Twice the mean rank of each value, less that of the middle: integers, so that sums do not depend on their order.
std::vector<std::int64_t> centred_ranks(const std::vector<double>& values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<std::int64_t> ranks(values.size());
  const auto n = static_cast<std::int64_t>(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
    for (std::size_t i = first; i <= last; ++i) ranks[order[i]] = static_cast<std::int64_t>(first + last) - (n - 1);
    first = last + 1;
  }
  return ranks;
}

}  // namespace

TargetSample::TargetSample(const Dataset& dataset, std::vector<std::uint32_t> rows)
    : task_(dataset.target.task),
      classes_(dataset.target.classes.size()),
      positive_(dataset.target.positive),
      rows_(std::move(rows)) {
  std::vector<double> values;
  class_rows_.resize(classes_);
  for (const std::uint32_t row : rows_) {
    half_.push_back(static_cast<std::uint8_t>(mix64(dataset.keys[row] ^ purpose("halves of columns")) & 1));
    if (task_ == Task::regression) {
      values.push_back(dataset.target.values[row]);
    } else {
      labels_.push_back(static_cast<std::uint32_t>(dataset.target.labels[row]));
      ++class_rows_[labels_.back()];
    }
  }
  if (task_ == Task::regression) ranks_ = centred_ranks(values);
  large_enough_ = rows_.size() >= least_rows_for_leaks;
  if (task_ == Task::binary)
    large_enough_ = large_enough_ && std::min(class_rows_[0], class_rows_[1]) >= least_class_rows;
}

/// Bins of equally many rows, edges by the first half; the last bin holds missing values. Categories are their own
/// bins.
TargetSample::Bins TargetSample::bins_of(std::span<const double> values, std::size_t categories) const {
  Bins bins{.of_row = std::vector<std::uint32_t>(values.size()), .count = categories + 2};
  if (categories > 0) {
    for (std::size_t i = 0; i < values.size(); ++i)
      bins.of_row[i] =
          static_cast<std::uint32_t>(std::isnan(values[i]) ? categories + 1 : static_cast<std::size_t>(values[i]));
    return bins;
  }
  std::vector<double> sorted, edges;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (half_[i] == 0 && !std::isnan(values[i])) sorted.push_back(values[i]);
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 1; k < number_bins && !sorted.empty(); ++k) {
    const double edge = sorted[k * sorted.size() / number_bins];
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  bins.count = edges.size() + 2;
  for (std::size_t i = 0; i < values.size(); ++i)
    bins.of_row[i] = static_cast<std::uint32_t>(
        std::isnan(values[i])
            ? edges.size() + 1
            : static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), values[i]) - edges.begin()));
  return bins;
}

/// Area under the ROC curve of the other half, its rows ranked by the share of positives in their bin of half `from`.
double TargetSample::auc(const Bins& bins, std::uint8_t from) const {
  struct Bin {
    double share = 0, positives = 0, negatives = 0;  // of the other half
  };
  std::vector<double> positives(bins.count), all(bins.count);
  std::vector<Bin> judged(bins.count);
  double rows = 0, hits = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const bool hit = labels_[i] == positive_;
    if (half_[i] == from) {
      positives[bins.of_row[i]] += hit;
      ++all[bins.of_row[i]];
      hits += hit;
      ++rows;
    } else {
      (hit ? judged[bins.of_row[i]].positives : judged[bins.of_row[i]].negatives) += 1;
    }
  }
  const double prior = rows > 0 ? hits / rows : 0.5;
  for (std::size_t b = 0; b < bins.count; ++b) judged[b].share = (positives[b] + prior) / (all[b] + 1);
  std::sort(judged.begin(), judged.end(), [](const Bin& a, const Bin& b) { return a.share < b.share; });
  double below = 0, pairs = 0, all_positives = 0;
  for (std::size_t first = 0; first < judged.size();) {
    double p = 0, n = 0;
    const double share = judged[first].share;
    for (; first < judged.size() && judged[first].share == share; ++first) {
      p += judged[first].positives;
      n += judged[first].negatives;
    }
    pairs += p * (below + 0.5 * n);
    below += n;
    all_positives += p;
  }
  return all_positives * below > 0 ? pairs / (all_positives * below) : 0.5;
}

/// Share of the other half whose class is the most frequent one of their bin.
double TargetSample::right_share(const Bins& bins, std::uint8_t from) const {
  std::vector<std::uint32_t> counts(bins.count * classes_);
  for (std::size_t i = 0; i < rows_.size(); ++i)
    if (half_[i] == from) ++counts[bins.of_row[i] * classes_ + labels_[i]];
  double right = 0, rows = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (half_[i] == from) continue;
    const auto* of_bin = counts.data() + bins.of_row[i] * classes_;
    right += static_cast<std::size_t>(std::max_element(of_bin, of_bin + classes_) - of_bin) == labels_[i] &&
             of_bin[labels_[i]] > 0;
    ++rows;
  }
  return rows > 0 ? right / rows : 0;
}

/// Share of the variance of the ranks of the other half that the means of bins explain.
double TargetSample::explained(const Bins& bins, std::uint8_t from) const {
  std::vector<std::int64_t> sums(bins.count), counts(bins.count);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (half_[i] != from) continue;
    sums[bins.of_row[i]] += ranks_[i];
    ++counts[bins.of_row[i]];
  }
  double left = 0, whole = 0;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (half_[i] == from) continue;
    const std::uint32_t bin = bins.of_row[i];
    const double rank = static_cast<double>(ranks_[i]);
    const double mean = counts[bin] > 0 ? static_cast<double>(sums[bin]) / static_cast<double>(counts[bin]) : 0;
    left += (rank - mean) * (rank - mean);
    whole += rank * rank;
  }
  return whole > 0 ? 1 - left / whole : 0;
}

ColumnEvidence TargetSample::evidence(std::span<const double> values, std::size_t categories) const {
  const Bins bins = bins_of(values, categories);
  if (task_ == Task::regression) {
    const double explained_share = 0.5 * (explained(bins, 0) + explained(bins, 1));
    return {explained_share, with_digits("R2 %.3f of the ranks", explained_share)};
  }
  if (task_ == Task::binary) {
    const double area = 0.5 * (auc(bins, 0) + auc(bins, 1));
    return {2 * area - 1, with_digits("AUC %.3f", area)};
  }
  const double right = 0.5 * (right_share(bins, 0) + right_share(bins, 1));
  const double largest = static_cast<double>(*std::max_element(class_rows_.begin(), class_rows_.end())) /
                         static_cast<double>(rows_.size());
  return {largest < 1 ? (right - largest) / (1 - largest) : 0, with_digits("%.1f %% of the classes", 100 * right)};
}

std::optional<MissingEvidence> TargetSample::missing_evidence(std::span<const double> values) const {
  constexpr double pure = 0.98, most_before = 0.8;
  if (task_ == Task::regression) return std::nullopt;
  for (const bool missing : {true, false}) {
    std::vector<std::size_t> counts(classes_);
    std::size_t rows = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i]) != missing) continue;
      ++counts[labels_[i]];
      ++rows;
    }
    if (rows < least_class_rows || rows == values.size()) continue;
    const auto label = static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
    const MissingEvidence evidence{
        .missing = missing,
        .rows = rows,
        .share = static_cast<double>(counts[label]) / static_cast<double>(rows),
        .share_of_all = static_cast<double>(class_rows_[label]) / static_cast<double>(values.size()),
        .label = label};
    if (evidence.share >= pure && evidence.share_of_all <= most_before) return evidence;
  }
  return std::nullopt;
}

}  // namespace automill
