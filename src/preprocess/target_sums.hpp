#pragma once
// Sums of targets for target encoding: of each part and cell once, then added up for the folds that train on the part.
// Sums are taken around a center, so that variances do not cancel; the center of what encodes a row comes from the rows
// that encode it, as the sums do: its own target leaves no trace.

#include <optional>

#include "target_rows.hpp"

namespace automill {

/// Counts, sums and sums of squares of a signal around a center.
struct TargetMoments {
  double count = 0, first = 0, second = 0;

  /// Adds moments around another center, which is higher by `by`.
  void add(const TargetMoments& other, double by) {
    count += other.count;
    first += other.first + by * other.count;
    second += other.second + by * (2 * other.first + by * other.count);
  }
};

/// The mean of a category, drawn towards the mean of all rows; that mean where the category has no row, and 0 where
/// there are none at all. `smoothing`: rows of the mean of all that are mixed in; none: by the variances.
double shrunk_mean(const TargetMoments& category, const TargetMoments& all, double center,
                   std::optional<double> smoothing);

/// An outer fold: what it trains on, and how cells make up its inner folds.
struct EncodedFold {
  EncodedFold(const TargetRows& rows, const OuterFolds& outer, std::size_t fold, std::size_t inner_count);

  std::vector<std::uint8_t> trains;    ///< one a part
  std::vector<std::uint8_t> inner_of;  ///< one a cell
  std::size_t inner_count;
  double scale = 1;             ///< what weights are multiplied by, so that they count as rows
  std::vector<double> centers;  ///< inner x signals: what sums are taken around
};

/// Sums of some rows - those of a category - by part and cell, and from them those of the inner folds of outer folds.
class PartSums {
 public:
  PartSums(const TargetRows& rows, std::size_t parts);

  /// Sums of the rows at these positions instead of those before. O(positions x signals; of classes O(positions)).
  void sum(std::span<const std::uint32_t> positions);
  /// Adds up the parts that a fold trains on: inner x signals, counts scaled, around the centers of the fold. O(slots
  /// that have rows x signals).
  void add_up(const EncodedFold& fold, std::vector<TargetMoments>& inner) const;

 private:
  const TargetRows* rows_;
  std::vector<double> counts_;            ///< one a slot
  std::vector<double> firsts_, seconds_;  ///< slots x signals; no seconds of classes
  std::vector<std::uint16_t> used_;       ///< slots that have rows
};

/// Sums of one signal over all inner folds but `left_out` (none is left out where there is no such fold), and their
/// center.
struct CenteredMoments {
  TargetMoments moments{};
  double center = 0;
};
CenteredMoments without(const EncodedFold& fold, const std::vector<TargetMoments>& inner, std::size_t signals,
                        std::size_t signal, std::size_t left_out);

}  // namespace automill
