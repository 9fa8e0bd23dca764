#pragma once
// Constraints on columns, from what users write to columns of a schema. All faults come in one Error whose places begin
// with `owner`.

#include <automill/core/schema.hpp>
#include <automill/core/value.hpp>

namespace automill {

/// A list of -1, 0 or 1 for each column, or an object of column names and these (also "increasing", "decreasing"). One
/// a column of the schema; empty where all are free.
std::vector<std::int8_t> monotone_signs(const Value& given, const Schema& schema, const std::string& owner);

/// A list of lists of column names or positions: sets of columns, ascending; a column that is in no list is a set by
/// itself. Empty where nothing is given.
std::vector<std::vector<std::uint32_t>> interaction_sets(const Value& given, const Schema& schema,
                                                         const std::string& owner);

}  // namespace automill
