#pragma once
// Finds the leaves of one row in many trees without asking a node when a walk comes to it: all nodes of a tree are
// decided at once, codes being bytes that vectors look up, and a walk is a chain of bytes, each the place of the next
// node. Needs a processor that permutes bytes.

#include <cstddef>
#include <cstdint>

namespace automill::tree {

/// Cells of a row as bytes: how many of up to 255 ascending thresholds are below a cell.
struct RowSlot {
  static constexpr std::size_t parts = 16, most = 255;  ///< thresholds of a part; of a slot
  std::uint32_t cell = 0;
  /// Of the highest threshold of each part, whose thresholds follow. What is missing from 16 parts of 16 is infinite;
  /// parts without a threshold are left out.
  std::uint32_t first = 0;
};

/// 32 nodes of a tree. A node goes right where its code is at least `least`.
struct alignas(32) RowBlock {
  static constexpr std::size_t size = 32;
  static constexpr std::uint8_t high = 128, missing_left = 64;  ///< flags of `slot`
  std::uint8_t slot[size] = {};    ///< within its half of the block's window of 32 slots, with the flags
  std::uint8_t least[size] = {};   ///< 1 to 255
  std::uint8_t left[size] = {};    ///< place of the left child: of a node, or leaf_place and the number of a leaf
  std::uint8_t change[size] = {};  ///< bits in which the right child's place differs
};
struct BlockTarget {
  std::uint16_t window = 0;  ///< first slot of it
  std::uint16_t to = 0;      ///< of the places of its group
};

/// Trees whose walks overlap in time.
struct RowGroup {
  static constexpr std::size_t trees = 12;
  std::uint32_t blocks = 0, steps = 0;  ///< of all of them; to the deepest leaf
  std::uint32_t first_value[trees] = {};
  std::uint8_t root[trees] = {};  ///< its place
};

struct RowForest {
  const RowGroup* groups = nullptr;
  std::size_t count = 0;
  const RowBlock* blocks = nullptr;
  const BlockTarget* targets = nullptr;  ///< of the blocks
  bool one_window = false;               ///< all blocks have the same one
};

/// Two codes a slot: where a missing value goes right, and where it goes left.
struct RowCodes {
  const std::uint8_t *right = nullptr, *left = nullptr;
  bool missing = false;  ///< some value is, else they are the same
};

/// Room for the walks. Places of leaves lead to themselves.
struct RowPlaces {
  static constexpr std::size_t leaf_place = 128, size = 256;
  alignas(32) std::uint8_t next[RowGroup::trees][size];
  RowPlaces() {
    for (auto& tree : next)
      for (std::size_t i = 0; i < size; ++i) tree[i] = static_cast<std::uint8_t>(i);
  }
};

struct RowKernels {
  /// Returns whether a cell is missing.
  bool (*encode)(const RowSlot* slots, std::size_t count, const double* thresholds, const double* cells,
                 std::uint8_t* right, std::uint8_t* left);
  /// Of each tree the number of its leaf, group by group.
  void (*find_leaves)(const RowForest& forest, const RowCodes& codes, RowPlaces& places, std::uint8_t* leaves);
  /// Adds values[first_value + leaf] of each tree to the sum, in their order.
  double (*add_leaves)(const RowForest& forest, const RowCodes& codes, RowPlaces& places, const double* values,
                       double sum);
};

const RowKernels& avx2_row_kernels();

/// Null where this processor has none.
const RowKernels* row_kernels();

}  // namespace automill::tree
