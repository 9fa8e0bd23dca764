#pragma once
// Single-precision distances of a few queries to a panel of 32 points: what a search spends its time in. They are
// rounded differently at each SIMD level; NeighborSearch bounds the rounding and decides in double precision.

#include <cstddef>
#include <cstdint>

namespace automill::neighbors {

constexpr std::size_t panel_rows = 32;  ///< points of a panel
constexpr std::size_t group_rows = 8;   ///< queries that are compared with a panel together

/// scores[q, r] = starts[r] + sum_d queries[d, q] points[d, r] + sum_c (query_codes[c, q] != point_codes[c, r])
/// code_weights[c], and bit r of masks[q] where that is at most limits[q].
struct PanelInput {
  std::size_t coordinates = 0, categories = 0;
  const float* queries = nullptr;       ///< coordinates x 8
  const float* query_codes = nullptr;   ///< categories x 8
  const float* points = nullptr;        ///< coordinates x 32
  const float* point_codes = nullptr;   ///< categories x 32
  const float* starts = nullptr;        ///< 32
  const float* code_weights = nullptr;  ///< categories
  const float* limits = nullptr;        ///< 8
  float* scores = nullptr;              ///< 8 x 32
  std::uint32_t* masks = nullptr;       ///< 8
};

struct PanelKernels {
  void (*group)(const PanelInput&);  ///< all 8 queries
  void (*one)(const PanelInput&);    ///< the first alone
};

/// The best that this processor runs.
const PanelKernels& panel_kernels();

const PanelKernels& baseline_panel_kernels();
const PanelKernels& avx2_panel_kernels();
const PanelKernels& avx512_panel_kernels();

}  // namespace automill::neighbors
