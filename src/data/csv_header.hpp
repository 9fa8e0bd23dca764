#pragma once
// The first line of a CSV file, and the guess which character separates its fields.

#include <string>
#include <string_view>
#include <vector>

namespace automill {

/// Among , ; tab and | the one that every line holds equally often (of several, the most frequent one); otherwise the
/// one that most lines hold as often as the first line does; a comma when the first line has none of them.
char detect_delimiter(std::string_view text);

struct CsvHeader {
  std::vector<std::string> names{};  ///< an empty one is called column_<position>
  std::size_t size = 0;              ///< bytes before the first row
};

/// Errors: data.empty_file, data.duplicate_column, data.unclosed_quote, data.text_after_quote, data.not_utf8.
CsvHeader read_header(std::string_view text, char delimiter, const std::string& place);

/// Content of a field: without its quotes, doubled quotes as one.
std::string unquoted(std::string_view field);

}  // namespace automill
