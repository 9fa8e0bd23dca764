// The intermediate method of monotone constraints: which leaves adjoin, trees whose leaves bound each other, and values
// that are put in order after growing. What the definitions say is computed cell by cell: a cell is one bin of each
// column, and each belongs to one leaf.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

using Pairs = std::set<std::pair<std::uint32_t, std::uint32_t>>;  // (low, high)

/// Three numbers of few values, some of them missing, and a category.
Table small_table(std::size_t rows, std::uint64_t seed, std::size_t distinct = 5) {
  RandomStream random = random_of(seed);
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> values(rows);
    for (double& value : values) value = random.below(8) == 0 ? missing : static_cast<double>(random.below(distinct));
    columns.push_back(number_column("x" + std::to_string(c), values));
  }
  std::vector<std::int32_t> codes(rows);
  for (auto& code : codes) code = static_cast<std::int32_t>(random.below(4));
  columns.push_back(category_column("c", codes, 4));
  return Table(columns);
}

/// All cells, and the leaf that each is in.
class Cells {
 public:
  Cells(const BinnedTable& bins, std::vector<std::int8_t> monotone) : bins_(&bins), monotone_(std::move(monotone)) {
    std::size_t count = 1;
    for (const BinMapping& mapping : bins.mappings()) {
      strides_.push_back(count);
      count *= mapping.bins;
    }
    leaf_.assign(count, 0);
  }
  std::size_t bin(std::size_t cell, std::size_t column) const {
    return cell / strides_[column] % bins_->mappings()[column].bins;
  }
  void split(std::uint32_t leaf, const Split& split, std::uint32_t right) {
    for (std::size_t cell = 0; cell < leaf_.size(); ++cell)
      if (leaf_[cell] == leaf && !split.goes_left(bin(cell, split.column))) leaf_[cell] = right;
  }
  bool holds(std::uint32_t leaf) const { return std::find(leaf_.begin(), leaf_.end(), leaf) != leaf_.end(); }
  /// Leaves of cells that lie side by side along a monotone column.
  Pairs adjoining() const {
    Pairs pairs;
    for (std::size_t c = 0; c < monotone_.size(); ++c)
      for (std::size_t cell = 0; monotone_[c] != 0 && cell < leaf_.size(); ++cell) {
        if (bin(cell, c) == 0 || bin(cell, c) + 1 == bins_->mappings()[c].bins) continue;
        const std::uint32_t here = leaf_[cell], next = leaf_[cell + strides_[c]];
        if (here != next) pairs.insert(monotone_[c] > 0 ? std::pair{here, next} : std::pair{next, here});
      }
    return pairs;
  }

 private:
  const BinnedTable* bins_;
  std::vector<std::int8_t> monotone_;
  std::vector<std::size_t> strides_;
  std::vector<std::uint32_t> leaf_;
};

Split random_split(const BinnedTable& bins, RandomStream& random) {
  Split split;
  split.column = static_cast<std::uint32_t>(random.below(bins.mappings().size()));
  const BinMapping& mapping = bins.mappings()[split.column];
  split.categorical = mapping.categorical;
  split.missing_left = random.below(2) == 0;
  split.bin = static_cast<std::uint32_t>(1 + random.below(mapping.bins - 1));
  if (split.categorical) split.left_bins = {random.next() & ((std::uint64_t{1} << mapping.bins) - 1)};
  return split;
}

/// Splits a leaf of a tree by hand; false, and nothing is done, when a side would be empty.
bool split_by_hand(GrownTree& tree, Cells& cells, std::uint32_t leaf, const Split& split) {
  Cells after = cells;
  const auto right = static_cast<std::uint32_t>(tree.leaves.size());
  after.split(leaf, split, right);
  if (!after.holds(leaf) || !after.holds(right)) return false;
  cells = after;
  const auto node = static_cast<std::int32_t>(tree.nodes.size());
  for (auto& above : tree.nodes)
    for (std::int32_t* child : {&above.left, &above.right})
      if (*child == ~static_cast<std::int32_t>(leaf)) *child = node;
  GrownTree::Node made;
  made.split = split;
  made.left = ~static_cast<std::int32_t>(leaf);
  made.right = ~static_cast<std::int32_t>(right);
  tree.nodes.push_back(made);
  tree.leaves.emplace_back();
  return true;
}

