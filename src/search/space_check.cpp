#include "space_check.hpp"

#include <algorithm>
#include <map>

#include "parameter_values.hpp"

namespace automill::search {
namespace {

using Entry = SearchSpace::Entry;
using Kind = SearchParameter::Kind;
using param_detail::number_text;
using param_detail::value_text;

/// Whole numbers are exact in a double up to here.
constexpr double largest_whole = 0x1p53;

std::string range_text(const SearchParameter& parameter) {
  return "[" + number_text(parameter.low) + ", " + number_text(parameter.high) + "]";
}

/// What is wrong with a range; empty when nothing is.
std::string range_fault(const SearchParameter& p) {
  if (!std::isfinite(p.low) || !std::isfinite(p.high)) return "the range " + range_text(p) + " must have finite ends";
  if (p.low > p.high) return "the range " + range_text(p) + " is empty: its lower end is above its upper end";
  if (p.scale == Scale::log && p.low <= 0)
    return "a logarithmic range must begin above 0, and this one begins at " + number_text(p.low);
  if (!std::isfinite(p.step) || p.step < 0 || (p.step == 0 && p.kind == Kind::integer))
    return "the step " + number_text(p.step) + " is not allowed: it must be above 0";
  if (!std::isfinite(p.high - p.low)) return "the range " + range_text(p) + " is wider than numbers go";
  if (p.kind == Kind::integer &&
      (std::abs(p.low) > largest_whole || std::abs(p.high) > largest_whole || p.step != std::floor(p.step)))
    return "whole numbers are taken up to 2^53, in whole steps";
  if (p.step > 0 && (p.high - p.low) / p.step > largest_whole) return "the step is too small for this range";
  return {};
}

void check_choices(const SearchParameter& p, const std::string& place, Faults& faults) {
  if (p.choices.empty()) return faults.add("search.parameter", place, "there is no value to choose from");
  for (std::size_t i = 0; i < p.choices.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_value(p.choices[i], p.choices[j]))
        return faults.add("search.parameter", place, value_text(p.choices[i]) + " is listed twice");
}

/// Values as the parameter declares them; faults where it has none such. One list stands for its elements, unless a
/// choice is that list.
std::vector<Value> resolved(const SearchParameter& parameter, std::vector<Value> values, const char* code,
                            const std::string& place, const std::string& name, Faults& faults) {
  if (values.size() == 1 && values[0].is_array() && !accepted_value(parameter, values[0])) {
    const Array list = values[0].array();
    values = list;
  }
  if (values.empty()) faults.add(code, place, "the list of values of '" + name + "' is empty");
  std::vector<Value> known;
  for (const Value& value : values) {
    if (auto accepted = accepted_value(parameter, value)) known.push_back(std::move(*accepted));
    else faults.add(code, place, "'" + name + "' is never " + value_text(value) + ": it is " + allowed_text(parameter));
  }
  return known;
}

bool has_own_fault(const SearchParameter& p) {
  if (p.kind == Kind::number || p.kind == Kind::integer) return !range_fault(p).empty();
  Faults faults;
  check_choices(p, "", faults);
  return !faults.empty();
}

bool contains(const std::vector<Value>& values, const Value& wanted) {
  return std::any_of(values.begin(), values.end(), [&](const Value& value) { return same_value(value, wanted); });
}

/// Two conditions on one parameter are one: the values that both allow.
void merge_conditions(std::vector<SearchCondition>& conditions) {
  std::vector<SearchCondition> merged;
  for (SearchCondition& condition : conditions) {
    const auto same = std::find_if(merged.begin(), merged.end(),
                                   [&](const SearchCondition& m) { return m.parameter == condition.parameter; });
    if (same == merged.end()) merged.push_back(std::move(condition));
    else std::erase_if(same->values, [&](const Value& value) { return !contains(condition.values, value); });
  }
  conditions = std::move(merged);
}

/// Writes out the values of a condition; false when it is faulty.
bool check_condition(const std::vector<Entry>& parameters, const std::string& name, SearchCondition& condition,
                     Faults& faults) {
  const std::size_t parent = find_parameter(parameters, condition.parameter);
  if (parent == parameters.size()) {
    faults.add("search.unknown_parameter", name,
               "its condition asks for '" + condition.parameter + "', which is no parameter",
               name_hint(condition.parameter, names_of(parameters)));
    return false;
  }
  const SearchParameter& asked = parameters[parent].second;
  if (has_own_fault(asked)) return false;
  if (!level_count(asked)) {
    faults.add(
        "search.condition", name,
        "its condition asks whether '" + condition.parameter + "' has a value, but that is any number of a range",
        "conditions may ask for categories, ordered values, whole numbers and numbers with a step");
    return false;
  }
  condition.values =
      resolved(asked, std::move(condition.values), "search.condition", name, condition.parameter, faults);
  return !condition.values.empty();
}

/// Values that a parent may have wherever a parameter is active.
using Needs = std::map<std::size_t, std::vector<Value>>;

/// Adds one need; false when no value is left.
bool add_need(Needs& needs, std::size_t parent, const std::vector<Value>& values) {
  const auto [place, fresh] = needs.try_emplace(parent, values);
  if (!fresh) std::erase_if(place->second, [&](const Value& value) { return !contains(values, value); });
  return !place->second.empty();
}

/// Depth first, in the order of the parameters; 0 = not seen, 1 = on the path, 2 = done.
class Ordering {
 public:
  Ordering(const std::vector<Entry>& parameters, Faults& faults)
      : parameters_(parameters), faults_(faults), state_(parameters.size(), 0), needs_(parameters.size()) {}

