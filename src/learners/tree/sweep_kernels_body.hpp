// The bodies of the sweep kernels; included by one translation unit a level, as kernels_body.hpp is. Rows are bits of
// 64-bit masks: comparisons give one a node, and passing rows on to children is two operations on words.

#include "learners/tree/sweep_kernels.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace automill::tree {
namespace {

#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))

// A mask has a bit a row; four of them are the rows of a block.
constexpr std::size_t words = swept_rows / 64;
typedef std::uint64_t Masks __attribute__((vector_size(swept_rows / 8), aligned(32), may_alias));

#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 64
AUTOMILL_INLINE std::uint64_t above(const std::uint8_t* codes, std::uint8_t bin) {
  return _mm512_cmpgt_epu8_mask(_mm512_loadu_si512(codes), _mm512_set1_epi8(static_cast<char>(bin)));
}
AUTOMILL_INLINE std::uint64_t outside(const std::uint8_t* codes, const CodeSet& set) {
  const __m512i c = _mm512_loadu_si512(codes);
  const __m512i first = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words))),
                second = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words + 2)));
  const __m512i place = _mm512_and_si512(_mm512_srli_epi16(c, 3), _mm512_set1_epi8(15));
  const __m512i byte = _mm512_mask_blend_epi8(_mm512_movepi8_mask(c), _mm512_shuffle_epi8(first, place),
                                              _mm512_shuffle_epi8(second, place));
  const __m512i bits = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
  return _mm512_testn_epi8_mask(byte, _mm512_shuffle_epi8(bits, _mm512_and_si512(c, _mm512_set1_epi8(7))));
}
#elif defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
AUTOMILL_INLINE std::uint64_t above_half(const std::uint8_t* codes, __m256i least) {
  const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(c, least), c)));
}
AUTOMILL_INLINE std::uint64_t above(const std::uint8_t* codes, std::uint8_t bin) {
  const __m256i least = _mm256_set1_epi8(static_cast<char>(bin + 1));
  return above_half(codes, least) | above_half(codes + 32, least) << 32;
}
AUTOMILL_INLINE std::uint64_t outside_half(const std::uint8_t* codes, const CodeSet& set) {
  const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
  const __m256i first = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words))),
                second = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words + 2)));
  const __m256i place = _mm256_and_si256(_mm256_srli_epi16(c, 3), _mm256_set1_epi8(15));
  const __m256i byte = _mm256_blendv_epi8(_mm256_shuffle_epi8(first, place), _mm256_shuffle_epi8(second, place), c);
  const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const __m256i bit = _mm256_shuffle_epi8(bits, _mm256_and_si256(c, _mm256_set1_epi8(7)));
  return static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(byte, bit), _mm256_setzero_si256())));
}
AUTOMILL_INLINE std::uint64_t outside(const std::uint8_t* codes, const CodeSet& set) {
  return outside_half(codes, set) | outside_half(codes + 32, set) << 32;
}
#else
AUTOMILL_INLINE std::uint64_t above(const std::uint8_t* codes, std::uint8_t bin) {
  std::uint64_t mask = 0;
#if defined(__x86_64__)
  const __m128i least = _mm_set1_epi8(static_cast<char>(bin + 1));
  for (std::size_t row = 0; row < 64; row += 16) {
    const __m128i c = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + row));
    mask |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(c, least), c)))}
            << row;
  }
#else
  for (std::size_t row = 0; row < 64; ++row) mask |= std::uint64_t{codes[row] > bin} << row;
#endif
  return mask;
}
AUTOMILL_INLINE std::uint64_t outside(const std::uint8_t* codes, const CodeSet& set) {
  std::uint64_t mask = 0;
  for (std::size_t row = 0; row < 64; ++row) mask |= (~(set.words[codes[row] / 64] >> (codes[row] % 64)) & 1) << row;
  return mask;
}
#endif

template <bool categories>
AUTOMILL_TARGET void ask_nodes(const SweptTree& tree, std::size_t count, const std::uint8_t* codes, Masks* right) {
  for (std::size_t i = 0; i < count; ++i) {
    const SweptNode& node = tree.nodes[i];
    const std::uint8_t* own = codes + std::size_t{node.slot} * swept_rows;
    std::uint64_t* out = reinterpret_cast<std::uint64_t*>(right + i);
    if (categories && node.categorical != 0)
      for (std::size_t w = 0; w < words; ++w) out[w] = outside(own + 64 * w, tree.sets[node.set]);
    else
      for (std::size_t w = 0; w < words; ++w) out[w] = above(own + 64 * w, node.bin);
  }
}

