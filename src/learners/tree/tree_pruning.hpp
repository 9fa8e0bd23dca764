#pragma once
// Pruning by cost and complexity (Breiman et al. 1984, chapter 3): which subtrees go at which strength.

#include "learners/tree/forest_grower.hpp"

namespace automill::tree {

/// For each inner node of a tree with sums the strength from which on it is a leaf: the mean gain (in the units of
/// ForestSums::score)  of its subtree for each leaf beyond the
/// first, once what is weaker below it has gone; infinity for leaves. A node's is at least that of the nodes below it.
/// Of equal links the first in the tree goes first. O(nodes log nodes + nodes depth).
std::vector<double> pruning_strengths(const ForestTree& tree);

/// The node in which a descent ends at a strength, for each place in the tree: itself where it is reached, else what
/// stands in its place above.
std::vector<std::uint32_t> ends_at(const ForestTree& tree, std::span<const double> strengths, double strength);

/// The tree without what goes at the strength. Leaves keep their number in `tree` as threshold: the caller fills them.
ForestTree pruned(const ForestTree& tree, std::span<const double> strengths, double strength,
                  std::span<const ForestColumn> columns);

}  // namespace automill::tree
