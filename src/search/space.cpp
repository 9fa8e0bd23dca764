#include <automill/core/random.hpp>
#include <automill/search/space.hpp>
#include <limits>

#include "parameter_values.hpp"
#include "space_check.hpp"

namespace automill {

using search::accepted_value;
using search::same_value;

namespace {

/// Draws after which a space whose every draw was forbidden counts as empty.
constexpr int draws_of_an_empty_space = 10000;

}  // namespace

SearchSpace::SearchSpace(std::vector<Entry> parameters, std::vector<Object> forbidden)
    : parameters_(std::move(parameters)), forbidden_(std::move(forbidden)) {
  Faults faults;
  search::check_parameters_of_space(parameters_, faults);
  order_ = search::order_by_conditions(parameters_, faults);
  search::check_forbidden(parameters_, forbidden_, faults);
  faults.throw_if_any();
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (levels(i) != 1) coordinates_.push_back(i);
  if (forbidden_.empty()) return;
  RandomStream random(0, purpose("search allowed"));
  std::vector<double> draw(dimensions());
  for (int i = 0; i < draws_of_an_empty_space; ++i) {
    for (double& coordinate : draw) coordinate = random.uniform();
    if (!forbids(configuration(draw))) return;
  }
  throw Error("search.nothing_allowed", "space", "the forbidden combinations leave no configuration",
              "take some of them away");
}

std::optional<std::uint64_t> SearchSpace::levels(std::size_t parameter) const {
  return search::level_count(parameters_[parameter].second);
}

std::size_t SearchSpace::position_of(std::string_view name) const { return search::find_parameter(parameters_, name); }

bool SearchSpace::is_active(std::size_t parameter, const Object& configuration) const {
  return search::conditions_hold(parameters_[parameter].second, configuration);
}

Object SearchSpace::in_order(std::vector<std::optional<Value>> values) const {
  Object result;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (values[i]) result.append(parameters_[i].first, std::move(*values[i]));
  return result;
}

Object SearchSpace::configuration(std::span<const double> point) const {
  std::vector<double> unit(parameters_.size(), 0.5);
  for (std::size_t c = 0; c < coordinates_.size(); ++c)
    if (!std::isnan(point[c])) unit[coordinates_[c]] = point[c];
  Object active;
  std::vector<std::optional<Value>> values(parameters_.size());
  for (std::size_t i : order_) {
    if (!is_active(i, active)) continue;
    values[i] = search::value_at(parameters_[i].second, unit[i]);
    active.append(parameters_[i].first, *values[i]);
  }
  return in_order(std::move(values));
}

std::vector<double> SearchSpace::point(const Object& configuration) const {
  std::vector<double> point(coordinates_.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t c = 0; c < coordinates_.size(); ++c) {
    const auto& [name, parameter] = parameters_[coordinates_[c]];
    if (const Value* value = configuration.find(name)) point[c] = search::unit_of_value(parameter, *value);
  }
  return point;
}

Object SearchSpace::check(const Object& configuration) const {
  Faults faults;
  for (const auto& [name, value] : configuration.entries())
    if (position_of(name) == parameters_.size())
      faults.add("search.unknown_parameter", name, "the space has no such parameter",
                 name_hint(name, search::names_of(parameters_)));
  Object active;
  std::vector<std::optional<Value>> values(parameters_.size());
  for (std::size_t i : order_) {
    const auto& [name, parameter] = parameters_[i];
    const Value* value = configuration.find(name);
    if (!is_active(i, active)) {
      if (value != nullptr)
        faults.add("search.value", name, "a value was given, but its condition does not hold here", "leave it out");
      continue;
    }
    if (value == nullptr) faults.add("search.value", name, "there is no value for this parameter");
    else if (!(values[i] = accepted_value(parameter, *value)))
      faults.add("search.value", name,
                 param_detail::value_text(*value) + " is not allowed: it is " + search::allowed_text(parameter));
    if (values[i]) active.append(name, *values[i]);
  }
  faults.throw_if_any();
  if (forbids(active)) throw Error("search.value", "configuration", "this combination of values is forbidden");
  return in_order(std::move(values));
}

bool SearchSpace::forbids(const Object& configuration) const {
  for (const Object& combination : forbidden_) {
    bool all = true;
    for (const auto& [name, values] : combination.entries())
      all = all && search::holds_one_of(configuration, name, values.array());
    if (all) return true;
  }
  return false;
}

std::optional<std::vector<Object>> SearchSpace::all_configurations(std::size_t most) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (!levels(i)) return std::nullopt;
  std::vector<Object> all;
  Object none;
  if (!enumerate(0, none, most, all)) return std::nullopt;
  return all;
}

/// Every value of the parameter at `depth` of the order; false when there are too many.
bool SearchSpace::enumerate(std::size_t depth, Object& so_far, std::size_t most, std::vector<Object>& all) const {
  if (depth == order_.size()) {
    if (forbids(so_far)) return true;
    if (all.size() == most) return false;
    all.push_back(check(so_far));
    return true;
  }
  const std::size_t i = order_[depth];
  if (!is_active(i, so_far)) return enumerate(depth + 1, so_far, most, all);
  for (std::uint64_t level = 0; level < *levels(i); ++level) {
    Object longer = so_far;
    longer.append(parameters_[i].first, search::value_of_level(parameters_[i].second, level));
    if (!enumerate(depth + 1, longer, most, all)) return false;
  }
  return true;
}

}  // namespace automill
