// Kernels for processors with AVX-512 (F, DQ, BW, VL).

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx512_network_kernels
#define AUTOMILL_LEVEL "avx512"
#define AUTOMILL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#define AUTOMILL_VECTOR_BYTES 64
#include "network_kernels_body.hpp"
#else
#include "network_kernels.hpp"
namespace automill::neural {
const NetworkKernels& avx512_network_kernels() { return baseline_network_kernels(); }
}  // namespace automill::neural
#endif
