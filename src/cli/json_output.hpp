#pragma once
// What --json prints, as values.

#include <automill/automl/automl_model.hpp>

namespace automill::cli {

/// JSON to the standard output, indented, with a line end. Numbers that are not finite become null.
void print_json(const Value& value);

Value to_value(const LeaderboardRow& row);
Value to_value(const std::vector<LeaderboardRow>& rows);
Value to_value(const Score& score);
Value to_value(const Schema& schema);
Value to_value(const TargetInfo& target);
Value to_value(const ParameterDeclaration& parameter);
Value to_value(const std::vector<std::string>& texts);

/// The same value, numbers that are not finite as null.
Value without_nan(const Value& value);

}  // namespace automill::cli
