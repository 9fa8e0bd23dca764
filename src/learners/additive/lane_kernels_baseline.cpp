// Kernels for any processor.

#define AUTOMILL_KERNELS baseline_lane_kernels
#define AUTOMILL_LEVEL "baseline"
#define AUTOMILL_TARGET
#include "lane_kernels_body.hpp"
