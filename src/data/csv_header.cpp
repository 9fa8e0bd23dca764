#include "data/csv_header.hpp"

#include <algorithm>
#include <array>
#include <automill/core/error.hpp>
#include <unordered_map>

#include "data/row_walker.hpp"
#include "data/utf8.hpp"

namespace automill {
namespace {

constexpr std::array<char, 4> candidates{',', ';', '\t', '|'};
using Counts = std::array<std::size_t, candidates.size()>;

/// How often each candidate stands outside quotes, line by line, in the first lines of the text.
std::vector<Counts> count_candidates(std::string_view text) {
  constexpr std::size_t most_bytes = std::size_t{1} << 16, most_lines = 100;
  const bool cut = text.size() > most_bytes;
  text = text.substr(0, most_bytes);
  std::vector<Counts> lines;
  Counts counts{};
  bool inside = false, empty = true;
  const auto end_line = [&] {
    if (!empty) lines.push_back(counts);
    counts = {};
    empty = true;
  };
  for (const char c : text) {
    if (is_line_end(c) && !inside) {
      end_line();
      if (lines.size() == most_lines) return lines;
      continue;
    }
    empty = false;
    if (c == '"') inside = !inside;
    const auto found = std::find(candidates.begin(), candidates.end(), c);
    if (!inside && found != candidates.end()) ++counts[static_cast<std::size_t>(found - candidates.begin())];
  }
  if (!cut || lines.empty()) end_line();  // a line that was cut off would not count right
  return lines;
}

}  // namespace

char detect_delimiter(std::string_view text) {
  const std::vector<Counts> lines = count_candidates(text);
  if (lines.empty()) return ',';
  std::size_t best = 0, best_agreeing = 0;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const std::size_t wanted = lines[0][c];
    if (wanted == 0) continue;
    const auto agreeing = static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const Counts& counts) { return counts[c] == wanted; }));
    if (agreeing < best_agreeing || (agreeing == best_agreeing && wanted <= lines[0][best])) continue;
    best = c;
    best_agreeing = agreeing;
  }
  return candidates[best];
}

std::string unquoted(std::string_view field) {
  if (field.size() < 2 || field.front() != '"') return std::string(field);
  std::string content;
  content.reserve(field.size());
  for (std::size_t i = 1; i + 1 < field.size(); ++i) {
    content.push_back(field[i]);
    if (field[i] == '"') ++i;
  }
  return content;
}

namespace {

/// Names are unique and not empty afterwards.
void settle_names(std::vector<std::string>& names) {
  Faults faults;
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = "column_" + std::to_string(i + 1);
    const auto [found, added] = seen.emplace(names[i], i);
    if (!added)
      faults.add("data.duplicate_column", names[i],
                 "columns " + std::to_string(found->second + 1) + " and " + std::to_string(i + 1) +
                     " of the header have this name",
                 "rename one of them");
  }
  faults.throw_if_any();
}

}  // namespace

CsvHeader read_header(std::string_view text, char delimiter, const std::string& place) {
  RowWalker walker(text, delimiter);
  if (!walker.skip_empty_lines())
    throw Error("data.empty_file", place, "the file is empty", "it needs a header line and rows");
  CsvHeader header;
  const std::size_t start = walker.at();
  while (true) {
    const std::size_t begin = walker.at();
    const auto state = walker.walk_field();
    if (state == RowWalker::FieldState::open)
      throw Error("data.unclosed_quote", place, "a quote that opens in the header is never closed");
    if (state == RowWalker::FieldState::text_after_quote)
      throw Error("data.text_after_quote", place,
                  "a quoted field of the header is followed by text instead of the delimiter",
                  "write a quote inside a quoted field twice");
    header.names.push_back(unquoted(text.substr(begin, walker.at() - begin)));
    if (walker.at_row_end()) break;
    walker.step();
  }
  if (first_not_utf8(text.substr(start, walker.at() - start)) != std::string_view::npos)
    throw Error("data.not_utf8", place, "the header is not UTF-8",
                "convert the file to UTF-8, for instance with iconv -f latin1 -t utf-8");
  settle_names(header.names);
  header.size = walker.at();
  return header;
}

}  // namespace automill
