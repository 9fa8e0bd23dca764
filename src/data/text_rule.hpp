#pragma once
// When strings are free text rather than categories.

#include <automill/core/stop.hpp>
#include <automill/core/table.hpp>
#include <numeric>
#include <unordered_set>

namespace automill {

/// Runs of characters between blanks.
inline std::size_t words_in(std::string_view text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    words += !blank && !inside ? 1 : 0;
    inside = !blank;
  }
  return words;
}

/// Text: values of three words and more on average (over the distinct values) that mostly do not repeat. More than 1 %
/// of distinct values are enough in large tables (AutoGluon's rule); in small ones, where any column of names passes
/// that, more than half of the values must be distinct: below 10,000 values at least min(half, 100) of them are.
inline bool is_free_text(std::size_t distinct, std::size_t present, std::size_t words_of_distinct) {
  if (distinct == 0 || words_of_distinct < 3 * distinct) return false;
  const std::size_t hundredth = present / 100, half = present / 2;
  const std::size_t needed = hundredth > 100 ? hundredth : half < 100 ? half : std::size_t{100};
  return distinct > needed;
}

/// Many strings of some words each: names, titles, answers. What they have in common says more than each by itself.
inline bool strings_speak(std::size_t distinct, std::size_t words_of_distinct) {
  return distinct >= 30 && 2 * words_of_distinct >= 3 * distinct;
}

/// Whether at least half of the rows of a text column hold a string that another row holds, too. `counts`: the copies
/// that each row stands for; empty: one.
inline bool strings_repeat(const TableView& rows, std::size_t column, const std::vector<double>& counts,
                           const StopToken& stop) {
  const double total =
      counts.empty() ? static_cast<double>(rows.rows()) : std::accumulate(counts.begin(), counts.end(), 0.0);
  std::unordered_set<std::string_view> distinct;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (i % 4096 == 0) stop.throw_if_requested();
    if (counts.empty() || counts[i] > 0) distinct.insert(rows.text(column, i));
    if (2 * static_cast<double>(distinct.size()) > total) return false;
  }
  return true;
}

}  // namespace automill
