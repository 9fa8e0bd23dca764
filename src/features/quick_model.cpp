#include "features/quick_model.hpp"

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::features {
namespace {

constexpr std::size_t most_outputs = 4;
constexpr double tail = 0.005;

/// Takes values beyond the quantiles `tail` and 1 - `tail` back to them, and the mean off.
void center(std::vector<double>& values, const std::vector<double>& weights, bool cut) {
  if (cut) {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto beyond = static_cast<std::size_t>(tail * static_cast<double>(sorted.size()));
    const double low = sorted[beyond], high = sorted[sorted.size() - 1 - beyond];
    for (double& value : values) value = std::clamp(value, low, high);
  }
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i];
    sum += weight * values[i];
    count += weight;
  }
  for (double& value : values) value -= sum / count;
}

double squares(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0, [](double sum, double v) { return sum + v * v; });
}

/// Centered, without far tails of numbers; those with the largest sums of squares, without those of nothing.
std::vector<std::vector<double>> with_most_left(std::vector<std::vector<double>> outputs, const Dataset& data) {
  for (auto& residuals : outputs) center(residuals, data.weights, !is_classification(data.target.task));
  std::stable_sort(outputs.begin(), outputs.end(),
                   [](const auto& a, const auto& b) { return squares(a) > squares(b); });
  if (outputs.size() > most_outputs) outputs.resize(most_outputs);
  std::erase_if(outputs, [](const auto& residuals) {
    const double all = squares(residuals);
    return !(all > 0 && std::isfinite(all));
  });
  return outputs;
}

/// Trees of one split: a sum of functions of one column each.
GradientBoosting additive_boosting() {
  return GradientBoosting({.n_estimators = 200,
                           .num_leaves = 2,
                           .learning_rate = 0.1,
                           .multi_strategy = "multi_output_tree",
                           .early_stopping_rounds = 10});
}

/// Of rows that the fold's model did not see.
Predictions out_of_fold(const FoldedDataset& folded, const std::vector<FitResult>& fits, const RunContext& context) {
  Predictions all(folded.dataset()->rows(), folded.dataset()->target.width());
  for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
    const DatasetView& held_out = folded.held_out(fold);
    Predictions part(held_out.rows(), all.width);
    fits[fold].require_model("generate_features").predict_aligned(held_out.features(), part.view(), context);
    all.put(held_out.row_numbers(), part);
  }
  context.stop.throw_if_requested();
  return all;
}

std::vector<std::vector<double>> residuals_of(const Target& target, const Predictions& predictions) {
  const bool classes = is_classification(target.task);
  std::vector<std::vector<double>> outputs;
  for (std::size_t k = target.task == Task::binary ? 1 : 0; k < predictions.width; ++k) {
    std::vector<double> residuals(target.rows());
    for (std::size_t i = 0; i < residuals.size(); ++i) {
      const double due = !classes ? target.row(i)[k] : target.labels[i] == static_cast<std::int32_t>(k) ? 1.0 : 0.0;
      residuals[i] = due - predictions.row(i)[k];
    }
    outputs.push_back(std::move(residuals));
  }
  return outputs;
}

}  // namespace

void add_importance(const Model& model, std::vector<double>& importance) {
  const auto* trees = dynamic_cast<const TreeEnsemble*>(&model);
  if (trees == nullptr) return;  // a constant
  const TreeArrays& arrays = trees->arrays();
  for (std::size_t n = 0; n < arrays.nodes.size(); ++n)
    if (arrays.nodes[n].child != 0)
      importance[arrays.columns[arrays.nodes[n].feature & TreeNode::position]] += static_cast<double>(arrays.gains[n]);
}

QuickResiduals quick_residuals(const std::shared_ptr<const Dataset>& data, std::size_t folds,
                               const RunContext& context) {
  RunContext own = context;
  own.cache = nullptr;
  const FoldedDataset folded(data, make_folds(*data, folds, context.seed));
  const std::vector<FitResult> fits = additive_boosting().fit_folds(folded, own);
  context.stop.throw_if_requested();
  QuickResiduals result{.importance = std::vector<double>(data->features.size(), 0.0)};
  for (const FitResult& fit : fits) add_importance(fit.require_model("generate_features"), result.importance);
  const Predictions none(data->rows(), data->target.width());
  result.of_stumps = with_most_left(residuals_of(data->target, out_of_fold(folded, fits, own)), *data);
  result.of_mean = with_most_left(residuals_of(data->target, none), *data);
  return result;
}

std::vector<double> out_of_fold_losses(const std::shared_ptr<const Dataset>& data, std::size_t folds,
                                       const RunContext& context) {
  RunContext own = context;
  own.cache = nullptr;
  const FoldedDataset folded(data, make_folds(*data, folds, combine_hashes(context.seed, purpose("losses"))));
  const GradientBoosting boosting({.early_stopping_rounds = 10});
  const Predictions predictions = out_of_fold(folded, boosting.fit_folds(folded, own), own);
  const Target& target = data->target;
  std::vector<double> losses(data->rows(), 0.0);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const std::span<const double> row = predictions.row(i);
    if (is_classification(target.task)) {
      losses[i] = -math::log(std::max(1e-15, row[static_cast<std::size_t>(target.labels[i])]));
      continue;
    }
    for (std::size_t k = 0; k < row.size(); ++k) losses[i] += (target.row(i)[k] - row[k]) * (target.row(i)[k] - row[k]);
  }
  return losses;
}

}  // namespace automill::features
