#pragma once
// One fit of a forest: rows of each tree, trees side by side, out-of-bag predictions.

#include <automill/learners/forest.hpp>

#include "learners/tree/forest_grower.hpp"

namespace automill {

/// What both kinds of forest are told.
struct ForestOptions {
  std::int64_t trees = 100, max_bin = 255;
  std::optional<double> max_features{}, max_samples{};
  bool bootstrap = true;
  tree::ForestGrowParameters grow{};
};

template <bool extra>
ForestOptions forest_options(const ForestParameters<extra>& p) {
  return {.trees = p.n_estimators,
          .max_bin = p.max_bin,
          .max_features = p.max_features,
          .max_samples = p.max_samples,
          .bootstrap = p.bootstrap,
          .grow = {.max_depth = p.max_depth <= 0 ? -1 : p.max_depth,
                   .max_leaf_nodes = p.max_leaf_nodes.value_or(0),
                   .min_samples_leaf = static_cast<double>(p.min_samples_leaf),
                   .min_samples_split = static_cast<double>(p.min_samples_split),
                   .random_thresholds = extra,
                   .prior_weight = p.prior_weight}};
}

/// Columns that a node tries.
std::size_t tried_columns(const std::optional<double>& max_features, bool classes, std::size_t columns);

class ForestRun {
 public:
  ForestRun(ForestOptions options, const FitInput& input, const RunContext& context);
  FitResult run();

 private:
  void prepare();
  void grow();
  bool make_room();
  std::vector<std::optional<tree::ForestTree>> grow_block(std::size_t first, std::size_t count) const;
  std::vector<std::uint8_t> copies_of(std::size_t tree) const;
  void append(const tree::ForestTree& tree);
  void note_out_of_bag(const tree::ForestTree& tree);
  std::unique_ptr<Predictions> out_of_bag() const;
  void put(const double* sums, double share, double* out) const;
  void average_leaves();
  FitResult finish();

  ForestOptions options_;
  const FitInput& input_;
  const RunContext& context_;
  tree::ForestTarget target_;
  std::shared_ptr<const tree::BinnedTable> bins_;
  std::vector<tree::ForestColumn> columns_;
  std::vector<std::uint32_t> rows_;
  MemoryClaim claim_;
  std::uint64_t bytes_ = 0;
  bool has_room_ = false;  ///< all trees have memory
  TreeArrays arrays_;
  std::vector<double> out_sums_;  ///< [training row][output]
  std::vector<std::uint32_t> out_trees_;
  std::string stopped_ = "finished";
};

}  // namespace automill
