#include "automl/tuned_space.hpp"

#include "search/parameter_values.hpp"

namespace automill {
namespace {

using SearchKind = SearchParameter::Kind;
using search::accepted_value;
using search::same_value;

constexpr const char* no_step = "none";

bool is_range(const SearchParameter& parameter) {
  return parameter.kind == SearchKind::number || parameter.kind == SearchKind::integer;
}

/// Notes the faults of what the body refuses, at this place.
template <class Body>
void note_faults(const std::string& place, Faults& faults, const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    for (const Fault& fault : error.faults()) faults.add(fault.code, place, fault.message, fault.hint);
  }
}

/// The structure of a component with some of its parameters changed.
Value changed(const Value& structure, bool transformer, const Object& values, const Registry& registry) {
  if (transformer) return make_transformer(structure, registry)->with_parameters(values)->structure();
  return make_estimator(structure, registry)->with_parameters(values)->structure();
}

/// What stands where there is no step: columns pass.
Value empty_step() { return TransformerPipeline(std::vector<NamedTransformer>{}).structure(); }

/// The component that a choice describes: null or "none", a type name, or a structure.
Value structure_of_choice(const Value& choice, const Step& step, const Registry& registry) {
  const bool none = choice.is_null() || (choice.is_text() && choice.text() == no_step);
  if (none && step.transformer) return empty_step();
  if (choice.is_text() && !none)
    return changed(Object{{"type", choice.text()}, {"parameters", Object{}}}, step.transformer, {}, registry);
  if (choice.is_object() && choice.object().contains("type") && choice.at("type").is_text())
    return changed(choice, step.transformer, {}, registry);
  throw Error("search.value", step.path,
              param_detail::value_text(choice) + " describes no " + (step.transformer ? "transformer" : "learner"),
              step.transformer ? "give type names, what structure() gives, or null for no step"
                               : "give type names, or what structure() gives");
}

std::string label_of_choice(const Value& structure) {
  return structure == empty_step() ? no_step : structure.at("type").text();
}

}  // namespace

TunedSpace::TunedSpace(const Estimator& estimator, std::vector<SearchSpace::Entry> given, std::vector<Object> forbidden,
                       bool declared, const Registry& registry)
    : estimator_(estimator), registry_(registry), given_(std::move(given)), structure_(estimator.structure()) {
  Faults faults;
  read_choices(faults);
  read_declarations();
  add_entries(declared, faults);
  add_undeclared(faults);
  faults.throw_if_any();
  if (entries_.empty())
    throw Error("search.nothing_to_search", estimator.name(), "none of its parameters has a range to search",
                "give a space, such as {\"step.parameter\": a range or a list of values}");
  space_.emplace(std::move(entries_), std::move(forbidden));
  if (space_->dimensions() == 0)
    throw Error("search.nothing_to_search", estimator.name(), "every parameter of the space has a single value",
                "give one a range, or two values");
}

/// Steps that are searched themselves.
void TunedSpace::read_choices(Faults& faults) {
  for (Step& step : steps_of(structure_, "", false)) {
    const SearchSpace::Entry* entry = step.path.empty() ? nullptr : given(step.path);
    if (entry == nullptr) continue;
    if (is_inside_choice(step.path)) {
      faults.add("search.unknown_parameter", step.path, "the step that holds it is searched itself",
                 "choose one of the two");
      continue;
    }
    if (is_range(entry->second)) {
      faults.add("search.value", step.path, "a step is no number", "give a list of steps");
      continue;
    }
    Choice choice{.step = std::move(step)};
    note_faults(choice.step.path, faults, [&] {
      for (const Value& each : entry->second.choices) add_alternative(choice, each);
    });
    if (!choice.alternatives.empty()) choices_.push_back(std::move(choice));
  }
}

void TunedSpace::add_alternative(Choice& choice, const Value& given_choice) const {
  Value structure = structure_of_choice(given_choice, choice.step, registry_);
  const std::string wanted = label_of_choice(structure);
  std::string label = wanted;
  const auto taken = [&] {
    return std::any_of(choice.alternatives.begin(), choice.alternatives.end(),
                       [&](const auto& other) { return other.first == label; });
  };
  for (int number = 2; taken(); ++number) label = wanted + "_" + std::to_string(number);
  const bool same_type = wanted == label_of_choice(choice.step.structure);
  const bool first_of_type = same_type && label == wanted;
  if (choice.alternatives.empty() || first_of_type || structure == choice.step.structure) choice.first = label;
  choice.alternatives.emplace_back(std::move(label), std::move(structure));
}

void TunedSpace::read_declarations() {
  for (DeclaredParameter& each : declared_parameters(structure_, "", false, registry_))
    if (!is_inside_choice(each.name) && find_choice(each.name) == nullptr) parameters_.push_back(std::move(each));
  for (const Choice& choice : choices_)
    for (const auto& [label, structure] : choice.alternatives)
      for (DeclaredParameter& each :
           declared_parameters(structure, joined_path(choice.step.path, label), choice.step.transformer, registry_)) {
        each.condition = SearchCondition{choice.step.path, {label}};
        parameters_.push_back(std::move(each));
      }
}