Pairs pairs_of(const LeafOrder& order, std::size_t leaves) {
  Pairs above, below;
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    for (std::uint32_t other : order.above(leaf)) EXPECT_TRUE(above.emplace(leaf, other).second);
    for (std::uint32_t other : order.below(leaf)) EXPECT_TRUE(below.emplace(other, leaf).second);
  }
  EXPECT_EQ(above, below);
  return above;
}

struct RandomTree {
  std::shared_ptr<const BinnedTable> bins;
  std::vector<std::int8_t> monotone;
  GrownTree tree;
};

RandomTree random_tree(std::uint64_t seed, std::size_t leaves, const std::function<void(const Pairs&)>& after_split) {
  RandomStream random = random_of(seed);
  RandomTree made{.bins = binned(small_table(200, seed)), .monotone = {}, .tree = {}};
  for (std::size_t c = 0; c < 3; ++c) made.monotone.push_back(static_cast<std::int8_t>(random.below(3)) - 1);
  made.monotone.push_back(0);
  made.tree.leaves.resize(1);
  Cells cells(*made.bins, made.monotone);
  LeafOrder order(made.tree, *made.bins, made.monotone);
  for (int tries = 0; made.tree.leaves.size() < leaves && tries < 500; ++tries) {
    const auto leaf = static_cast<std::uint32_t>(random.below(made.tree.leaves.size()));
    if (!split_by_hand(made.tree, cells, leaf, random_split(*made.bins, random))) continue;
    order.follow();
    EXPECT_EQ(pairs_of(order, made.tree.leaves.size()), cells.adjoining()) << seed;
    after_split(cells.adjoining());
  }
  return made;
}

TEST(LeafOrder, LeavesAdjoinWhereTheirCellsDo) {
  std::size_t most = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed)
    random_tree(seed, 30, [&](const Pairs& pairs) { most = std::max(most, pairs.size()); });
  EXPECT_GT(most, 60U);
}

TEST(LeafOrder, ValuesArePutInOrder) {
  std::size_t moved = 0;
  for (std::uint64_t seed = 100; seed < 140; ++seed) {
    Pairs pairs;
    RandomTree made = random_tree(seed, 25, [&](const Pairs& now) { pairs = now; });
    RandomStream random = random_of(seed + 1);
    for (auto& leaf : made.tree.leaves) leaf.value = random.normal();
    const auto values = [&] {
      std::vector<double> all;
      for (const auto& leaf : made.tree.leaves) all.push_back(leaf.value);
      return all;
    };
    const std::vector<double> before = values();
    order_leaves(made.tree, *made.bins, made.monotone);
    const std::vector<double> after = values();
    for (const auto& [low, high] : pairs) EXPECT_LE(after[low], after[high]);
    // a leaf moves only where it was out of order with some leaf, over any number of steps
    std::vector<double> least = before, most = before;
    for (std::size_t step = 0; step < before.size(); ++step)
      for (const auto& [low, high] : pairs) {
        least[high] = std::max(least[high], least[low]);
        most[low] = std::min(most[low], most[high]);
      }
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i], least[i] / 2 + most[i] / 2);
      moved += after[i] != before[i] ? 1 : 0;
    }
    order_leaves(made.tree, *made.bins, made.monotone);
    EXPECT_EQ(bits_of(values()), bits_of(after));
  }
  EXPECT_GT(moved, 100U);
}

// ---- growing ----

struct Growing {
  Table table;
  std::shared_ptr<const BinnedTable> bins;
  QuantisedGradients gradients;
  std::vector<std::uint32_t> rows;
  GrowParameters parameters{.num_leaves = 12, .monotone_method = MonotoneMethod::intermediate};

