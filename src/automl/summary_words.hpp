#pragma once
// Words that the printed model and the printed plan share.

#include <automill/predict/prediction_result.hpp>
#include <cstdio>

namespace automill {

std::string format_text(const char* pattern, auto... values) {
  char buffer[256];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

/// The object or the whole number of that name; empty or 0: there is none.
const Object& object_in(const Object& object, std::string_view key);
std::int64_t count_in(const Object& object, std::string_view key);

/// What is predicted.
std::string target_words(const TargetInfo& target);

/// Rows and columns that are used and dropped, with the reasons.
std::string table_words(const Object& rows, const Object& columns);

}  // namespace automill
