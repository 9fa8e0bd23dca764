// What is done with a grown tree: rows to its leaves, leaf values in order, and its form over raw values.

#include <automill/learners/tree/grown_tree.hpp>
#include <automill/learners/tree/leaf_order.hpp>

#include "partition.hpp"

namespace automill::tree {

namespace {

void route_node(const GrownTree& tree, const BinnedTable& bins, std::int32_t node, std::span<std::uint32_t> rows,
                std::uint32_t* scratch, const std::function<void(std::size_t, std::span<const std::uint32_t>)>& visit) {
  if (rows.empty()) return;
  if (node < 0) return visit(static_cast<std::size_t>(~node), rows);
  const auto& at = tree.nodes[static_cast<std::size_t>(node)];
  const std::size_t left = partition(bins, at.split, rows.data(), scratch, rows.size());
  route_node(tree, bins, at.left, rows.first(left), scratch, visit);
  route_node(tree, bins, at.right, rows.subspan(left), scratch, visit);
}

}  // namespace

void route(const GrownTree& tree, const BinnedTable& bins, std::vector<std::uint32_t>& rows,
           std::vector<std::uint32_t>& scratch,
           const std::function<void(std::size_t leaf, std::span<const std::uint32_t> rows)>& visit) {
  scratch.resize(std::max(scratch.size(), rows.size()));
  route_node(tree, bins, tree.nodes.empty() ? ~0 : 0, rows, scratch.data(), visit);
}

namespace {

/// Leaves in an order in which each comes after all that it may not be below.
void list_rising(const GrownTree& tree, std::int32_t node, const BinnedTable& bins,
                 const std::vector<std::int8_t>& monotone, std::vector<std::size_t>& leaves) {
  if (node < 0) return leaves.push_back(static_cast<std::size_t>(~node));
  const auto& at = tree.nodes[static_cast<std::size_t>(node)];
  const Split& split = at.split;
  const bool falling = order_of_children(bins, monotone, split.column, split.bin, split.missing_left) < 0;
  list_rising(tree, falling ? at.right : at.left, bins, monotone, leaves);
  list_rising(tree, falling ? at.left : at.right, bins, monotone, leaves);
}

}  // namespace

void order_leaves(GrownTree& tree, const BinnedTable& bins, const std::vector<std::int8_t>& monotone) {
  if (monotone.empty() || tree.nodes.empty()) return;
  LeafOrder order(tree, bins, monotone);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) order.follow();
  std::vector<std::size_t> rising;
  list_rising(tree, 0, bins, monotone, rising);
  std::vector<double> least, most;
  for (const auto& leaf : tree.leaves) least.push_back(leaf.value);
  most = least;
  for (auto leaf = rising.begin(); leaf != rising.end(); ++leaf)
    for (std::uint32_t below : order.below(*leaf)) least[*leaf] = std::max(least[*leaf], least[below]);
  for (auto leaf = rising.rbegin(); leaf != rising.rend(); ++leaf)
    for (std::uint32_t above : order.above(*leaf)) most[*leaf] = std::min(most[*leaf], most[above]);
  for (std::size_t i = 0; i < rising.size(); ++i) tree.leaves[i].value = least[i] / 2 + most[i] / 2;
}

namespace {

/// Position of a mapping's cell. Crosses follow the mappings of the table, derived columns follow the crosses.
std::uint32_t cell_of(const BinnedTable& bins, const TreeArrays& arrays, std::uint32_t mapping) {
  const auto& mappings = bins.mappings();
  if (!mappings[mapping].cross) {
    const auto place = std::lower_bound(arrays.columns.begin(), arrays.columns.end(), mapping);
    return static_cast<std::uint32_t>(place - arrays.columns.begin());
  }
  const auto first =
      std::partition_point(mappings.begin(), mappings.end(), [](const auto& m) { return !m.cross && !m.source; });
  return static_cast<std::uint32_t>(arrays.columns.size()) + mapping -
         static_cast<std::uint32_t>(first - mappings.begin());
}

}  // namespace

TreeArrays empty_arrays(const BinnedTable& bins) {
  TreeArrays arrays;
  for (std::uint32_t c = 0; c < bins.mappings().size(); ++c) {
    const BinMapping& mapping = bins.mappings()[c];
    if (mapping.cross || mapping.constant() || mapping.source) continue;
    arrays.columns.push_back(c);
    CategoryTable table;
    if (mapping.categorical)
      table = {mapping.bin_of_code, mapping.missing_bin, static_cast<std::uint32_t>(mapping.bins)};
    arrays.categories.push_back(std::move(table));
  }
  for (const BinMapping& mapping : bins.mappings()) {
    if (!mapping.cross) continue;
    const CrossedBins& cross = *mapping.cross;
    arrays.crosses.push_back({cell_of(bins, arrays, cross.first), cell_of(bins, arrays, cross.second), cross.keys});
    arrays.categories.push_back({.bins = static_cast<std::uint32_t>(mapping.bins)});
  }
  return arrays;
}

namespace {

/// Adds the trees' sets of categories to the arrays; a tree holds each set once.
class SetWriter {
 public:
  explicit SetWriter(TreeArrays& arrays) : arrays_(arrays), first_(arrays.sets.size()) {}

  /// First word of the set.
  double add(const std::vector<std::uint64_t>& set) {
    const auto begin = arrays_.sets.begin() + static_cast<std::ptrdiff_t>(first_);
    auto found = std::search(begin, arrays_.sets.end(), set.begin(), set.end());
    const auto at = found - arrays_.sets.begin();
    if (found == arrays_.sets.end()) arrays_.sets.insert(arrays_.sets.end(), set.begin(), set.end());
    return static_cast<double>(at);
  }

