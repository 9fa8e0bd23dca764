// Which leaf is split next.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

/// Depth of each leaf of the first tree.
std::vector<int> depths_of(const TreeArrays& arrays) {
  std::vector<int> depths;
  const std::function<void(std::uint32_t, int)> walk = [&](std::uint32_t at, int depth) {
    if (arrays.nodes[at].child == 0) return depths.push_back(depth);
    walk(arrays.nodes[at].child, depth + 1);
    walk(arrays.nodes[at].child + 1, depth + 1);
  };
  walk(arrays.roots[0], 0);
  std::sort(depths.begin(), depths.end());
  return depths;
}

/// Nearly all gains lie in the upper half of the column: leaf-wise trees grow there alone.
FitResult grown(const std::string& growth, std::int64_t leaves, std::int64_t depth = -1) {
  std::vector<double> x, y;
  for (int i = 0; i < 512; ++i) {
    x.push_back(i / 8);  // 64 values, each a bin
    y.push_back(x.back() < 32 ? x.back() / 8 : 1000 + x.back());
  }
  return GradientBoosting(
             {.n_estimators = 1, .num_leaves = leaves, .max_depth = depth, .min_child_samples = 1, .growth = growth})
      .fit(regression({x}, y));
}

const TreeArrays& arrays_of(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model).arrays(); }

TEST(Growth, DepthWiseFillsLevelAfterLevel) {
  const FitResult full = grown("depth_wise", 16), part = grown("depth_wise", 11), leaf_wise = grown("leaf_wise", 8);
  EXPECT_EQ(depths_of(arrays_of(full)), std::vector<int>(16, 4));
  // three of eight leaves of the third level were split before the leaves were used up
  EXPECT_EQ(depths_of(arrays_of(part)), (std::vector<int>{3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4}));
  EXPECT_GT(depths_of(arrays_of(leaf_wise)).back(), 3);
}

TEST(Growth, OfALevelTheLargestGainsComeFirst) {
  const FitResult whole = grown("depth_wise", 16), part = grown("depth_wise", 11);
  const auto gains_of_level = [](const TreeArrays& arrays, int level) {
    std::vector<float> gains;
    const std::function<void(std::uint32_t, int)> walk = [&](std::uint32_t at, int depth) {
      if (arrays.nodes[at].child == 0) return;
      if (depth == level) return gains.push_back(arrays.gains[at]);
      walk(arrays.nodes[at].child, depth + 1);
      walk(arrays.nodes[at].child + 1, depth + 1);
    };
    walk(arrays.roots[0], 0);
    std::sort(gains.rbegin(), gains.rend());
    return gains;
  };
  std::vector<float> largest = gains_of_level(arrays_of(whole), 3);
  largest.resize(3);
  EXPECT_EQ(gains_of_level(arrays_of(part), 3), largest);
}

TEST(Growth, FullTreesOfBothWaysAreTheSame) {
  // as many leaves as the depth allows: the order of splits does not matter
  const FitResult a = grown("depth_wise", 64, 6), b = grown("leaf_wise", 64, 6);
  std::vector<double> x;
  for (int i = 0; i < 64; ++i) x.push_back(i);
  EXPECT_EQ(bits_of(a.model->predict(table_of({x})).values), bits_of(b.model->predict(table_of({x})).values));
}

}  // namespace
