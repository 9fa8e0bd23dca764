#pragma once
// Eight characters at a time as one 64-bit word, the first in the lowest byte.

#include <bit>
#include <cstdint>
#include <cstring>

namespace automill {

static_assert(std::endian::native == std::endian::little, "eight digits in a word: the first is the lowest byte");

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline std::uint64_t load_eight(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, 8);
  return word;
}

/// A word of eight characters, as a constant to compare with.
consteval std::uint64_t eight_characters(const char (&text)[9]) {
  std::uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<unsigned char>(text[i]);
  return word;
}

/// The number of eight digits given as bytes 0 .. 9: pairs, fours, eight (Daniel Lemire's parse_eight_digits).
inline std::uint64_t eight_digits(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  constexpr std::uint64_t pair = 0x000000FF000000FFULL;
  return ((digits & pair) * 0x000F424000000064ULL + ((digits >> 16) & pair) * 0x0000271000000001ULL) >> 32;
}

/// All bytes are 0 .. 9.
inline bool all_digits(std::uint64_t bytes) {
  return (((bytes + 0x7676767676767676ULL) | bytes) & 0x8080808080808080ULL) == 0;
}

}  // namespace automill