  Growing(std::size_t count, std::uint64_t seed, std::size_t distinct = 5)
      : table(small_table(count, seed, distinct)), bins(binned(table)), rows(first_rows(count)) {
    RandomStream random = random_of(seed + 1000);
    for (std::size_t i = 0; i < count; ++i) {
      double target = random.normal();  // rises with x0 and falls with x1, mostly
      for (std::size_t c = 0; c < 3; ++c) {
        const double x = table[c].number(i);
        if (!std::isnan(x)) target += (c == 0 ? 0.7 : c == 1 ? -0.5 : 0.3 * random.normal()) * x;
      }
      gradients.gradients.push_back(-target - 0.5 * table[3].number(i));
    }
    gradients.kind = HessianKind::constant;
    gradients.pack(rows, random_keys(count, seed), count, 1);
    parameters.split = {
        .min_rows = 3, .l2 = 1, .max_cat_to_onehot = 10, .monotone = {1, -1, static_cast<std::int8_t>(seed % 2), 0}};
  }
  bool grow(TreeGrower& grower) { return grower.grow(gradients, rows, 1, 0, {}); }
};

/// One leaf of the tree that is followed.
struct Followed {
  std::vector<std::uint32_t> rows{};
  double value = 0, lower = -infinite, upper = infinite;
};

/// Follows a grown tree: each of its splits must be the best that there was.
class Follower {
 public:
  explicit Follower(const Growing& growing)
      : growing_(growing), cells_(*growing.bins, growing.parameters.split.monotone) {
    leaves_.push_back({.rows = first_rows(growing.table.rows())});
    leaves_[0].value = value_of(sum_of(leaves_[0].rows), leaves_[0]);
  }

  void follow(const GrownTree::Node& node, std::uint32_t leaf) {
    const double best = best_gain();
    EXPECT_NEAR(node.split.gain, best, 1e-9 * (1 + std::abs(best)));
    EXPECT_NEAR(gain(leaves_[leaf], node.split), best, 1e-9 * (1 + std::abs(best)));
    apply(leaf, node.split);
  }
  double value(std::size_t leaf) const { return leaves_[leaf].value; }
  double best_gain() const {
    double best = -infinite;
    for (const Followed& leaf : leaves_)
      for (const Split& split : splits()) best = std::max(best, gain(leaf, split));
    return best;
  }

