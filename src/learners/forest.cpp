#include "learners/forest_run.hpp"

namespace automill {
namespace {

EstimatorTraits forest_traits() {
  return {.missing = true, .categories = true, .several_outputs = true, .weights = true, .weights_repeat_rows = false};
}

/// Leaves a distinct row drawn. Of numbers each has its own; of classes it depends on their noise, which the shape does
/// not tell: what tables with a tenth to a fifth of wrong labels take. Pure noise takes three times as many. Random
/// thresholds divide worse.
double leaves_of_row(std::size_t classes, bool random_thresholds) {
  if (classes < 2) return 1;
  return (random_thresholds ? 1.35 : 1.0) * (0.22 + 0.3 * (1 - 2 / static_cast<double>(classes)));
}

/// Operations: each level of a tree looks at its rows once a tried column. Bytes: bins, rows, and the nodes of all
/// trees, which are reserved with a tenth to spare, or beyond a size double.
CostEstimate forest_cost(const ForestOptions& options, const DataShape& shape) {
  constexpr double most_reserved = 1 << 30;  // bytes
  const auto rows = static_cast<double>(shape.rows), trees = static_cast<double>(options.trees);
  const std::size_t columns = std::max<std::size_t>(1, shape.columns);
  const auto tried = static_cast<double>(tried_columns(options.max_features, shape.classes > 1, columns));
  const double drawn = rows * options.max_samples.value_or(1.0) * (options.bootstrap ? 0.65 : 1.0);
  double leaves =
      1 + drawn * leaves_of_row(shape.classes, options.grow.random_thresholds) / options.grow.min_samples_leaf;
  if (options.grow.max_leaf_nodes > 0) leaves = std::min(leaves, static_cast<double>(options.grow.max_leaf_nodes));
  const double levels = 2 + math::log(std::max(2.0, leaves)) / math::log(2.0);
  const std::size_t width = shape.classes > 2 ? shape.classes : shape.outputs;
  const double leaf = 2 * (sizeof(TreeNode) + 8) + (width > 1 ? 4.0 * static_cast<double>(width) : 0.0);
  const double nodes = 1.15 * trees * (leaves + 4) * leaf;
  return {trees * drawn * levels * (tried + 4),
          rows * (1.4 * static_cast<double>(columns) + 250 + 8 * static_cast<double>(std::max(width, shape.classes))) +
              (nodes < most_reserved ? 1.0 : 1.4) * nodes + 20000};
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
