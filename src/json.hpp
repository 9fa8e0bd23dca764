#pragma once
// JSON text for the compiled library: the one place that knows nlohmann/json.

#include <automill/core/value.hpp>
#include <string>
#include <string_view>

namespace automill {

/// JSON text of a value. Numbers are written so that reading gives the same bits; NaN and infinities become the texts
/// "NaN", "Infinity", "-Infinity". `indent` < 0: one line.
AUTOMILL_EXPORT std::string to_json(const Value& value, int indent = -1);

/// Reads JSON. Depth is bounded by 200 levels. Errors name `place` and the byte.
AUTOMILL_EXPORT Value from_json(std::string_view text, const std::string& place);

}  // namespace automill
