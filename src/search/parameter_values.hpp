#pragma once
// Which values a search parameter takes.

#include <automill/search/space.hpp>

#include "unit_scale.hpp"

namespace automill::search {

/// Numbers are equal by value (1 and 1.0), everything else by kind and content.
bool same_value(const Value& a, const Value& b);

/// The value as configurations hold it (a choice as it was declared, whole numbers as integers), or nothing when the
/// parameter cannot have it. Precondition, here and below: a parameter without faults of its own.
std::optional<Value> accepted_value(const SearchParameter& parameter, const Value& value);

/// The value of a range nearest to a number, on its scale. Precondition: a number or an integer.
Value nearest_value(const SearchParameter& parameter, double number);

/// Whether the configuration has a parameter of this name, with one of the values.
bool holds_one_of(const Object& configuration, const std::string& name, const std::vector<Value>& values);

/// Whether a configuration so far has what all conditions of a parameter ask for.
bool conditions_hold(const SearchParameter& parameter, const Object& configuration);

/// Both ends of a range, or all choices.
std::vector<Value> ends_or_choices(const SearchParameter& parameter);

/// What is allowed, for messages: "a number in [0.1, 1]", "one of 'a', 'b'".
std::string allowed_text(const SearchParameter& parameter);

/// Number of values; nothing where every number of a range counts.
std::optional<std::uint64_t> level_count(const SearchParameter& parameter);
Value value_of_level(const SearchParameter& parameter, std::uint64_t level);
/// Precondition: accepted_value gave it.
double unit_of_value(const SearchParameter& parameter, const Value& value);
Value value_at(const SearchParameter& parameter, double unit);

}  // namespace automill::search
