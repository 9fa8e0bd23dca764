#include "keyed_rows.hpp"

#include <algorithm>
#include <automill/core/random.hpp>
#include <numeric>

namespace automill {

std::vector<std::uint32_t> keyed_order(const std::vector<std::uint64_t>& keys, const std::vector<std::int32_t>& labels,
                                       std::uint64_t seed, std::uint64_t salt) {
  std::vector<std::uint64_t> ranks(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) ranks[i] = combine_hashes(combine_hashes(seed, salt), keys[i]);
  const auto label = [&](std::uint32_t i) { return labels.empty() ? 0 : labels[i]; };
  std::vector<std::uint32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return label(a) != label(b) ? label(a) < label(b) : ranks[a] != ranks[b] ? ranks[a] < ranks[b] : a < b;
  });
  return order;
}

std::vector<std::uint32_t> thinned(const std::vector<std::uint32_t>& order, std::size_t most) {
  std::vector<std::uint32_t> chosen;
  const std::size_t count = std::min(most, order.size());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(order[i * order.size() / count]);
  return chosen;
}

}  // namespace automill
