#include "column_constraints.hpp"

#include <algorithm>
#include <automill/core/param.hpp>

namespace automill {

namespace {

using param_detail::value_text;

/// -1, 0 or 1; a fault for anything else.
std::int8_t sign_from(const Value& value, const std::string& place, Faults& faults) {
  if (value.is_text() && value.text() == "increasing") return 1;
  if (value.is_text() && value.text() == "decreasing") return -1;
  if (value.is_number())
    for (int sign : {-1, 0, 1})
      if (value.number() == sign) return static_cast<std::int8_t>(sign);
  faults.add("parameter.out_of_range", place,
             value_text(value) + " is not allowed: 1 (increasing), -1 (decreasing) or 0 (free) is");
  return 0;
}

/// Position of a column that is given by name or by position; none, and a fault, when there is no such column.
std::optional<std::uint32_t> column_from(const Value& value, const Schema& schema, const std::string& place,
                                         Faults& faults) {
  const std::vector<std::string> names = schema.names();
  if (value.is_text()) {
    if (schema.contains(value.text())) return static_cast<std::uint32_t>(schema.column(value.text()));
    faults.add("data.column_unknown", place, "there is no column '" + value.text() + "'",
               name_hint(value.text(), names));
    return std::nullopt;
  }
  const double number = value.is_number() ? value.number() : -1;
  if (number >= 0 && number < static_cast<double>(schema.size()) && number == std::floor(number))
    return static_cast<std::uint32_t>(number);
  faults.add("data.column_unknown", place,
             value_text(value) + " is no column: give a name, or a position below " + std::to_string(schema.size()));
  return std::nullopt;
}

}  // namespace

std::vector<std::int8_t> monotone_signs(const Value& given, const Schema& schema, const std::string& owner) {
  std::vector<std::int8_t> signs(schema.size(), 0);
  const std::string place = owner + ".monotone_constraints";
  Faults faults;
  if (given.is_array()) {
    if (given.array().size() != schema.size())
      faults.add("parameter.wrong_length", place,
                 std::to_string(given.array().size()) + " signs for " + std::to_string(schema.size()) + " columns",
                 "give one for each column, or an object of column names");
    for (std::size_t c = 0; c < std::min(signs.size(), given.array().size()); ++c)
      signs[c] = sign_from(given.array()[c], place + "[" + std::to_string(c) + "]", faults);
  } else if (given.is_object()) {
    for (const auto& [name, value] : given.object().entries()) {
      const std::string own = place + "." + name;
      if (const auto column = column_from(name, schema, own, faults)) signs[*column] = sign_from(value, own, faults);
    }
  }
  for (std::size_t c = 0; c < signs.size(); ++c)
    if (signs[c] != 0 && schema[c].kind == ColumnKind::category)
      faults.add("parameter.monotone_category", place,
                 "column '" + schema[c].name + "' holds categories: they have no order",
                 "encode it as a number, or leave it free");
  faults.throw_if_any();
  if (std::all_of(signs.begin(), signs.end(), [](std::int8_t sign) { return sign == 0; })) signs.clear();
  return signs;
}

std::vector<std::vector<std::uint32_t>> interaction_sets(const Value& given, const Schema& schema,
                                                         const std::string& owner) {
  if (given.is_null()) return {};
  const std::string place = owner + ".interaction_constraints";
  Faults faults;
  std::vector<std::vector<std::uint32_t>> sets;
  std::vector<bool> named(schema.size(), false);
  if (!given.is_array()) faults.add("parameter.wrong_type", place, "a list of lists of columns is needed");
  for (std::size_t i = 0; given.is_array() && i < given.array().size(); ++i) {
    const std::string own = place + "[" + std::to_string(i) + "]";
    const Value& list = given.array()[i];
    if (!list.is_array() || list.array().empty()) {
      faults.add("parameter.wrong_type", own, "a list with at least one column is needed");
      continue;
    }
    std::vector<std::uint32_t> set;
    for (const Value& value : list.array()) {
      const auto column = column_from(value, schema, own, faults);
      if (!column) continue;
      named[*column] = true;
      set.push_back(*column);
    }
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    sets.push_back(std::move(set));
  }
  faults.throw_if_any();
  for (std::uint32_t c = 0; c < named.size(); ++c)
    if (!named[c]) sets.push_back({c});
  return sets;
}

}  // namespace automill