/// The bits of the leaves' numbers, a mask for each, from the rows that reach each leaf. `reached` is padded with zeros
/// to a multiple of eight.
AUTOMILL_TARGET void number_leaves(const Masks* reached, std::size_t leaves, Masks (&bits)[8]) {
  for (std::size_t first = 0; first < leaves; first += 8) {
    const Masks* r = reached + first;
    const Masks r67 = r[6] | r[7], r57 = r[5] | r[7], r4567 = r[4] | r[5] | r67;
    bits[0] |= r[1] | r[3] | r57;
    bits[1] |= r[2] | r[3] | r67;
    bits[2] |= r4567;
    const Masks any = r[0] | r[1] | r[2] | r[3] | r4567;
    for (std::size_t bit = 3; bit < 8; ++bit)
      if (((first >> bit) & 1) != 0) bits[bit] |= any;
  }
}

/// Eight masks to a byte a row: transposes squares of 8 x 8 bits, four at once.
AUTOMILL_TARGET void write_numbers(const Masks (&bits)[8], std::uint8_t* leaves) {
  for (std::size_t part = 0; part < 8; ++part) {
    Masks square{};
    for (std::size_t bit = 0; bit < 8; ++bit) square |= ((bits[bit] >> (8 * part)) & 255) << (8 * bit);
    Masks swap = (square ^ (square >> 7)) & 0x00aa00aa00aa00aaULL;
    square ^= swap ^ (swap << 7);
    swap = (square ^ (square >> 14)) & 0x0000cccc0000ccccULL;
    square ^= swap ^ (swap << 14);
    swap = (square ^ (square >> 28)) & 0x00000000f0f0f0f0ULL;
    square ^= swap ^ (swap << 28);
    for (std::size_t w = 0; w < words; ++w) {
      const std::uint64_t eight = square[w];
      __builtin_memcpy(leaves + 64 * w + 8 * part, &eight, 8);
    }
  }
}

/// The first level is the highest bit of a leaf's number.
AUTOMILL_TARGET void find_symmetric(const SweptTree& tree, const std::uint8_t* codes, std::uint8_t* leaves) {
  Masks right[8], bits[8] = {};
  if (tree.categories) ask_nodes<true>(tree, tree.levels, codes, right);
  else ask_nodes<false>(tree, tree.levels, codes, right);
  for (std::size_t level = 0; level < tree.levels; ++level) bits[tree.levels - 1 - level] = right[level];
  write_numbers(bits, leaves);
}

AUTOMILL_TARGET void find_leaves(const SweptTree& tree, const std::uint8_t* codes, std::uint8_t* leaves) {
  if (tree.levels > 0) return find_symmetric(tree, codes, leaves);
  Masks right[most_swept_leaves], reach[2 * most_swept_leaves + 8];
  if (tree.categories) ask_nodes<true>(tree, tree.inner, codes, right);
  else ask_nodes<false>(tree, tree.inner, codes, right);
  reach[0] = ~Masks{};
  for (std::size_t i = 0; i < tree.inner; ++i) {
    const Masks here = reach[i], goes = right[i];
    reach[tree.nodes[i].left] = here & ~goes;
    reach[tree.nodes[i].right] = here & goes;
  }
  const std::size_t count = tree.inner + 1;
  for (std::size_t i = 0; i < 8; ++i) reach[tree.inner + count + i] = Masks{};
  Masks bits[8] = {};
  number_leaves(reach + tree.inner, count, bits);
  write_numbers(bits, leaves);
}

AUTOMILL_TARGET void add_values(const double* values, const std::uint8_t* leaves, double* __restrict scores) {
  for (std::size_t row = 0; row < swept_rows; ++row) scores[row] += values[leaves[row]];
}

AUTOMILL_TARGET void encode(const double* thresholds, std::size_t count, const double* values, std::uint8_t missing,
                            std::uint8_t* codes) {
  std::uint32_t below[swept_rows] = {};
  for (std::size_t left = count; left > 0;) {  // the answer lies in [below, below + left]
    const std::size_t step = (left + 1) / 2;
    for (std::size_t row = 0; row < swept_rows; ++row) {  // without a branch: half of them would be guessed wrong
      const auto above = static_cast<std::uint32_t>(thresholds[below[row] + step - 1] < values[row]);
      below[row] += (0U - above) & static_cast<std::uint32_t>(step);
    }
    left -= step;
  }
  for (std::size_t row = 0; row < swept_rows; ++row)
    codes[row] = values[row] == values[row] ? static_cast<std::uint8_t>(below[row]) : missing;
}

}  // namespace

const SweepKernels& AUTOMILL_KERNELS() {
  static const SweepKernels table{find_leaves, encode, add_values};
  return table;
}

}  // namespace automill::tree
