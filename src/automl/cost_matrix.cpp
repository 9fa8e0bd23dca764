#include "automl/cost_matrix.hpp"

#include <automill/metrics/metrics.hpp>

namespace automill {
namespace {

using param_detail::number_text;

/// Position in the matrix of each class of the target; empty, and faults, where its names are others.
std::vector<std::size_t> places_of(const TrainOptions& options, const TargetInfo& target, Faults& faults) {
  std::vector<std::size_t> places(target.classes.size());
  for (std::size_t k = 0; k < places.size(); ++k) places[k] = k;
  if (options.cost_classes.empty()) return places;
  const auto& names = options.cost_classes;
  bool known = true;
  for (const std::string& name : names)
    if (std::find(target.classes.begin(), target.classes.end(), name) == target.classes.end()) {
      faults.add("option.unknown_choice", "cost_matrix", "'" + name + "' is not a class",
                 name_hint(name, target.classes));
      known = false;
    }
  for (std::size_t k = 0; k < places.size(); ++k) {
    const auto found = std::find(names.begin(), names.end(), target.classes[k]);
    if (found == names.end()) {
      faults.add("option.invalid", "cost_matrix", "it has no costs of class '" + target.classes[k] + "'");
      known = false;
    }
    places[k] = static_cast<std::size_t>(found - names.begin());
  }
  if (!known) places.clear();
  return places;
}

bool right_size(const TrainOptions& options, std::size_t classes, Faults& faults) {
  const auto& rows = options.cost_matrix;
  bool square = rows.size() == classes && (options.cost_classes.empty() || options.cost_classes.size() == classes);
  for (const auto& row : rows) square = square && row.size() == classes;
  if (square) return true;
  faults.add("option.invalid", "cost_matrix",
             std::to_string(rows.size()) + " x " + std::to_string(rows.empty() ? 0 : rows[0].size()) + " costs for " +
                 std::to_string(classes) + " classes",
             "give a row for each true class and in it a cost for each predicted one");
  return false;
}

std::string cell_name(const TargetInfo& target, std::size_t truth, std::size_t predicted) {
  return "'" + target.classes[truth] + "' predicted as '" + target.classes[predicted] + "'";
}

/// False, and a fault, for costs that cannot be meant.
bool check_costs(const TargetInfo& target, Faults& faults) {
  const std::size_t n = target.classes.size();
  bool any = false;
  for (std::size_t truth = 0; truth < n; ++truth)
    for (std::size_t k = 0; k < n; ++k) {
      const double cost = target.costs[truth * n + k], right = target.costs[truth * n + truth];
      if (!(cost >= 0) || !std::isfinite(cost)) {
        faults.add("option.out_of_range", "cost_matrix",
                   cell_name(target, truth, k) + " costs " + number_text(cost) + ": it must be finite and at least 0");
        return false;
      }
      if (cost < right) {
        faults.add("option.invalid", "cost_matrix",
                   cell_name(target, truth, k) + " costs " + number_text(cost) + ", less than predicted right, " +
                       number_text(right),
                   "rows are truths, columns predictions");
        return false;
      }
      any = any || cost > right;
    }
  if (!any) faults.add("option.invalid", "cost_matrix", "no wrong prediction costs more than a right one");
  return any;
}

/// The probability of the positive class from which it is the cheaper prediction.
double threshold_of(const TargetInfo& target) {
  const std::size_t p = target.positive, n = 1 - p;
  const auto extra = [&](std::size_t truth) {  // of a wrong prediction
    return target.costs[2 * truth + (1 - truth)] - target.costs[2 * truth + truth];
  };
  return extra(n) / (extra(n) + extra(p));
}

}  // namespace

void set_costs(const TrainOptions& options, TargetInfo& target, Faults& faults) {
  if (options.cost_matrix.empty()) return;
  if (!is_classification(target.task)) {
    faults.add("option.contradiction", "cost_matrix", "a regression target has no classes");
    return;
  }
  const std::size_t n = target.classes.size();
  if (!right_size(options, n, faults)) return;
  const std::vector<std::size_t> places = places_of(options, target, faults);
  if (places.empty()) return;
  target.costs.clear();
  for (std::size_t truth = 0; truth < n; ++truth)
    for (std::size_t k = 0; k < n; ++k) target.costs.push_back(options.cost_matrix[places[truth]][places[k]]);
  if (check_costs(target, faults) && target.task == Task::binary) target.decision_threshold = threshold_of(target);
}

Metric mean_cost(const TargetInfo& target) {
  return {.name = mean_cost_name,
          .compute =
              [target](const MetricInput& in) {
                double sum = 0, total = 0;
                for (std::size_t i = 0; i < in.rows(); ++i) {
                  const std::size_t label =
                      PredictionResult::decide(target, in.predictions.subspan(i * in.width, in.width));
                  const double weight = in.weight(i);
                  sum += weight * target.costs[static_cast<std::size_t>(in.labels[i]) * in.width + label];
                  total += weight;
                }
                return total > 0 ? sum / total : std::numeric_limits<double>::quiet_NaN();
              },
          .direction = Direction::lower_is_better,
          .needs = MetricNeeds::probabilities,
          .tasks = {Task::binary, Task::multiclass},
          .description = "Mean cost of the labels of the least expected cost."};
}

Metric metric_of(const TargetInfo& target, const std::string& name) {
  return name == mean_cost_name && !target.costs.empty() ? mean_cost(target) : metric_by_name(name);
}

Predictions decided(const TargetInfo& target, const Predictions& probabilities) {
  Predictions labels(probabilities.rows(), probabilities.width);
  for (std::size_t i = 0; i < probabilities.rows(); ++i)
    labels.values[i * labels.width + PredictionResult::decide(target, probabilities.row(i))] = 1;
  return labels;
}

std::string cost_words(const TargetInfo& target) {
  constexpr std::size_t most_classes = 4;
  const std::size_t n = target.classes.size();
  if (n > most_classes) return std::to_string(n) + " x " + std::to_string(n) + ", truth x prediction";
  std::string words;
  for (std::size_t truth = 0; truth < n; ++truth)
    for (std::size_t k = 0; k < n; ++k)
      if (target.costs[truth * n + k] > 0)
        words += (words.empty() ? "'" : ", '") + target.classes[truth] + "' as '" + target.classes[k] + "' " +
                 number_text(target.costs[truth * n + k]);
  return words;
}

}  // namespace automill