 private:
  struct Sum {
    double gradient = 0, hessian = 0;
  };
  Sum sum_of(const std::vector<std::uint32_t>& rows) const {
    PackedSum packed;
    for (std::uint32_t row : rows) packed = packed + growing_.gradients.at(row);
    const Moments moments = growing_.gradients.scale.values(packed);
    return {moments.gradient, moments.hessian};
  }
  double penalty() const { return growing_.parameters.split.l2; }
  double value_of(const Sum& sum, const Followed& within) const {
    return std::clamp(-sum.gradient / (sum.hessian + penalty()), within.lower, within.upper);
  }
  double score(const Sum& sum, double value) const {
    return -(2 * sum.gradient * value + (sum.hessian + penalty()) * value * value);
  }
  std::size_t code(std::uint32_t row, std::uint32_t column) const {
    const Place place = place_of(*growing_.bins, column);
    return growing_.bins->code(growing_.bins->groups()[place.group], place.lane, row);
  }
  std::vector<Split> splits() const {
    std::vector<Split> all;
    for (std::uint32_t c = 0; c < growing_.bins->mappings().size(); ++c) {
      const BinMapping& mapping = growing_.bins->mappings()[c];
      for (std::uint32_t bin = mapping.categorical ? 0 : 1; bin < mapping.bins; ++bin)
        for (const bool missing_left : {false, true}) {
          Split split{.column = c, .categorical = mapping.categorical, .missing_left = missing_left, .bin = bin};
          if (mapping.categorical) split.left_bins = {std::uint64_t{1} << bin};
          all.push_back(split);
        }
    }
    return all;
  }
  std::array<std::vector<std::uint32_t>, 2> sides(const Followed& leaf, const Split& split) const {
    std::array<std::vector<std::uint32_t>, 2> rows;
    for (std::uint32_t row : leaf.rows) rows[split.goes_left(code(row, split.column)) ? 0 : 1].push_back(row);
    return rows;
  }
  double gain(const Followed& leaf, const Split& split) const {
    const auto [left, right] = sides(leaf, split);
    if (static_cast<double>(std::min(left.size(), right.size())) < growing_.parameters.split.min_rows) return -infinite;
    const Sum a = sum_of(left), b = sum_of(right);
    const double at_left = value_of(a, leaf), at_right = value_of(b, leaf);
    const BinMapping& mapping = growing_.bins->mappings()[split.column];
    const bool apart = mapping.categorical || (split.bin + 1 == mapping.bins && !split.missing_left);
    const int sign = apart ? 0 : growing_.parameters.split.monotone[split.column];
    if (sign * at_left > sign * at_right) return -infinite;
    return score(a, at_left) + score(b, at_right) - score(sum_of(leaf.rows), leaf.value);
  }
  void apply(std::uint32_t index, const Split& split) {
    const auto added = static_cast<std::uint32_t>(leaves_.size());
    auto [left, right] = sides(leaves_[index], split);
    Followed low = leaves_[index], high = leaves_[index];
    low.rows = left;
    high.rows = right;
    low.value = value_of(sum_of(left), low);
    high.value = value_of(sum_of(right), high);
    leaves_[index] = low;
    leaves_.push_back(high);
    cells_.split(index, split, added);
    const Pairs pairs = cells_.adjoining();
    for (std::uint32_t child : {index, added}) {
      bound(pairs);
      leaves_[child].value = value_of(sum_of(leaves_[child].rows), leaves_[child]);
    }
    bound(pairs);
  }
  void bound(const Pairs& pairs) {
    for (Followed& leaf : leaves_) {
      leaf.lower = -infinite;
      leaf.upper = infinite;
    }
    for (const auto& [low, high] : pairs) {
      leaves_[high].lower = std::max(leaves_[high].lower, leaves_[low].value);
      leaves_[low].upper = std::min(leaves_[low].upper, leaves_[high].value);
    }
  }

  const Growing& growing_;
  Cells cells_;
  std::vector<Followed> leaves_;
};

/// The leaf that a node split: its left child goes on under that number.
std::uint32_t leaf_of(const GrownTree& tree, std::size_t node) {
  std::int32_t at = static_cast<std::int32_t>(node);
  while (at >= 0) at = tree.nodes[static_cast<std::size_t>(at)].left;
  return static_cast<std::uint32_t>(~at);
}

TEST(IntermediateMethod, EachSplitIsTheBestWithinTheBoundsOfNeighbours) {
  std::size_t splits = 0, bounded = 0;
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    Growing growing(150, seed);
    TreeGrower grower(*growing.bins, growing.parameters);
    ASSERT_TRUE(growing.grow(grower));
    const GrownTree& tree = grower.tree();
    Follower follower(growing);
    for (std::size_t n = 0; n < tree.nodes.size(); ++n) follower.follow(tree.nodes[n], leaf_of(tree, n));
    if (tree.leaves.size() < 12) {
      EXPECT_LT(follower.best_gain(), 1e-9) << seed;
    }
    for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf)
      EXPECT_NEAR(tree.leaves[leaf].value, follower.value(leaf), 1e-12) << seed;
    std::set<double> values;
    for (const auto& leaf : tree.leaves) values.insert(leaf.value);
    bounded += tree.leaves.size() - values.size();
    splits += tree.nodes.size();
  }
  EXPECT_GT(splits, 200U);
  EXPECT_GT(bounded, 10U);  // leaves that stopped at the value of another one
}

/// Largest step of a tree against the order of two leaves that adjoin.
double worst_pair(const GrownTree& tree, const BinnedTable& bins, const std::vector<std::int8_t>& monotone) {
  LeafOrder order(tree, bins, monotone);
  for (std::size_t n = 0; n < tree.nodes.size(); ++n) order.follow();
  double worst = -infinite;
  for (std::size_t low = 0; low < tree.leaves.size(); ++low)
    for (std::uint32_t high : order.above(low))
      worst = std::max(worst, tree.leaves[low].value - tree.leaves[high].value);
  return worst;
}

