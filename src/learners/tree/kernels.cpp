#include <automill/learners/tree/kernels.hpp>

namespace automill::tree {

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
