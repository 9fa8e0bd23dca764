#include "automl/own_learners.hpp"

#include <automill/automl/train.hpp>

#include "automl/portfolio.hpp"

namespace automill {
namespace {

bool has_component(const std::string& name) {
  const auto known = builtin_registry().estimator_names();
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// A name that the plan may give to a candidate of its own.
bool is_of_plan(const std::string& name) {
  if (name == "baseline" || name == "student") return true;
  const auto end = name.find_last_not_of("0123456789");
  if (end == std::string::npos || end + 1 == name.size() || name[end] != '_') return false;
  const auto& families = family_names();
  return std::find(families.begin(), families.end(), name.substr(0, end)) != families.end();
}

std::string place_of(std::size_t number) { return "learners[" + std::to_string(number) + "]"; }

/// What a user's class says of itself is asked before anything is fitted: later nothing would be left of the run.
bool check_own_learner(const NamedEstimator& own, const std::string& place, Faults& faults) {
  if (own.estimator == nullptr) {
    faults.add("option.invalid", place, "there is no estimator", "give an Estimator, for example Ridge{}");
    return false;
  }
  try {
    own.estimator->name();
    own.estimator->traits();
    own.estimator->parameters();
    own.estimator->structure();
  } catch (const std::exception& problem) {
    faults.add("option.invalid", place, std::string("it cannot say what it is: ") + problem.what(),
               "name, traits, parameters and structure of an Estimator must not throw");
    return false;
  }
  return true;
}

std::shared_ptr<const Estimator> behind(std::shared_ptr<const TransformerPipeline> steps, const NamedEstimator& own) {
  return std::make_shared<const Pipeline>(std::move(steps), own.estimator->name(), own.estimator);
}

/// The steps before an own learner in a recipe.
std::shared_ptr<const TransformerPipeline> preparer_of(const Value& structure) {
  return std::dynamic_pointer_cast<const TransformerPipeline>(
      make_transformer(structure.at("transformers"), builtin_registry()));
}

}  // namespace

std::vector<NamedEstimator> named_own_learners(const std::vector<NamedEstimator>& learners) {
  std::map<std::string, int> count;
  std::vector<NamedEstimator> named;
  for (const NamedEstimator& own : learners) {
    const std::string type = own.estimator->name();
    named.push_back(own);
    if (own.name.empty() || own.name == type) named.back().name = "own_" + type + "_" + std::to_string(++count[type]);
  }
  return named;
}

void check_own_learners(const TrainOptions& options, Faults& faults) {
  if (options.learners.empty()) return;
  bool known = true;
  for (std::size_t i = 0; i < options.learners.size(); ++i)
    known = check_own_learner(options.learners[i], place_of(i), faults) && known;
  if (options.preset == "glass_box")
    faults.add("option.contradiction", "learners",
               "glass_box gives a model that can be read, which nobody knows of own "
               "learners",
               "leave one of them out");
  if (!options.monotone.empty())
    faults.add("option.contradiction", "learners", "nobody knows whether own learners keep what monotone promises",
               "leave one of them out");
  if (!known) return;
  const std::vector<NamedEstimator> named = named_own_learners(options.learners);
  for (std::size_t i = 0; i < named.size(); ++i) {
    const std::string& name = named[i].name;
    const bool twice = std::any_of(named.begin(), named.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const NamedEstimator& other) { return other.name == name; });
    if (twice || is_of_plan(name))
      faults.add("option.invalid", place_of(i),
                 "'" + name + "' is the name of another " + (twice ? "own learner" : "candidate of the plan"),
                 "give each a name of its own");
    if (name.find('.') != std::string::npos)
      faults.add("option.invalid", place_of(i), "the name '" + name + "' has a point in it",
                 "points are for the fold models of a member");
  }
}

std::shared_ptr<const Estimator> learner_of_given_columns(const NamedEstimator& own, bool text) {
  if (dynamic_cast<const Pipeline*>(own.estimator.get()) != nullptr) return own.estimator;
  const EstimatorTraits traits = own.estimator->traits();
  const bool raw = traits.categories && traits.missing;
  if (raw && (!text || traits.text)) return own.estimator;
  // n-grams are thousands of sparse columns, which AutoMill's linear learners alone expect
  const bool dense = text && !has_component(own.estimator->name());
  const std::string family = raw ? "trees" : dense ? "neural" : "linear", preparer = "table_preparer";
  std::vector<NamedTransformer> steps{
      {preparer, builtin_registry().transformer(preparer).make({{"for_family", family}, {"generate", false}})}};
  return behind(std::make_shared<const TransformerPipeline>(std::move(steps)), own);
}

bool is_registered(const Estimator& estimator) {
  try {
    make_estimator(estimator.structure(), builtin_registry());
    return true;
  } catch (const Error&) {
    return false;
  }
}

Array record_learners(const std::vector<NamedEstimator>& learners) {
  Array all;
  for (const NamedEstimator& own : named_own_learners(learners))
    all.push_back(Object{{"name", own.name}, {"structure", own.estimator->structure()}});
  return all;
}

std::shared_ptr<const Estimator> estimator_of_recipe(const Value& member, const std::vector<NamedEstimator>& learners) {
  const std::string& name = member.at("name").text();
  const Value& structure = member.at("structure");
  try {
    return make_estimator(structure, builtin_registry());
  } catch (const Error& problem) {
    if (problem.code() != "registry.unknown") throw;
    for (const NamedEstimator& own : named_own_learners(learners)) {
      if (own.name != name) continue;
      const bool alone = structure == own.estimator->structure();
      return alone ? own.estimator : behind(preparer_of(structure), own);
    }
    throw Error("recipe.own_learner", name,
                "it is an own learner, '" + problem.faults().front().place + "', which is not known here",
                "give it in learners, or go on with model.without(\"" + name + "\")");
  }
}

}  // namespace automill
