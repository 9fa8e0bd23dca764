#pragma once
// Small letters for capital ones, without tables of Unicode: the alphabets that pair letters one by one.

#include <string>
#include <string_view>

namespace automill {

/// The small letter of a code point; other code points as they are. ASCII, Latin-1 and Latin Extended-A, Greek and
/// Cyrillic.
constexpr char32_t small_letter(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE) return c == 0xD7 ? c : c + 32;
  if (c == 0x178) return 0xFF;
  if (c == 0x130 || c == 0x131 || c == 0x138 || c == 0x149 || c == 0x17F) return c;  // letters without a partner
  const bool odd_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (c >= 0x100 && c <= 0x17F) return (c % 2 == 1) == odd_capital ? c + 1 : c;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  return c;
}

/// UTF-8 with small letters; all of these take two bytes, as their capitals do, or one.
inline std::string small_letters(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const bool pair =
        (first & 0xE0) == 0xC0 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xC0) == 0x80;
    if (!pair) {
      out.push_back(first < 0x80 ? static_cast<char>(small_letter(first)) : text[i]);
      continue;
    }
    const auto second = static_cast<unsigned char>(text[++i]);
    const char32_t letter = small_letter((static_cast<char32_t>(first & 0x1F) << 6) | (second & 0x3F));
    out.push_back(static_cast<char>(0xC0 | (letter >> 6)));
    out.push_back(static_cast<char>(0x80 | (letter & 0x3F)));
  }
  return out;
}

}  // namespace automill
