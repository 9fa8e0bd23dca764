#pragma once
// Vectors of single-precision numbers, and what is done with them element by element. Every level compiles its own
// copy, so all is in an unnamed namespace; the includer defines AUTOMILL_TARGET (function attribute),
// AUTOMILL_VECTOR_BYTES and AUTOMILL_FUSED (1: a product and a sum are rounded once). No function of another header may
// be called here: an inline function compiled for a newer processor could be the copy that the linker keeps for all.

#include "network_kernels.hpp"
#if defined(__x86_64__)
#include <immintrin.h>  // its functions are always inlined and carry their own target
#endif

namespace automill::neural {
namespace {

#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))
#define AUTOMILL_UNROLL _Pragma("GCC unroll 16")

constexpr std::size_t lanes = AUTOMILL_VECTOR_BYTES / 4;
constexpr std::size_t vectors_a_panel = panel / lanes;
typedef float Floats __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef int Ints __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef unsigned Words __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), may_alias));
typedef float FloatsAnywhere __attribute__((vector_size(AUTOMILL_VECTOR_BYTES), aligned(4), may_alias));

AUTOMILL_INLINE Floats load(const float* at) { return *reinterpret_cast<const FloatsAnywhere*>(at); }
AUTOMILL_INLINE void store(float* at, Floats v) { *reinterpret_cast<FloatsAnywhere*>(at) = v; }

#if defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 64
AUTOMILL_INLINE Floats all(float v) { return (Floats)_mm512_set1_ps(v); }
AUTOMILL_INLINE Floats larger(Floats a, Floats b) { return (Floats)_mm512_max_ps((__m512)a, (__m512)b); }
AUTOMILL_INLINE Floats smaller(Floats a, Floats b) { return (Floats)_mm512_min_ps((__m512)a, (__m512)b); }
AUTOMILL_INLINE Floats root(Floats a) { return (Floats)_mm512_sqrt_ps((__m512)a); }
/// x > 0 ? yes : no
AUTOMILL_INLINE Floats if_positive(Floats x, Floats yes, Floats no) {
  return (Floats)_mm512_mask_blend_ps(_mm512_cmp_ps_mask((__m512)x, _mm512_setzero_ps(), _CMP_GT_OQ), (__m512)no,
                                      (__m512)yes);
}
#elif defined(__x86_64__) && AUTOMILL_VECTOR_BYTES == 32
AUTOMILL_INLINE Floats all(float v) { return (Floats)_mm256_set1_ps(v); }
AUTOMILL_INLINE Floats larger(Floats a, Floats b) { return (Floats)_mm256_max_ps((__m256)a, (__m256)b); }
AUTOMILL_INLINE Floats smaller(Floats a, Floats b) { return (Floats)_mm256_min_ps((__m256)a, (__m256)b); }
AUTOMILL_INLINE Floats root(Floats a) { return (Floats)_mm256_sqrt_ps((__m256)a); }
AUTOMILL_INLINE Floats if_positive(Floats x, Floats yes, Floats no) { return x > 0.0F ? yes : no; }
#else
AUTOMILL_INLINE Floats all(float v) {
  Floats result;
  for (std::size_t i = 0; i < lanes; ++i) result[i] = v;
  return result;
}
AUTOMILL_INLINE Floats larger(Floats a, Floats b) { return a > b ? a : b; }
AUTOMILL_INLINE Floats smaller(Floats a, Floats b) { return a < b ? a : b; }
AUTOMILL_INLINE Floats root(Floats a) {
  for (std::size_t i = 0; i < lanes; ++i) a[i] = __builtin_sqrtf(a[i]);
  return a;
}
AUTOMILL_INLINE Floats if_positive(Floats x, Floats yes, Floats no) { return x > 0.0F ? yes : no; }
#endif

/// a b + c
AUTOMILL_INLINE Floats add_product(Floats a, Floats b, Floats c) {
#if AUTOMILL_FUSED && AUTOMILL_VECTOR_BYTES == 64
  return (Floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif AUTOMILL_FUSED && AUTOMILL_VECTOR_BYTES == 32
  return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

constexpr float rounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
constexpr int rounder_bits = 0x4b400000;

/// e^x for x in [-87, 88], other x as the nearest of these; relative error below 2e-7 (Cephes, expf).
AUTOMILL_INLINE Floats exponential(Floats x) {
  x = smaller(larger(x, all(-87.0F)), all(88.0F));
  const Floats shifted = add_product(x, all(1.44269504088896341F), all(rounder));
  const Floats k = shifted - rounder;
  Floats r = add_product(k, all(-0.693359375F), x);
  r = add_product(k, all(2.12194440e-4F), r);
  Floats p = all(1.9875691500e-4F);
  p = add_product(p, r, all(1.3981999507e-3F));
  p = add_product(p, r, all(8.3334519073e-3F));
  p = add_product(p, r, all(4.1665795894e-2F));
  p = add_product(p, r, all(1.6666665459e-1F));
  p = add_product(p, r, all(5.0000001201e-1F));
  const Floats value = add_product(p, r * r, r) + 1.0F;
  const Ints exponent = (Ints)shifted - rounder_bits;
  return value * (Floats)((exponent + 127) << 23);
}

/// cos(2 pi t) for |t| < 2^21; absolute error below 3e-7. The distance to the next whole turn is exact; a sine's Taylor
/// polynomial of degree 11 serves a quarter of a turn.
AUTOMILL_INLINE Floats cosine_of_turns(Floats t) {
  const Floats r = t - ((t + rounder) - rounder);
  const Floats y = 0.25F - (Floats)((Ints)r & 0x7fffffff), z = y * y;
  Floats p = all(-15.0946426F);
  p = add_product(p, z, all(42.0586940F));
  p = add_product(p, z, all(-76.7058598F));
  p = add_product(p, z, all(81.6052493F));
  p = add_product(p, z, all(-41.3417022F));
  p = add_product(p, z, all(6.28318531F));
  return p * y;
}
/// sin(2 pi t)
AUTOMILL_INLINE Floats sine_of_turns(Floats t) { return cosine_of_turns(t - 0.25F); }

constexpr float turns_a_radian = 0.159154943F;
constexpr float selu_scale = 1.05070098F, selu_alpha = 1.67326324F;

/// The activation and its derivative. `Mish` is x tanh(log(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2).
struct Activated {
  Floats value, derivative;
};
template <Activation kind>
AUTOMILL_INLINE Activated activated(Floats x) {
  if constexpr (kind == Activation::selu) {
    const Floats e = exponential(smaller(x, Floats{})) * (selu_scale * selu_alpha);
    const Floats value = add_product(larger(x, Floats{}), all(selu_scale), e - selu_scale * selu_alpha);
    return {value, if_positive(x, all(selu_scale), e)};
  } else if constexpr (kind == Activation::mish) {
    const Floats e = exponential(smaller(x, all(20.0F))), n = e * (e + 2.0F);
    const Floats inverse = 1.0F / (n + 2.0F), t = n * inverse;
    return {x * t, add_product(x * (4.0F * e) * (e + 1.0F), inverse * inverse, t)};
  } else {
    return {larger(x, Floats{}), if_positive(x, all(1.0F), Floats{})};
  }
}

}  // namespace
}  // namespace automill::neural
