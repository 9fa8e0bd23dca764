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

/// Ranges of the rows are divided in place, and then put together: left sides first, each in the order of the ranges.
std::size_t partition_side_by_side(const BinnedTable& bins, const Split& split, std::uint32_t* rows,
                                   std::uint32_t* scratch, std::size_t size, const RunContext& context) {
  constexpr std::size_t range = std::size_t{1} << 15;
  if (context.executor().width() == 1 || size < 2 * range) return partition(bins, split, rows, scratch, size);
  const std::size_t count = (size + range - 1) / range;
  std::vector<std::size_t> left(count), left_before(count + 1, 0);
  const auto begin_of = [&](std::size_t r) { return std::min(size, r * range); };
  context.executor().run(count, [&](std::size_t r) {
    left[r] = partition(bins, split, rows + begin_of(r), scratch + begin_of(r), begin_of(r + 1) - begin_of(r));
  });
  for (std::size_t r = 0; r < count; ++r) left_before[r + 1] = left_before[r] + left[r];
  const std::size_t all_left = left_before[count];
  context.executor().run(count, [&](std::size_t r) {
    const std::uint32_t* from = rows + begin_of(r);
    const std::size_t right_before = begin_of(r) - left_before[r];
    std::copy_n(from, left[r], scratch + left_before[r]);
    std::copy_n(from + left[r], begin_of(r + 1) - begin_of(r) - left[r], scratch + all_left + right_before);
  });
  context.executor().run(count, [&](std::size_t r) {
    std::copy_n(scratch + begin_of(r), begin_of(r + 1) - begin_of(r), rows + begin_of(r));
  });
  return all_left;
}

}  // namespace automill::tree
