#pragma once
// One fit of a decision tree: the tree of all rows, trees of folds that choose how much of it goes, and its leaves.

#include <automill/learners/decision_tree.hpp>

#include "learners/tree/forest_grower.hpp"

namespace automill {

class DecisionTreeRun {
 public:
  DecisionTreeRun(const DecisionTreeParameters& parameters, const FitInput& input, const RunContext& context);
  FitResult run();

 private:
  /// Held-out losses of a fold's tree at each strength that is tried; empty: it was stopped.
  using Losses = std::vector<double>;

  void prepare();
  std::optional<tree::ForestTree> grow(std::int32_t without_fold) const;
  std::vector<double> strengths_to_try() const;
  Losses losses_without(std::int32_t fold, const std::vector<double>& tried) const;
  double held_out_loss(const tree::ForestTree& tree, const std::vector<tree::ForestSums>& held_out, double strength,
                       const std::vector<double>& strengths) const;
  double choose_strength();
  double unit_of_alpha() const;
  std::vector<double> leaf_of(const tree::ForestSums& sums) const;
  FitResult finish(double strength);

  const DecisionTreeParameters& parameters_;
  const FitInput& input_;
  const RunContext& context_;
  tree::ForestGrowParameters growth_;
  tree::ForestTarget target_;
  std::shared_ptr<const tree::BinnedTable> bins_;
  std::vector<tree::ForestColumn> columns_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::int32_t> fold_;  ///< of each training row
  double weight_ = 0;               ///< of all rows, in the target's integers
  MemoryClaim claim_;
  tree::ForestTree tree_;
  std::vector<double> strengths_;  ///< of its nodes
  std::string stopped_ = "finished";
  std::int64_t rounds_ = 1;  ///< the tree itself, and the folds that chose how much of it goes
};

}  // namespace automill
