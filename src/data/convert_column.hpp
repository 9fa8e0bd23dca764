#pragma once
// Columns brought to another kind: the `types` and `missing` options, and rows for prediction that came from another
// kind of container than the training data.

#include <automill/core/table.hpp>

#include "data/format_inference.hpp"

namespace automill {

/// The column as `kind`; values that do not fit are an Error data.cell_type with the first row. `markers`: strings that
/// mean missing beside the usual ones (NA, null, ?, ...) where text becomes numbers, dates or bools.
/// Text that is no plain number or date may be one in a single spelling ("$1,234.50"), which becomes the column's
/// format.
AUTOMILL_EXPORT ColumnPtr convert_column(const ColumnPtr& column, ColumnKind kind,
                                         const std::vector<std::string>& markers = {});

/// Strings among `markers` become missing; other kinds of columns stay as they are.
AUTOMILL_EXPORT ColumnPtr mark_missing(const ColumnPtr& column, const std::vector<std::string>& markers);

/// Columns of a model's schema that came with another kind, where the meaning is clear: cells of text that the column's
/// format reads, dates and bools as strings,
/// numbers with the missing markers of training, numbers for categories whose names are these numbers. Others stay, and
/// prediction names them in its Error.
AUTOMILL_EXPORT Table conform(const Table& table, const Schema& schema);

/// The distinct cells of a column of categories or text, and the rows that hold each. They refer to the column.
/// O(rows).
std::vector<DistinctCell> distinct_cells(const Column& column);

}  // namespace automill
