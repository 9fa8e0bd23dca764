#pragma once
// Finds the leaves of 256 rows in one tree without a walk: every node is asked for all rows at once, codes being bytes,
// and the rows that reach a node are passed on to its children. The cost follows the number of nodes, not the depth,
// and has no branch that a processor could guess wrong. A symmetric tree has one node a level: the answers are the bits
// of the leaf's number. Every SIMD level gives the same bytes.

#include <cstddef>
#include <cstdint>

namespace automill::tree {

/// An inner node; what it passes on goes to the places `left` and `right`: inner nodes have the first places in the
/// order of the tree, leaves follow.
struct SweptNode {
  std::uint32_t slot = 0;  ///< of the codes
  std::uint16_t left = 0, right = 0;
  std::uint32_t set = 0;         ///< categories: index of the set of codes that go left
  std::uint8_t bin = 0;          ///< numbers: codes above it go right
  std::uint8_t categorical = 0;  ///< 1 or 0
};

/// Codes 0 to 255 that go left, a bit each.
struct CodeSet {
  alignas(32) std::uint64_t words[4] = {};
};

struct SweptTree {
  const SweptNode* nodes = nullptr;
  const CodeSet* sets = nullptr;
  std::size_t inner = 0;   ///< nodes; there is one leaf more, 256 at most
  std::size_t levels = 0;  ///< of a symmetric tree, whose nodes are one a level; else 0
  bool categories = false;
};

constexpr std::size_t swept_rows = 256;
constexpr std::size_t most_swept_leaves = 256;

struct SweepKernels {
  /// leaves[row] = number of the leaf (its place less the inner nodes). codes: [slot][256].
  void (*find_leaves)(const SweptTree& tree, const std::uint8_t* codes, std::uint8_t* leaves);
  /// codes[row] = how many of the ascending thresholds (255 at most) are below the value; `missing` where it is NaN.
  void (*encode)(const double* thresholds, std::size_t count, const double* values, std::uint8_t missing,
                 std::uint8_t* codes);
  /// scores[row] += values[leaves[row]].
  void (*add_values)(const double* values, const std::uint8_t* leaves, double* scores);
};

const SweepKernels& baseline_sweep_kernels();
const SweepKernels& avx2_sweep_kernels();
const SweepKernels& avx512_sweep_kernels();

/// Kernels of the best level that this processor runs; picked at the first call.
const SweepKernels& sweep_kernels();

}  // namespace automill::tree
