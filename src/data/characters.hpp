#pragma once
// Characters of UTF-8 text: what they are and what the capitals become. The tables are our own, since the library that
// serves has no third-party library. A byte that is not UTF-8 counts as U+FFFD.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "data/unicode_tables.hpp"
#include "data/utf8.hpp"

namespace automill::unicode {

/// The character at text[at]; `at` moves behind it.
inline std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + i])); };
  std::uint32_t code = byte(0);
  if (code < 0x80) {
    ++at;
    return code;
  }
  const std::size_t length = utf8_character(text, at);
  if (length == 2) code = (code & 0x1F) << 6 | (byte(1) & 0x3F);
  else if (length == 3) code = (code & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  else if (length == 4) code = (code & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  else code = 0xFFFD;
  at += length == 0 ? 1 : length;
  return code;
}

inline void append_character(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xE0 | code >> 12);
    } else {
      add(0xF0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3F));
    }
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

namespace detail {

inline constexpr auto page_of = [] {
  std::array<std::uint8_t, 0x110000 / 256> pages{};
  for (std::size_t run = 0; run < std::size(word_runs); ++run) {
    const std::size_t end = run + 1 < std::size(word_runs) ? word_runs[run + 1][0] : pages.size();
    for (std::size_t i = word_runs[run][0]; i < end; ++i) pages[i] = static_cast<std::uint8_t>(word_runs[run][1]);
  }
  return pages;
}();

/// The last range that begins at or before the character; null: none.
inline const CaseRange* range_before(std::uint32_t code) {
  const auto* found = std::upper_bound(std::begin(lower_ranges), std::end(lower_ranges), code,
                                       [](std::uint32_t c, const CaseRange& range) { return c < range.first; });
  return found == std::begin(lower_ranges) ? nullptr : found - 1;
}

}  // namespace detail

/// Letters, digits, other numbers and the underscore.
inline bool is_word(std::uint32_t code) {
  const std::uint64_t* page = word_pages[detail::page_of[code >> 8]];
  return (page[code >> 6 & 3] >> (code & 63) & 1) != 0;
}

inline bool is_space(std::uint32_t code) {
  if (code < 0x80) return code == ' ' || (code >= 9 && code <= 13) || (code >= 28 && code <= 31);
  return std::binary_search(std::begin(spaces), std::end(spaces), code);
}

/// Simple lower case: one character for one, whatever stands beside it.
inline std::uint32_t lower(std::uint32_t code) {
  if (code < 0x80) return code - 'A' < 26 ? code + 32 : code;
  const CaseRange* range = detail::range_before(code);
  if (range == nullptr || code > range->last || (code - range->first) % range->step != 0) return code;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(code) + range->distance);
}

/// Text in lower case; bytes that are no characters stay.
inline std::string lower_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (utf8_character(text, at) == 0) out.push_back(text[at++]);
    else append_character(out, lower(next_character(text, at)));
  }
  return out;
}

inline bool is_capital(std::uint32_t code) { return lower(code) != code; }

/// A letter that some capital becomes.
inline bool is_small(std::uint32_t code) {
  if (code < 0x80) return code - 'a' < 26;
  for (const CaseRange& range : lower_ranges) {
    const std::uint32_t capital = code - static_cast<std::uint32_t>(range.distance);
    if (capital >= range.first && capital <= range.last && (capital - range.first) % range.step == 0) return true;
  }
  return false;
}

/// A decimal digit of any script.
inline bool is_digit(std::uint32_t code) {
  if (code < 0x80) return code - '0' < 10;
  const auto* after = std::upper_bound(std::begin(zeros), std::end(zeros), code);
  return after != std::begin(zeros) && code - after[-1] < 10;
}

}  // namespace automill::unicode
