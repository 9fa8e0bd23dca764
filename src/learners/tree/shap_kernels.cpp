#include "learners/tree/shap_kernels.hpp"

#include <automill/learners/tree/simd_level.hpp>

namespace automill::tree {

ShapKernel shap_kernel() {
  static const ShapKernel picked = [] {
    switch (best_simd_level()) {
      case SimdLevel::avx512:
        return avx512_shap;
      case SimdLevel::avx2:
        return avx2_shap;
      default:
        return baseline_shap;
    }
  }();
  return picked;
}

}  // namespace automill::tree
