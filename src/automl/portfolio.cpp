#include "automl/portfolio.hpp"

#include <automill/automl/train.hpp>

namespace automill {
namespace {

constexpr std::size_t most_boosters = 40;
constexpr std::size_t forest_trees = 400, fewest_trees = 50, most_trees = 150;  // of all folds together; of one
constexpr double seconds_per_forest_operation = 1.5e-9;
constexpr double symmetric_share = 0.35;   // of the random variations
constexpr double task_share = 0.3;         // of the other variations: as booster_of_task
constexpr int text_features = 20000;       // words, and characters, of each text column, for linear learners
constexpr double forest_leaves = 500'000;  // of all folds together: about 25 MB

/// Families that are tried where `include` names them: over the development sets they are not yet shown to add to the
/// others in the same time.
constexpr std::array asked_for{"realmlp", "explainable_boosting", "neighbors", "naive_bayes"};

/// Families whose models can be kept monotone; a weighted mean of such models is, too, and so is its temperature.
constexpr std::array keep_monotone{"baseline", "gbdt", "explainable_boosting"};

bool listed(const std::vector<std::string>& names, const std::string& family, const std::string& learner) {
  return std::find(names.begin(), names.end(), family) != names.end() ||
         std::find(names.begin(), names.end(), learner) != names.end();
}

/// A learner of numbers behind the simple preparation: calendar parts, imputation, categories as columns, scaling, and
/// n-grams of text. Linear models gain from many categories: on 8 sets with large columns none was worse with 400 than
/// with 100 or 200.
std::shared_ptr<const Estimator> with_simple_preparation(const std::string& learner, const std::optional<Object>& text,
                                                         const Object& parameters = {}) {
  const Registry& registry = builtin_registry();
  std::vector<NamedTransformer> steps;
  const auto add = [&](const char* name, const Object& values = {}) {
    steps.push_back({name, registry.transformer(name).make(values)});
  };
  add("datetime_parts");
  add("impute");
  add("one_hot", {{"max_categories", 400}});
  add("scale");
  if (text) add("tf_idf", *text);
  return std::make_shared<const Pipeline>(std::make_shared<const TransformerPipeline>(std::move(steps)), learner,
                                          registry.estimator(learner).make(parameters));
}

/// Parameters of tf_idf, one for each linear model; null: there is no text. Words alone are a matter of a moment, and
/// enough for strings that repeat; of free text with characters a model is better on all development sets, and with
/// log-count ratios it errs elsewhere.
std::vector<std::optional<Object>> views_of_text(const PortfolioInput& input) {
  const std::size_t columns = input.text_columns + input.string_columns;
  if (columns == 0) return {std::nullopt};
  const auto most = std::min(text_features, 2 * text_features / static_cast<int>(columns));
  const Object words{{"max_features", std::max(most, 100)}, {"selection", "target"}};
  Object characters = words, ratios = words;
  characters["char_ngrams"] = 5;
  ratios["char_ngrams"] = 4;
  ratios["naive_bayes"] = true;
  if (input.text_columns == 0) return {words};
  if (input.task == Task::regression) return {words, characters};
  return {words, characters, ratios};
}

/// Symmetric trees with the defaults of CatBoost.
Object symmetric_booster() {
  return {{"growth", "symmetric"}, {"max_depth", 6},      {"min_child_samples", 1}, {"min_child_weight", 0.0},
          {"subsample", 0.8},      {"subsample_freq", 1}, {"reg_lambda", 3.0},      {"max_cat_to_onehot", 16}};
}

/// Known-good and different ones. Each has an L2 penalty: without one, leaves of a rare class, whose second derivatives
/// are near 0, make steps that diverge.
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

/// Parameters of a booster without what does not go with monotone columns: symmetric trees and linear leaves.
Object kept_monotone(const Object& parameters, const Object& constraints) {
  Object kept;
  for (const auto& [name, value] : parameters.entries())
    if (name != "growth" && name != "random_strength" && name != "linear_tree" && name != "linear_lambda")
      kept.append(name, value);
  kept["monotone_constraints"] = constraints;
  return kept;
}

}  // namespace

const std::vector<std::string>& family_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"baseline", "ridge", "logistic", "gbdt", "random_forest", "extra_trees"};
    all.insert(all.end(), asked_for.begin(), asked_for.end());
    return all;
  }();
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
    const bool asked = (include.empty() || listed(include, family, learner)) && !listed(exclude, family, learner);
    const bool able =
        input.monotone.empty() || std::find(keep_monotone.begin(), keep_monotone.end(), family) != keep_monotone.end();
    if (asked && !able) left_out_.push_back(family);
    return asked && able;
  };
  boosters_ = wanted("gbdt", "gradient_boosting");
  if (wanted("baseline", "baseline"))
    first_.push_back({"baseline", "baseline", builtin_registry().estimator("baseline").make({})});
  const char* linear = input.task == Task::regression ? "ridge" : "logistic";
  // a linear model is a floor: it may not take the time of what is better on most tables, but for text
  if (wanted(linear, linear)) add_linear(boosters_ && input.text_columns == 0 ? 0.25 : 1.0);
  const auto add_booster = [&] {
    if (boosters_) first_.push_back(booster(first_boosters_++));
  };
  add_booster();
  if (wanted("random_forest", "random_forest")) add_forest("random_forest");
  add_booster();
  if (wanted("extra_trees", "extra_trees")) add_forest("extra_trees");
  for (const char* learner : asked_for)
    if (listed(include, learner, learner) && wanted(learner, learner)) add_asked_for(learner);
  if (first_.empty() && !left_out_.empty())
    throw Error("option.contradiction", "monotone", "no learner is left that can keep it",
                "include gbdt or explainable_boosting");
  if (first_.empty())
    throw Error("option.contradiction", "include", "no learner is left for a " + task_name(input.task) + " target",
                "known names: baseline, ridge (regression), logistic (classification), gbdt, random_forest, "
                "extra_trees, realmlp, explainable_boosting, neighbors, naive_bayes (classification)");
}

