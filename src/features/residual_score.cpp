#include "features/residual_score.hpp"

#include <cmath>

namespace automill::features {
namespace {

constexpr std::size_t edge_rows = 512, correlation_rows = 4096;
constexpr double least_rows = 10;       // in a leaf of a half
constexpr double leaf_smoothing = 5;    // rows that pull a leaf's mean towards 0
constexpr double group_smoothing = 10;  // the same of a category
constexpr double worth_a_split = 7;     // gain of a split below the first, about the best of 32 by chance

struct Sums {
  double gradient = 0, count = 0;
  Sums operator-(Sums b) const { return {gradient - b.gradient, count - b.count}; }
  double gain() const { return count > 0 ? gradient * gradient / count : 0; }
};

/// Sums of the bins up to each one, of one half.
using Cumulated = std::array<Sums, number_bins + 1>;

/// The bins [begin, end) in two parts; `at` is the first bin of the second, begin where there is no split.
struct Split {
  std::size_t at = 0;
  double gain = 0;
};

Split best_split(const Cumulated& sums, std::size_t begin, std::size_t end) {
  const Sums all = sums[end] - sums[begin];
  const double whole = all.gain();
  Split best{.at = begin};
  for (std::size_t at = begin + 1; at < end; ++at) {
    const Sums left = sums[at] - sums[begin], right = sums[end] - sums[at];
    if (left.count < least_rows || right.count < least_rows) continue;
    const double gain = left.gain() + right.gain() - whole;
    if (gain > best.gain) best = {at, gain};
  }
  return best;
}

constexpr int levels = 3;

/// Bounds of the leaves of a tree: leaf i holds the bins [bounds[i], bounds[i + 1]).
struct Leaves {
  std::array<std::size_t, (1 << levels) + 1> bounds{};
  std::size_t count = 0;
};

/// Splits the bins [begin, end) as long as that is worth it.
void grow_below(const Cumulated& sums, std::size_t begin, std::size_t end, int level, Leaves& leaves) {
  const Split split = level < levels ? best_split(sums, begin, end) : Split{.at = begin};
  if (split.at != begin && split.gain > worth_a_split) {
    grow_below(sums, begin, split.at, level + 1, leaves);
    grow_below(sums, split.at, end, level + 1, leaves);
    return;
  }
  leaves.bounds[leaves.count++] = begin;
  leaves.bounds[leaves.count] = end;
}

/// The first split is made in any case.
Leaves grow(const Cumulated& sums, std::size_t bins) {
  Leaves leaves;
  const Split root = best_split(sums, 0, bins);
  if (root.at == 0) return leaves;
  grow_below(sums, 0, root.at, 1, leaves);
  grow_below(sums, root.at, bins, 1, leaves);
  return leaves;
}

/// By how much a mean that was found on `from` lowers the sum of squares on `on`.
double lowers(Sums from, Sums on, double smoothing) {
  const double mean = from.gradient / (from.count + smoothing);
  return mean * (2 * on.gradient - mean * on.count);
}

}  // namespace

BinnedCandidate bin_numbers(std::span<const double> values) {
  constexpr int edge_bits = 5;
  constexpr std::size_t edges = (1 << edge_bits) - 1;
  static_assert(edges + 2 == number_bins);
  std::vector<double> sample;
  for (std::size_t i = 0; i < std::min(values.size(), edge_rows); ++i)
    if (!std::isnan(values[i])) sample.push_back(values[i]);
  std::sort(sample.begin(), sample.end());
  std::array<double, edges> upper;
  std::size_t used = 0;
  for (std::size_t k = 1; k <= edges && !sample.empty(); ++k) {
    const double edge = sample[k * sample.size() / (edges + 1)];
    if (edge < sample.back() && (used == 0 || edge > upper[used - 1])) upper[used++] = edge;
  }
  std::fill(upper.begin() + static_cast<std::ptrdiff_t>(used), upper.end(), std::numeric_limits<double>::infinity());
  BinnedCandidate binned{.bins = used + 2, .codes = std::vector<std::uint16_t>(values.size())};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    std::size_t at = 0;  // edges below the value, by halves; sums of comparisons, since branches would be guessed wrong
    for (int bit = edge_bits - 1; bit >= 0; --bit)
      at += static_cast<std::size_t>(upper[at + (std::size_t{1} << bit) - 1] < value) << bit;
    binned.codes[i] = static_cast<std::uint16_t>(std::isnan(value) ? 0 : 1 + at);
  }
  return binned;
}

