#pragma once
// Picks kernels by the vector instructions of this processor.

#include <automill/learners/tree/simd_level.hpp>

namespace automill {

/// Of kernels with fused multiply-adds: all processors with AVX2 have them, but an emulator may not.
inline tree::SimdLevel best_fused_level() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) return tree::SimdLevel::baseline;
#endif
  return tree::best_simd_level();
}

template <class Kernels>
const Kernels& of_level(tree::SimdLevel level, const Kernels& baseline, const Kernels& avx2, const Kernels& avx512) {
  if (level == tree::SimdLevel::avx512) return avx512;
  return level == tree::SimdLevel::avx2 ? avx2 : baseline;
}

}  // namespace automill
