// Splits of sparse columns: those with rows outside their usual bin are written out, eight at a time.

#include "sparse_blocks.hpp"
#include "split_parts.hpp"

namespace automill::tree {

void SplitFinder::find_sparse(std::span<const std::uint32_t> lanes, HistogramView histogram, const NodeTotals& totals,
                              const RandomThresholds* random, Split& best) const {
  const SparseColumns& sparse = bins_->sparse();
  const HistogramView entries = histogram.from(bins_->sparse_offset());
  const Node node = prepare(totals);
  std::uint32_t block[lanes_per_block];
  std::size_t count = 0;
  for (std::uint32_t lane : lanes) {
    if (!has_entries(sparse, lane, entries.first) &&
        (entries.second == nullptr || !has_entries(sparse, lane, entries.second)))
      continue;
    block[count++] = lane;
    if (count < lanes_per_block) continue;
    find_sparse_block({block, count}, entries, totals, node, random, best);
    count = 0;
  }
  if (count > 0) find_sparse_block({block, count}, entries, totals, node, random, best);
}

void SplitFinder::find_sparse_block(std::span<const std::uint32_t> lanes, HistogramView sparse,
                                    const NodeTotals& totals, const Node& node, const RandomThresholds* random,
                                    Split& best) const {
  const SparseColumns& columns = bins_->sparse();
  BinnedTable::Group& group = block_group_;
  group.bins = most_bins(columns, lanes);
  group.columns.clear();
  std::uint8_t places[lanes_per_block];
  double drawn[lanes_per_block] = {};
  for (std::uint8_t k = 0; k < lanes.size(); ++k) {
    group.columns.push_back(columns.columns()[lanes[k]]);
    places[k] = k;
    if (random != nullptr) drawn[k] = random->of(group.columns[k]);
  }
  write_out(columns, lanes, sparse.first, totals.sum.first, block_);
  if (sparse.second != nullptr) write_out(columns, lanes, sparse.second, totals.sum.second, second_block_);
  const HistogramView view{block_.data(), sparse.second != nullptr ? second_block_.data() : nullptr};
  const double* random_bins = random != nullptr ? drawn : nullptr;
  Split found;
  if (constrained_) {
    for (std::uint8_t k = 0; k < lanes.size(); ++k)
      find_number(group, BinnedTable::sparse_group, k, view, node, random_bins, found);
  } else {
    find_numbers(group, BinnedTable::sparse_group, {places, lanes.size()}, view, node, random_bins, found);
  }
  if (!found.found() || found.gain < best.gain || (found.gain == best.gain && found.column > best.column)) return;
  found.lane = lanes[found.lane];
  best = std::move(found);
}

}  // namespace automill::tree