/// Steps, then declared parameters.
void TunedSpace::add_entries(bool declared, Faults& faults) {
  for (const Choice& choice : choices_) {
    Array labels;
    for (const auto& alternative : choice.alternatives) labels.emplace_back(alternative.first);
    SearchParameter entry = Categories(std::move(labels));
    entry.conditions = given(choice.step.path)->second.conditions;
    entries_.emplace_back(choice.step.path, std::move(entry));
  }
  for (const DeclaredParameter& parameter : parameters_) {
    std::optional<SearchParameter> entry = searched(parameter, declared);
    if (!entry) continue;
    const bool wanted = given(parameter.name) != nullptr;
    const auto conditions = conditions_of(parameter, declared);
    if (!conditions) {
      if (wanted)
        faults.add("search.never_active", parameter.name,
                   "it only counts where '" + parameter.declaration.only_if_parameter + "' is " +
                       param_detail::value_text(parameter.declaration.only_if_value),
                   "set or search that, too");
      continue;
    }
    if (wanted) check_values(parameter, *entry, faults);
    entry->conditions.insert(entry->conditions.end(), conditions->begin(), conditions->end());
    entries_.emplace_back(parameter.name, std::move(*entry));
  }
}

/// What was given for parameters of components that declare nothing, and names that nothing has.
void TunedSpace::add_undeclared(Faults& faults) {
  const Object own = estimator_.parameters();
  for (const auto& [name, entry] : given_) {
    if (find_parameter(name) != nullptr || find_choice(name) != nullptr || is_step_of_a_fault(name, faults)) continue;
    if (!own.contains(name) || is_inside_choice(name)) {
      faults.add("search.unknown_parameter", name, "neither a parameter nor a step has this name",
                 name_hint(name, known_names()));
      continue;
    }
    check_entry(name, entry, faults);
    entries_.emplace_back(name, entry);
  }
}

/// A step that was refused already needs no second fault.
bool TunedSpace::is_step_of_a_fault(const std::string& name, const Faults& faults) const {
  if (faults.empty()) return false;
  const std::vector<Step> steps = steps_of(structure_, "", false);
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) { return step.path == name; });
}

std::optional<SearchParameter> TunedSpace::searched(const DeclaredParameter& parameter, bool declared) const {
  if (const SearchSpace::Entry* entry = given(parameter.name)) return entry->second;
  return declared ? declared_range(parameter.declaration) : std::nullopt;
}

/// Under which it counts; nothing where it never does.
std::optional<std::vector<SearchCondition>> TunedSpace::conditions_of(const DeclaredParameter& parameter,
                                                                      bool declared) const {
  std::vector<SearchCondition> all;
  const ParameterDeclaration& declaration = parameter.declaration;
  const DeclaredParameter* asked = declaration.only_if_parameter.empty()
                                       ? nullptr
                                       : find_parameter(joined_path(parameter.owner, declaration.only_if_parameter));
  if (asked != nullptr) {
    const auto outer = conditions_of(*asked, declared);
    if (!outer) return std::nullopt;
    const auto entry = searched(*asked, declared);
    if (entry && !is_range(*entry)) {
      if (!accepted_value(*entry, declaration.only_if_value)) return std::nullopt;
      all.push_back({asked->name, {declaration.only_if_value}});
    } else if (!same_value(asked->current, declaration.only_if_value)) {
      return std::nullopt;
    } else {
      all = *outer;
    }
  }
  const bool said = std::any_of(all.begin(), all.end(), [&](const SearchCondition& condition) {
    return parameter.condition && condition.parameter == parameter.condition->parameter;
  });
  if (parameter.condition && !said) all.push_back(*parameter.condition);
  return all;
}

/// Ends and choices of what the user gave, against the declaration.
void TunedSpace::check_values(const DeclaredParameter& parameter, const SearchParameter& entry, Faults& faults) const {
  const bool fractions = entry.kind == SearchKind::number && (entry.step == 0 || entry.step != std::floor(entry.step));
  if (parameter.declaration.type == "integer" && fractions)
    return faults.add("search.value", parameter.name, "it takes whole numbers, and a Float gives others", "use Int");
  check_entry(parameter.name, entry, faults);
}

void TunedSpace::check_entry(const std::string& name, const SearchParameter& entry, Faults& faults) const {
  for (const Value& value : search::ends_or_choices(entry)) {
    Faults own;
    note_faults(name, own, [&] { try_value(name, value); });
    if (own.empty()) continue;
    note_faults(name, faults, [&] { own.throw_if_any(); });
    return;
  }
}

/// Error where the component refuses the value.
void TunedSpace::try_value(const std::string& name, const Value& value) const {
  for (const Choice& choice : choices_)
    for (const auto& [label, structure] : choice.alternatives) {
      const std::string path = joined_path(choice.step.path, label);
      if (!is_within(name, path)) continue;
      changed(structure, choice.step.transformer, {{name.substr(path.size() + 1), value}}, registry_);
      return;
    }
  estimator_.with_parameters({{name, value}});
}

