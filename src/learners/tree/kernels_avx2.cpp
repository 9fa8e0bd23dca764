// Kernels for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx2_kernels
#define AUTOMILL_LEVEL "avx2"
#define AUTOMILL_TARGET __attribute__((target("avx2,bmi,bmi2")))
#define AUTOMILL_VECTOR_BYTES 32
#include "kernels_body.hpp"
#else
#include <automill/learners/tree/kernels.hpp>
namespace automill::tree {
const Kernels& avx2_kernels() { return baseline_kernels(); }
}  // namespace automill::tree
#endif
