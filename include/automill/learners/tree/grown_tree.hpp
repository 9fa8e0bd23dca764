#pragma once
// A grown tree, and what is done with it.

#include <automill/learners/tree/split.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

/// A tree over bins. Node 0 is the root; children are >= 0 for nodes and ~leaf for leaves.
struct GrownTree {
  struct Node {
    Split split;
    std::int32_t left = -1, right = -1;
    double rows = 0;
  };
  struct Leaf {
    double value = 0, rows = 0;
  };
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;
  LinearLeaves linear{};  ///< by leaf; terms name columns of the table
};

/// Puts leaf values into the order that monotone columns ask for: where some leaf is above another that it may not be
/// above, each is set halfway between the largest value that it must reach and the smallest that it must not exceed.
/// For values that TreeGrower's leaves got after growing.
AUTOMILL_EXPORT void order_leaves(GrownTree& tree, const BinnedTable& bins, const std::vector<std::int8_t>& monotone);

/// Rows to the leaves of a tree, on bins: calls visit(leaf, rows) for each leaf that has some. `rows` is reordered.
AUTOMILL_EXPORT void route(const GrownTree& tree, const BinnedTable& bins, std::vector<std::uint32_t>& rows,
                           std::vector<std::uint32_t>& scratch,
                           const std::function<void(std::size_t leaf, std::span<const std::uint32_t> rows)>& visit);

/// Empty arrays with the columns and crosses of the bins.
AUTOMILL_EXPORT TreeArrays empty_arrays(const BinnedTable& bins);
/// Once all trees are there: columns and crosses that no tree splits on, and no other cross is made of, are left out.
AUTOMILL_EXPORT void drop_unused_cells(TreeArrays& arrays);
/// Adds a grown tree over raw values.
AUTOMILL_EXPORT void append_tree(const GrownTree& tree, const BinnedTable& bins, TreeArrays& arrays);

}  // namespace automill::tree
