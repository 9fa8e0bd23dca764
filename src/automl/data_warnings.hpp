#pragma once
// What users should look at in their data before they trust a score: columns that give the target away, values that are
// missing for one class only, columns alike, categories written in several ways, rows in order of time, copies of rows.
// Nothing is changed or dropped; each finding says its evidence and what to do.

#include "automl/prepare.hpp"

namespace automill {

/// Looks at a sample of 10,000 rows (fewer of wide tables), chosen by content; what is found until `context` asks for a
/// stop. O(sampled cells) and one pass over columns of points in time.
std::vector<std::string> data_warnings(const Prepared& prepared, const TrainOptions& options,
                                       const RunContext& context);

/// The same row, target included, in several folds: then a score is partly memory. Empty: fewer than 1 % of the rows,
/// or the table is too large to look. O(cells).
std::string copies_across_folds(const Dataset& dataset, const SplitPlan& plan);

}  // namespace automill
