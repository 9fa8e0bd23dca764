#pragma once
// Which n-grams the training rows hold, in how many rows, and in how many rows of each class. All sums are of integers,
// so that neither the order of rows nor the number of threads makes a difference.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

#include "text_ngrams.hpp"

namespace automill {

/// Rows as integers: copies that each stands for, times `scale`. Their sum stays below 2^42.
struct RowUnits {
  std::vector<std::int64_t> units{};  ///< empty: all one
  double scale = 1;
  std::int64_t total = 0;

  explicit RowUnits(const DatasetView& train);
  std::int64_t of(std::size_t i) const { return units.empty() ? 1 : units[i]; }
};

struct NgramCount {
  std::uint64_t hash = 0;
  std::int64_t rows = 0;    ///< units of the rows that hold it
  std::uint32_t first = 0;  ///< of those rows of the view the first
  std::uint32_t last = 0;   ///< ... the last, plus 1; 0: none
};

/// Units of rows that an n-gram must be in, at least and at most.
struct NgramLimits {
  std::int64_t fewest = 0, most = 0;
};

/// The n-grams of a text column within the limits, in no order. Distinct ones take 48 bytes each meanwhile. Stopped
/// leaves it when the context asks for a stop.
std::vector<NgramCount> count_ngrams(const DatasetView& train, std::size_t column, const NgramRule& rule,
                                     const RowUnits& units, NgramLimits limits, const RunContext& context);

/// For each of some n-grams and each class the units of the rows that hold it, row-major. Of numbers: for each output
/// the sum of units times the value, which is brought to integers from 0 to 2^20.
class TargetCounts {
 public:
  TargetCounts(const DatasetView& train, std::size_t column, const NgramRule& rule, const RowUnits& units,
               std::span<const std::uint64_t> hashes, const RunContext& context);

  std::size_t width() const { return totals_.size(); }
  std::int64_t total(std::size_t k) const { return totals_[k]; }
  std::int64_t of(std::size_t ngram, std::size_t k) const { return counts_[ngram * width() + k]; }
  /// What an n-gram that `rows` units hold tells of the target by itself: chi-square over the classes, or the sum over
  /// the outputs of the squared correlation.
  double score(std::size_t ngram, std::int64_t rows, std::int64_t all_rows) const;

 private:
  bool classes_;
  std::vector<std::int64_t> totals_{};  ///< of all rows
  std::vector<double> squares_{};       ///< numbers: sum of squared distances from the mean
  std::vector<std::int64_t> counts_{};
};

}  // namespace automill
