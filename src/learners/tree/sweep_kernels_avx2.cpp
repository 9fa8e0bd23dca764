// Sweep kernels for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx2_sweep_kernels
#define AUTOMILL_TARGET __attribute__((target("avx2,bmi,bmi2")))
#define AUTOMILL_VECTOR_BYTES 32
#include "sweep_kernels_body.hpp"
#else
#include "learners/tree/sweep_kernels.hpp"
namespace automill::tree {
const SweepKernels& avx2_sweep_kernels() { return baseline_sweep_kernels(); }
}  // namespace automill::tree
#endif
