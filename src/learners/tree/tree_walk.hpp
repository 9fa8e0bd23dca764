#pragma once
// One step of a row through a tree. Inlined into loops of every SIMD level: nothing here may need a newer processor.

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

/// What a tree compares: a number as it is, a category's bin. -0.5 has the whole part 0.
inline double cell_of(const CategoryTable& table, double value) {
  if (table.bins == 1) return value;
  if (std::isnan(value)) return table.missing_bin;
  return value > -1 && value < static_cast<double>(table.bin_of_code.size())
             ? table.bin_of_code[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(value))]
             : 0;
}

/// 1 where a cell goes right at a node. Without a branch for numbers: which way a row goes cannot be guessed.
inline __attribute__((always_inline)) std::uint32_t goes_right(const TreeArrays& arrays, const TreeNode& node,
                                                               double cell) {
  if ((node.feature & TreeNode::category) != 0) {
    const auto bin = static_cast<std::size_t>(cell);
    const std::uint64_t word = arrays.sets.data()[static_cast<std::size_t>(node.threshold) + bin / 64];
    return ((word >> (bin % 64)) & 1) == 0 ? 1 : 0;
  }
  const auto above = static_cast<std::uint32_t>(cell > node.threshold),
             missing = static_cast<std::uint32_t>(cell != cell);
  return above | (missing & ~(node.feature >> 31));
}

/// Share of a node's training rows that go to a child; where nothing is known of them, half.
inline __attribute__((always_inline)) double share_of(const TreeArrays& arrays, std::uint32_t node,
                                                      std::uint32_t child) {
  const double rows = arrays.rows.data()[node];
  return rows > 0 ? arrays.rows.data()[child] / rows : 0.5;
}

/// A used column's cells of some rows, as trees compare them.
inline void read_column(const TreeArrays& arrays, std::size_t column, const TableView& rows, double* out) {
  rows.numbers(arrays.columns[column], out);
  const CategoryTable& table = arrays.categories[column];
  if (table.bins > 1)
    for (std::size_t i = 0; i < rows.rows(); ++i) out[i] = cell_of(table, out[i]);
}

/// A leaf looks at column 0, whatever it finds there.
inline std::size_t cells_of_row(const TreeArrays& arrays) { return std::max<std::size_t>(1, arrays.columns.size()); }

/// Cells of some rows, row by row. `column`: room for one column of them.
inline void read_cells(const TreeArrays& arrays, const TableView& rows, double* column, double* cells) {
  const std::size_t stride = cells_of_row(arrays);
  for (std::size_t c = 0; c < arrays.columns.size(); ++c) {
    read_column(arrays, c, rows, column);
    for (std::size_t i = 0; i < rows.rows(); ++i) cells[i * stride + c] = column[i];
  }
}

}  // namespace automill::tree
