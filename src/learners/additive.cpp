#include <automill/learners/additive.hpp>

#include "learners/ebm_run.hpp"

namespace automill {

EstimatorTraits ExplainableBoosting::traits() const {
  return {.missing = true, .categories = true, .weights = true, .weights_repeat_rows = false};
}

/// Operations: a pass over the rows a step, for eight bags at a time; early stopping ends most stages after some
/// hundred rounds. Bytes: codes, states of each group of bags, sums and tables.
CostEstimate ExplainableBoosting::cost(const DataShape& shape) const {
  constexpr double usual_rounds = 600;
  const ExplainableBoostingParameters& p = parameters_;
  const std::size_t columns = std::max<std::size_t>(1, shape.columns), classes = shape.classes > 2 ? shape.classes : 1;
  const additive::BagProblem sizes{.classes = classes};
  const auto bags = static_cast<std::size_t>(p.outer_bags);
  const std::size_t groups = (bags + sizes.bags_per_group() - 1) / sizes.bags_per_group();
  const std::size_t bins = std::min(shape.rows / 3 + 3, static_cast<std::size_t>(p.max_bin) + 1);
  const std::size_t side = std::min(bins, static_cast<std::size_t>(p.max_interaction_bins) + 1);
  const std::size_t pairs = classes > 1 ? 0
                                        : std::min(static_cast<std::size_t>(p.interactions.value_or(
                                                       static_cast<std::int64_t>(default_interactions(columns)))),
                                                   columns * (columns - 1) / 2);
  const double rounds = std::min(usual_rounds, static_cast<double>(p.max_rounds));
  const double step = static_cast<double>(shape.rows * 6 + bins * 24) * static_cast<double>(groups * sizes.vectors());
  const double bytes = static_cast<double>(ebm_bytes(shape.rows, columns + pairs, sizes.width(), groups,
                                                     columns * bins + shape.categories, pairs * side * side));
  return {rounds * static_cast<double>(columns + pairs) * step,
          1.1 * bytes + static_cast<double>(shape.rows * (2 * columns + 4 * sizes.width() * groups))};
}

FitResult ExplainableBoosting::fit_checked(const FitInput& input, const RunContext& context) const {
  return EBMRun(parameters_, input, context).run();
}

}  // namespace automill
