#include "learners/tree/tree_pruning.hpp"

#include <queue>

namespace automill::tree {
namespace {

bool is_leaf(const ForestTree& tree, std::size_t node) { return tree.nodes[node].child == 0; }

constexpr std::uint32_t no_parent = std::numeric_limits<std::uint32_t>::max();

/// Subtrees as they are while links go.
class Links {
 public:
  explicit Links(const ForestTree& tree)
      : tree_(tree),
        parents_(tree.nodes.size(), no_parent),
        splits_(tree.nodes.size(), 0),
        gains_(tree.nodes.size(), 0),
        gone_(tree.nodes.size(), 0) {
    for (std::size_t node = tree.nodes.size(); node-- > 0;) {  // children stand behind their parents
      if (is_leaf(tree, node)) continue;
      const std::uint32_t child = tree.nodes[node].child;
      parents_[child] = parents_[child + 1] = static_cast<std::uint32_t>(node);
      splits_[node] = 1 + splits_[child] + splits_[child + 1];
      const double own = tree.sums[child].score() + tree.sums[child + 1].score() - tree.sums[node].score();
      gains_[node] = std::max(0.0, own) + gains_[child] + gains_[child + 1];
    }
  }

  std::vector<double> strengths() {
    std::vector<double> strengths(tree_.nodes.size(), std::numeric_limits<double>::infinity());
    for (std::size_t node = 0; node < tree_.nodes.size(); ++node) offer(node);
    double strength = 0;
    while (!links_.empty()) {
      const auto [weakness, node, splits] = links_.top();
      links_.pop();
      if (gone_[node] != 0 || splits != splits_[node]) continue;  // an older state of it
      strength = std::max(strength, weakness);
      take_away(node, strength, strengths);
    }
    return strengths;
  }

 private:
  struct Link {
    double weakness = 0;
    std::size_t node = 0;
    std::int64_t splits = 0;
    bool operator<(const Link& other) const {  // the weakest, then the first, on top
      return weakness != other.weakness ? weakness > other.weakness : node > other.node;
    }
  };

  void offer(std::size_t node) {
    if (splits_[node] > 0) links_.push({gains_[node] / static_cast<double>(splits_[node]), node, splits_[node]});
  }

  /// The node becomes a leaf, and all that is below it goes.
  void take_away(std::size_t top, double strength, std::vector<double>& strengths) {
    const std::int64_t splits = splits_[top];
    const double gain = gains_[top];
    std::vector<std::size_t> open{top};
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      if (is_leaf(tree_, node) || gone_[node] != 0) continue;
      gone_[node] = 1;
      strengths[node] = strength;
      open.push_back(tree_.nodes[node].child);
      open.push_back(tree_.nodes[node].child + 1);
    }
    for (std::uint32_t above = parents_[top]; above != no_parent; above = parents_[above]) {
      splits_[above] -= splits;
      gains_[above] -= gain;
      offer(above);
    }
  }

  const ForestTree& tree_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::int64_t> splits_;  ///< inner nodes of the subtree
  std::vector<double> gains_;         ///< of all of them
  std::vector<std::uint8_t> gone_;
  std::priority_queue<Link> links_;
};

}  // namespace

std::vector<double> pruning_strengths(const ForestTree& tree) { return Links(tree).strengths(); }

std::vector<std::uint32_t> ends_at(const ForestTree& tree, std::span<const double> strengths, double strength) {
  std::vector<std::uint32_t> ends(tree.nodes.size());
  std::iota(ends.begin(), ends.end(), 0U);
  for (std::size_t node = 0; node < ends.size(); ++node) {
    if (is_leaf(tree, node)) continue;
    const std::uint32_t child = tree.nodes[node].child;
    if (ends[node] != node || strengths[node] <= strength) ends[child] = ends[child + 1] = ends[node];
  }
  return ends;
}

ForestTree pruned(const ForestTree& tree, std::span<const double> strengths, double strength,
                  std::span<const ForestColumn> columns) {
  ForestTree small;
  const auto add = [&] {
    small.nodes.emplace_back();
    small.rows.push_back(0);
    small.gains.push_back(0);
    return static_cast<std::uint32_t>(small.nodes.size() - 1);
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> open{{0, add()}};  // a node of the tree and its place here
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    small.rows[to] = tree.rows[from];
    TreeNode node = tree.nodes[from];
    if (node.child == 0 || strengths[from] <= strength) {
      small.nodes[to] = {.threshold = static_cast<double>(from)};
      continue;
    }
    const std::uint32_t child = node.child;
    if ((node.feature & TreeNode::category) != 0) {
      const std::size_t words = (columns[node.feature & TreeNode::position].bins + 63) / 64;
      const auto first = tree.sets.begin() + static_cast<std::ptrdiff_t>(node.threshold);
      node.threshold = static_cast<double>(small.sets.size());
      small.sets.insert(small.sets.end(), first, first + static_cast<std::ptrdiff_t>(words));
    }
    node.child = add();
    add();
    small.nodes[to] = node;
    small.gains[to] = tree.gains[from];
    open.emplace_back(child + 1, node.child + 1);
    open.emplace_back(child, node.child);
  }
  return small;
}

}  // namespace automill::tree
