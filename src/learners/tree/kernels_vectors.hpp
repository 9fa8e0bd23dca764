#pragma once
// Vectors of doubles and words, and what is done with them element by element. Every level compiles its own copy, so
// all is in an unnamed namespace.
// Part of kernels_body.hpp, which says what may be called here.

#if defined(__x86_64__)
#include <immintrin.h>  // its functions are always inlined and carry their own target
#endif

namespace automill::tree {
namespace {

#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))

constexpr int width = AUTOMILL_VECTOR_BYTES / 8;  // elements of a vector
typedef double Doubles __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef long long Integers __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef unsigned long long Words __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef double DoublesAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(8), may_alias));
typedef unsigned long long WordsAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(8), may_alias));
typedef std::uint64_t WordAnywhere __attribute__((may_alias));

constexpr double magic = 4503599627370496.0;  // 2^52: its low bits are an unsigned integer
constexpr unsigned long long magic_bits = 0x4330000000000000ULL;
constexpr double rounder = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
constexpr unsigned long long rounder_bits = 0x4338000000000000ULL;

AUTOMILL_INLINE Doubles load(const double* at) { return *reinterpret_cast<const DoublesAnywhere*>(at); }
AUTOMILL_INLINE Words load_words(const void* at) { return *static_cast<const WordsAnywhere*>(at); }
AUTOMILL_INLINE void store(double* at, Doubles v) { *reinterpret_cast<DoublesAnywhere*>(at) = v; }
AUTOMILL_INLINE void store_words(void* at, Words v) { *static_cast<WordsAnywhere*>(at) = v; }
AUTOMILL_INLINE Doubles all(double v) { return Doubles{} + v; }

// Outcome of a comparison, element by element.
#if AUTOMILL_VECTOR_BYTES == 64
typedef __mmask8 Mask;
AUTOMILL_INLINE Mask above(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ); }
AUTOMILL_INLINE Mask at_least(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GE_OQ); }
AUTOMILL_INLINE Mask same(Doubles a, Doubles b) { return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_EQ_OQ); }
AUTOMILL_INLINE bool any(Mask mask) { return mask != 0; }
AUTOMILL_INLINE Doubles select(Mask mask, Doubles yes, Doubles no) {
  return (Doubles)_mm512_mask_blend_pd(mask, (__m512d)no, (__m512d)yes);
}
#else
typedef Integers Mask;
AUTOMILL_INLINE Mask above(Doubles a, Doubles b) { return (Mask)(a > b); }
AUTOMILL_INLINE Mask at_least(Doubles a, Doubles b) { return (Mask)(a >= b); }
AUTOMILL_INLINE Mask same(Doubles a, Doubles b) { return (Mask)(a == b); }
AUTOMILL_INLINE bool any(Mask mask) {
#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
  return _mm256_movemask_pd((__m256d)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_pd((__m128d)mask) != 0;
#else
  long long bits = 0;
  for (int k = 0; k < width; ++k) bits |= mask[k];
  return bits != 0;
#endif
}
AUTOMILL_INLINE Doubles select(Mask mask, Doubles yes, Doubles no) { return mask ? yes : no; }
#endif
AUTOMILL_INLINE Doubles larger(Doubles a, Doubles b) { return select(above(a, b), a, b); }
AUTOMILL_INLINE Doubles smaller(Doubles a, Doubles b) { return select(above(b, a), a, b); }

}  // namespace
}  // namespace automill::tree
