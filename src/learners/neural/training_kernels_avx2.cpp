// Kernels for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx2_training_kernels
#define AUTOMILL_LEVEL "avx2"
#define AUTOMILL_TARGET __attribute__((target("avx2,fma")))
#define AUTOMILL_VECTOR_BYTES 32
#include "training_kernels_body.hpp"
#else
#include "training_kernels.hpp"
namespace automill::neural {
const TrainingKernels& avx2_training_kernels() { return baseline_training_kernels(); }
}  // namespace automill::neural
#endif
