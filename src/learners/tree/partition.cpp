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

/// Sides by 1 + the place of a cell's bin; 0: the usual bin.
std::vector<std::uint8_t> sparse_side_table(const Split& split, const SparseColumns& sparse) {
  std::vector<std::uint8_t> goes_left{static_cast<std::uint8_t>(split.goes_left(sparse.usual(split.lane)) ? 1 : 0)};
  for (std::size_t place = 0; place + 1 < sparse.bins(split.lane); ++place)
    goes_left.push_back(split.goes_left(sparse.bin_of_place(split.lane, place)) ? 1 : 0);
  return goes_left;
}

/// Rows and the column's cells are gone through side by side. Rows mostly ascend; where they do not, it begins anew.
std::size_t partition_sparse(const SparseColumns& sparse, const Split& split, std::uint32_t* rows,
                             std::uint32_t* scratch, std::size_t size) {
  const std::vector<std::uint8_t> goes_left = sparse_side_table(split, sparse);
  const SparseColumns::Lane cells = sparse.lane(split.lane);
  const std::uint32_t* end = cells.rows + cells.size;
  const std::uint32_t* at = end;
  std::uint32_t before = ~std::uint32_t{0};
  std::size_t left = 0, right = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint32_t row = rows[i];
    if (row < before) at = std::lower_bound(cells.rows, end, row);
    before = row;
    while (*at < row) ++at;
    const std::size_t goes = goes_left[*at == row ? std::size_t{cells.places[at - cells.rows]} + 1 : 0];
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
