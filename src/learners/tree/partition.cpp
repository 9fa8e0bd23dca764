#include "partition.hpp"

#include <automill/learners/tree/kernels.hpp>

namespace automill::tree {

namespace {

std::array<std::uint8_t, 256> side_table(const Split& split) {
  std::array<std::uint8_t, 256> goes_left{};
  const std::size_t codes = split.categorical ? std::min<std::size_t>(256, split.left_bins.size() * 64) : 256;
  for (std::size_t code = 0; code < codes; ++code) goes_left[code] = split.goes_left(code) ? 1 : 0;
  return goes_left;
}

std::vector<std::uint8_t> wide_side_table(const Split& split, std::size_t bins) {
  std::vector<std::uint8_t> goes_left(bins);
  for (std::size_t code = 0; code < bins; ++code) goes_left[code] = split.goes_left(code) ? 1 : 0;
  return goes_left;
}

std::size_t partition_sparse(const SparseColumns& sparse, const Split& split, std::uint32_t* rows,
                             std::uint32_t* scratch, std::size_t size) {
  const std::vector<std::uint8_t> goes_left = wide_side_table(split, sparse.bins(split.lane));
  std::size_t left = 0, right = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t row = rows[i];
    const std::size_t goes = goes_left[sparse.bin(split.lane, row)];
    rows[left] = row;
    scratch[right] = row;
    left += goes;
    right += 1 - goes;
  }
  std::copy_n(scratch, right, rows + left);
  return left;
}

}  // namespace

std::size_t partition(const BinnedTable& bins, const Split& split, std::uint32_t* rows, std::uint32_t* scratch,
                      std::size_t size) {
  if (split.group == BinnedTable::sparse_group) return partition_sparse(bins.sparse(), split, rows, scratch, size);
  const BinnedTable::Group& group = bins.groups()[split.group];
  if (group.wide)
    return kernels().partition_wide(bins.wide_codes(group), wide_side_table(split, group.bins).data(), rows, scratch,
                                    size);
  return kernels().partition(bins.words(group), static_cast<int>(split.lane), side_table(split).data(), rows, scratch,
                             size);
}

}  // namespace automill::tree
