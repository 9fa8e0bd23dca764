#pragma once
// Labels of the least expected cost: what each prediction costs for each truth decides instead of the likeliest class
// (Elkan 2001, "The foundations of cost-sensitive learning").

#include <automill/automl/options.hpp>
#include <automill/core/metric.hpp>
#include <automill/predict/prediction_result.hpp>

namespace automill {

inline constexpr const char* mean_cost_name = "mean_cost";

/// Puts the option's matrix into the target, in the order of its classes, and for two classes the threshold that it
/// means. A fault for each thing that is wrong with it.
void set_costs(const TrainOptions& options, TargetInfo& target, Faults& faults);

/// Mean cost of the labels that a target with costs decides for, weighted; lower is better.
Metric mean_cost(const TargetInfo& target);

/// A metric of a model by name: also its mean cost.
Metric metric_of(const TargetInfo& target, const std::string& name);

/// Of three and more classes with costs: 1 for the class of each row that is decided for, else 0, so that metrics of
/// labels see that label.
Predictions decided(const TargetInfo& target, const Predictions& probabilities);

/// What the labels cost, for people: "'no' -> 'yes' 1, 'yes' -> 'no' 5".
std::string cost_words(const TargetInfo& target);

}  // namespace automill
