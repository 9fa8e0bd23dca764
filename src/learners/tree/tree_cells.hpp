#pragma once
// What trees compare: cells of the columns in use, then of the crosses of categories. A number is its own cell, the
// cell of a category or a cross is its bin.

#include <algorithm>
#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

/// A leaf looks at cell 0, whatever it finds there.
inline std::size_t cells_of_row(const TreeArrays& arrays) { return std::max<std::size_t>(1, arrays.cells()); }

/// The pair of two bins as a key of a cross, and the bin of a key. Training and prediction must agree on both.
inline std::uint32_t cross_key(std::size_t first, std::size_t second, std::size_t bins_of_second) {
  return static_cast<std::uint32_t>(first * bins_of_second + second);
}
inline std::size_t bin_of_key(const std::vector<std::uint32_t>& keys, std::uint32_t key) {
  const auto found = std::lower_bound(keys.begin(), keys.end(), key);
  return found != keys.end() && *found == key ? static_cast<std::size_t>(found - keys.begin() + 1) : 0;
}

/// Columns of the schema that a cell is made of: one, or those of a cross.
AUTOMILL_EXPORT std::vector<std::uint32_t> sources_of_cell(const TreeArrays& arrays, std::size_t cell);

/// Cells of a row, whose columns are numbers and codes of categories.
AUTOMILL_EXPORT void read_row(const TreeArrays& arrays, const double* numbers, double* cells) noexcept;

/// The same cell of some rows.
AUTOMILL_EXPORT void read_cell(const TreeArrays& arrays, std::size_t cell, const TableView& rows, double* out);

/// All cells of some rows, row by row. `column`: room for one cell of them.
AUTOMILL_EXPORT void read_cells(const TreeArrays& arrays, const TableView& rows, double* column, double* cells);

}  // namespace automill::tree
