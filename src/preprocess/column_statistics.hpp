#pragma once
// Weighted statistics of a column for the trainers of transformers. A weight counts as copies of the row, so that a
// table with repeated rows gives the same numbers as one with weights.

#include <automill/core/dataset.hpp>

namespace automill {

/// Number of copies that each row of the view stands for: whole weights as they are, others scaled to a mean of 1.
/// Empty when there are no weights. Negative, infinite and all-zero weights are an Error.
std::vector<double> row_counts(const DatasetView& train);

/// The values of a column that are finite and count, in ascending order, with their counts.
class SortedValues {
 public:
  SortedValues(const DatasetView& train, const std::vector<double>& counts, std::size_t column);

  bool empty() const { return values_.empty(); }
  std::size_t missing_rows() const { return missing_rows_; }  ///< rows of the view, weights aside
  double smallest() const { return values_.front(); }
  double largest() const { return values_.back(); }
  double mean() const;
  /// Root mean square distance from the mean; exactly 0 when it is within rounding of that.
  double deviation() const;
  /// Linear interpolation between the two values around position q (total - 1) (type 7 of Hyndman & Fan 1996).
  double quantile(double q) const;
  double most_frequent() const;  ///< smallest of the most frequent values

 private:
  double count(std::size_t i) const { return counts_.empty() ? 1.0 : counts_[i]; }
  double value_at(double position) const;

  std::vector<double> values_{}, counts_{}, ends_{};  ///< ends_: cumulated counts, only with counts
  double total_ = 0;
  std::size_t missing_rows_ = 0;
};

/// Counted frequency of each code of a category column; the last entry is missing.
std::vector<double> category_counts(const DatasetView& train, const std::vector<double>& counts, std::size_t column);

}  // namespace automill
