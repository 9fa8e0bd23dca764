#pragma once
// A sample of rows that depends on their keys alone: the same rows in whatever order a table comes.

#include <algorithm>
#include <automill/core/random.hpp>
#include <span>
#include <vector>

namespace automill {

/// Positions of the `size` keys whose mix with the salt is smallest, ascending; more where mixes are equal. Empty: all,
/// for there are no more than `size`.
inline std::vector<std::uint32_t> bottom_sample(std::span<const std::uint64_t> keys, std::size_t size,
                                                std::uint64_t salt) {
  if (keys.size() <= size) return {};
  std::vector<std::uint64_t> mixed(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) mixed[i] = combine_hashes(keys[i], salt);
  std::vector<std::uint64_t> order = mixed;
  std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(size) - 1, order.end());
  const std::uint64_t last = order[size - 1];
  std::vector<std::uint32_t> rows;
  rows.reserve(size);
  for (std::size_t i = 0; i < mixed.size(); ++i)
    if (mixed[i] <= last) rows.push_back(static_cast<std::uint32_t>(i));
  return rows;
}

}  // namespace automill
