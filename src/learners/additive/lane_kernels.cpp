#include "lane_kernels.hpp"

#include <automill/learners/tree/simd_level.hpp>

namespace automill::additive {

const LaneKernels& lane_kernels() {
  static const LaneKernels& picked =
      tree::best_simd_level() == tree::SimdLevel::baseline ? baseline_lane_kernels() : avx2_lane_kernels();
  return picked;
}

}  // namespace automill::additive
