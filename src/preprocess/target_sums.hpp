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

/// Moments of a signal, and the center that they are taken around.
struct CenteredMoments {
  TargetMoments moments{};
  double center = 0;
};

/// What categories are drawn towards: the mean of all rows, around the center that sums of categories are taken around.
struct TargetPrior {
  explicit TargetPrior(const CenteredMoments& all);

  double mean = 0, variance = 0, center = 0;
  bool known = false;  ///< whether there are rows
};

/// The mean of a category, drawn towards that of all rows, which it is without rows of its own; 0 where there are none
/// at all. `smoothing`: rows of the mean of all that are mixed in; none: by the variances.
double shrunk_mean(const TargetMoments& category, const TargetPrior& prior, std::optional<double> smoothing);

/// An outer fold: what it trains on, and how cells make up its inner folds.
struct EncodedFold {
  static constexpr std::int16_t not_trained = -1;
  EncodedFold(const TargetRows& rows, const OuterFolds& outer, std::size_t fold, std::size_t inner_count);

  /// Sums of a signal over all inner folds but `left_out`; over all of them where that is inner_count.
  CenteredMoments without(const std::vector<TargetMoments>& inner, std::size_t signal, std::size_t left_out) const;

  std::size_t inner_count, signals;
  std::vector<std::uint8_t> inner_of;       ///< inner fold of each cell
  std::vector<std::int16_t> inner_of_slot;  ///< or not_trained
  double scale = 1;                         ///< what weights are multiplied by, so that they count as rows
  std::vector<double> centers;              ///< inner x signals: what sums are taken around
  std::vector<double> moves;                ///< regression: slots x signals: shift of a slot above that center
};

/// Sums of some rows - those of a category - by part and cell, and from them those of the inner folds of outer folds.
class PartSums {
 public:
  PartSums(const TargetRows& rows, std::size_t parts, const StopToken& stop);

  /// Sums of the rows [first, end) instead of those before. O(rows x signals; of classes O(rows)).
  void sum(const TargetCells& cells, std::size_t first, std::size_t end);
  /// Adds up the parts that a fold trains on: inner x signals, counts scaled, around the centers of the fold. O(slots
  /// that have rows x signals).
  void add_up(const EncodedFold& fold, std::vector<TargetMoments>& inner) const;

 private:
  const TargetRows* rows_;
  const StopToken* stop_;
  std::vector<double> counts_;            ///< one a slot
  std::vector<double> firsts_, seconds_;  ///< slots x signals; no seconds of classes
  std::vector<std::uint16_t> used_;       ///< slots that have rows
};

}  // namespace automill
