// The bodies of the kernels; included by one translation unit a level, which defines AUTOMILL_KERNELS (name of the
// function that returns the table), AUTOMILL_LEVEL (a name), AUTOMILL_TARGET (function attribute) and
// AUTOMILL_VECTOR_BYTES. No function of another header may be called here: an inline function compiled for a newer
// processor could be the copy that the linker keeps for all.

#include "kernels_losses.hpp"
#include "kernels_outputs.hpp"
#include "kernels_trees.hpp"

namespace automill::tree {

const Kernels& AUTOMILL_KERNELS() {
  static const Kernels table{
      AUTOMILL_LEVEL, build,   build_categories, build_wide,     subtract,           scan,        add_level,
      add_level_bins, choose,  partition,        partition_wide, round_gradients,    logistic,    logistic_loss,
      softmax,        largest, sum_magnitudes,   build_outputs,  build_outputs_wide, scan_outputs};
  return table;
}

}  // namespace automill::tree
