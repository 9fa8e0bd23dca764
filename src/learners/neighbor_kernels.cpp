#include "neighbor_kernels.hpp"

#include <automill/learners/tree/simd_level.hpp>

namespace automill::neighbors {

const PanelKernels& panel_kernels() {
  static const PanelKernels& picked = []() -> const PanelKernels& {
#if defined(__x86_64__)
    const tree::SimdLevel level = tree::best_simd_level();
    if (level == tree::SimdLevel::avx512) return avx512_panel_kernels();
    if (level == tree::SimdLevel::avx2 && __builtin_cpu_supports("fma")) return avx2_panel_kernels();
#endif
    return baseline_panel_kernels();
  }();
  return picked;
}

}  // namespace automill::neighbors
