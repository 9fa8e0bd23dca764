#include "automl/portfolio.hpp"

#include <automill/automl/train.hpp>

#include "automl/booster_space.hpp"
#include "automl/own_learners.hpp"
#include "automl/plan_family.hpp"

namespace automill {
namespace {

constexpr std::size_t most_boosters = 40, most_searched = 20;  // the latter of another family

/// Families that are tried where `include` names them: over the development sets they are not yet shown to add to the
/// others in the same time. A network is, at the end of the fixed order, where there is time for its whole recipe.
constexpr std::array asked_for{
    "realmlp",      "explainable_boosting", "neighbors",          "naive_bayes",         "decision_tree",
    "elastic_net",  "generalized_linear",   "linear_svm",         "linear_discriminant", "quadratic_discriminant",
    "kernel_ridge", "gaussian_process",     "quantile_regression"};

/// Families whose models can be kept monotone; a weighted mean of such models is, too, and so is its temperature.
constexpr std::array keep_monotone{"baseline", "gbdt", "explainable_boosting"};

bool listed(const std::vector<std::string>& names, const std::string& family, const std::string& learner) {
  return std::find(names.begin(), names.end(), family) != names.end() ||
         std::find(names.begin(), names.end(), learner) != names.end();
}

const std::vector<ParameterDeclaration>& declared(const std::string& family) {
  return builtin_registry().estimator(learner_of(family)).parameters;
}

bool learns(const std::string& family, Task task) {
  const EstimatorTraits traits = builtin_registry().estimator(family).make({})->traits();
  return std::find(traits.tasks.begin(), traits.tasks.end(), task) != traits.tasks.end();
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

Portfolio::Portfolio(const PortfolioInput& input, const PlanChoice& choice) : input_(input), choice_(choice) {
  const auto wanted = [&](const std::string& family) {
    const bool asked = (choice.include.empty() || listed(choice.include, family, learner_of(family))) &&
                       !listed(choice.exclude, family, learner_of(family));
    const bool able =
        input.monotone.empty() || std::find(keep_monotone.begin(), keep_monotone.end(), family) != keep_monotone.end();
    if (asked && !able) left_out_.push_back(family);
    return asked && able;
  };
  if (input.aim == PortfolioAim::readable) add_readable(wanted);
  else add_strong(wanted);
  require_learners();
  plan_searches();
  if (input.aim == PortfolioAim::strong) plan_last(wanted);
}

void Portfolio::add_strong(const Wanted& wanted) {
  const std::vector<Object> boosters = wanted("gbdt") ? first_boosters(input_) : std::vector<Object>{};
  if (wanted("baseline")) add("baseline", {});
  const char* linear = input_.task == Task::regression ? "ridge" : "logistic";
  // a linear model is a floor: it may not take the time of what is better on most tables, but for text
  if (wanted(linear)) add_linear(linear, !boosters.empty() && input_.text_columns == 0 ? 0.25 : 1.0);
  const auto add_booster = [&](std::size_t number) {
    if (number < boosters.size()) add("gbdt", completed_booster(input_, boosters[number]));
  };
  add_booster(0);
  add_own_learners();
  if (wanted("random_forest")) add("random_forest", plan_parameters(input_, "random_forest"));
  add_booster(1);
  if (wanted("extra_trees")) add("extra_trees", plan_parameters(input_, "extra_trees"));
  for (const char* family : asked_for)
    if (listed(choice_.include, family, family) && wanted(family) && learns(family, input_.task))
      for (std::size_t view = 0; view < (is_linear(family) ? views_of_linear(input_) : 1); ++view)
        add(family, plan_parameters(input_, family));
  for (std::size_t number = 2; number < boosters.size(); ++number) add_booster(number);
  if (choice_.include.empty() && has_time_for_network(input_) && wanted("realmlp"))
    add("realmlp", plan_parameters(input_, "realmlp"));
}

/// One for each view of the text; the first one's share of the time.
void Portfolio::add_linear(const std::string& family, double time_share) {
  const std::size_t first = first_.size();
  for (std::size_t view = 0; view < views_of_linear(input_); ++view) add(family, plan_parameters(input_, family));
  first_[first].time_share = time_share;
}

/// Behind the first booster: by then there is a good model, whatever they do, and a short limit has time for them
/// still. Together they may take about half of it.
void Portfolio::add_own_learners() {
  const std::vector<NamedEstimator> named = named_own_learners(choice_.learners);
  const bool text = input_.text_columns + input_.string_columns > 0;
  for (std::size_t i = 0; i < named.size(); ++i)
    first_.push_back({.name = named[i].name,
                      .family = own_family,
                      .parameters = named[i].estimator->parameters(),
                      .estimator = learner_of_given_columns(named[i], text),
                      .time_share = 0.5 / static_cast<double>(named.size() - i)});
}

/// In the order of what they cost. Bags come in groups of eight, which cost the same as one.
void Portfolio::add_readable(const Wanted& wanted) {
  if (wanted("baseline")) add("baseline", {});
  const char* linear = input_.task == Task::regression ? "ridge" : "logistic";
  if (wanted(linear)) add_linear(linear, input_.text_columns == 0 ? 0.25 : 0.5);
  if (wanted("decision_tree"))
    for (const std::int64_t leaves : {16, 64}) {
      add("decision_tree", {{"max_leaf_nodes", leaves}});
      first_.back().time_share = 0.25;
    }
  if (!wanted("explainable_boosting")) return;
  const auto add_additive = [&](const Object& own) {
    Object parameters = plan_parameters(input_, "explainable_boosting");
    parameters["outer_bags"] = 8;
    add("explainable_boosting", of_configuration("explainable_boosting", parameters, own));
  };
  add_additive({{"interactions", 0}});
  if (input_.task == Task::multiclass) {  // no pairs of columns for three and more classes
    add_additive({{"interactions", 0}, {"max_leaves", 3}, {"learning_rate", 0.04}});
    add_additive({{"interactions", 0}, {"outer_bags", 16}, {"min_samples_leaf", 10}});
    return;
  }
  add_additive({});
  add_additive({{"max_leaves", 3}});
  add_additive({{"outer_bags", 16}, {"max_interaction_bins", 64}, {"min_samples_leaf", 2}});
  add_additive({{"interactions", 0}, {"max_leaves", 3}, {"outer_bags", 16}});
}

void Portfolio::require_learners() const {
  if (!first_.empty()) return;
  if (!left_out_.empty())
    throw Error("option.contradiction", "monotone", "no learner is left that can keep it",
                "include gbdt or explainable_boosting");
  throw Error("option.contradiction", "include", "no learner is left for a " + task_name(input_.task) + " target",
              input_.aim == PortfolioAim::readable
                  ? "glass_box has: baseline, ridge (regression), logistic (classification), decision_tree, "
                    "explainable_boosting"
                  : "known names: baseline, ridge (regression), logistic (classification), gbdt, random_forest, "
                    "extra_trees, realmlp, explainable_boosting, neighbors, naive_bayes (classification), "
                    "decision_tree, elastic_net, generalized_linear (regression), kernel_ridge, gaussian_process, "
                    "quantile_regression (regression), linear_svm, linear_discriminant and "
                    "quadratic_discriminant (classification)");
}

/// Boosters are searched always, other families where the user says among what.
void Portfolio::plan_searches() {
  if (planned("gbdt") > 0) searches_.push_back({"gbdt", space_of("gbdt"), most_boosters});
  for (const auto& [family, given] : choice_.search_space) {
    if (planned(family) == 0)
      throw Error("option.contradiction", "search_space", "'" + family + "' is not in the plan of this run",
                  "name it in include, or leave it out of search_space");
    for (const auto& entry : given.parameters())
      if (family == "gbdt" && !input_.monotone.empty() && !goes_with_monotone(entry.first))
        throw Error("option.contradiction", "search_space", "gbdt." + entry.first + " cannot be kept monotone",
                    "leave it out, or leave monotone out");
    if (family != "gbdt") searches_.push_back({family, given, most_searched});
  }
}

/// A network with its whole recipe, where a part of the time was not enough for one: small tables are done with their
/// boosters long before the end.
void Portfolio::plan_last(const Wanted& wanted) {
  const bool possible = choice_.include.empty() && input_.monotone.empty() && input_.time.seconds;
  if (!possible || planned("realmlp") > 0 || !wanted("realmlp")) return;
  last_.push_back(proposal_of(input_, "realmlp", 0, {}));
  last_.back().time_share = 1;
}

SearchSpace Portfolio::space_of(const std::string& family) const {
  const auto given = choice_.search_space.find(family);
  if (family != "gbdt") return given->second;
  return given == choice_.search_space.end() ? booster_space(input_)
                                             : merged_space(booster_space(input_), given->second);
}

/// Another candidate of the fixed order; inside the user's space, where there is one.
void Portfolio::add(const std::string& family, Object parameters) {
  if (choice_.search_space.contains(family))
    parameters =
        of_configuration(family, parameters, nearest_configuration(space_of(family), parameters, declared(family)));
  first_.push_back(proposal_of(input_, family, planned(family), parameters));
}

/// Candidates of the family in the fixed order.
std::size_t Portfolio::planned(const std::string& family) const {
  return static_cast<std::size_t>(
      std::count_if(first_.begin(), first_.end(), [&](const Proposal& each) { return each.family == family; }));
}

std::optional<Proposal> Portfolio::proposal(std::size_t index, std::span<const SeenTrial> seen) const {
  if (index < first_.size()) return first_[index];
  for (std::size_t turn = 0; turn < searches_.size(); ++turn) {
    const FamilySearch& search = searches_[(index + turn) % searches_.size()];
    const auto number = static_cast<std::size_t>(
        std::count_if(seen.begin(), seen.end(), [&](const SeenTrial& each) { return each.family == search.family; }));
    if (number >= search.most) continue;
    const std::optional<Object> found =
        searched_configuration(search.space, seen, search.family, declared(search.family), input_.seed, number);
    if (!found) continue;
    const Object start = search.family == "gbdt" ? Object{} : plan_parameters(input_, search.family);
    return proposal_of(input_, search.family, number, of_configuration(search.family, start, *found));
  }
  for (const Proposal& each : last_)
    if (std::none_of(seen.begin(), seen.end(), [&](const SeenTrial& trial) { return trial.family == each.family; }))
      return each;
  return std::nullopt;
}

std::vector<std::pair<std::string, std::int64_t>> Portfolio::searched_families() const {
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (const FamilySearch& search : searches_)
    all.emplace_back(search.family, static_cast<std::int64_t>(search.most) -
                                        static_cast<std::int64_t>(std::min(search.most, planned(search.family))));
  return all;
}

std::optional<Proposal> Portfolio::shorter(const Proposal& proposal, double factor) const {
  if (choice_.search_space.contains(proposal.family)) return std::nullopt;  // the user says among what
  return shortened(input_, proposal, factor);
}

/// What the search chose, and what goes with it.
Object Portfolio::of_configuration(const std::string& family, const Object& start, const Object& configuration) const {
  if (family == "gbdt") return completed_booster(input_, configuration);
  Object parameters = start;
  for (const auto& [name, value] : configuration.entries()) parameters[name] = value;
  return parameters;
}

}  // namespace automill