BinnedCandidate bin_groups(std::span<const double> groups, std::size_t count) {
  BinnedCandidate binned{
      .bins = std::min(count, most_group_bins) + 1, .groups = true, .codes = std::vector<std::uint16_t>(groups.size())};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const bool own = groups[i] < static_cast<double>(binned.bins - 1);
    binned.codes[i] = own ? static_cast<std::uint16_t>(1 + groups[i]) : std::uint16_t{0};
  }
  return binned;
}

double rank_correlation(const BinnedCandidate& a, const BinnedCandidate& b) {
  const std::size_t rows = std::min(a.codes.size(), correlation_rows);
  double x = 0, y = 0, xx = 0, yy = 0, xy = 0;  // sums of whole numbers: exact
  for (std::size_t i = 0; i < rows; ++i) {
    const double u = a.codes[i], v = b.codes[i];
    x += u;
    y += v;
    xx += u * u;
    yy += v * v;
    xy += u * v;
  }
  const auto n = static_cast<double>(rows);
  const double spread = (n * xx - x * x) * (n * yy - y * y);
  return spread > 0 ? (n * xy - x * y) / std::sqrt(spread) : 0;
}

ResidualScore::ResidualScore(const Dataset& data, Residuals residuals, std::uint64_t seed)
    : counts_(data.weights), half_(data.rows()) {
  for (std::size_t i = 0; i < half_.size(); ++i)
    half_[i] = static_cast<std::uint8_t>(data.groups.empty() ? i & 1 : mix64(data.groups[i]) & 1);
  if (counts_.empty()) counts_.assign(data.rows(), 1.0);
  for (auto& values : residuals) {
    Output output{.residuals = std::move(values), .lines = std::vector<Line>(half_.size())};
    double magnitudes = 0, counted = 0, square = 0;
    for (std::size_t i = 0; i < half_.size(); ++i) {
      magnitudes += std::abs(output.residuals[i]);
      counted += counts_[i];
      square += counts_[i] * output.residuals[i] * output.residuals[i];
    }
    // a sum of integers is at most 2^29 and half a unit a row; shuffled residuals meet other counts
    double heaviest = 1;
    for (double count : counts_) heaviest = std::max(heaviest, count);
    output.unit = magnitudes * heaviest / 0x1p28;
    output.count_unit = counted / 0x1p29;
    output.mean_square = square / counted;
    shuffle(output, combine_hashes(seed, outputs_.size()));
    outputs_.push_back(std::move(output));
  }
}

void ResidualScore::shuffle(Output& output, std::uint64_t seed) const {
  const std::size_t rows = half_.size();
  for (std::size_t i = 0; i < rows; ++i) {
    output.lines[i][0] = static_cast<std::int32_t>(std::lrint(counts_[i] / output.count_unit));
    output.lines[i][1] = static_cast<std::int32_t>(std::lrint(counts_[i] * output.residuals[i] / output.unit));
  }
  for (std::size_t half = 0; half < 2; ++half) {
    std::vector<std::uint32_t> own;
    for (std::uint32_t i = 0; i < rows; ++i)
      if (half_[i] == half) own.push_back(i);
    for (std::size_t s = 0; s < shuffles; ++s) {
      std::vector<std::uint32_t> from = own;
      RandomStream(seed, purpose("shuffled residuals"), 2 * s + half).shuffle(from);
      for (std::size_t k = 0; k < own.size(); ++k)
        output.lines[own[k]][2 + s] =
            static_cast<std::int32_t>(std::lrint(counts_[own[k]] * output.residuals[from[k]] / output.unit));
    }
  }
}

ResidualScore::Histogram ResidualScore::histogram_of(const Output& output, const BinnedCandidate& candidate) const {
  Histogram histogram(candidate.bins);
  for (std::size_t i = 0; i < half_.size(); ++i) {
    Line& sums = histogram[candidate.codes[i]][half_[i]];
    const Line line = output.lines[i];  // a copy, which no addition can change: one vector addition
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += line[lane];
  }
  return histogram;
}

