#include "learners/forest_run.hpp"

namespace automill {
namespace {

EstimatorTraits forest_traits() {
  return {.missing = true, .categories = true, .several_outputs = true, .weights = true, .weights_repeat_rows = false};
}

/// Operations: each level of a tree looks at its rows once a tried column. Bytes: bins, rows, and the nodes of all
/// trees: a leaf a distinct row drawn, and in classification at most three for four of them.
CostEstimate forest_cost(const ForestOptions& options, const DataShape& shape) {
  const auto rows = static_cast<double>(shape.rows), trees = static_cast<double>(options.trees);
  const std::size_t columns = std::max<std::size_t>(1, shape.columns);
  const bool classes = shape.classes > 1;
  const auto tried = static_cast<double>(tried_columns(options.max_features, classes, columns));
  const double drawn = rows * options.max_samples.value_or(1.0) * (options.bootstrap ? 0.65 : 1.0);
  double leaves = 1 + drawn * (classes ? 0.75 : 1.0) / options.grow.min_samples_leaf;
  if (options.grow.max_leaf_nodes > 0) leaves = std::min(leaves, static_cast<double>(options.grow.max_leaf_nodes));
  const double levels = 2 + math::log(std::max(2.0, leaves)) / math::log(2.0);
  const std::size_t width = shape.classes > 2 ? shape.classes : shape.outputs;
  const double leaf = 2 * (sizeof(TreeNode) + 8) + (width > 1 ? 4.0 * static_cast<double>(width) : 0.0);
  return {trees * drawn * levels * (tried + 4),
          rows * (1.4 * static_cast<double>(columns) + 250 + 8 * static_cast<double>(std::max(width, shape.classes))) +
              1.4 * trees * (leaves + 4) * leaf + 20000};
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
