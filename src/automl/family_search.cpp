#include "automl/family_search.hpp"

#include <automill/core/random.hpp>
#include <automill/search/optimizer.hpp>

#include "search/parameter_values.hpp"

namespace automill {
namespace {

using Entry = SearchSpace::Entry;
using Kind = SearchParameter::Kind;

const Entry* find_entry(const std::vector<Entry>& entries, const std::string& name) {
  for (const Entry& entry : entries)
    if (entry.first == name) return &entry;
  return nullptr;
}

/// Whether a parameter can have one of the values that the condition asks for.
bool may_hold(const SearchCondition& condition, const SearchParameter& parent) {
  for (const Value& wanted : condition.values)
    if (search::accepted_value(parent, wanted)) return true;
  return false;
}

Value nearest_value(const SearchParameter& parameter, const Value* wanted) {
  if (parameter.kind == Kind::number || parameter.kind == Kind::integer)
    return search::nearest_value(parameter,
                                 wanted != nullptr && wanted->is_number() ? wanted->number() : parameter.low);
  if (wanted != nullptr)
    if (std::optional<Value> accepted = search::accepted_value(parameter, *wanted)) return *accepted;
  return parameter.choices.front();
}

const ParameterDeclaration* find_declaration(const std::vector<ParameterDeclaration>& all, const std::string& name) {
  for (const ParameterDeclaration& each : all)
    if (each.name == name) return &each;
  return nullptr;
}

}  // namespace

SearchSpace merged_space(const SearchSpace& space, const SearchSpace& given) {
  std::vector<Entry> all = given.parameters();
  bool changed = true;
  std::vector<Entry> rest;
  for (const Entry& entry : space.parameters())
    if (find_entry(all, entry.first) == nullptr) rest.push_back(entry);
  while (changed) {  // a parameter that goes may be the condition of another
    changed = false;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      bool possible = true;
      for (const SearchCondition& condition : rest[i].second.conditions) {
        const Entry* parent = find_entry(given.parameters(), condition.parameter);
        if (parent == nullptr) parent = find_entry(rest, condition.parameter);
        possible = possible && parent != nullptr && may_hold(condition, parent->second);
      }
      if (possible) continue;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
      changed = true;
      break;
    }
  }
  all.insert(all.end(), rest.begin(), rest.end());
  return SearchSpace(std::move(all), given.forbidden());
}

Object nearest_configuration(const SearchSpace& space, const Object& parameters,
                             const std::vector<ParameterDeclaration>& declarations) {
  Object configuration;
  for (const std::size_t position : space.order()) {
    const auto& [name, parameter] = space.parameters()[position];
    if (!search::conditions_hold(parameter, configuration)) continue;
    const Value* wanted = parameters.find(name);
    const ParameterDeclaration* declared = find_declaration(declarations, name);
    if (wanted == nullptr && declared != nullptr) wanted = &declared->default_value;
    configuration[name] = nearest_value(parameter, wanted);
  }
  return configuration;
}

std::optional<Object> searched_configuration(const SearchSpace& space, std::span<const SeenTrial> trials,
                                             const std::string& family,
                                             const std::vector<ParameterDeclaration>& declarations, std::uint64_t seed,
                                             std::size_t number) {
  const bool at_random = number % 2 == 1;
  Optimizer optimizer(space,
                      {.strategy = at_random ? "sobol" : "bayesian", .seed = combine_hashes(seed, hash_text(family))});
  for (const SeenTrial& trial : trials) {
    if (trial.family != family) continue;
    const Object configuration = nearest_configuration(space, trial.parameters, declarations);
    if (space.forbids(configuration)) continue;
    try {
      if (trial.loss) {
        optimizer.add(configuration, *trial.loss);
      } else {
        const Trial asked = optimizer.ask(configuration);
        if (!trial.running) optimizer.tell_failed(asked.number);
      }
    } catch (const Error& error) {
      if (error.code() != "search.asked_twice") throw;  // two that run are one in this space
    }
  }
  try {
    return optimizer.ask().parameters;
  } catch (const Error& error) {
    if (error.code() != "search.exhausted") throw;
    return std::nullopt;
  }
}

void check_search_space(const std::string& family, const SearchSpace& space, const Registry::EstimatorEntry& learner,
                        Faults& faults) {
  for (const auto& [name, parameter] : space.parameters()) {
    const std::string place = "search_space." + family + "." + name;
    const ParameterDeclaration* declared = find_declaration(learner.parameters, name);
    if (parameter.kind == Kind::number && declared != nullptr && declared->type == "integer")
      faults.add("parameter.wrong_type", place, "it must be of type integer", "give Int in place of Float");
    for (const Value& value : search::ends_or_choices(parameter)) {
      try {
        learner.make({{name, value}});
      } catch (const Error& error) {
        for (const Fault& fault : error.faults()) faults.add(fault.code, place, fault.message, fault.hint);
        break;
      }
    }
  }
}

}  // namespace automill
