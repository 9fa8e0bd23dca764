// Search spaces as plain data.

#include "space_value.hpp"

namespace automill {
namespace {

using Kind = SearchParameter::Kind;
using Entry = SearchSpace::Entry;

constexpr const char* kind_names[] = {"float", "int", "categorical", "ordinal", "fixed"};

/// Reads the members of one parameter and notes those that are missing, of another type or unknown.
class ParameterReader {
 public:
  ParameterReader(const std::string& name, const Object& members, Faults& faults)
      : name_(name), members_(members), faults_(faults) {}

  SearchParameter read() {
    const std::optional<Kind> known_kind = kind();
    if (!known_kind) return Fixed(nullptr);
    SearchParameter parameter{.kind = *known_kind};
    switch (parameter.kind) {
      case Kind::number:
      case Kind::integer:
        parameter.low = number("low");
        parameter.high = number("high");
        if (const Value* log = member("log")) parameter.scale = is_true(*log) ? Scale::log : Scale::linear;
        parameter.step = parameter.kind == Kind::integer ? 1 : 0;
        if (const Value* step = member("step"); step != nullptr && !step->is_null()) parameter.step = number("step");
        break;
      case Kind::categorical:
      case Kind::ordinal:
        parameter.choices = choices();
        break;
      case Kind::fixed:
        if (const Value* value = needed("value")) parameter.choices = {*value};
    }
    if (const Value* conditions = member("when")) read_conditions(*conditions, parameter);
    refuse_unknown();
    return parameter;
  }

 private:
  std::optional<Kind> kind() {
    const std::vector<std::string> known(std::begin(kind_names), std::end(kind_names));
    const Value* type = needed("type");
    if (type == nullptr) return std::nullopt;
    const std::string text = type->is_text() ? type->text() : "";
    for (std::size_t i = 0; i < known.size(); ++i)
      if (known[i] == text) return static_cast<Kind>(i);
    faults_.add("search.space", name_, param_detail::value_text(*type) + " is not a type of parameters",
                name_hint(text, known));
    return std::nullopt;
  }
  const Value* member(const char* key) {
    read_.push_back(key);
    return members_.find(key);
  }
  const Value* needed(const char* key) {
    const Value* found = member(key);
    if (found == nullptr) faults_.add("search.space", name_, std::string("'") + key + "' is missing");
    return found;
  }
  double number(const char* key) {
    const Value* value = needed(key);
    if (value == nullptr) return 0;
    if (value->is_number()) return value->number();
    faults_.add("search.space", name_,
                std::string("'") + key + "' is " + param_detail::value_text(*value) + " where a number is needed");
    return 0;
  }
  bool is_true(const Value& value) {
    if (!value.is_bool()) faults_.add("search.space", name_, "'log' must be true or false");
    return value.is_bool() && value.boolean();
  }
  std::vector<Value> choices() {
    const Value* list = needed("choices");
    if (list == nullptr) return {};
    if (list->is_array()) return list->array();
    faults_.add("search.space", name_, "'choices' must be a list");
    return {};
  }
  void read_conditions(const Value& conditions, SearchParameter& parameter) {
    if (!conditions.is_object())
      return faults_.add("search.space", name_, "'when' must be an object of parameters and their values");
    for (const auto& [parent, value] : conditions.object().entries()) parameter.conditions.push_back({parent, {value}});
  }
  void refuse_unknown() {
    for (const auto& entry : members_.entries()) {
      bool known = false;
      for (const char* key : read_) known = known || entry.first == key;
      if (!known)
        faults_.add("search.space", name_, "'" + entry.first + "' does not belong to a parameter of this type",
                    name_hint(entry.first, read_));
    }
  }

  const std::string& name_;
  const Object& members_;
  Faults& faults_;
  std::vector<const char*> read_;
};

SearchParameter parameter_from(const std::string& name, const Value& value, Faults& faults) {
  if (value.is_object()) return ParameterReader(name, value.object(), faults).read();
  return value.is_array() ? Categories(value.array()) : Fixed(value);
}

std::vector<Object> combinations_from(const Value& value, Faults& faults) {
  std::vector<Object> combinations;
  if (!value.is_array()) faults.add("search.space", "forbidden", "this must be a list of combinations");
  else
    for (const Value& each : value.array()) {
      if (each.is_object()) combinations.push_back(each.object());
      else faults.add("search.space", "forbidden", "a combination is an object of parameters and their values");
    }
  return combinations;
}

/// The whole form has "parameters" with objects in it; a parameter of that name is an object with a type, or a list.
bool is_whole_form(const Object& value) {
  const Value* parameters = value.find("parameters");
  return parameters != nullptr && parameters->is_object() && !parameters->object().contains("type");
}

Value value_of(const SearchParameter& parameter) {
  Object members{{"type", kind_names[static_cast<std::size_t>(parameter.kind)]}};
  const auto as_declared = [&](double number) -> Value {
    if (parameter.kind == Kind::integer) return static_cast<std::int64_t>(number);
    return number;
  };
  switch (parameter.kind) {
    case Kind::number:
    case Kind::integer:
      members.append("low", as_declared(parameter.low));
      members.append("high", as_declared(parameter.high));
      if (parameter.scale == Scale::log) members.append("log", true);
      if (parameter.step != (parameter.kind == Kind::integer ? 1 : 0))
        members.append("step", as_declared(parameter.step));
      break;
    case Kind::categorical:
    case Kind::ordinal:
      members.append("choices", parameter.choices);
      break;
    case Kind::fixed:
      members.append("value", parameter.choices.front());
  }
  Object when;
  for (const SearchCondition& condition : parameter.conditions) when.append(condition.parameter, condition.values);
  if (!when.empty()) members.append("when", std::move(when));
  return members;
}

}  // namespace

search::ReadSpace search::read_space(const Value& value) {
  if (!value.is_object())
    throw Error("search.space", "space", "a space is an object of parameters, not " + std::string(value.kind()));
  Faults faults;
  ReadSpace read;
  const bool whole = is_whole_form(value.object());
  const Object& parameters = whole ? value.at("parameters").object() : value.object();
  for (const auto& [name, parameter] : parameters.entries())
    read.parameters.emplace_back(name, parameter_from(name, parameter, faults));
  if (whole)
    for (const auto& [key, member] : value.object().entries()) {
      if (key == "forbidden") read.forbidden = combinations_from(member, faults);
      else if (key != "parameters")
        faults.add("search.space", "space", "'" + key + "' is not known here",
                   name_hint(key, std::vector<std::string>{"parameters", "forbidden"}));
    }
  faults.throw_if_any();
  return read;
}

SearchSpace SearchSpace::from_value(const Value& value) {
  search::ReadSpace read = search::read_space(value);
  return SearchSpace(std::move(read.parameters), std::move(read.forbidden));
}

Value SearchSpace::to_value() const {
  Object parameters;
  for (const auto& [name, parameter] : parameters_) parameters.append(name, value_of(parameter));
  Object whole{{"parameters", std::move(parameters)}};
  if (!forbidden_.empty()) whole.append("forbidden", Array(forbidden_.begin(), forbidden_.end()));
  return whole;
}

}  // namespace automill