/// Text becomes numbers, as the family (trees or neural) likes them; everything else is taken as it is.
std::shared_ptr<const Estimator> Portfolio::of_raw_columns(const char* family, const std::string& learner,
                                                           const Object& parameters) const {
  const Registry& registry = builtin_registry();
  std::shared_ptr<const Estimator> last = registry.estimator(learner).make(parameters);
  if (input_.text_columns + input_.string_columns == 0) return last;
  // columns that are kept monotone stay as they are
  const bool plain = !input_.monotone.empty();
  const std::string name = plain ? "drop" : "table_preparer";
  std::shared_ptr<const Transformer> preparer = registry.transformer(name).make(
      plain ? Object{{"kinds", "text"}} : Object{{"for_family", family}, {"generate", false}});
  return std::make_shared<const Pipeline>(
      std::make_shared<const TransformerPipeline>(std::vector<NamedTransformer>{{name, std::move(preparer)}}), learner,
      std::move(last));
}

void Portfolio::add_linear(double time_share) {
  const bool regression = input_.task == Task::regression;
  const std::string learner = regression ? "ridge" : "logistic";
  const Object solver = regression ? Object{} : Object{{"tolerance", 1e-4}, {"max_iterations", 100}};
  std::size_t number = 0;
  for (const auto& text : views_of_text(input_)) {
    first_.push_back({learner + "_" + std::to_string(number + 1), learner,
                      with_simple_preparation(learner, text, solver), number == 0 ? time_share : 0.5});
    ++number;
  }
}

/// With its defaults, a network with the epochs that there is time for; learners of another task are left out.
void Portfolio::add_asked_for(const std::string& learner) {
  const EstimatorTraits traits = builtin_registry().estimator(learner).make({})->traits();
  if (std::find(traits.tasks.begin(), traits.tasks.end(), input_.task) == traits.tasks.end()) return;
  const bool network = learner == "realmlp";
  Object parameters = network ? epochs_in_time() : Object{};
  if (!input_.monotone.empty()) parameters["monotone_constraints"] = monotone_constraints();
  first_.push_back({learner + "_1", learner, of_raw_columns(network ? "neural" : "trees", learner, parameters), 0.5});
}

/// As many as a part of the time allows, of 24 to those of the recipe.
Object Portfolio::epochs_in_time() const {
  constexpr double share = 0.3, seconds_per_operation = 1.2e-11, fewest_epochs = 24, most_epochs = 256;
  double epochs = most_epochs;
  if (input_.time.seconds) {
    DataShape fold = input_.shape;
    fold.rows -= fold.rows / std::max<std::size_t>(1, input_.folds);
    const double operations = builtin_registry().estimator("realmlp").make({{"n_epochs", 1}})->cost(fold).operations;
    const double waves = std::ceil(static_cast<double>(input_.folds) / input_.time.threads);
    epochs = share * *input_.time.seconds / (waves * operations * seconds_per_operation);
  }
  if (epochs >= most_epochs) return {};
  return Object{{"n_epochs", static_cast<std::int64_t>(std::max(epochs, fewest_epochs))}};
}

