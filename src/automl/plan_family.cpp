#include "automl/plan_family.hpp"

#include <automill/automl/train.hpp>

#include "automl/raw_columns.hpp"

namespace automill {
namespace {

constexpr std::size_t forest_trees = 400, fewest_trees = 50, most_trees = 150;  // of all folds together; of one
constexpr double seconds_per_forest_operation = 1.5e-9, seconds_per_network_operation = 1.2e-11;
constexpr double epochs_of_recipe = 256;
constexpr int text_features = 20000;       // words, and characters, of each text column, for linear learners
constexpr double forest_leaves = 500'000;  // of all folds together: about 25 MB

/// A learner of numbers behind the simple preparation: calendar parts, imputation, categories as columns, scaling, and
/// n-grams of text. Linear models gain from many categories: on 8 sets with large columns none was worse with 400 than
/// with 100 or 200.
std::shared_ptr<const Estimator> with_simple_preparation(const std::string& learner, const std::optional<Object>& text,
                                                         const Object& parameters, int categories = 400) {
  const Registry& registry = builtin_registry();
  std::vector<NamedTransformer> steps;
  const auto add = [&](const char* name, const Object& values = {}) {
    steps.push_back({name, registry.transformer(name).make(values)});
  };
  add("datetime_parts");
  add("impute");
  add("one_hot", {{"max_categories", categories}});
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

/// Epochs that a part of the time allows, where it is limited.
std::optional<double> epochs_in_time(const PortfolioInput& input) {
  constexpr double share = 0.4;
  if (!input.time.seconds) return std::nullopt;
  DataShape fold = input.shape;
  fold.rows -= fold.rows / std::max<std::size_t>(1, input.folds);
  const double operations = builtin_registry().estimator("realmlp").make({{"n_epochs", 1}})->cost(fold).operations;
  const double waves = std::ceil(static_cast<double>(input.folds) / input.time.threads);
  return share * *input.time.seconds / (waves * operations * seconds_per_network_operation);
}

/// As many epochs as there is time for, of 24 to those of the recipe.
Object network_parameters(const PortfolioInput& input) {
  constexpr double fewest_epochs = 24;
  const std::optional<double> epochs = epochs_in_time(input);
  if (!epochs || *epochs >= epochs_of_recipe) return {};
  return Object{{"n_epochs", static_cast<std::int64_t>(std::max(*epochs, fewest_epochs))}};
}

/// The forests of all folds are averaged: together they have the trees of one good forest. Leaves are limited so that
/// the model stays small where there are many rows.
Object forest_parameters(const PortfolioInput& input) {
  const std::size_t trees = std::clamp(forest_trees / input.folds, fewest_trees, most_trees);
  const double leaves = forest_leaves / static_cast<double>(trees * input.folds);
  const double rows_of_a_leaf = static_cast<double>(input.shape.rows) * 0.6 / leaves;
  Object parameters{{"n_estimators", static_cast<std::int64_t>(trees)},
                    {"min_samples_leaf", static_cast<std::int64_t>(std::max(1.0, std::round(rows_of_a_leaf)))}};
  if (input.task == Task::regression) parameters["max_features"] = 0.6;
  else parameters["prior_weight"] = 1.0;
  return parameters;
}

bool is_dense(const std::string& family) {
  return family == "linear_discriminant" || family == "quadratic_discriminant" || family == "kernel_ridge" ||
         family == "gaussian_process" || family == "quantile_regression";
}
bool is_forest(const std::string& family) { return family == "random_forest" || family == "extra_trees"; }

std::shared_ptr<const Estimator> estimator_of(const PortfolioInput& input, const std::string& family,
                                              std::size_t number, const Object& parameters) {
  const std::string learner = learner_of(family);
  const auto views = views_of_text(input);
  if (is_dense(family)) {  // every column counts in every row: the categories and words that occur most
    std::optional<Object> text = views.front();
    if (text) (*text)["max_features"] = 200;
    return with_simple_preparation(learner, text, parameters, 50);
  }
  if (family == "baseline") return builtin_registry().estimator(learner).make(parameters);
  if (!is_linear(family))
    return learner_of_raw_columns({.family = family == "realmlp" ? "neural" : "trees",
                                   .text = input.text_columns + input.string_columns > 0,
                                   .monotone = !input.monotone.empty()},
                                  learner, parameters);
  return with_simple_preparation(learner, views[number % views.size()], parameters);
}

int complexity_to_read(const PortfolioInput& input, const std::string& family, const Object& parameters) {
  if (family == "decision_tree") return tree_complexity;
  if (family != "explainable_boosting") return linear_complexity;
  const Value* pairs = parameters.find("interactions");
  const bool none = pairs != nullptr && pairs->is_integer() && pairs->integer() == 0;
  return none || input.task == Task::multiclass ? columns_complexity : pairs_complexity;
}

}  // namespace

bool is_linear(const std::string& family) {
  constexpr std::array linear{"ridge", "logistic", "elastic_net", "generalized_linear", "linear_svm"};
  return std::find(linear.begin(), linear.end(), family) != linear.end();
}

std::string learner_of(const std::string& family) { return family == "gbdt" ? "gradient_boosting" : family; }

std::size_t views_of_linear(const PortfolioInput& input) { return views_of_text(input).size(); }

bool has_time_for_network(const PortfolioInput& input) {
  const std::optional<double> epochs = epochs_in_time(input);
  return epochs && *epochs >= epochs_of_recipe;
}

Object plan_parameters(const PortfolioInput& input, const std::string& family) {
  if (family == "logistic") return {{"tolerance", 1e-4}, {"max_iterations", 100}};
  if (is_forest(family)) return forest_parameters(input);
  Object parameters = family == "realmlp" ? network_parameters(input) : Object{};
  if (family == "explainable_boosting" && !input.monotone.empty())
    parameters["monotone_constraints"] = monotone_signs(input);
  return parameters;
}

Object monotone_signs(const PortfolioInput& input) {
  Object signs;
  for (const auto& [column, sign] : input.monotone) signs[column] = static_cast<std::int64_t>(sign);
  return signs;
}

Proposal proposal_of(const PortfolioInput& input, const std::string& family, std::size_t number,
                     const Object& parameters) {
  Proposal proposal{.name = family == "baseline" ? family : family + "_" + std::to_string(number + 1),
                    .family = family,
                    .parameters = parameters,
                    .estimator = estimator_of(input, family, number, parameters)};
  proposal.complexity = complexity_to_read(input, family, parameters);
  // the first booster may take all the time that it needs, what adds to it only some
  if (family != "baseline" && (family != "gbdt" || number > 0)) proposal.time_share = 0.5;
  if (is_forest(family)) {
    proposal.time_share = 0.25;
    proposal.seconds_per_operation = seconds_per_forest_operation;
  }
  if (family == "realmlp") {
    proposal.time_share = 0.8;  // its epochs are what a part of the time allows
    proposal.seconds_per_operation = seconds_per_network_operation;
  }
  return proposal;
}

double usual_seconds(const Proposal& proposal, double operations) {
  static const std::map<std::string, double> seconds_per_operation{
      {"gbdt", 3.3e-11}, {"ridge", 2.4e-10}, {"logistic", 3.5e-10}};
  if (proposal.seconds_per_operation > 0) return proposal.seconds_per_operation * operations;
  const auto known = seconds_per_operation.find(proposal.family);
  double seconds = operations * (known != seconds_per_operation.end() ? known->second : 1e-9);
  if (proposal.family == "gbdt") seconds *= 0.05 / proposal.parameters.find("learning_rate")->number();  // rounds
  return seconds;
}

std::optional<Proposal> shortened(const PortfolioInput& input, const Proposal& proposal, double factor) {
  constexpr double largest_step = 0.3, largest_factor = 4;
  if (factor > largest_factor) return std::nullopt;
  if (factor <= 1) return proposal;
  Object parameters = proposal.parameters;
  std::string words;
  if (proposal.family == "gbdt") {
    const double step = parameters["learning_rate"].number(), larger = std::ceil(step * factor * 1e3) / 1e3;
    if (larger > largest_step) return std::nullopt;
    parameters["learning_rate"] = larger;
    words = "learning_rate " + param_detail::number_text(larger) + " instead of " + param_detail::number_text(step);
  } else if (is_forest(proposal.family)) {
    const std::int64_t trees = parameters["n_estimators"].integer();
    const auto fewer = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(trees) / factor));
    parameters["n_estimators"] = fewer;
    words = std::to_string(fewer) + " trees instead of " + std::to_string(trees);
  } else {
    return std::nullopt;
  }
  Proposal shorter = proposal;
  shorter.parameters = parameters;
  shorter.estimator = estimator_of(input, proposal.family, 0, parameters);
  shorter.shortened = words + ": the time was short";
  return shorter;
}

}  // namespace automill
