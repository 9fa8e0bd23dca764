// The bodies of the kernels; included by one translation unit a level, which defines AUTOMILL_KERNELS (name of the
// function that returns the table), AUTOMILL_LEVEL (a name) and AUTOMILL_TARGET (function attribute). No function of
// another header may be called here: an inline function compiled for a newer processor could be the copy that the
// linker keeps for all.

#include "lane_kernels_losses.hpp"
#include "lane_kernels_search.hpp"

namespace automill::additive {

const LaneKernels& AUTOMILL_KERNELS() {
  static const LaneKernels table{AUTOMILL_LEVEL, step, step_and_add, add, add_table, start, flush, find_cut, find_grid};
  return table;
}

}  // namespace automill::additive