/// The forests of all folds are averaged: together they have the trees of one good forest. Leaves are limited so that
/// the model stays small where there are many rows.
void Portfolio::add_forest(const std::string& learner) {
  const std::size_t trees = std::clamp(forest_trees / input_.folds, fewest_trees, most_trees);
  const double leaves = forest_leaves / static_cast<double>(trees * input_.folds);
  const double rows_of_a_leaf = static_cast<double>(input_.shape.rows) * 0.6 / leaves;
  Object parameters{{"n_estimators", static_cast<std::int64_t>(trees)},
                    {"min_samples_leaf", static_cast<std::int64_t>(std::max(1.0, std::round(rows_of_a_leaf)))}};
  if (input_.task == Task::regression) parameters["max_features"] = 0.6;
  else parameters["prior_weight"] = 1.0;
  first_.push_back(
      {learner + "_1", learner, of_raw_columns("trees", learner, parameters), 0.25, seconds_per_forest_operation});
}

std::optional<Proposal> Portfolio::proposal(std::size_t index) const {
  if (index < first_.size()) return first_[index];
  const std::size_t number = index - first_.size() + first_boosters_;
  if (!boosters_ || number >= most_boosters) return std::nullopt;
  return booster(number);
}

Object Portfolio::monotone_constraints() const {
  Object signs;
  for (const auto& [column, sign] : input_.monotone) signs[column] = static_cast<std::int64_t>(sign);
  return signs;
}

/// Boosters: known-good and different ones, then random variations inside the same ranges.
Proposal Portfolio::booster(std::size_t number) const {
  const double rate = input_.learning_rate;
  constexpr std::size_t place_of_task = 2;
  const std::vector<Object>& known = known_boosters();
  const std::optional<Object> of_task = booster_of_task(input_);
  const std::size_t other = of_task && number > place_of_task ? number - 1 : number;
  Object parameters = of_task && number == place_of_task ? *of_task
                      : other < known.size()             ? known[other]
                                                         : varied(number);
  if (!input_.monotone.empty()) parameters = kept_monotone(parameters, monotone_constraints());
  if (!parameters.contains("learning_rate")) parameters["learning_rate"] = rate;
  parameters["n_estimators"] = 10000;  // early stopping ends a fit
  // the first one may take all the time that it needs; what adds to it only some
  return {"gbdt_" + std::to_string(number + 1), "gbdt", of_raw_columns("trees", "gradient_boosting", parameters),
          number == 0 ? 1.0 : 0.5};
}

Object Portfolio::varied(std::size_t number) const {
  RandomStream random(input_.seed, purpose("booster variations"), number);
  const auto log_uniform = [&](double low, double high) {
    return low * math::exp(random.uniform() * math::log(high / low));
  };
  if (random.uniform() < symmetric_share) {
    Object parameters = symmetric_booster();
    parameters["max_depth"] = static_cast<std::int64_t>(4 + random.below(5));
    parameters["subsample"] = 0.6 + 0.4 * random.uniform();
    parameters["colsample_bytree"] = 0.4 + 0.6 * random.uniform();
    parameters["reg_lambda"] = log_uniform(0.5, 10);
    parameters["random_strength"] = log_uniform(0.2, 4);
    parameters["max_cat_to_onehot"] = static_cast<std::int64_t>(4 + 12 * random.below(2));
    parameters["learning_rate"] = input_.learning_rate * log_uniform(0.6, 1.4);
    return parameters;
  }
  Object parameters{{"num_leaves", static_cast<std::int64_t>(log_uniform(4, 160))},
                    {"min_child_samples", static_cast<std::int64_t>(log_uniform(1, 60))}};
  const bool of_task = random.uniform() < task_share;
  parameters["colsample_bytree"] = 0.3 + 0.7 * random.uniform();
  parameters["subsample"] = 0.6 + 0.4 * random.uniform();
  parameters["subsample_freq"] = 1;
  parameters["reg_lambda"] = log_uniform(1e-2, 5);
  parameters["learning_rate"] = input_.learning_rate * log_uniform(0.6, 1.4);
  if (of_task && input_.task == Task::regression) {
    parameters["num_leaves"] = static_cast<std::int64_t>(log_uniform(4, 64));
    parameters["linear_tree"] = true;
    parameters["linear_lambda"] = log_uniform(1e-2, 1);
    return parameters;
  }
  if (of_task && input_.task == Task::multiclass) {
    parameters["multi_strategy"] = "multi_output_tree";
    return parameters;
  }
  parameters["reg_alpha"] = log_uniform(1e-3, 2);
  parameters["extra_trees"] = random.uniform() < 0.5;
  return parameters;
}

}  // namespace automill
