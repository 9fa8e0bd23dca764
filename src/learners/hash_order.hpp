#pragma once
// Rows by ascending hash, where the time of a sort is too long to wait for a stop.

#include <algorithm>
#include <automill/core/stop.hpp>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace automill {

/// Of rows 0 ... rows - 1, those that have a hash_of(row). High bits of the hashes divide them evenly into parts, which
/// are sorted one by one; rows of one hash stay in order. Stopped leaves it when there is a stop.
template <class HashOf>
std::vector<std::uint32_t> order_by_hash(std::size_t rows, const HashOf& hash_of, const StopToken& stop) {
  constexpr std::size_t rows_of_part = 4096;
  const int bits = std::max(1, static_cast<int>(std::bit_width(rows / rows_of_part)));
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> parts(std::size_t{1} << bits);
  for (std::uint32_t i = 0; i < rows; ++i) {
    if (i % rows_of_part == 0) stop.throw_if_requested();
    const std::optional<std::uint64_t> hash = hash_of(i);
    if (hash) parts[static_cast<std::size_t>(*hash >> (64 - bits))].emplace_back(*hash, i);
  }
  std::vector<std::uint32_t> order;
  order.reserve(rows);
  for (auto& part : parts) {
    stop.throw_if_requested();
    std::sort(part.begin(), part.end());
    for (const auto& [hash, row] : part) order.push_back(row);
  }
  return order;
}

}  // namespace automill