 private:
  TreeArrays& arrays_;
  std::size_t first_;
};

/// The bins of a category column or a cross that go left: by themselves, or by their codes in a derived column.
std::vector<std::uint64_t> left_set(const Split& split, const BinMapping& mapping) {
  if (!mapping.source) return split.left_bins;
  std::vector<std::uint64_t> set((mapping.code_of_bin.size() + 63) / 64, 0);
  for (std::size_t bin = 0; bin < mapping.code_of_bin.size(); ++bin)
    if (split.goes_left(mapping.code_of_bin[bin])) set[bin / 64] |= std::uint64_t{1} << (bin % 64);
  return set;
}

/// Threshold, feature and set of an inner node.
TreeNode raw_node(const Split& split, const BinnedTable& bins, const TreeArrays& arrays, SetWriter& sets) {
  const BinMapping& mapping = bins.mappings()[split.column];
  TreeNode node;
  node.feature = cell_of(bins, arrays, mapping.source.value_or(split.column));
  if (split.categorical || mapping.source) {
    node.feature |= TreeNode::category;
    node.threshold = sets.add(left_set(split, mapping));
  } else {
    if (split.missing_left) node.feature |= TreeNode::missing_left;
    node.threshold =
        split.bin - 1 < mapping.edges.size() ? mapping.edges[split.bin - 1] : std::numeric_limits<double>::infinity();
  }
  return node;
}

/// The linear model of a leaf, if it has one.
void add_model(const GrownTree& tree, std::size_t leaf, const BinnedTable& bins, TreeArrays& arrays,
               std::uint32_t place) {
  const LinearLeaf* model = tree.linear.find(leaf);
  if (model == nullptr) return;
  const auto first = tree.linear.terms.begin() + model->first;
  std::vector<LinearTerm> terms(first, first + model->terms);
  for (LinearTerm& term : terms) term.cell = cell_of(bins, arrays, term.cell);
  arrays.linear.add(place, *model, terms);
}

}  // namespace

void append_tree(const GrownTree& tree, const BinnedTable& bins, TreeArrays& arrays) {
  struct Pending {
    std::int32_t node;
    std::uint32_t place;
  };
  const auto add_place = [&] {
    arrays.nodes.emplace_back();
    arrays.rows.push_back(0);
    arrays.gains.push_back(0);
    return static_cast<std::uint32_t>(arrays.nodes.size() - 1);
  };
  arrays.roots.push_back(static_cast<std::uint32_t>(arrays.nodes.size()));
  SetWriter sets(arrays);
  std::vector<Pending> pending{{tree.nodes.empty() ? ~0 : 0, add_place()}};
  for (std::size_t i = 0; i < pending.size(); ++i) {  // breadth first: children after their node
    const auto [node, place] = pending[i];
    if (node < 0) {
      const auto& leaf = tree.leaves[static_cast<std::size_t>(~node)];
      arrays.nodes[place].threshold = leaf.value;
      add_model(tree, static_cast<std::size_t>(~node), bins, arrays, place);
      arrays.rows[place] = static_cast<std::uint32_t>(leaf.rows);
      continue;
    }
    const auto& at = tree.nodes[static_cast<std::size_t>(node)];
    TreeNode raw = raw_node(at.split, bins, arrays, sets);
    raw.child = add_place();
    pending.push_back({at.left, raw.child});
    pending.push_back({at.right, add_place()});
    arrays.nodes[place] = raw;
    arrays.rows[place] = static_cast<std::uint32_t>(at.rows);
    arrays.gains[place] = static_cast<float>(std::min(at.split.gain, double{std::numeric_limits<float>::max()}));
  }
}

void drop_unused_cells(TreeArrays& arrays) {
  const std::size_t columns = arrays.columns.size();
  std::vector<bool> used(arrays.cells(), false);
  std::size_t unused = used.size();
  for (const TreeNode& node : arrays.nodes) {
    if (node.child == 0 || used[node.feature & TreeNode::position]) continue;
    used[node.feature & TreeNode::position] = true;
    if (--unused == 0) return;
  }
  for (std::size_t cell = arrays.cells(); cell-- > columns;)
    if (used[cell]) used[arrays.crosses[cell - columns].first] = used[arrays.crosses[cell - columns].second] = true;
  TreeArrays kept;
  std::vector<std::uint32_t> places(arrays.cells());  // of the cells that stay
  for (std::size_t cell = 0; cell < places.size(); ++cell) {
    if (!used[cell]) continue;
    places[cell] = static_cast<std::uint32_t>(kept.cells());
    kept.categories.push_back(std::move(arrays.categories[cell]));
    if (cell < columns) {
      kept.columns.push_back(arrays.columns[cell]);
      continue;
    }
    CategoryCross& cross = arrays.crosses[cell - columns];
    kept.crosses.push_back({places[cross.first], places[cross.second], std::move(cross.keys)});
  }
  arrays.columns = std::move(kept.columns);
  arrays.crosses = std::move(kept.crosses);
  arrays.categories = std::move(kept.categories);
  for (TreeNode& node : arrays.nodes)
    if (node.child != 0)
      node.feature = (node.feature & ~TreeNode::position) | places[node.feature & TreeNode::position];
  for (LinearTerm& term : arrays.linear.terms) term.cell = places[term.cell];  // split on along its leaf's path
}

}  // namespace automill::tree
