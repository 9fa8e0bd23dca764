#pragma once
// Histograms of eight sparse columns side by side, as the kernels read them.

#include <automill/learners/tree/kernels.hpp>
#include <automill/learners/tree/sparse_columns.hpp>

namespace automill::tree {

/// Most bins of some lanes.
inline std::size_t most_bins(const SparseColumns& sparse, std::span<const std::uint32_t> lanes) {
  std::size_t bins = 0;
  for (std::uint32_t lane : lanes) bins = std::max(bins, sparse.bins(lane));
  return bins;
}

/// One plane of a histogram. `entries`: the sparse columns' sums; `total`: the node's; `block`: [bins][8].
inline void write_out(const SparseColumns& sparse, std::span<const std::uint32_t> lanes, const std::int64_t* entries,
                      std::int64_t total, std::vector<std::int64_t>& block) {
  block.assign(most_bins(sparse, lanes) * lanes_per_block, 0);
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    const std::int64_t* sums = entries + sparse.first_entry(lanes[k]);
    const std::size_t bins = sparse.bins(lanes[k]), usual = sparse.usual(lanes[k]);
    std::int64_t left = total;
    for (std::size_t bin = 0, place = 0; bin < bins; ++bin) {
      if (bin == usual) continue;
      left -= sums[place];
      block[bin * lanes_per_block + k] = sums[place++];
    }
    block[usual * lanes_per_block + k] = left;
  }
}

/// Some of a node's rows are outside the lane's usual bin.
inline bool has_entries(const SparseColumns& sparse, std::size_t lane, const std::int64_t* entries) {
  std::int64_t bits = 0;
  for (std::size_t i = sparse.first_entry(lane), end = i + sparse.bins(lane) - 1; i < end; ++i) bits |= entries[i];
  return bits != 0;
}

}  // namespace automill::tree
