// Kernels for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNELS avx2_lane_kernels
#define AUTOMILL_LEVEL "avx2"
#define AUTOMILL_TARGET __attribute__((target("avx2,bmi,bmi2")))
#include "lane_kernels_body.hpp"
#else
#include "lane_kernels.hpp"
namespace automill::additive {
const LaneKernels& avx2_lane_kernels() { return baseline_lane_kernels(); }
}  // namespace automill::additive
#endif
