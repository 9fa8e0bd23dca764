// Sweep kernels for processors with AVX-512 (F, DQ, BW, VL).

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx512_sweep_kernels
#define AUTOMILL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi,bmi2")))
#define AUTOMILL_VECTOR_BYTES 64
#include "sweep_kernels_body.hpp"
#else
#include "learners/tree/sweep_kernels.hpp"
namespace automill::tree {
const SweepKernels& avx512_sweep_kernels() { return baseline_sweep_kernels(); }
}  // namespace automill::tree
#endif
