#include "network_kernels.hpp"

#include "learners/kernels_of_level.hpp"

namespace automill::neural {

const NetworkKernels& network_kernels() {
  static const NetworkKernels& picked =
      of_level(best_fused_level(), baseline_network_kernels(), avx2_network_kernels(), avx512_network_kernels());
  return picked;
}

}  // namespace automill::neural
