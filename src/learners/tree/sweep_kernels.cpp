#include "learners/tree/sweep_kernels.hpp"

#include <automill/learners/tree/simd_level.hpp>

namespace automill::tree {

const SweepKernels& sweep_kernels() {
  static const SweepKernels& picked = []() -> const SweepKernels& {
    switch (best_simd_level()) {
      case SimdLevel::avx512:
        return avx512_sweep_kernels();
      case SimdLevel::avx2:
        return avx2_sweep_kernels();
      default:
        return baseline_sweep_kernels();
    }
  }();
  return picked;
}

}  // namespace automill::tree
