#include "learners/tree/shap_kernels.hpp"

#include "learners/kernels_of_level.hpp"

namespace automill::tree {

ShapKernel shap_kernel() {
  static const ShapKernel picked = of_level<ShapKernel>(best_simd_level(), &baseline_shap, &avx2_shap, &avx512_shap);
  return picked;
}

}  // namespace automill::tree
