#include "neighbor_kernels.hpp"

#include "learners/kernels_of_level.hpp"

namespace automill::neighbors {

const PanelKernels& panel_kernels() {
  static const PanelKernels& picked =
      of_level(best_fused_level(), baseline_panel_kernels(), avx2_panel_kernels(), avx512_panel_kernels());
  return picked;
}

}  // namespace automill::neighbors
