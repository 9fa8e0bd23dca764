#pragma once
// Mean targets of the categories of one column, for the training rows of some outer folds and for rows that come later.

#include "grouped_rows.hpp"
#include "target_sums.hpp"

namespace automill {

/// What all columns of a training share.
struct TargetProblem {
  TargetProblem(const OuterFolds& outer, std::size_t inner_count, bool in_order, const RunContext& context);

  TargetRows rows;
  std::vector<EncodedFold> folds;
  /// Of each outer fold, left-out inner folds x signals; the last ones leave out none.
  std::vector<std::vector<TargetPrior>> priors;
};

/// Means of the categories of a column for one outer fold: codes (unseen, missing among them) x signals.
struct CategoryMeans {
  std::size_t categories = 0;                   ///< that have training rows
  std::vector<double> means{};                  ///< by all training rows
  std::vector<std::vector<double>> of_inner{};  ///< by all inner folds but one; not set where that one has no rows
};

/// One CategoryMeans for each of the folds [first, first + count). `of_inner` is left empty unless asked for.
std::vector<CategoryMeans> category_means(const TargetProblem& problem, const OuterFolds& outer,
                                          const GroupedRows& grouped, std::size_t first, std::size_t count,
                                          bool of_inner, std::optional<double> smoothing, const StopToken& stop);

/// The values of the training rows of an outer fold, by the rows before each in the order of content: rows x signals.
/// Rows of a group see only other groups.
std::vector<double> ordered_means(const TargetProblem& problem, const OuterFolds& outer, const GroupedRows& grouped,
                                  std::size_t fold, double smoothing, const StopToken& stop);

}  // namespace automill
