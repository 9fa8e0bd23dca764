#include "learners/additive/bag_rows.hpp"

#include <algorithm>

#include "learners/hash_order.hpp"

namespace automill::additive {

std::vector<std::uint32_t> rows_by_key(const DatasetView& view, const RunContext& context) {
  return order_by_hash(
      view.rows(), [&](std::uint32_t i) { return std::optional(view.key(i)); }, context.stop);
}

std::vector<bool> held_out_rows(const DatasetView& view, std::span<const std::uint32_t> order, double share,
                                std::uint64_t bag_seed) {
  const bool classes = is_classification(view.task());
  using KeyedRow = std::pair<std::uint64_t, std::uint32_t>;
  std::vector<std::vector<KeyedRow>> strata(classes ? view.target().classes.size() : 1);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t stratum = classes ? static_cast<std::size_t>(view.label(order[i])) : 0;
    strata[stratum].emplace_back(combine_hashes(bag_seed, view.key(order[i])), static_cast<std::uint32_t>(i));
  }
  std::vector<bool> held_out(order.size(), false);
  for (auto& rows : strata) {
    const auto wanted = static_cast<std::size_t>(std::floor(share * static_cast<double>(rows.size()) + 0.5));
    const std::size_t count = std::min(wanted, rows.empty() ? 0 : rows.size() - 1);
    std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count), rows.end());
    for (std::size_t i = 0; i < count; ++i) held_out[rows[i].second] = true;
  }
  return held_out;
}

}  // namespace automill::additive
