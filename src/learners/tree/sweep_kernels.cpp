#include "learners/tree/sweep_kernels.hpp"

#include "learners/kernels_of_level.hpp"

namespace automill::tree {

const SweepKernels& sweep_kernels() {
  static const SweepKernels& picked =
      of_level(best_simd_level(), baseline_sweep_kernels(), avx2_sweep_kernels(), avx512_sweep_kernels());
  return picked;
}

}  // namespace automill::tree
