#include "network_kernels.hpp"

#include "neural_level.hpp"

namespace automill::neural {

const NetworkKernels& network_kernels() {
  static const NetworkKernels& picked = []() -> const NetworkKernels& {
    switch (best_level()) {
      case tree::SimdLevel::avx512:
        return avx512_network_kernels();
      case tree::SimdLevel::avx2:
        return avx2_network_kernels();
      default:
        return baseline_network_kernels();
    }
  }();
  return picked;
}

}  // namespace automill::neural
