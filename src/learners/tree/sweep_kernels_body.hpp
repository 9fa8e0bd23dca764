// The bodies of the sweep kernels; included by one translation unit a level, as kernels_body.hpp is.

#include "learners/tree/sweep_kernels.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace automill::tree {
namespace {

constexpr std::size_t lanes = AUTOMILL_VECTOR_BYTES;
typedef std::uint8_t Bytes __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef std::uint8_t BytesAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(1), may_alias));

#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))

AUTOMILL_INLINE Bytes load(const std::uint8_t* at) { return *reinterpret_cast<const BytesAnywhere*>(at); }

/// 255 where the code is above the bin, 0 elsewhere.
AUTOMILL_INLINE Bytes above(Bytes codes, std::uint8_t bin) { return (Bytes)(codes > (Bytes{} + bin)); }

/// 255 where the code is not in the set.
AUTOMILL_INLINE Bytes outside(Bytes codes, const CodeSet& set) {
#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 64
  const __m512i c = (__m512i)codes, low7 = _mm512_set1_epi8(7);
  const __m512i first = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words))),
                second = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words + 2)));
  const __m512i place = _mm512_and_si512(_mm512_srli_epi16(c, 3), _mm512_set1_epi8(15));
  const __m512i bits = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
  const __m512i byte = _mm512_mask_blend_epi8(_mm512_movepi8_mask(c), _mm512_shuffle_epi8(first, place),
                                              _mm512_shuffle_epi8(second, place));
  const __m512i bit = _mm512_shuffle_epi8(bits, _mm512_and_si512(c, low7));
  return (Bytes)_mm512_movm_epi8(_mm512_testn_epi8_mask(byte, bit));
#elif defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
  const __m256i c = (__m256i)codes, low7 = _mm256_set1_epi8(7);
  const __m256i first = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words))),
                second = _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(set.words + 2)));
  const __m256i place = _mm256_and_si256(_mm256_srli_epi16(c, 3), _mm256_set1_epi8(15));
  const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const __m256i byte =
      _mm256_blendv_epi8(_mm256_shuffle_epi8(first, place), _mm256_shuffle_epi8(second, place), c);
  const __m256i bit = _mm256_shuffle_epi8(bits, _mm256_and_si256(c, low7));
  return (Bytes)_mm256_cmpeq_epi8(_mm256_and_si256(byte, bit), _mm256_setzero_si256());
#else
  Bytes result;
  for (std::size_t i = 0; i < lanes; ++i)
    result[i] = ((set.words[codes[i] / 64] >> (codes[i] % 64)) & 1) != 0 ? 0 : 255;
  return result;
#endif
}

template <bool categories>
AUTOMILL_TARGET void sweep(const SweptTree& tree, const std::uint8_t* codes, std::uint8_t* leaves) {
  Bytes reach[2 * most_swept_leaves - 1];
  reach[0] = Bytes{} + std::uint8_t{255};
  for (std::size_t i = 0; i < tree.inner; ++i) {
    const SweptNode& node = tree.nodes[i];
    const Bytes own = load(codes + std::size_t{node.slot} * swept_rows);
    const Bytes right = categories && node.categorical != 0 ? outside(own, tree.sets[node.set]) : above(own, node.bin);
    const Bytes here = reach[i];
    reach[node.left] = here & ~right;
    reach[node.right] = here & right;
  }
  Bytes found{}, number{};
  for (std::size_t leaf = 1; leaf <= tree.inner; ++leaf) {
    number += std::uint8_t{1};
    found |= reach[tree.inner + leaf] & number;
  }
  *reinterpret_cast<BytesAnywhere*>(leaves) = found;
}

AUTOMILL_TARGET void find_leaves(const SweptTree& tree, const std::uint8_t* codes, std::uint8_t* leaves) {
  for (std::size_t row = 0; row < swept_rows; row += lanes) {
    if (tree.categories) sweep<true>(tree, codes + row, leaves + row);
    else sweep<false>(tree, codes + row, leaves + row);
  }
}

AUTOMILL_TARGET void encode(const double* thresholds, std::size_t count, const double* values, std::uint8_t missing,
                            std::uint8_t* codes) {
  std::uint32_t below[swept_rows] = {};
  for (std::size_t left = count; left > 0;) {  // the answer lies in [below, below + left]
    const std::size_t step = (left + 1) / 2;
    for (std::size_t row = 0; row < swept_rows; ++row)
      below[row] += thresholds[below[row] + step - 1] < values[row] ? static_cast<std::uint32_t>(step) : 0U;
    left -= step;
  }
  for (std::size_t row = 0; row < swept_rows; ++row)
    codes[row] = values[row] == values[row] ? static_cast<std::uint8_t>(below[row]) : missing;
}

}  // namespace

const SweepKernels& AUTOMILL_KERNELS() {
  static const SweepKernels table{find_leaves, encode};
  return table;
}

}  // namespace automill::tree
