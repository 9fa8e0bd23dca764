#include "learners/tree/row_kernels.hpp"

#include <automill/learners/tree/simd_level.hpp>

namespace automill::tree {

const RowKernels* row_kernels() {
#if defined(__x86_64__)
  static const RowKernels* picked = best_simd_level() >= SimdLevel::avx2 ? &avx2_row_kernels() : nullptr;
  return picked;
#else
  return nullptr;
#endif
}

}  // namespace automill::tree
