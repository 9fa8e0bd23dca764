#include "training_kernels.hpp"

#include "neural_level.hpp"

namespace automill::neural {

const TrainingKernels& training_kernels() {
  static const TrainingKernels& picked = []() -> const TrainingKernels& {
    switch (best_level()) {
      case tree::SimdLevel::avx512:
        return avx512_training_kernels();
      case tree::SimdLevel::avx2:
        return avx2_training_kernels();
      default:
        return baseline_training_kernels();
    }
  }();
  return picked;
}

}  // namespace automill::neural
