#include "parameter_values.hpp"

namespace automill {

using Kind = SearchParameter::Kind;

SearchParameter SearchParameter::when(std::string parameter, Value value) const {
  SearchParameter result = *this;
  result.conditions.push_back({std::move(parameter), {std::move(value)}});
  return result;
}

SearchParameter Float(double low, double high, const FloatOptions& options) {
  return {.kind = Kind::number,
          .low = low,
          .high = high,
          .scale = options.log ? Scale::log : Scale::linear,
          .step = options.step.value_or(0)};
}

SearchParameter Int(std::int64_t low, std::int64_t high, const IntOptions& options) {
  return {.kind = Kind::integer,
          .low = static_cast<double>(low),
          .high = static_cast<double>(high),
          .scale = options.log ? Scale::log : Scale::linear,
          .step = static_cast<double>(options.step)};
}

SearchParameter Categories(Array choices) { return {.kind = Kind::categorical, .choices = std::move(choices)}; }
SearchParameter OrderedCategories(Array choices) { return {.kind = Kind::ordinal, .choices = std::move(choices)}; }
SearchParameter Fixed(Value value) { return {.kind = Kind::fixed, .choices = {std::move(value)}}; }

namespace search {
namespace {

bool is_range(const SearchParameter& parameter) {
  return parameter.kind == Kind::number || parameter.kind == Kind::integer;
}

Value number_value(const SearchParameter& parameter, double number) {
  if (parameter.kind == Kind::integer) return static_cast<std::int64_t>(number);
  return number;
}

std::size_t choice_of(const SearchParameter& parameter, const Value& value) {
  std::size_t choice = 0;
  while (choice < parameter.choices.size() && !same_value(parameter.choices[choice], value)) ++choice;
  return choice;
}

}  // namespace

bool same_value(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return a.number() == b.number();
  return a == b;
}

std::optional<Value> accepted_value(const SearchParameter& parameter, const Value& value) {
  if (!is_range(parameter)) {
    const std::size_t choice = choice_of(parameter, value);
    return choice < parameter.choices.size() ? std::optional(parameter.choices[choice]) : std::nullopt;
  }
  if (!value.is_number()) return std::nullopt;
  const double number = value.number();
  const UnitScale scale(parameter);
  if (scale.levels() > 0) {
    const auto level = scale.level_of_number(number);
    return level ? std::optional(number_value(parameter, scale.number_of_level(*level))) : std::nullopt;
  }
  return number >= parameter.low && number <= parameter.high ? std::optional(Value(number)) : std::nullopt;
}

Value nearest_value(const SearchParameter& parameter, double number) {
  const UnitScale scale(parameter);
  const double inside = std::clamp(number, parameter.low, parameter.high);
  if (scale.levels() == 0) return inside;
  return number_value(parameter, scale.number_of_level(scale.level_at(scale.unit_of(inside))));
}

bool holds_one_of(const Object& configuration, const std::string& name, const std::vector<Value>& values) {
  const Value* value = configuration.find(name);
  return value != nullptr &&
         std::any_of(values.begin(), values.end(), [&](const Value& wanted) { return same_value(*value, wanted); });
}

bool conditions_hold(const SearchParameter& parameter, const Object& configuration) {
  return std::all_of(parameter.conditions.begin(), parameter.conditions.end(), [&](const SearchCondition& condition) {
    return holds_one_of(configuration, condition.parameter, condition.values);
  });
}

std::vector<Value> ends_or_choices(const SearchParameter& parameter) {
  if (parameter.kind == Kind::number) return {parameter.low, parameter.high};
  if (parameter.kind == Kind::integer)
    return {static_cast<std::int64_t>(parameter.low), static_cast<std::int64_t>(parameter.high)};
  return parameter.choices;
}

std::string allowed_text(const SearchParameter& parameter) {
  using param_detail::number_text;
  if (parameter.kind == Kind::fixed) return param_detail::value_text(parameter.choices.front());
  if (!is_range(parameter)) {
    std::string text = "one of ";
    for (std::size_t i = 0; i < parameter.choices.size() && i < 12; ++i)
      text += (i > 0 ? ", " : "") + param_detail::value_text(parameter.choices[i]);
    return parameter.choices.size() > 12 ? text + ", ..." : text;
  }
  std::string text = parameter.kind == Kind::integer ? "a whole number in [" : "a number in [";
  text += number_text(parameter.low) + ", " + number_text(parameter.high) + "]";
  const bool usual = parameter.step == (parameter.kind == Kind::integer ? 1 : 0);
  return usual ? text : text + " in steps of " + number_text(parameter.step) + " from the lower end";
}

std::optional<std::uint64_t> level_count(const SearchParameter& parameter) {
  if (!is_range(parameter)) return parameter.choices.size();
  if (parameter.step == 0) return parameter.low == parameter.high ? std::optional<std::uint64_t>(1) : std::nullopt;
  return UnitScale(parameter).levels();
}

Value value_of_level(const SearchParameter& parameter, std::uint64_t level) {
  if (!is_range(parameter)) return parameter.choices[level];
  return number_value(parameter, UnitScale(parameter).number_of_level(level));
}

double unit_of_value(const SearchParameter& parameter, const Value& value) {
  const UnitScale scale(parameter);
  return scale.unit_of(is_range(parameter) ? value.number() : static_cast<double>(choice_of(parameter, value)));
}

Value value_at(const SearchParameter& parameter, double unit) {
  const UnitScale scale(parameter);
  if (!is_range(parameter)) return parameter.choices[scale.level_at(unit)];
  return number_value(parameter, scale.number_at(unit));
}

}  // namespace search
}  // namespace automill
