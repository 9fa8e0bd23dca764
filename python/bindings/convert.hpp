#pragma once
// Columns brought to another kind: the `types` and `missing` options, and rows for prediction that came from another
// kind of container than the training data.

#include "bindings.hpp"

namespace automill::python {

/// The column as `kind`; values that do not fit are an Error data.cell_type with the first row. `markers`: strings that
/// mean missing beside the usual ones (NA, null, ?, ...) where text becomes numbers, dates or bools.
ColumnPtr convert_column(const ColumnPtr& column, ColumnKind kind, const std::vector<std::string>& markers = {});

/// Strings among `markers` become missing; other kinds of columns stay as they are.
ColumnPtr mark_missing(const ColumnPtr& column, const std::vector<std::string>& markers);

/// Columns of a model's schema that came with another kind, where the meaning is clear: dates and bools as strings,
/// numbers with the missing markers of training, numbers for categories whose names are these numbers. Others stay, and
/// prediction names them in its Error.
Table conform(const Table& table, const Schema& schema);

}  // namespace automill::python
