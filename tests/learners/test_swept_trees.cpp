// Sweeping 256 rows through a tree at once finds the leaves that walks find.

#include <gtest/gtest.h>

#include <automill/learners/tree/simd_level.hpp>

#include "learners/tree/swept_trees.hpp"

namespace automill {
namespace {

using tree::SweepKernels;
using tree::SweptTrees;
constexpr double missing = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();

struct Shape {
  std::size_t leaves = 31, trees = 20, numbers = 3;
  std::uint32_t category_bins = 0;  ///< of one more column; 0: none
  double grid = 8;                  ///< thresholds a unit: few of them, or (0) all different
  bool symmetric = false;           ///< one split a level; leaves is a power of two
  bool spoilt = false;              ///< but for one node
};

TreeNode random_split(TreeArrays& arrays, const Shape& shape, RandomStream& random) {
  TreeNode node;
  const auto column = static_cast<std::uint32_t>(random.below(arrays.columns.size()));
  if (arrays.categories[column].bins > 1) {
    node.feature = column | TreeNode::category;
    node.threshold = static_cast<double>(arrays.sets.size());
    for (std::size_t w = 0; w < arrays.categories[column].words(); ++w) arrays.sets.push_back(random.next());
  } else {
    const double value = random.normal();
    node.threshold = random.below(20) == 0 ? infinite
                     : shape.grid > 0      ? std::round(shape.grid * value) / shape.grid
                                           : value;
    node.feature = column | (random.below(2) == 0 ? TreeNode::missing_left : 0);
  }
  return node;
}

/// Level by level, all nodes of a level with one split - but for one node, where the shape says so. Returns the leaves.
std::vector<std::uint32_t> grow_levels(TreeArrays& arrays, const Shape& shape, RandomStream& random) {
  std::vector<std::uint32_t> level{arrays.roots.back()};
  while (level.size() < shape.leaves) {
    const TreeNode split = random_split(arrays, shape, random);
    std::vector<std::uint32_t> children;
    for (std::uint32_t at : level) {
      const auto child = static_cast<std::uint32_t>(arrays.nodes.size());
      arrays.nodes.resize(arrays.nodes.size() + 2);
      arrays.nodes[at] = split;
      arrays.nodes[at].child = child;
      children.insert(children.end(), {child, child + 1});
    }
    level = children;
  }
  if (shape.spoilt && shape.leaves > 2) {
    const std::uint32_t child = arrays.nodes[level[0] - 1].child;  // of the last node of the level above
    arrays.nodes[level[0] - 1] = random_split(arrays, shape, random);
    arrays.nodes[level[0] - 1].child = child;
  }
  return level;
}

TreeArrays random_arrays(const Shape& shape, std::uint64_t seed) {
  RandomStream random(seed, purpose("random trees"), 0);
  TreeArrays arrays;
  arrays.base = {0.5};
  for (std::uint32_t c = 0; c < shape.numbers + (shape.category_bins > 0 ? 1 : 0); ++c) arrays.columns.push_back(c);
  arrays.categories.resize(arrays.columns.size());
  if (shape.category_bins > 0) arrays.categories.back().bins = shape.category_bins;
  for (std::size_t t = 0; t < shape.trees; ++t) {
    arrays.roots.push_back(static_cast<std::uint32_t>(arrays.nodes.size()));
    arrays.nodes.emplace_back();
    std::vector<std::uint32_t> leaves{arrays.roots.back()};
    if (shape.symmetric) leaves = grow_levels(arrays, shape, random);
    while (leaves.size() < shape.leaves) {
      const std::size_t which = random.below(leaves.size());
      TreeNode& node = arrays.nodes[leaves[which]];
      node = random_split(arrays, shape, random);
      node.child = static_cast<std::uint32_t>(arrays.nodes.size());
      leaves[which] = node.child;
      leaves.push_back(node.child + 1);
      arrays.nodes.resize(arrays.nodes.size() + 2);
    }
    for (std::uint32_t leaf : leaves) arrays.nodes[leaf].threshold = random.normal();
  }
  return arrays;
}

/// [column][256]: thresholds themselves, values beside them, infinities, missing ones; bins of the category.
std::vector<double> random_cells(const TreeArrays& arrays, std::uint64_t seed) {
  RandomStream random(seed, purpose("random cells"), 0);
  std::vector<double> cells(tree::swept_rows * arrays.columns.size());
  for (std::size_t c = 0; c < arrays.columns.size(); ++c)
    for (std::size_t row = 0; row < tree::swept_rows; ++row) {
      double& cell = cells[tree::swept_rows * c + row];
      if (arrays.categories[c].bins > 1) {
        cell = static_cast<double>(random.below(arrays.categories[c].bins));
        continue;
      }
      const TreeNode& node = arrays.nodes[random.below(arrays.nodes.size())];
      cell = random.below(3) == 0 ? random.normal() : node.threshold;
      if (random.below(4) == 0) cell = std::nextafter(cell, random.below(2) == 0 ? infinite : -infinite);
      if (random.below(8) == 0) cell = missing;
      if (random.below(16) == 0) cell = random.below(2) == 0 ? infinite : -infinite;
    }
  return cells;
}

double walked(const TreeArrays& arrays, std::size_t tree, const std::vector<double>& cells, std::size_t row) {
  std::uint32_t at = arrays.roots[tree];
  while (arrays.nodes[at].child != 0) {
    const TreeNode& node = arrays.nodes[at];
    const double cell = cells[tree::swept_rows * (node.feature & TreeNode::position) + row];
    bool left;
    if ((node.feature & TreeNode::category) != 0) {
      const auto bin = static_cast<std::size_t>(cell);
      left = ((arrays.sets[static_cast<std::size_t>(node.threshold) + bin / 64] >> (bin % 64)) & 1) != 0;
    } else {
      left = std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold;
    }
    at = node.child + (left ? 0 : 1);
  }
  return arrays.nodes[at].threshold;
}

void expect_walks(const Shape& shape, std::uint64_t seed) {
  const TreeArrays arrays = random_arrays(shape, seed);
  const SweptTrees swept(arrays);
  ASSERT_TRUE(swept.all_swept());
  const std::vector<double> cells = random_cells(arrays, seed + 1);
  std::vector<std::uint8_t> codes(tree::swept_rows * swept.slots());
  for (std::size_t slot = 0; slot < swept.slots(); ++slot)
    swept.encode(slot, cells.data() + tree::swept_rows * std::size_t{swept.cell(slot)},
                 codes.data() + tree::swept_rows * slot);
  for (std::size_t t = 0; t < arrays.trees(); ++t) {
    std::vector<double> scores(tree::swept_rows, 1.0);
    swept.add(t, codes.data(), scores.data());
    for (std::size_t row = 0; row < tree::swept_rows; ++row)
      ASSERT_EQ(scores[row], 1.0 + walked(arrays, t, cells, row)) << "tree " << t << ", row " << row;
  }
}

TEST(SweptTrees, AreWalks) {
  for (std::size_t leaves : {1, 2, 3, 31, 64, 255, 256}) expect_walks({.leaves = leaves}, leaves);
}
TEST(SweptTrees, ManyThresholdsTakeSeveralSlots) {
  expect_walks({.leaves = 64, .trees = 60, .numbers = 2, .grid = 0}, 1);
  expect_walks({.leaves = 200, .trees = 40, .numbers = 1, .grid = 0}, 2);
}
TEST(SweptTrees, CategoriesAreSets) {
  for (std::uint32_t bins : {2U, 63U, 64U, 65U, 128U, 129U, 255U, 256U, 257U, 4096U}) {
    expect_walks({.numbers = 1, .category_bins = bins}, bins);
    expect_walks({.numbers = 0, .category_bins = bins}, bins + 1);
  }
}
TEST(SweptTrees, SymmetricTreesAnswerOnceALevel) {
  for (const bool spoilt : {false, true})
    for (std::size_t leaves : {1, 2, 4, 8, 64, 128, 256}) {
      expect_walks({.leaves = leaves, .symmetric = true, .spoilt = spoilt}, leaves);
      expect_walks({.leaves = leaves, .numbers = 2, .category_bins = 200, .symmetric = true, .spoilt = spoilt}, leaves);
    }
}
TEST(SweptTrees, VectorsOfLeavesAreAddedToAllScores) {
  TreeArrays arrays = random_arrays({.leaves = 40}, 1);
  const std::vector<double> cells = random_cells(arrays, 2);
  arrays.base = {0.0, 0.0, 0.0};
  RandomStream random(3, purpose("leaf vectors"), 0);
  for (TreeNode& node : arrays.nodes) {
    if (node.child != 0) continue;
    node.threshold = static_cast<double>(arrays.leaf_vectors.size() / 3);
    for (int k = 0; k < 3; ++k) arrays.leaf_vectors.push_back(static_cast<float>(random.normal()));
  }
  const SweptTrees swept(arrays);
  ASSERT_TRUE(swept.all_swept());
  std::vector<std::uint8_t> codes(tree::swept_rows * swept.slots());
  for (std::size_t slot = 0; slot < swept.slots(); ++slot)
    swept.encode(slot, cells.data() + tree::swept_rows * std::size_t{swept.cell(slot)},
                 codes.data() + tree::swept_rows * slot);
  for (std::size_t t = 0; t < arrays.trees(); ++t) {
    std::vector<double> scores(3 * tree::swept_rows, 0.0);
    swept.add(t, codes.data(), scores.data());
    for (std::size_t row = 0; row < tree::swept_rows; ++row) {
      const auto number = static_cast<std::size_t>(walked(arrays, t, cells, row));
      for (std::size_t k = 0; k < 3; ++k)
        ASSERT_EQ(scores[k * tree::swept_rows + row], static_cast<double>(arrays.leaf_vectors[3 * number + k]));
    }
  }
}
TEST(SweptTrees, LargeTreesAreLeftToTheWalk) {
  EXPECT_FALSE(SweptTrees(random_arrays({.leaves = 257}, 1)).all_swept());
}

std::vector<const SweepKernels*> levels() {
  std::vector<const SweepKernels*> all{&tree::baseline_sweep_kernels()};
  if (tree::best_simd_level() >= tree::SimdLevel::avx2) all.push_back(&tree::avx2_sweep_kernels());
  if (tree::best_simd_level() >= tree::SimdLevel::avx512) all.push_back(&tree::avx512_sweep_kernels());
  return all;
}

TEST(SweepKernels, EveryLevelFindsTheSameLeaves) {
  RandomStream random(1, purpose("sweep levels"), 0);
  for (std::size_t inner : {0U, 1U, 2U, 30U, 63U, 255U}) {
    std::vector<tree::SweptNode> nodes(inner);
    std::vector<tree::CodeSet> sets(5);
    for (auto& set : sets)
      for (auto& word : set.words) word = random.next();
    std::vector<std::uint16_t> places;
    for (std::size_t i = 1; i < 2 * inner + 1; ++i) places.push_back(static_cast<std::uint16_t>(i));
    // a chain or a bush: children are the next inner node, or one of the leaves
    std::size_t next_inner = 1, next_leaf = inner;
    for (auto& node : nodes) {
      const auto child = [&] { return static_cast<std::uint16_t>(next_inner < inner ? next_inner++ : next_leaf++); };
      node = {.slot = static_cast<std::uint32_t>(random.below(3)), .left = child(), .right = child()};
      node.set = static_cast<std::uint32_t>(random.below(5));
      node.bin = static_cast<std::uint8_t>(random.below(255));
      node.categorical = static_cast<std::uint8_t>(random.below(2));
    }
    std::vector<std::uint8_t> codes(3 * tree::swept_rows), expected(tree::swept_rows), leaves(tree::swept_rows);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random.below(256));
    const tree::SweptTree swept{
        .nodes = nodes.data(), .sets = sets.data(), .inner = inner, .levels = 0, .categories = true};
    levels()[0]->find_leaves(swept, codes.data(), expected.data());
    for (const SweepKernels* level : levels()) {
      level->find_leaves(swept, codes.data(), leaves.data());
      EXPECT_EQ(leaves, expected);
    }
  }
}

TEST(SweepKernels, CodesCountThresholdsBelow) {
  RandomStream random(2, purpose("sweep codes"), 0);
  for (std::size_t count = 0; count < 256; ++count) {
    std::vector<double> thresholds, values(tree::swept_rows);
    for (std::size_t i = 0; i < count; ++i) thresholds.push_back(std::round(50 * random.normal()) / 4);
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    for (auto& value : values) value = std::round(100 * random.normal()) / 8;
    values[5] = missing;
    values[6] = infinite;
    values[7] = -infinite;
    for (const SweepKernels* level : levels()) {
      std::vector<std::uint8_t> codes(tree::swept_rows);
      level->encode(thresholds.data(), thresholds.size(), values.data(), 77, codes.data());
      for (std::size_t row = 0; row < tree::swept_rows; ++row) {
        const auto below =
            std::count_if(thresholds.begin(), thresholds.end(), [&](double t) { return t < values[row]; });
        EXPECT_EQ(codes[row], row == 5 ? 77 : below);
      }
    }
  }
}

}  // namespace
}  // namespace automill
