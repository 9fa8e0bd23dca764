#include <automill/learners/decision_tree.hpp>

#include "learners/decision_tree_run.hpp"

namespace automill {

EstimatorTraits DecisionTree::traits() const {
  return {.missing = true, .categories = true, .weights = true, .weights_repeat_rows = false};
}

/// Six trees, each level of which looks at all rows once a column. Bytes: bins, and the rows of trees side by side.
CostEstimate DecisionTree::cost(const DataShape& shape) const {
  const auto rows = static_cast<double>(shape.rows),
             columns = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const double most = std::max(2.0, rows / static_cast<double>(parameters_.min_samples_leaf)),
               leaves = std::min(most, static_cast<double>(parameters_.max_leaf_nodes.value_or(1 << 30)));
  const double levels = 2 + math::log(leaves) / math::log(2.0), trees = parameters_.ccp_alpha ? 1 : 6;
  const double node = 64 + 16 * static_cast<double>(shape.classes);
  return {trees * rows * levels * columns,
          rows * (1.4 * columns + 24 + trees * 60) + 2 * trees * leaves * node + 20000};
}

FitResult DecisionTree::fit_checked(const FitInput& input, const RunContext& context) const {
  return DecisionTreeRun(parameters_, input, context).run();
}

}  // namespace automill
