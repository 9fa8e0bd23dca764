#pragma once
// A column of Python objects (list, object array): one kind for all of its cells.

#include "bindings.hpp"

namespace automill::python {

/// Looks at every cell: None, NaN, NA and NaT are missing; all bools: boolean; all numbers: number (whole ones beyond
/// 2^53: categories of their digits); all dates: datetime in UTC; anything else becomes text, cell by cell, as str()
/// writes it. Lists, dicts, arrays and bytes are an Error data.cell_type with the row. Needs the GIL.
ColumnPtr column_from_cells(const std::string& name, const py::sequence& cells);

}  // namespace automill::python
