#include "objective_parts.hpp"

namespace automill::tree {

double Objective::leaf_value(std::size_t, std::vector<std::pair<double, double>>&) const { return 0; }

double weighted_quantile(std::vector<std::pair<double, double>>& pairs, double level) {
  std::sort(pairs.begin(), pairs.end());
  std::vector<double> weights;
  for (const auto& pair : pairs) weights.push_back(pair.second);
  const double wanted = level * order_free_sum(weights);
  double sum = 0;
  for (const auto& [value, weight] : pairs)
    if ((sum += weight) >= wanted) return value;
  return pairs.empty() ? 0 : pairs.back().first;
}

TargetRows read_targets(const DatasetView& view) {
  const Target& target = view.target();
  TargetRows rows;
  rows.numbers = view.row_numbers();
  if (target.task == Task::regression) {
    rows.outputs = target.width();
    rows.values.reserve(view.rows() * rows.outputs);
    for (std::size_t k = 0; k < rows.outputs; ++k)
      for (std::size_t i = 0; i < view.rows(); ++i) rows.values.push_back(view.value(i, k));
  }
  double largest_weight = 0;
  for (std::size_t i = 0; i < view.rows(); ++i) {
    if (target.task == Task::binary)
      rows.values.push_back(view.label(i) == static_cast<std::int32_t>(target.positive) ? 1.0 : 0.0);
    if (target.task == Task::multiclass) rows.labels.push_back(view.label(i));
    if (!view.weighted()) continue;
    const double weight = view.weight(i);
    if (!(weight >= 0) || !std::isfinite(weight))
      throw Error("data.weight_invalid", "row " + std::to_string(view.row_numbers()[i]),
                  std::to_string(weight) + " is not allowed as a weight: it must be finite and not negative");
    largest_weight = std::max(largest_weight, weight);
    rows.weights.push_back(weight);
  }
  if (view.weighted() && largest_weight == 0) throw Error("data.weight_invalid", "weights", "all weights are 0");
  if (std::all_of(rows.weights.begin(), rows.weights.end(), [](double weight) { return weight == 1; }))
    rows.weights.clear();  // the same as none, to the last bit
  return rows;
}

std::unique_ptr<Objective> make_objective(const ObjectiveParameters& parameters, const Target& target) {
  const std::string& name = parameters.name;
  std::unique_ptr<Objective> objective;
  if (target.task == Task::binary) objective = name == "auto" || name == "log_loss" ? make_log_loss() : nullptr;
  else if (target.task == Task::multiclass) objective = make_multiclass_objective(name, target.width());
  else if (name == "quantile" && !parameters.quantiles.empty()) objective = make_quantiles(parameters);
  else if (target.width() > 1) objective = make_objective_of_outputs(parameters, target.width());
  else objective = make_regression_objective(parameters);
  if (objective != nullptr) return objective;
  const char* hint = target.task == Task::binary       ? "use log_loss"
                     : target.task == Task::multiclass ? "use log_loss or one_vs_all"
                                                       : "use squared_error, absolute_error, huber, fair, quantile, "
                                                         "poisson, gamma, tweedie or cross_entropy";
  throw Error("parameter.unknown_choice", "gradient_boosting.objective",
              "'" + name + "' does not fit a " + task_name(target.task) + " target", hint);
}

}  // namespace automill::tree
