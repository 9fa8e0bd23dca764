#pragma once
// What the columns of an additive model contribute to its scores: their own functions, and half of each function of two
// columns. As functions are centred and purified, these are the Shapley values where a column that is left out has the
// distribution of training, by itself; against background rows they are exact interventional Shapley values.

#include <automill/learners/additive_model.hpp>
#include <automill/learners/tree/contributions.hpp>

namespace automill {

/// The last value of a row is the intercept. O(columns + pairs) a row.
AUTOMILL_EXPORT Contributions contributions(const AdditiveModel& model, const TableView& rows);

/// The last value is the mean score of the background. O(columns + pairs) a row, of either. Error explain.background:
/// no rows.
AUTOMILL_EXPORT Contributions contributions(const AdditiveModel& model, const TableView& rows,
                                            const TableView& background);

/// A function of two columns is half in either of its two cells; the diagonal is what a column adds by itself.
AUTOMILL_EXPORT Interactions interactions(const AdditiveModel& model, const TableView& rows);

}  // namespace automill
