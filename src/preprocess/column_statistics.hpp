#pragma once
// Weighted statistics of a column for the trainers of transformers. A weight counts as copies of the row, so that a
// table with repeated rows gives the same numbers as one with weights.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>

namespace automill {

/// Calls body(column) for every column of the view, side by side. Stopped leaves it when the context asks for a stop.
template <class Body>
void for_each_column(const DatasetView& train, const RunContext& context, const Body& body) {
  context.executor().run(train.dataset().features.size(), [&](std::size_t column) {
    context.stop.throw_if_requested();
    body(column);
  });
}

/// Number of copies that each row of the view stands for: whole weights as they are, others scaled to a mean of 1.
/// Empty when there are no weights. Negative, infinite and all-zero weights are an Error.
std::vector<double> row_counts(const DatasetView& train);

struct CountedValue {
  double value = 0, count = 0;
};

/// The values of a column that are finite and count, with their counts. Sums are made of integers: the order of rows
/// does not matter, and a count of 2 is the row twice, to the bit. Smallest to deviation take O(rows), and so does a
/// quantile without weights; with them, and for the most frequent value, the values are sorted.
class ColumnValues {
 public:
  ColumnValues(const DatasetView& train, const std::vector<double>& counts, std::size_t column);
  /// Of values that are no column: one a row of `counts` (or empty counts).
  ColumnValues(const std::vector<double>& all, const std::vector<double>& counts);

  bool empty() const { return values_.empty(); }
  std::size_t missing_rows() const { return missing_rows_; }  ///< rows of the view, weights aside
  double smallest() const { return smallest_; }
  double largest() const { return largest_; }
  double mean() const;
  /// Root mean square distance from the mean; exactly 0 when it is within rounding of that.
  double deviation() const;
  /// Linear interpolation between the two values around position q (total - 1) (type 7 of Hyndman & Fan 1996).
  double quantile(double q);
  /// Quantiles 0, 1/(count - 1) ... 1 in ascending order; the values are sorted once. Precondition: count > 1.
  /// Stopped leaves it, and `distinct`, when `stop` asks for it.
  std::vector<double> quantiles(std::size_t count, const StopToken& stop);
  double most_frequent();                  ///< smallest of the most frequent values
  double total() const { return total_; }  ///< how many rows the values stand for
  /// Each value once, ascending, with its count: rows of a weight and copies of them give the same bits.
  std::vector<CountedValue> distinct(const StopToken& stop);

 private:
  template <class Term>
  double mean_of(const Term& term) const;
  double count(std::size_t i) const { return counts_.empty() ? 1.0 : counts_[i]; }
  double value_at(double place) const;
  double between(double position) const;
  int exponent() const;
  void measure_counts();
  void sort(const StopToken& stop);

  std::vector<double> values_{}, counts_{};
  std::vector<double> ends_{};  ///< cumulated counts, once they are sorted
  double smallest_ = 0, largest_ = 0;
  double whole_ = 1;  ///< counts times this are summed as integers: 1 for whole counts
  double total_ = 0;
  std::size_t missing_rows_ = 0;
};

/// Counted frequency of each code of a category column; the last entry is missing.
std::vector<double> category_counts(const DatasetView& train, const std::vector<double>& counts, std::size_t column);

/// Codes of the most frequent categories, at most `most` with `min_count` rows each, ascending; equally frequent ones
/// by code. `frequency` as category_counts gives it.
std::vector<std::size_t> frequent_categories(const std::vector<double>& frequency, double min_count, std::size_t most);

/// Number of categories that have rows.
std::size_t categories_seen(const DatasetView& train, const std::vector<double>& counts, std::size_t column);

}  // namespace automill
