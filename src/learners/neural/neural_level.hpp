#pragma once
// The SIMD level of the kernels of networks: that of the trees, where fused multiply-adds are there, too (all
// processors with AVX2 have them; an emulator may not).

#include <automill/learners/tree/simd_level.hpp>

namespace automill::neural {

inline tree::SimdLevel best_level() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) return tree::SimdLevel::baseline;
#endif
  return tree::best_simd_level();
}

}  // namespace automill::neural
