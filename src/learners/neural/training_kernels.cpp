#include "training_kernels.hpp"

#include "learners/kernels_of_level.hpp"

namespace automill::neural {

const TrainingKernels& training_kernels() {
  static const TrainingKernels& picked =
      of_level(best_fused_level(), baseline_training_kernels(), avx2_training_kernels(), avx512_training_kernels());
  return picked;
}

}  // namespace automill::neural
