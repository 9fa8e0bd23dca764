// Kernels for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx2_network_kernels
#define AUTOMILL_LEVEL "avx2"
#define AUTOMILL_TARGET __attribute__((target("avx2,fma")))
#define AUTOMILL_VECTOR_BYTES 32
#include "network_kernels_body.hpp"
#else
#include "network_kernels.hpp"
namespace automill::neural {
const NetworkKernels& avx2_network_kernels() { return baseline_network_kernels(); }
}  // namespace automill::neural
#endif
