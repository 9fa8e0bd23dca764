#include <automill/learners/tree/kernels.hpp>

#include "learners/kernels_of_level.hpp"

namespace automill::tree {

const Kernels& kernels_for(SimdLevel level) {
  return of_level(level, baseline_kernels(), avx2_kernels(), avx512_kernels());
}

const Kernels& kernels() {
  static const Kernels& picked = kernels_for(best_simd_level());
  return picked;
}

}  // namespace automill::tree
