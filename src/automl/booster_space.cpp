#include "automl/booster_space.hpp"

#include "automl/plan_family.hpp"

namespace automill {
namespace {

/// Symmetric trees with the defaults of CatBoost.
Object symmetric_booster() {
  return {{"growth", "symmetric"}, {"max_depth", 6},      {"min_child_samples", 1}, {"min_child_weight", 0.0},
          {"subsample", 0.8},      {"subsample_freq", 1}, {"reg_lambda", 3.0},      {"max_cat_to_onehot", 16}};
}

/// Each has an L2 penalty: without one, leaves of a rare class, whose second derivatives are near 0, make steps that
/// diverge.
const std::vector<Object>& known_boosters() {
  static const std::vector<Object> known{{{"num_leaves", 31},
                                          {"min_child_samples", 20},
                                          {"colsample_bytree", 0.8},
                                          {"subsample", 0.9},
                                          {"subsample_freq", 1},
                                          {"reg_lambda", 1.0}},
                                         symmetric_booster(),
                                         {{"num_leaves", 39},
                                          {"min_child_samples", 3},
                                          {"colsample_bytree", 0.46},
                                          {"subsample", 0.88},
                                          {"subsample_freq", 1},
                                          {"reg_alpha", 0.24},
                                          {"reg_lambda", 0.36},
                                          {"extra_trees", true}},
                                         {{"num_leaves", 8},
                                          {"min_child_samples", 10},
                                          {"colsample_bytree", 0.6},
                                          {"subsample", 0.8},
                                          {"subsample_freq", 1},
                                          {"reg_lambda", 1.0}},
                                         {{"num_leaves", 84},
                                          {"min_child_samples", 3},
                                          {"colsample_bytree", 0.53},
                                          {"subsample", 0.95},
                                          {"subsample_freq", 1},
                                          {"reg_lambda", 1.0}},
                                         {{"num_leaves", 5},
                                          {"min_child_samples", 5},
                                          {"colsample_bytree", 0.73},
                                          {"extra_trees", true},
                                          {"reg_lambda", 1.0}},
                                         {{"num_leaves", 180},
                                          {"min_child_samples", 12},
                                          {"colsample_bytree", 0.4},
                                          {"reg_alpha", 0.77},
                                          {"reg_lambda", 1.6},
                                          {"extra_trees", true}},
                                         {{"num_leaves", 16},
                                          {"min_child_samples", 1},
                                          {"colsample_bytree", 0.58},
                                          {"reg_alpha", 0.94},
                                          {"reg_lambda", 0.99}}};
  return known;
}

/// What is tried third: for numbers leaves that are linear models, which fit smooth targets with few leaves; for three
/// and more classes trees of all of them, which share what the classes have in common.
std::optional<Object> booster_of_task(const PortfolioInput& input) {
  if (input.task == Task::regression)
    return Object{{"num_leaves", 16},        {"min_child_samples", 20}, {"linear_tree", true}, {"linear_lambda", 0.1},
                  {"colsample_bytree", 0.8}, {"subsample", 0.9},        {"subsample_freq", 1}, {"reg_lambda", 1.0}};
  if (input.task == Task::multiclass)
    return Object{{"num_leaves", 63},        {"min_child_samples", 5}, {"multi_strategy", "multi_output_tree"},
                  {"colsample_bytree", 0.8}, {"subsample", 0.9},       {"subsample_freq", 1},
                  {"reg_lambda", 1.0}};
  return std::nullopt;
}

/// Parameters of a booster without what does not go with monotone columns.
Object kept_monotone(const PortfolioInput& input, const Object& parameters) {
  Object kept;
  for (const auto& [name, value] : parameters.entries())
    if (goes_with_monotone(name)) kept.append(name, value);
  kept["monotone_constraints"] = monotone_signs(input);
  return kept;
}

}  // namespace

bool goes_with_monotone(const std::string& name) {
  return name != "growth" && name != "random_strength" && name != "linear_tree" && name != "linear_lambda";
}

std::vector<Object> first_boosters(const PortfolioInput& input) {
  constexpr std::size_t place_of_task = 2;
  std::vector<Object> all;
  for (const Object& known : known_boosters()) {
    if (all.size() == place_of_task)
      if (std::optional<Object> of_task = booster_of_task(input)) all.push_back(*std::move(of_task));
    all.push_back(known);
  }
  return all;
}

SearchSpace booster_space(const PortfolioInput& input) {
  const bool monotone = !input.monotone.empty(), vectors = input.task == Task::multiclass,
             lines = input.task == Task::regression && !monotone;
  const auto of_leaves = [&](const SearchParameter& parameter) {
    return monotone ? parameter : parameter.when("growth", "leaf_wise");
  };
  // neither trees of all classes nor linear leaves have an L1 penalty and random thresholds
  const auto of_plain_leaves = [&](const SearchParameter& parameter) {
    if (vectors) return of_leaves(parameter).when("multi_strategy", "one_output_per_tree");
    return lines ? of_leaves(parameter).when("linear_tree", false) : of_leaves(parameter);
  };
  std::vector<SearchSpace::Entry> space{
      {"num_leaves", of_leaves(Int(4, 180, {.log = true}))},
      {"min_child_samples", of_leaves(Int(1, 60, {.log = true}))},
      {"colsample_bytree", Float(0.3, 1)},
      {"subsample", Float(0.6, 1)},
      {"reg_lambda", Float(0.01, 10, {.log = true})},
      {"reg_alpha", of_plain_leaves(Float(1e-3, 2, {.log = true}))},
      {"extra_trees", of_plain_leaves(Categories({false, true}))},
      {"learning_rate", Float(0.6 * input.learning_rate, std::min(1.0, 1.4 * input.learning_rate), {.log = true})}};
  if (vectors)
    space.emplace_back("multi_strategy", of_leaves(Categories({"one_output_per_tree", "multi_output_tree"})));
  if (lines) {
    space.emplace_back("linear_tree", of_leaves(Categories({false, true})));
    space.emplace_back("linear_lambda", Float(0.01, 1, {.log = true}).when("linear_tree", true));
  }
  if (!monotone) {
    space.emplace_back("growth", Categories({"leaf_wise", "symmetric"}));
    space.emplace_back("max_depth", Int(4, 8).when("growth", "symmetric"));
    space.emplace_back("random_strength", Float(0.2, 4, {.log = true}).when("growth", "symmetric"));
  }
  return SearchSpace(std::move(space));
}

Object completed_booster(const PortfolioInput& input, const Object& configuration) {
  const Value* growth = configuration.find("growth");
  Object parameters;
  if (growth != nullptr && growth->is_text() && growth->text() == "symmetric") parameters = symmetric_booster();
  for (const auto& [name, value] : configuration.entries()) parameters[name] = value;
  if (parameters.contains("subsample") && !parameters.contains("subsample_freq")) parameters["subsample_freq"] = 1;
  if (!input.monotone.empty()) parameters = kept_monotone(input, parameters);
  if (!parameters.contains("learning_rate")) parameters["learning_rate"] = input.learning_rate;
  parameters["n_estimators"] = 10000;  // early stopping ends a fit
  return parameters;
}

}  // namespace automill