TEST(IntermediateMethod, LeavesAreInOrderToTheLastBit) {
  for (std::uint64_t seed = 0; seed < 12; ++seed)
    for (int kind = 0; kind < 6; ++kind) {
      Growing growing(1500, seed, 60);
      GrowParameters& p = growing.parameters;
      p.num_leaves = 60;
      p.extra_trees = kind == 1;
      if (kind == 2) p.growth = Growth::depth_wise;
      if (kind == 3) p.split.path_smooth = 10;
      if (kind == 4) p.split.max_delta_step = 20;
      if (kind == 5) p.node_column_fraction = 0.5;
      TreeGrower grower(*growing.bins, p);
      ASSERT_TRUE(growing.grow(grower));
      EXPECT_GT(grower.tree().leaves.size(), 20U) << kind;
      EXPECT_LE(worst_pair(grower.tree(), *growing.bins, p.split.monotone), 0) << seed << " " << kind;
    }
}

TEST(IntermediateMethod, FewHistogramsGiveTheSameTree) {
  std::vector<double> expected;
  for (const std::uint64_t bytes : {std::uint64_t{1} << 28, std::uint64_t{1} << 15, std::uint64_t{1}}) {
    Growing growing(3000, 3, 60);
    growing.parameters.num_leaves = 40;
    growing.parameters.histogram_bytes = bytes;
    TreeGrower grower(*growing.bins, growing.parameters);
    ASSERT_TRUE(growing.grow(grower));
    std::vector<double> values;
    for (const auto& node : grower.tree().nodes) values.push_back(node.split.gain);
    for (const auto& leaf : grower.tree().leaves) values.push_back(leaf.value);
    if (expected.empty()) expected = values;
    EXPECT_EQ(bits_of(values), bits_of(expected)) << bytes;
  }
  EXPECT_EQ(expected.size(), 39U + 40U);
}

// ---- loss ----

/// What a tree takes off half the sum of squared residuals.
double improvement(Growing growing, MonotoneMethod method, int leaves) {
  growing.parameters.monotone_method = method;
  growing.parameters.num_leaves = leaves;
  growing.parameters.split.l2 = 0;
  TreeGrower grower(*growing.bins, growing.parameters);
  EXPECT_TRUE(growing.grow(grower));
  double sum = 0;
  for (std::size_t leaf = 0; leaf < grower.tree().leaves.size(); ++leaf) {
    const double value = grower.tree().leaves[leaf].value;
    for (std::uint32_t row : grower.leaf_rows(leaf))
      sum -= growing.gradients.gradients[row] * value + value * value / 2;
  }
  return sum;
}

TEST(IntermediateMethod, FitsAtLeastAsCloseAsBasic) {
  double basic_sum = 0, intermediate_sum = 0;
  int closer = 0, further = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Growing growing(800, seed, 40);
    // the first split is the same; a value that may go further takes off as much or more, and so does the best split
    for (const int leaves : {2, 3}) {
      const double basic = improvement(growing, MonotoneMethod::basic, leaves),
                   intermediate = improvement(growing, MonotoneMethod::intermediate, leaves);
      EXPECT_GE(intermediate, basic - 1e-3) << seed;  // gradients are rounded
      if (leaves == 2) EXPECT_EQ(intermediate, basic) << seed;
    }
    // beyond, the greedy choices part
    const double basic = improvement(growing, MonotoneMethod::basic, 31),
                 intermediate = improvement(growing, MonotoneMethod::intermediate, 31);
    basic_sum += basic;
    intermediate_sum += intermediate;
    (intermediate >= basic ? closer : further) += 1;
  }
  EXPECT_GT(closer, 4 * further);
  EXPECT_GT(intermediate_sum, basic_sum);
}

}  // namespace
