#include "automl/held_out.hpp"

namespace automill {

std::vector<std::uint32_t> held_out_rows(const SplitPlan& plan) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < plan.fold_of.size(); ++row)
    if (plan.fold_of[row] >= 0) rows.push_back(row);
  return rows;
}

Predictions no_predictions(const Dataset& dataset) {
  Predictions none(dataset.rows(), dataset.target.width());
  std::fill(none.values.begin(), none.values.end(), std::numeric_limits<double>::quiet_NaN());
  return none;
}

Predictions held_out_predictions(const FitResult& result, const DatasetView& held_out, const RunContext& context) {
  const auto known = result.report.checkpoints.find(result.report.rounds);
  if (known != result.report.checkpoints.end()) return known->second;
  Predictions predictions(held_out.rows(), held_out.target().width());
  result.model->predict_aligned(held_out.features(), predictions.view(), context);
  return predictions;
}

}  // namespace automill
