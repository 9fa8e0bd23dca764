// Kernels for processors with AVX-512 (F, DQ, BW, VL).

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx512_kernels
#define AUTOMILL_LEVEL "avx512"
#define AUTOMILL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi,bmi2")))
#define AUTOMILL_VECTOR_BYTES 64
#include "kernels_body.hpp"
#else
#include <automill/learners/tree/kernels.hpp>
namespace automill::tree {
const Kernels& avx512_kernels() { return baseline_kernels(); }
}  // namespace automill::tree
#endif
