#include "learners/forest_run.hpp"

namespace automill {
namespace {

EstimatorTraits forest_traits() {
  return {.missing = true, .categories = true, .weights = true, .weights_repeat_rows = false};
}

/// Operations: each level of a tree looks at its rows once a tried column. Bytes: bins, rows, and the nodes of all
/// trees: leaves of about three rows.
CostEstimate forest_cost(const ForestOptions& options, const DataShape& shape) {
  const auto rows = static_cast<double>(shape.rows), trees = static_cast<double>(options.trees);
  const std::size_t columns = std::max<std::size_t>(1, shape.columns);
  const auto tried = static_cast<double>(tried_columns(options.max_features, shape.classes > 1, columns));
  double leaves = rows / std::max(3.0, options.grow.min_samples_leaf);
  if (options.grow.max_leaf_nodes > 0) leaves = std::min(leaves, static_cast<double>(options.grow.max_leaf_nodes));
  const double levels = 2 + math::log(std::max(2.0, leaves)) / math::log(2.0);
  const double leaf = 2 * (sizeof(TreeNode) + 8) + (shape.classes > 2 ? 4.0 * static_cast<double>(shape.classes) : 0.0);
  return {trees * rows * levels * (tried + 4),
          rows * (1.4 * static_cast<double>(columns) + 200) + 2 * trees * leaves * leaf};
}

}  // namespace

EstimatorTraits RandomForest::traits() const { return forest_traits(); }
EstimatorTraits ExtraTrees::traits() const { return forest_traits(); }
CostEstimate RandomForest::cost(const DataShape& shape) const {
  return forest_cost(forest_options(parameters_), shape);
}
CostEstimate ExtraTrees::cost(const DataShape& shape) const { return forest_cost(forest_options(parameters_), shape); }

FitResult RandomForest::fit_checked(const FitInput& input, const RunContext& context) const {
  return ForestRun(forest_options(parameters_), input, context).run();
}
FitResult ExtraTrees::fit_checked(const FitInput& input, const RunContext& context) const {
  return ForestRun(forest_options(parameters_), input, context).run();
}

}  // namespace automill
