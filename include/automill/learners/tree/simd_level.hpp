#pragma once
// Which vector instructions this processor has.

namespace automill::tree {

enum class SimdLevel { baseline, avx2, avx512 };

/// The best level that this processor runs.
inline SimdLevel best_simd_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return SimdLevel::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return SimdLevel::avx2;
#endif
  return SimdLevel::baseline;
}

}  // namespace automill::tree
