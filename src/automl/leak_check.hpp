#pragma once
// How well one column alone tells the target: a histogram of half of the rows, judged on the other half, so that many
// bins or categories of few rows give no credit.

#include <automill/core/dataset.hpp>
#include <optional>

namespace automill {

/// What a column tells alone.
struct ColumnEvidence {
  double skill = 0;       ///< 0: no better than none, 1: everything
  std::string measure{};  ///< "AUC 0.998", "99.1 % of the classes", "R2 0.995 of the ranks"
};

/// A missing or present value that gives the class away.
struct MissingEvidence {
  bool missing = false;  ///< the group: rows with a missing value, or those with one
  std::size_t rows = 0;
  double share = 0, share_of_all = 0;  ///< of class `label` in the group and in all rows
  std::size_t label = 0;
};

/// The target of some rows; shared by all columns.
class TargetSample {
 public:
  /// `rows`: rows of the dataset. They are halved by their keys, so that their order does not matter.
  TargetSample(const Dataset& dataset, std::vector<std::uint32_t> rows);

  std::span<const std::uint32_t> rows() const { return rows_; }
  /// Fewer than 50 rows, or a class (of two) with fewer than 20: nothing can be said.
  bool large_enough() const { return large_enough_; }
  /// Skill above which a column is said to give the target away: AUC 0.99, 99 % of what the largest class leaves, R2
  /// 0.99.
  double suspicious() const { return task_ == Task::binary ? 0.98 : 0.99; }
  /// `values`: of the rows, NaN where missing. `categories`: their number for a column of codes; 0: numbers.
  /// O(rows log rows).
  ColumnEvidence evidence(std::span<const double> values, std::size_t categories) const;
  /// Classification: a group of at least 20 rows of which 98 % are of a class that at most 80 % of all rows have.
  std::optional<MissingEvidence> missing_evidence(std::span<const double> values) const;

 private:
  struct Bins {
    std::vector<std::uint32_t> of_row{};
    std::size_t count = 0;
  };
  Bins bins_of(std::span<const double> values, std::size_t categories) const;
  double auc(const Bins& bins, std::uint8_t from) const;
  double right_share(const Bins& bins, std::uint8_t from) const;
  double explained(const Bins& bins, std::uint8_t from) const;

  Task task_;
  std::size_t classes_ = 0, positive_ = 1;
  std::vector<std::uint32_t> rows_, labels_;
  std::vector<std::int64_t> ranks_;  ///< regression: twice the mean rank, around 0
  std::vector<std::uint8_t> half_;
  std::vector<std::size_t> class_rows_;
  bool large_enough_ = false;
};

}  // namespace automill