double ResidualScore::lowest_gain(const Output& output, const Histogram& histogram, bool groups,
                                  std::size_t lane) const {
  const std::size_t bins = histogram.size();
  // in units of the root mean square, so that a gain of 1 is what one row amounts to
  const double unit = output.unit / std::sqrt(output.mean_square);
  const auto sums_of = [&](std::size_t bin, std::size_t half) {
    const Line& line = histogram[bin][half];
    return Sums{unit * line[lane], output.count_unit * line[0]};
  };
  std::array<double, 2> gains{};
  if (groups) {
    for (std::size_t bin = 0; bin < bins; ++bin)
      for (std::size_t half = 0; half < 2; ++half)
        gains[half] += lowers(sums_of(bin, half), sums_of(bin, 1 - half), group_smoothing);
    return std::min(gains[0], gains[1]);
  }
  std::array<Cumulated, 2> sums;
  for (std::size_t half = 0; half < 2; ++half) {
    sums[half][0] = {};
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const Sums own = sums_of(bin, half);
      sums[half][bin + 1] = {sums[half][bin].gradient + own.gradient, sums[half][bin].count + own.count};
    }
  }
  for (std::size_t half = 0; half < 2; ++half) {
    const Leaves leaves = grow(sums[half], bins);
    for (std::size_t leaf = 0; leaf < leaves.count; ++leaf) {
      const std::size_t begin = leaves.bounds[leaf], end = leaves.bounds[leaf + 1];
      gains[half] +=
          lowers(sums[half][end] - sums[half][begin], sums[1 - half][end] - sums[1 - half][begin], leaf_smoothing);
    }
  }
  return std::min(gains[0], gains[1]);
}

Scores ResidualScore::score(const BinnedCandidate& candidate) const {
  Scores scores{};
  for (const Output& output : outputs_) {
    const Histogram histogram = histogram_of(output, candidate);
    for (std::size_t s = 0; s < scores.size(); ++s)
      scores[s] += 2 * lowest_gain(output, histogram, candidate.groups, 1 + s);
  }
  return scores;
}

bool ResidualScore::take_off(const BinnedCandidate& candidate) {
  bool fits = true;
  for (Output& output : outputs_) {
    const Histogram histogram = histogram_of(output, candidate);
    for (std::size_t half = 0; half < 2; ++half) {
      std::vector<double> means(candidate.bins, 0.0);  // of the residuals, by the other half
      const auto sums_of = [&](std::size_t bin) {
        const Line& line = histogram[bin][1 - half];
        return Sums{output.unit * line[1], output.count_unit * line[0]};
      };
      if (candidate.groups) {
        for (std::size_t bin = 0; bin < means.size(); ++bin)
          means[bin] = sums_of(bin).gradient / (sums_of(bin).count + group_smoothing);
      } else {
        const double size = std::sqrt(output.mean_square);
        Cumulated sums{};
        for (std::size_t bin = 0; bin < means.size(); ++bin)
          sums[bin + 1] = {sums[bin].gradient + sums_of(bin).gradient / size, sums[bin].count + sums_of(bin).count};
        const Leaves leaves = grow(sums, candidate.bins);
        for (std::size_t leaf = 0; leaf < leaves.count; ++leaf) {
          const Sums own = sums[leaves.bounds[leaf + 1]] - sums[leaves.bounds[leaf]];
          for (std::size_t bin = leaves.bounds[leaf]; bin < leaves.bounds[leaf + 1]; ++bin)
            means[bin] = size * own.gradient / (own.count + leaf_smoothing);
        }
      }
      for (std::size_t i = 0; i < half_.size(); ++i)
        if (half_[i] == half) output.residuals[i] -= means[candidate.codes[i]];
    }
    double magnitudes = 0;
    for (std::size_t i = 0; i < half_.size(); ++i) magnitudes += counts_[i] * std::abs(output.residuals[i]);
    fits = fits && magnitudes < output.unit * 0x1p29;
    for (std::size_t i = 0; i < half_.size() && fits; ++i)
      output.lines[i][1] = static_cast<std::int32_t>(std::lrint(counts_[i] * output.residuals[i] / output.unit));
  }
  return fits;
}

}  // namespace automill::features
