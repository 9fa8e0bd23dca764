#pragma once
// One step of a row through a tree. Inlined into loops of every SIMD level: nothing here may need a newer processor.

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

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

}  // namespace automill::tree
