// One row through trees whose nodes are decided all at once: the leaves that walks find, and sums of the same bits.

#include <gtest/gtest.h>

#include "learners/tree/count_below.hpp"
#include "learners/tree/row_blocks.hpp"
#include "learners/tree/row_trees.hpp"
#include "tree_tools.hpp"

namespace automill {
namespace {

using tree::RowBlocks;
using tree_tools::infinite;
using tree_tools::missing;

struct EnsembleShape {
  std::size_t leaves = 31, trees = 40, numbers = 30, category_cells = 0;
  std::uint32_t bins = 9;     ///< of a category
  double grid = 8;            ///< thresholds a unit: few of them, or (0) all different
  bool varied = false;        ///< trees of 1 leaf to all of them
  bool missing_left = false;  ///< all ways of missing values are one
  std::size_t outputs = 1;
};

TreeNode random_node(TreeArrays& arrays, const EnsembleShape& shape, RandomStream& random) {
  TreeNode node;
  const auto cell = static_cast<std::uint32_t>(random.below(arrays.columns.size()));
  if (arrays.categories[cell].bins > 1) {
    node.feature = cell | TreeNode::category;
    node.threshold = static_cast<double>(arrays.sets.size());
    for (std::size_t w = 0; w < arrays.categories[cell].words(); ++w) arrays.sets.push_back(random.next());
    return node;
  }
  const double value = random.normal();
  node.threshold = shape.grid > 0 ? std::round(shape.grid * value) / shape.grid : value;
  if (random.below(20) == 0) node.threshold = random.below(2) == 0 ? infinite : -infinite;
  node.feature = cell | (shape.missing_left || random.below(2) == 0 ? TreeNode::missing_left : 0);
  return node;
}

void grow_random_tree(TreeArrays& arrays, std::size_t leaves, const EnsembleShape& shape, RandomStream& random) {
  arrays.roots.push_back(static_cast<std::uint32_t>(arrays.nodes.size()));
  arrays.nodes.emplace_back();
  std::vector<std::uint32_t> open{arrays.roots.back()};
  const bool chain = random.below(4) == 0;  // as deep as it can be
  while (open.size() < leaves) {
    std::uint32_t& at = chain ? open.back() : open[random.below(open.size())];
    TreeNode node = random_node(arrays, shape, random);
    node.child = static_cast<std::uint32_t>(arrays.nodes.size());
    arrays.nodes[at] = node;
    at = node.child;
    open.push_back(node.child + 1);
    arrays.nodes.resize(arrays.nodes.size() + 2);
  }
  for (std::uint32_t leaf : open) arrays.nodes[leaf].threshold = random.below(10) == 0 ? -0.0 : random.normal();
}

TreeArrays random_ensemble(const EnsembleShape& shape, std::uint64_t seed) {
  RandomStream random = tree_tools::random_of(seed);
  TreeArrays arrays;
  for (std::size_t k = 0; k < shape.outputs; ++k) arrays.base.push_back(k == 0 ? -0.0 : random.normal());
  for (std::uint32_t c = 0; c < shape.numbers + shape.category_cells; ++c) {
    arrays.columns.push_back(c);
    arrays.categories.push_back({.bins = c < shape.numbers ? 1 : shape.bins});
  }
  for (std::size_t t = 0; t < shape.trees; ++t)
    grow_random_tree(arrays, shape.varied ? 1 + random.below(shape.leaves) : shape.leaves, shape, random);
  return arrays;
}

/// Thresholds themselves, values beside them, infinities, missing ones in some rows; bins of categories.
std::vector<double> random_row(const TreeArrays& arrays, bool some_missing, RandomStream& random) {
  std::vector<double> cells(arrays.columns.size());
  for (std::size_t c = 0; c < cells.size(); ++c) {
    double& cell = cells[c];
    if (arrays.categories[c].bins > 1) {
      cell = static_cast<double>(random.below(arrays.categories[c].bins));
      continue;
    }
    cell = random.below(3) == 0 ? random.normal() : arrays.nodes[random.below(arrays.nodes.size())].threshold;
    if (random.below(4) == 0) cell = std::nextafter(cell, random.below(2) == 0 ? infinite : -infinite);
    if (some_missing && random.below(8) == 0) cell = missing;
    if (random.below(16) == 0) cell = random.below(2) == 0 ? infinite : -infinite;
  }
  return cells;
}

std::uint32_t walked_leaf(const TreeArrays& arrays, std::size_t tree, const std::vector<double>& cells) {
  std::uint32_t at = arrays.roots[tree];
  while (arrays.nodes[at].child != 0) {
    const TreeNode& node = arrays.nodes[at];
    const double cell = cells[node.feature & TreeNode::position];
    bool left;
    if ((node.feature & TreeNode::category) != 0) {
      const auto bin = static_cast<std::size_t>(cell);
      left = ((arrays.sets[static_cast<std::size_t>(node.threshold) + bin / 64] >> (bin % 64)) & 1) != 0;
    } else {
      left = std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold;
    }
    at = node.child + (left ? 0 : 1);
  }
  return at;
}

std::uint32_t coded_leaf(const TreeArrays& arrays, const tree::RowTrees& trees, std::size_t tree,
                         const std::vector<double>& cells, const std::vector<std::uint16_t>& codes) {
  std::uint32_t at[tree::RowTrees::walks];
  std::fill(std::begin(at), std::end(at), arrays.roots[tree]);
  trees.walk(cells.data(), codes.data(), at);
  return at[0];
}

void expect_leaves_of_walks(const EnsembleShape& shape, std::uint64_t seed) {
  const TreeArrays arrays = random_ensemble(shape, seed);
  std::optional<RowBlocks> blocks = RowBlocks::prepared(arrays);
  ASSERT_TRUE(blocks);
  ASSERT_TRUE(blocks->one_value_a_leaf());
  const tree::RowTrees coded(arrays);
  std::vector<std::uint16_t> codes(coded.slots());
  RandomStream random = tree_tools::random_of(seed + 1);
  for (std::size_t row = 0; row < 60; ++row) {
    const std::vector<double> cells = random_row(arrays, row % 3 != 0, random);
    blocks->encode(cells.data());
    blocks->find_leaves();
    coded.encode(cells.data(), codes.data());
    std::vector<double> found, expected;
    double sum = arrays.base[0];
    for (std::size_t t = 0; t < arrays.trees(); ++t) {
      const std::uint32_t leaf = walked_leaf(arrays, t, cells);
      ASSERT_EQ(leaf, coded_leaf(arrays, coded, t, cells, codes));
      expected.push_back(arrays.nodes[leaf].threshold);
      found.push_back(blocks->value(t));
      sum += expected.back();
    }
    ASSERT_EQ(tree_tools::bits_of(found), tree_tools::bits_of(expected)) << "row " << row;
    ASSERT_EQ(tree_tools::bits_of({blocks->sum(arrays.base[0])}), tree_tools::bits_of({sum})) << "row " << row;
  }
}

class RowBlocksOfThisProcessor : public testing::Test {
 protected:
  void SetUp() override {
    if (tree::row_kernels() == nullptr) GTEST_SKIP() << "this processor does not permute bytes";
  }
};

TEST_F(RowBlocksOfThisProcessor, FindLeavesOfWalks) {
  for (std::size_t leaves : {1, 2, 3, 17, 31, 33, 34, 64, 65, 100, 128})
    for (std::size_t numbers : {1, 5, 16, 17, 30, 32})
      expect_leaves_of_walks({.leaves = leaves, .numbers = numbers}, 100 * leaves + numbers);
}
TEST_F(RowBlocksOfThisProcessor, TreesDiffer) {
  for (std::size_t trees : {1, 7, 8, 11, 12, 13, 24, 101})
    expect_leaves_of_walks({.leaves = 90, .trees = trees, .varied = true}, trees);
}
TEST_F(RowBlocksOfThisProcessor, ManyColumnsTakeSeveralWindows) {
  for (std::size_t numbers : {33, 60, 100}) {
    expect_leaves_of_walks({.leaves = 64, .numbers = numbers}, numbers);
    expect_leaves_of_walks({.leaves = 20, .numbers = numbers, .varied = true}, numbers + 1);
    expect_leaves_of_walks({.leaves = 20, .numbers = numbers, .missing_left = true}, numbers + 2);
  }
}
TEST_F(RowBlocksOfThisProcessor, ManyThresholdsTakeSeveralSlots) {
  expect_leaves_of_walks({.leaves = 64, .trees = 60, .numbers = 3, .grid = 0}, 1);
  expect_leaves_of_walks({.leaves = 128, .trees = 100, .numbers = 1, .grid = 0}, 2);
}
TEST_F(RowBlocksOfThisProcessor, SetsAreSlots) {
  for (std::uint32_t bins : {2U, 64U, 65U, 300U, 4096U}) {
    expect_leaves_of_walks({.leaves = 31, .numbers = 5, .category_cells = 2, .bins = bins}, bins);
    expect_leaves_of_walks({.leaves = 100, .trees = 9, .numbers = 0, .category_cells = 1, .bins = bins}, bins + 1);
    expect_leaves_of_walks(
        {.leaves = 60, .trees = 20, .numbers = 40, .category_cells = 9, .bins = bins, .varied = true}, bins + 2);
  }
}

TEST_F(RowBlocksOfThisProcessor, KnowTheNodesOfVectors) {
  TreeArrays arrays = random_ensemble({.leaves = 20, .outputs = 3}, 1);
  for (TreeNode& node : arrays.nodes) {
    if (node.child != 0) continue;
    node.threshold = static_cast<double>(arrays.leaf_vectors.size() / 3);
    arrays.leaf_vectors.resize(arrays.leaf_vectors.size() + 3);
  }
  std::optional<RowBlocks> blocks = RowBlocks::prepared(arrays);
  ASSERT_TRUE(blocks);
  ASSERT_FALSE(blocks->one_value_a_leaf());
  RandomStream random = tree_tools::random_of(2);
  for (std::size_t row = 0; row < 20; ++row) {
    const std::vector<double> cells = random_row(arrays, true, random);
    blocks->encode(cells.data());
    blocks->find_leaves();
    for (std::size_t t = 0; t < arrays.trees(); ++t) ASSERT_EQ(blocks->node(t), walked_leaf(arrays, t, cells));
  }
}

TEST_F(RowBlocksOfThisProcessor, LeaveLargeTreesToTheWalk) {
  EXPECT_FALSE(RowBlocks::prepared(random_ensemble({.leaves = 129}, 1)));
  EXPECT_FALSE(RowBlocks::prepared(random_ensemble({.leaves = 128, .numbers = 2000}, 2)));  // too many windows
  EXPECT_FALSE(RowBlocks::prepared(
      random_ensemble({.leaves = 60, .trees = 100, .numbers = 1, .category_cells = 4, .bins = 65536}, 3)));
}

TEST_F(RowBlocksOfThisProcessor, CodesCountThresholdsBelow) {
  RandomStream random = tree_tools::random_of(4);
  for (std::size_t count = 1; count <= 255; ++count) {
    TreeArrays arrays = random_ensemble({.leaves = 1, .trees = 1, .numbers = 1}, count);
    std::vector<double> thresholds;
    for (std::size_t i = 0; i < count; ++i) thresholds.push_back(static_cast<double>(i));
    for (double threshold : thresholds) {  // stumps whose values are 0 and 1: their sum is the code
      const auto root = static_cast<std::uint32_t>(arrays.nodes.size());
      arrays.roots.push_back(root);
      arrays.nodes.push_back({.threshold = threshold, .child = root + 1});
      arrays.nodes.push_back({.threshold = 0});
      arrays.nodes.push_back({.threshold = 1});
    }
    std::optional<RowBlocks> blocks = RowBlocks::prepared(arrays);
    ASSERT_TRUE(blocks);
    const double constant = arrays.nodes[0].threshold;
    for (double cell : {-1.0, 0.0, 0.5, random.uniform() * static_cast<double>(count), static_cast<double>(count) - 1,
                        static_cast<double>(count), infinite, -infinite}) {
      blocks->encode(&cell);
      const double expected = static_cast<double>(tree::count_below(thresholds, cell));
      ASSERT_EQ(blocks->sum(-constant), expected) << count << " thresholds, " << cell;
    }
  }
}

}  // namespace
}  // namespace automill
