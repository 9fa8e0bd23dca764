#pragma once
// Where the special bytes of a CSV file are in 64 bytes, as bit masks (bit i = byte i). SSE2 is part of every x86-64
// processor; elsewhere eight bytes at a time are compared in a word.

#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace automill {

struct ByteMasks {
  std::uint64_t delimiter = 0;
  std::uint64_t quote = 0;
  std::uint64_t line_end = 0;  ///< \n and \r
  std::uint64_t high = 0;      ///< not 0 when some byte is not ASCII
};

#if defined(__SSE2__)

/// Bit i is set where byte i of the 64 equals `wanted`.
inline std::uint64_t equal_mask(const __m128i (&block)[4], char wanted) {
  const __m128i value = _mm_set1_epi8(wanted);
  std::uint64_t mask = 0;
  for (int i = 0; i < 4; ++i) {
    const auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(block[i], value)));
    mask |= static_cast<std::uint64_t>(bits) << (16 * i);
  }
  return mask;
}

inline ByteMasks byte_masks(const char* bytes, char delimiter) {
  __m128i block[4];
  for (int i = 0; i < 4; ++i) block[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
  ByteMasks masks{.delimiter = equal_mask(block, delimiter), .quote = equal_mask(block, '"')};
  masks.line_end = equal_mask(block, '\n') | equal_mask(block, '\r');
  const __m128i any = _mm_or_si128(_mm_or_si128(block[0], block[1]), _mm_or_si128(block[2], block[3]));
  masks.high = static_cast<std::uint64_t>(_mm_movemask_epi8(any));
  return masks;
}

inline std::uint64_t quote_mask(const char* bytes) {
  __m128i block[4];
  for (int i = 0; i < 4; ++i) block[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
  return equal_mask(block, '"');
}

#else

/// Bit i is set where byte i of the word equals `wanted`. The zero-byte trick without borrow between bytes.
inline std::uint64_t equal_bits(std::uint64_t word, char wanted) {
  constexpr std::uint64_t ones = 0x0101010101010101ULL, low7 = 0x7f7f7f7f7f7f7f7fULL;
  const std::uint64_t x = word ^ (ones * static_cast<unsigned char>(wanted));
  const std::uint64_t zero = ~(((x & low7) + low7) | x | low7);  // 0x80 in every zero byte
  return ((zero >> 7) * 0x0102040810204080ULL) >> 56;
}

inline ByteMasks byte_masks(const char* bytes, char delimiter) {
  ByteMasks masks;
  for (int i = 0; i < 8; ++i) {
    std::uint64_t word;
    std::memcpy(&word, bytes + 8 * i, sizeof word);
    masks.delimiter |= equal_bits(word, delimiter) << (8 * i);
    masks.quote |= equal_bits(word, '"') << (8 * i);
    masks.line_end |= (equal_bits(word, '\n') | equal_bits(word, '\r')) << (8 * i);
    masks.high |= word & 0x8080808080808080ULL;
  }
  return masks;
}

inline std::uint64_t quote_mask(const char* bytes) { return byte_masks(bytes, ',').quote; }

#endif

/// Bit i = parity of bits 0 .. i.
inline std::uint64_t prefix_parity(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace automill
