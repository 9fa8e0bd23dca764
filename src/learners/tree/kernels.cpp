#include <automill/learners/tree/kernels.hpp>

namespace automill::tree {

SimdLevel best_simd_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return SimdLevel::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return SimdLevel::avx2;
#endif
  return SimdLevel::baseline;
}

const Kernels& kernels_for(SimdLevel level) {
  if (level == SimdLevel::avx512) return avx512_kernels();
  if (level == SimdLevel::avx2) return avx2_kernels();
  return baseline_kernels();
}

const Kernels& kernels() {
  static const Kernels& picked = kernels_for(best_simd_level());
  return picked;
}

}  // namespace automill::tree
