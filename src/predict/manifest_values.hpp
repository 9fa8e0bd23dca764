#pragma once
// Values that JSON cannot hold, written so that reading gives them back: NaN and infinities, and text that is not
// UTF-8.

#include <automill/core/value.hpp>

namespace automill {

/// The value with {"$number": "NaN" | "Infinity" | "-Infinity"}, {"$bytes": "<hexadecimal>"} and, for an object with
/// such keys, {"$pairs": [key, value, key, value ...]} where JSON has no form.
AUTOMILL_EXPORT Value encode_for_manifest(const Value& value);
/// The opposite. Errors: value.wrong_type for a form that encode_for_manifest does not write.
AUTOMILL_EXPORT Value decode_from_manifest(Value value);

/// Data of users may have keys that begin with "$": these get one more, so that they are not taken for references.
Value escape_keys(const Value& value);
Value unescape_keys(Value value);

bool is_utf8(std::string_view text);

}  // namespace automill
