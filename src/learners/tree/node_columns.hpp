#pragma once
// Columns that a node may use, of those that its tree may use.

#include <automill/learners/tree/histogram_builder.hpp>

namespace automill::tree {

/// By column of the table: whether it is in use.
inline std::vector<bool> mark_columns(const BinnedTable& bins, const ActiveColumns& active) {
  std::vector<bool> marked(bins.mappings().size(), false);
  for (const ActiveGroup& one : active.groups)
    for (std::uint8_t lane : one.lanes) marked[bins.groups()[one.group].columns[lane]] = true;
  for (std::uint32_t lane : active.sparse) marked[bins.sparse().columns()[lane]] = true;
  return marked;
}

/// Keeps `fraction` of the columns that are marked, at least one, drawn by the random numbers.
inline void keep_some(std::vector<bool>& marked, double fraction, RandomStream random) {
  std::vector<std::uint32_t> columns;
  for (std::uint32_t c = 0; c < marked.size(); ++c)
    if (marked[c]) columns.push_back(c);
  const auto count = static_cast<double>(columns.size());
  const auto wanted = static_cast<std::size_t>(std::max(1.0, std::round(fraction * count)));
  if (wanted >= columns.size()) return;
  random.shuffle(columns);
  for (std::size_t i = wanted; i < columns.size(); ++i) marked[columns[i]] = false;
}

/// Those of the columns in use that are marked.
inline ActiveColumns only_marked(const BinnedTable& bins, const ActiveColumns& active,
                                 const std::vector<bool>& marked) {
  ActiveColumns some;
  for (const ActiveGroup& one : active.groups) {
    some.groups.push_back({one.group, {}});
    for (std::uint8_t lane : one.lanes)
      if (marked[bins.groups()[one.group].columns[lane]]) some.groups.back().lanes.push_back(lane);
  }
  for (std::uint32_t lane : active.sparse)
    if (marked[bins.sparse().columns()[lane]]) some.sparse.push_back(lane);
  return some;
}

}  // namespace automill::tree
