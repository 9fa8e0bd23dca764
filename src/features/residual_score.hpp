#pragma once
// What a column tells of residuals, and of the same residuals shuffled: one pass over the rows fills a histogram of
// both (eight integers a bin), so that a candidate costs about a nanosecond a row.
//
// A tree of three levels is grown on either half of the rows and judged on the other: by how much it lowers the sum of
// squares, in units of the residuals' mean square. The score is twice the lower one, so that what does not hold on each
// half counts for nothing. Sums are integers with units that exclude overflow (see learners/tree/gradients.hpp).

#include <array>
#include <automill/core/dataset.hpp>

#include "features/quick_model.hpp"

namespace automill::features {

constexpr std::size_t shuffles = 6;
/// Of the residuals, then of each shuffle.
using Scores = std::array<double, 1 + shuffles>;

/// A column in a few bins: codes are below `bins`, of which numbers have `number_bins` at most, 0 for missing.
struct BinnedCandidate {
  std::size_t bins = 1;
  bool groups = false;  ///< bins are not in an order
  std::vector<std::uint16_t> codes{};
};
constexpr std::size_t number_bins = 33;
constexpr std::size_t most_group_bins = 4096;

/// Numbers by the quantiles of the first rows, which are a random sample. O(rows).
BinnedCandidate bin_numbers(std::span<const double> values);
/// Groups as they are; missing ones and those from `most_group_bins` on share a bin.
BinnedCandidate bin_groups(std::span<const double> groups, std::size_t count);
/// Correlation of codes in the first rows, about Spearman's; 1 or -1 for columns in the same or opposite order.
double rank_correlation(const BinnedCandidate& a, const BinnedCandidate& b);

class ResidualScore {
 public:
  /// Rows are in a random order (DistinctRows).
  ResidualScore(const Dataset& data, Residuals residuals, std::uint64_t seed);
  Scores score(const BinnedCandidate& candidate) const;
  /// Takes off the residuals what a candidate tells of them, each half by the other's tree; shuffles stay. False: the
  /// residuals have grown beyond the integers.
  bool take_off(const BinnedCandidate& candidate);

 private:
  static constexpr std::size_t lanes = 2 + shuffles;  ///< number of rows, residual, shuffles
  using Line = std::array<std::int32_t, lanes>;
  struct Output {
    std::vector<double> residuals;
    std::vector<Line> lines;
    double count_unit = 1, unit = 1, mean_square = 1;
  };
  using Histogram = std::vector<std::array<Line, 2>>;
  void shuffle(Output& output, std::uint64_t seed) const;
  Histogram histogram_of(const Output& output, const BinnedCandidate& candidate) const;
  double lowest_gain(const Output& output, const Histogram& histogram, bool groups, std::size_t lane) const;

  std::vector<double> counts_;
  std::vector<std::uint8_t> half_;
  std::vector<Output> outputs_;
};

}  // namespace automill::features
