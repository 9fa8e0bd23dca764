#pragma once
// Samples of training rows that do not depend on the order of the rows.

#include <cstdint>
#include <vector>

namespace automill {

/// Positions by label, then by a hash of `salt`, the seed and the row's key: every k-th of them is a stratified sample.
/// `labels`: one a key, or none.
std::vector<std::uint32_t> keyed_order(const std::vector<std::uint64_t>& keys, const std::vector<std::int32_t>& labels,
                                       std::uint64_t seed, std::uint64_t salt);

/// At most so many of the order, spread evenly over it.
std::vector<std::uint32_t> thinned(const std::vector<std::uint32_t>& order, std::size_t most);

}  // namespace automill
