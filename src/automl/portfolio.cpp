#include "automl/portfolio.hpp"

#include <automill/automl/train.hpp>

namespace automill {
namespace {

constexpr std::size_t most_boosters = 40;

bool listed(const std::vector<std::string>& names, const std::string& family, const std::string& learner) {
  return std::find(names.begin(), names.end(), family) != names.end() ||
         std::find(names.begin(), names.end(), learner) != names.end();
}

/// A learner of numbers behind the simple preparation: calendar parts, imputation, categories as columns, scaling.
/// Linear models gain from many categories: on 8 sets with large columns none was worse with 400 than with 100 or 200.
std::shared_ptr<const Estimator> with_simple_preparation(const std::string& learner, const Object& parameters = {}) {
  const Registry& registry = builtin_registry();
  std::vector<NamedTransformer> steps;
  const auto add = [&](const char* name, const Object& values = {}) {
    steps.push_back({name, registry.transformer(name).make(values)});
  };
  add("datetime_parts");
  add("impute");
  add("one_hot", {{"max_categories", 400}});
  add("scale");
  return std::make_shared<const Pipeline>(std::make_shared<const TransformerPipeline>(std::move(steps)), learner,
                                          registry.estimator(learner).make(parameters));
}

}  // namespace

const std::vector<std::string>& family_names() {
  static const std::vector<std::string> names{"baseline", "ridge", "logistic", "gbdt"};
  return names;
}

void check_learner_names(const std::vector<std::string>& names, const char* option, Faults& faults) {
  std::vector<std::string> known = family_names();
  known.push_back("gradient_boosting");
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      faults.add("option.unknown_choice", option, "'" + name + "' is not a learner", name_hint(name, known));
}

Portfolio::Portfolio(const PortfolioInput& input, const std::vector<std::string>& include,
                     const std::vector<std::string>& exclude)
    : input_(input) {
  const auto wanted = [&](const std::string& family, const std::string& learner) {
    return (include.empty() || listed(include, family, learner)) && !listed(exclude, family, learner);
  };
  boosters_ = wanted("gbdt", "gradient_boosting");
  // a linear model is a floor: it may not take the time of what is better on most tables
  const double linear_share = boosters_ ? 0.25 : 1.0;
  if (wanted("baseline", "baseline"))
    first_.push_back({"baseline", "baseline", builtin_registry().estimator("baseline").make({})});
  if (input.task == Task::regression) {
    if (wanted("ridge", "ridge"))
      first_.push_back({"ridge_1", "ridge", with_simple_preparation("ridge"), linear_share});
  } else if (wanted("logistic", "logistic")) {
    first_.push_back({"logistic_1", "logistic",
                      with_simple_preparation("logistic", {{"tolerance", 1e-4}, {"max_iterations", 100}}),
                      linear_share});
  }
  if (first_.empty() && !boosters_)
    throw Error("option.contradiction", "include", "no learner is left for a " + task_name(input.task) + " target",
                "known names: baseline, ridge (regression), logistic (classification), gbdt");
}

std::optional<Proposal> Portfolio::proposal(std::size_t index) const {
  if (index < first_.size()) return first_[index];
  if (!boosters_ || index - first_.size() >= most_boosters) return std::nullopt;
  return booster(index - first_.size());
}

/// Boosters: a few known-good and different ones, then random variations inside the same ranges. Each has an L2
/// penalty: without one, leaves of a rare class, whose second derivatives are near 0, make steps that diverge.
Proposal Portfolio::booster(std::size_t number) const {
  const double rate = input_.learning_rate;
  static const std::vector<Object> known{{{"num_leaves", 31},
                                          {"min_child_samples", 20},
                                          {"colsample_bytree", 0.8},
                                          {"subsample", 0.9},
                                          {"subsample_freq", 1},
                                          {"reg_lambda", 1.0}},
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
  Object parameters = number < known.size() ? known[number] : varied(number);
  if (!parameters.contains("learning_rate")) parameters["learning_rate"] = rate;
  parameters["n_estimators"] = 10000;  // early stopping ends a fit
  return {"gbdt_" + std::to_string(number + 1), "gbdt",
          builtin_registry().estimator("gradient_boosting").make(parameters)};
}

Object Portfolio::varied(std::size_t number) const {
  RandomStream random(input_.seed, purpose("booster variations"), number);
  const auto log_uniform = [&](double low, double high) {
    return low * math::exp(random.uniform() * math::log(high / low));
  };
  Object parameters{{"num_leaves", static_cast<std::int64_t>(log_uniform(4, 160))},
                    {"min_child_samples", static_cast<std::int64_t>(log_uniform(1, 60))}};
  parameters["colsample_bytree"] = 0.3 + 0.7 * random.uniform();
  parameters["subsample"] = 0.6 + 0.4 * random.uniform();
  parameters["subsample_freq"] = 1;
  parameters["reg_alpha"] = log_uniform(1e-3, 2);
  parameters["reg_lambda"] = log_uniform(1e-2, 5);
  parameters["extra_trees"] = random.uniform() < 0.5;
  parameters["learning_rate"] = input_.learning_rate * log_uniform(0.6, 1.4);
  return parameters;
}

}  // namespace automill
