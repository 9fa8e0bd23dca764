// Columns that a tree and its nodes may use.

#include <automill/learners/tree/grower.hpp>

#include "node_columns.hpp"

namespace automill::tree {

void TreeGrower::choose_columns() {
  active_ = draw_columns(*bins_, parameters_.column_fraction, seed_, index_);
  chosen_ = mark_columns(*bins_, active_);
}

/// A node's own random numbers.
std::uint64_t TreeGrower::key_of(const Leaf& leaf) const {
  return combine_hashes(index_, combine_hashes(static_cast<std::uint64_t>(leaf.parent + 1), leaf.is_left));
}

/// The node may use all columns of the tree.
bool TreeGrower::any_column(const Leaf& leaf) const {
  return leaf.given_up.empty() && parameters_.interactions.empty() && parameters_.node_column_fraction >= 1;
}

std::vector<bool> TreeGrower::columns_of_node(const Leaf& leaf) const {
  std::vector<bool> allowed = chosen_;
  if (!parameters_.interactions.empty()) {
    std::vector<bool> together(chosen_.size(), false);
    for (std::uint32_t set : leaf.sets)
      for (std::uint32_t column : parameters_.interactions[set]) together[column] = true;
    for (std::size_t c = 0; c < allowed.size(); ++c) allowed[c] = allowed[c] && together[c];
  }
  if (parameters_.node_column_fraction < 1)
    keep_some(allowed, parameters_.node_column_fraction,
              RandomStream(seed_, purpose("columns of a node"), key_of(leaf)));
  for (std::uint32_t column : leaf.given_up) allowed[column] = false;
  return allowed;
}

/// The sets of columns that may still be used below a split.
void TreeGrower::follow_path(const Leaf& parent, Leaf& child, std::uint32_t column) const {
  for (std::uint32_t set : parent.sets) {
    const auto& columns = parameters_.interactions[set];
    if (std::binary_search(columns.begin(), columns.end(), column)) child.sets.push_back(set);
  }
}

}  // namespace automill::tree