  std::vector<std::size_t> order() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) visit(i);
    return order_;
  }

 private:
  void visit(std::size_t child) {
    if (state_[child] == 2) return;
    state_[child] = 1;
    path_.push_back(child);
    bool possible = true;
    for (const SearchCondition& condition : parameters_[child].second.conditions) {
      const std::size_t parent = find_parameter(parameters_, condition.parameter);
      if (state_[parent] == 1) {
        note_circle(parent);
        continue;
      }
      visit(parent);
      possible = !condition.values.empty() && add_need(needs_[child], parent, condition.values) && possible;
      for (const auto& [ancestor, values] : needs_[parent])
        possible = add_need(needs_[child], ancestor, values) && possible;
    }
    if (!possible)
      faults_.add("search.never_active", parameters_[child].first, "its conditions can never hold together");
    path_.pop_back();
    state_[child] = 2;
    order_.push_back(child);
  }
  void note_circle(std::size_t start) {
    std::string circle;
    for (auto it = std::find(path_.begin(), path_.end(), start); it != path_.end(); ++it)
      circle += "'" + parameters_[*it].first + "' needs ";
    faults_.add("search.circle", parameters_[start].first,
                "conditions run in a circle: " + circle + "'" + parameters_[start].first + "'");
  }

  const std::vector<Entry>& parameters_;
  Faults& faults_;
  std::vector<int> state_;
  std::vector<Needs> needs_;
  std::vector<std::size_t> order_, path_;
};

}  // namespace

std::size_t find_parameter(const std::vector<Entry>& parameters, std::string_view name) {
  std::size_t position = 0;
  while (position < parameters.size() && parameters[position].first != name) ++position;
  return position;
}

std::vector<std::string> names_of(const std::vector<Entry>& parameters) {
  std::vector<std::string> names;
  for (const Entry& entry : parameters) names.push_back(entry.first);
  return names;
}

void check_parameters_of_space(std::vector<Entry>& parameters, Faults& faults) {
  if (parameters.empty()) faults.add("search.space", "space", "there is no parameter to search");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, parameter] = parameters[i];
    if (name.empty()) faults.add("search.space", "space", "a parameter has no name");
    if (find_parameter(parameters, name) < i) faults.add("search.space", name, "this name is given twice");
    if (parameter.kind != Kind::number && parameter.kind != Kind::integer) check_choices(parameter, name, faults);
    else if (const std::string fault = range_fault(parameter); !fault.empty())
      faults.add("search.parameter", name, fault);
  }
  for (auto& [name, parameter] : parameters) {
    std::vector<SearchCondition> conditions;
    for (SearchCondition& each : parameter.conditions)
      if (check_condition(parameters, name, each, faults)) conditions.push_back(std::move(each));
    parameter.conditions = std::move(conditions);
    merge_conditions(parameter.conditions);
  }
}

std::vector<std::size_t> order_by_conditions(const std::vector<Entry>& parameters, Faults& faults) {
  return Ordering(parameters, faults).order();
}

void check_forbidden(const std::vector<Entry>& parameters, std::vector<Object>& forbidden, Faults& faults) {
  for (std::size_t i = 0; i < forbidden.size(); ++i) {
    const std::string place = "forbidden[" + std::to_string(i) + "]";
    if (forbidden[i].empty()) faults.add("search.forbidden", place, "an empty combination would forbid everything");
    Object written_out;
    for (const auto& [name, value] : forbidden[i].entries()) {
      const std::size_t position = find_parameter(parameters, name);
      if (position == parameters.size()) {
        faults.add("search.unknown_parameter", place, "'" + name + "' is no parameter",
                   name_hint(name, names_of(parameters)));
        continue;
      }
      const SearchParameter& parameter = parameters[position].second;
      if (has_own_fault(parameter)) continue;
      if (!level_count(parameter)) {
        faults.add("search.forbidden", place, "'" + name + "' is any number of a range",
                   "combinations may hold categories, ordered values, whole numbers and numbers with a step");
        continue;
      }
      written_out.append(name, Array(resolved(parameter, {value}, "search.forbidden", place, name, faults)));
    }
    forbidden[i] = std::move(written_out);
  }
}

}  // namespace automill::search
