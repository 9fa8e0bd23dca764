#pragma once
// One step of a row through a tree. Inlined into loops of every SIMD level: nothing here may need a newer processor.

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

/// What a tree compares: a number as it is, a category's bin.
inline double cell_of(const CategoryTable& table, double value) {
  if (table.bins == 1) return value;
  if (std::isnan(value)) return table.missing_bin;
  return value >= 0 && value < static_cast<double>(table.bin_of_code.size())
             ? table.bin_of_code[static_cast<std::size_t>(value)]
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

/// A leaf looks at column 0, whatever it finds there.
inline std::size_t cells_of_row(const TreeArrays& arrays) { return std::max<std::size_t>(1, arrays.columns.size()); }

}  // namespace automill::tree