const SearchSpace::Entry* TunedSpace::given(const std::string& name) const {
  const auto found =
      std::find_if(given_.begin(), given_.end(), [&](const SearchSpace::Entry& entry) { return entry.first == name; });
  return found != given_.end() ? &*found : nullptr;
}

const DeclaredParameter* TunedSpace::find_parameter(const std::string& name) const {
  const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const DeclaredParameter& parameter) { return parameter.name == name; });
  return found != parameters_.end() ? &*found : nullptr;
}

const TunedSpace::Choice* TunedSpace::find_choice(const std::string& path) const {
  const auto found =
      std::find_if(choices_.begin(), choices_.end(), [&](const Choice& choice) { return choice.step.path == path; });
  return found != choices_.end() ? &*found : nullptr;
}

bool TunedSpace::is_inside_choice(const std::string& name) const {
  return std::any_of(choices_.begin(), choices_.end(),
                     [&](const Choice& choice) { return is_within(name, choice.step.path); });
}

std::vector<std::string> TunedSpace::known_names() const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const Step& step : steps_of(structure_, "", false))
    if (!is_inside_choice(step.path)) add(step.path);
  for (const DeclaredParameter& parameter : parameters_) add(parameter.name);
  const Object own = estimator_.parameters();
  for (const auto& [name, value] : own.entries())
    if (!is_inside_choice(name)) add(name);
  return names;
}

std::optional<FirstConfiguration> TunedSpace::first() const {
  FirstConfiguration first;
  Object told;
  bool is_known = true;
  std::vector<std::optional<Value>> shown(space_->parameters().size());
  for (const std::size_t i : space_->order()) {
    const auto& [name, parameter] = space_->parameters()[i];
    if (!search::conditions_hold(parameter, told)) continue;
    Begin begin = begin_of(name, parameter);
    if (begin.told) told.append(name, *begin.told);
    else is_known = false;
    if (begin.set) first.set.append(name, *begin.told);
    shown[i] = std::move(begin.shown);
  }
  if (space_->forbids(told)) return std::nullopt;
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (shown[i]) first.shown.append(space_->parameters()[i].first, std::move(*shown[i]));
  if (is_known) first.told = space_->check(told);
  return first;
}

/// The value that the estimator has, or the nearest one where the user left it no other.
TunedSpace::Begin TunedSpace::begin_of(const std::string& name, const SearchParameter& parameter) const {
  if (const Choice* choice = find_choice(name)) {
    const auto chosen = std::find_if(choice->alternatives.begin(), choice->alternatives.end(),
                                     [&](const auto& each) { return each.first == choice->first; });
    return {choice->first, choice->first, !(chosen->second == choice->step.structure)};
  }
  const DeclaredParameter* declaration = find_parameter(name);
  const Object own = declaration == nullptr ? estimator_.parameters() : Object{};
  const Value current = declaration != nullptr ? declaration->current : *own.find(name);
  if (const auto accepted = accepted_value(parameter, current)) return {current, accepted, false};
  const bool wanted = given(name) != nullptr;
  std::optional<Value> nearest;
  if (is_range(parameter) && current.is_number()) nearest = search::nearest_value(parameter, current.number());
  else if (wanted) nearest = search::value_at(parameter, is_range(parameter) ? 0.5 : 0);
  return {wanted ? *nearest : current, nearest, wanted};
}

std::shared_ptr<const Estimator> TunedSpace::configured(const Object& configuration) const {
  Object rest;
  std::vector<std::pair<const Choice*, std::string>> chosen;
  for (const auto& [name, value] : configuration.entries()) {
    if (const Choice* choice = find_choice(name)) chosen.emplace_back(choice, value.text());
    else if (!is_inside_choice(name)) rest.append(name, value);
  }
  if (chosen.empty()) return estimator_.with_parameters(rest);
  Value structure = structure_;
  for (const auto& [choice, label] : chosen) {
    const std::string path = joined_path(choice->step.path, label);
    Object own;
    for (const auto& [name, value] : configuration.entries())
      if (is_within(name, path)) own.append(name.substr(path.size() + 1), value);
    const auto alternative =
        std::find_if(choice->alternatives.begin(), choice->alternatives.end(),
                     [&, wanted = std::string_view(label)](const auto& each) { return each.first == wanted; });
    const Value made = changed(alternative->second, choice->step.transformer, own, registry_);
    replace_step(structure, choice->step.path, made);
  }
  return rebuilt(structure)->with_parameters(rest);
}

/// The last step of a pipeline stays the object that it is where it is not chosen: it may hold what is no data, an own
/// objective for instance.
std::shared_ptr<const Estimator> TunedSpace::rebuilt(const Value& structure) const {
  const auto* pipeline = dynamic_cast<const Pipeline*>(&estimator_);
  if (pipeline == nullptr || !(structure.at("estimator") == structure_.at("estimator")))
    return make_estimator(structure, registry_);
  auto steps =
      std::dynamic_pointer_cast<const TransformerPipeline>(make_transformer(structure.at("transformers"), registry_));
  return std::make_shared<const Pipeline>(std::move(steps), structure.at("estimator").at("name").text(),
                                          pipeline->estimator().with_parameters({}));
}

}  // namespace automill
