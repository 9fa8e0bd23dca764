// A single tree: pruning against brute force, sizes that follow the data, leaves by hand.

#include <gtest/gtest.h>

#include <automill/learners/decision_tree.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

#include "automl/tables.hpp"
#include "learners/tree/tree_pruning.hpp"

namespace automill {
namespace {

using namespace tree;

/// A random tree whose splits gain something; sums are those of numbers with weight 1 a row.
ForestTree random_tree(std::uint64_t seed) {
  RandomStream random(seed, purpose("random tree"));
  ForestTree tree;
  const auto add = [&](double rows, std::int64_t moment) {
    tree.nodes.emplace_back();
    tree.rows.push_back(static_cast<std::uint32_t>(rows));
    tree.gains.push_back(0);
    tree.sums.push_back({.weight = rows, .rows = rows, .moment = moment});
  };
  add(64, 0);
  for (std::size_t node = 0; node < tree.nodes.size() && tree.nodes.size() < 30; ++node) {
    const ForestSums sums = tree.sums[node];
    if (sums.rows < 4 || (node > 0 && random.uniform() < 0.2)) continue;
    tree.nodes[node].child = static_cast<std::uint32_t>(tree.nodes.size());
    const auto left = 1 + static_cast<double>(random.below(static_cast<std::uint64_t>(sums.rows) - 1));
    const auto moment = static_cast<std::int64_t>(random.below(41)) - 20;
    add(left, moment);
    add(sums.rows - left, sums.moment - moment);
  }
  return tree;
}

/// The least of -score + alpha * leaves over all pruned trees.
double least_cost(const ForestTree& tree, std::size_t node, double alpha) {
  const double own = alpha - tree.sums[node].score();
  const std::uint32_t child = tree.nodes[node].child;
  if (child == 0) return own;
  return std::min(own, least_cost(tree, child, alpha) + least_cost(tree, child + 1, alpha));
}

double cost_of(const ForestTree& tree, const std::vector<double>& strengths, std::size_t node, double alpha) {
  const std::uint32_t child = tree.nodes[node].child;
  if (child == 0 || strengths[node] <= alpha) return alpha - tree.sums[node].score();
  return cost_of(tree, strengths, child, alpha) + cost_of(tree, strengths, child + 1, alpha);
}

TEST(TreePruning, no_pruned_tree_costs_less) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ForestTree tree = random_tree(seed);
    const std::vector<double> strengths = pruning_strengths(tree);
    for (std::size_t node = 0; node < tree.nodes.size(); ++node)
      if (const std::uint32_t child = tree.nodes[node].child; child != 0) {
        if (tree.nodes[child].child != 0) EXPECT_LE(strengths[child], strengths[node]);
      } else {
        EXPECT_TRUE(std::isinf(strengths[node]));
      }
    for (const double alpha : {0.01, 0.5, 1.7, 3.3, 8.1, 20.9})
      EXPECT_NEAR(cost_of(tree, strengths, 0, alpha), least_cost(tree, 0, alpha), 1e-9) << seed << " " << alpha;
  }
}

TEST(TreePruning, ends_are_the_leaves_of_the_pruned_tree) {
  const ForestTree tree = random_tree(5);
  const std::vector<double> strengths = pruning_strengths(tree);
  for (const double alpha : {0.5, 3.3, 20.9}) {
    const auto ends = ends_at(tree, strengths, alpha);
    std::set<std::uint32_t> all(ends.begin(), ends.end()), leaves;
    for (std::uint32_t node : all)
      if (tree.nodes[node].child == 0 || strengths[node] <= alpha) leaves.insert(node);
    std::set<std::uint32_t> kept;
    for (const TreeNode& node : pruned(tree, strengths, alpha, {}).nodes)
      if (node.child == 0) kept.insert(static_cast<std::uint32_t>(node.threshold));
    EXPECT_EQ(kept, leaves) << alpha;
  }
}

std::shared_ptr<const Dataset> dataset_of(Task task, std::size_t rows, std::uint64_t seed = 1) {
  return dataset_from(tables::plain(task, rows, seed), "target");
}

std::int64_t leaves_of(const FitResult& fit) { return fit.report.details.find("leaves")->integer(); }

TEST(DecisionTree, is_one_tree_within_its_limits) {
  for (const Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const auto data = dataset_of(task, 400);
    const FitResult fit = DecisionTree({.max_leaf_nodes = 7}).fit(data);
    const TreeArrays& arrays = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
    EXPECT_EQ(arrays.trees(), 1U);
    std::int64_t leaves = 0;
    for (std::size_t node = 0; node < arrays.nodes.size(); ++node)
      if (arrays.nodes[node].child == 0) {
        ++leaves;
        EXPECT_GE(arrays.rows[node], 5U);
      }
    EXPECT_EQ(leaves, leaves_of(fit));
    EXPECT_LE(leaves, 7);
    EXPECT_GT(leaves, 2);
  }
}

TEST(DecisionTree, noise_gives_a_stump_and_a_signal_a_tree) {
  std::size_t alone = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Table table = tables::plain(Task::regression, 300, seed);
    EXPECT_GT(leaves_of(DecisionTree{}.fit(dataset_from(table, "target"))), 8);
    RandomStream random(seed, purpose("noise target"));
    std::vector<double> noise;
    for (std::size_t row = 0; row < table.rows(); ++row) noise.push_back(random.normal());
    table = tables::with(table, tables::number("target", noise));
    const auto data = dataset_from(table, "target");
    const std::int64_t least = leaves_of(DecisionTree{}.fit(data)),
                       simplest = leaves_of(DecisionTree({.pruning = "one_standard_error"}).fit(data));
    EXPECT_LE(simplest, least);
    alone += simplest == 1 ? 1 : 0;
    EXPECT_GT(leaves_of(DecisionTree({.ccp_alpha = 0.0}).fit(data)), 30);
  }
  EXPECT_GE(alone, 8U);
}

TEST(DecisionTree, leaves_hold_means_and_shares) {
  const Table table(
      {tables::number("x", {0, 0, 0, 0, 1, 1, 1, 1}), tables::number("target", {1, 2, 3, 4, 10, 10, 11, 13})});
  const FitResult fit = DecisionTree({.min_samples_leaf = 1, .ccp_alpha = 1.0}).fit(dataset_from(table, "target"));
  EXPECT_EQ(fit.model->predict(table).values, (std::vector<double>{2.5, 2.5, 2.5, 2.5, 11, 11, 11, 11}));
  const Table classes({tables::number("x", {0, 0, 0, 0, 1, 1, 1, 1}),
                       tables::category("target", {"a", "a", "a", "b", "b", "b", "b", "b"})});
  const auto data = dataset_from(classes, "target");
  const FitResult shares = DecisionTree({.min_samples_leaf = 1, .ccp_alpha = 0.0}).fit(data);
  // one row of the shares of all rows (3/8, 5/8) beside four: (1 + 5/8) / 5 and (4 + 5/8) / 5
  const Predictions of_b = shares.model->predict(classes);
  EXPECT_NEAR(of_b.row(0)[1], 1.625 / 5, 1e-12);
  EXPECT_NEAR(of_b.row(7)[1], 4.625 / 5, 1e-12);
}

}  // namespace
}  // namespace automill
