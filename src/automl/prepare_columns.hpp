#pragma once
// The columns that are used, in the rows that are used, and a reason for each that is not.

#include "automl/prepare.hpp"

namespace automill {

/// Precondition: `result.input_row` is set. Adds `input_columns`, `dropped_columns` and notes.
std::vector<ColumnPtr> choose_columns(const Table& data, const TrainOptions& options, Prepared& result);

}  // namespace automill
