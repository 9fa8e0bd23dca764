#pragma once
// Numbers that belong to columns, some to each (edges, knots, quantiles), as a fitted component keeps them.

#include <automill/core/schema.hpp>

#include "state_check.hpp"

namespace automill {

using ColumnLists = std::vector<std::vector<double>>;

inline void save_lists(ArchiveWriter& out, const std::string& key, const ColumnLists& lists) {
  std::vector<double> all;
  std::vector<std::uint32_t> sizes;
  for (const std::vector<double>& list : lists) {
    all.insert(all.end(), list.begin(), list.end());
    sizes.push_back(static_cast<std::uint32_t>(list.size()));
  }
  out.array(key, all);
  out.array(key + "_sizes", sizes);
}

/// One list a column, of finite numbers that do not descend, empty for columns that are no numbers.
inline ColumnLists load_ascending_lists(const ArchiveReader& in, const std::string& key, const Schema& schema) {
  const auto all = in.array<double>(key);
  const auto sizes = in.array<std::uint32_t>(key + "_sizes", schema.size());
  check_finite(in, key.c_str(), all);
  ColumnLists lists;
  std::size_t begin = 0;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] > all.size() - begin) in.fail("'" + key + "' has fewer numbers than its columns need");
    if (sizes[c] > 0 && schema[c].kind != ColumnKind::number)
      in.fail("'" + key + "' has numbers for column '" + schema[c].name + "', which is no number");
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
    lists.emplace_back(first, first + sizes[c]);
    if (!std::is_sorted(lists.back().begin(), lists.back().end()))
      in.fail("'" + key + "' of column '" + schema[c].name + "' does not ascend");
    begin += sizes[c];
  }
  if (begin != all.size()) in.fail("'" + key + "' has more numbers than its columns need");
  return lists;
}

/// Refuses numbers that are the same as the one before.
inline void check_distinct(const ArchiveReader& in, const std::string& key, const ColumnLists& lists) {
  for (const std::vector<double>& list : lists)
    if (std::adjacent_find(list.begin(), list.end()) != list.end()) in.fail("'" + key + "' has a number twice");
}

/// "quantile_normal: 3 columns", the line of describe().
inline std::string describe_columns(int indent, const std::string& type, std::size_t columns) {
  return std::string(static_cast<std::size_t>(indent), ' ') + type + ": " + std::to_string(columns) + " columns\n";
}
inline std::size_t filled_lists(const ColumnLists& lists) {
  std::size_t count = 0;
  for (const std::vector<double>& list : lists) count += list.empty() ? 0 : 1;
  return count;
}

}  // namespace automill
