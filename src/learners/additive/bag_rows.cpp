#include "learners/additive/bag_rows.hpp"

#include <algorithm>

namespace automill::additive {

namespace {

using KeyedRow = std::pair<std::uint64_t, std::uint32_t>;

}  // namespace

/// Keys are hashes, so that their high bits divide the rows evenly into parts that are sorted one by one.
std::vector<std::uint32_t> rows_by_key(const DatasetView& view, const RunContext& context) {
  const std::size_t n = view.rows();
  const int bits = std::max(1, static_cast<int>(std::bit_width(n / 1024)));
  const auto part_of = [&](std::size_t i) { return static_cast<std::size_t>(view.key(i) >> (64 - bits)); };
  std::vector<std::size_t> starts((std::size_t{1} << bits) + 1, 0);
  for (std::size_t i = 0; i < n; ++i) ++starts[part_of(i) + 1];
  for (std::size_t part = 1; part < starts.size(); ++part) starts[part] += starts[part - 1];
  std::vector<KeyedRow> rows(n);
  std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
  for (std::size_t i = 0; i < n; ++i) rows[next[part_of(i)]++] = {view.key(i), static_cast<std::uint32_t>(i)};
  for (std::size_t part = 0; part + 1 < starts.size(); ++part) {
    context.stop.throw_if_requested();
    std::sort(rows.begin() + static_cast<std::ptrdiff_t>(starts[part]),
              rows.begin() + static_cast<std::ptrdiff_t>(starts[part + 1]));
  }
  std::vector<std::uint32_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = rows[i].second;
  return order;
}

std::vector<bool> held_out_rows(const DatasetView& view, std::span<const std::uint32_t> order, double share,
                                std::uint64_t bag_seed) {
  const bool classes = is_classification(view.task());
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
