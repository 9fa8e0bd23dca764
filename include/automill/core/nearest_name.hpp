#pragma once
// Suggestions for mistyped names: every lookup by name that fails says which known name is nearest.
//
//   nearest_name("incme", {"age", "income"})   // "income"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace automill {

/// Number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, upper and lower case
/// being equal (optimal string alignment). O(|a| |b|) time, O(|b|) memory; inputs are cut to 256 bytes.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, 256);
  b = b.substr(0, 256);
  const auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = previous[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

/// The known name nearest to `wanted`, or an empty string when none is near (more than a third of the letters differ).
/// Among equally near names the first in `known` wins.
template <class Names>
std::string nearest_name(std::string_view wanted, const Names& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(wanted, candidate);
    if (distance < best_distance) {
      best = std::string(candidate);
      best_distance = distance;
    }
  }
  return best;
}

/// "did you mean 'x'?" when a near name exists; otherwise "known names: a, b, c" (at most 12 are listed).
template <class Names>
std::string name_hint(std::string_view wanted, const Names& known) {
  const std::string nearest = nearest_name(wanted, known);
  if (!nearest.empty()) return "did you mean '" + nearest + "'?";
  std::string list;
  std::size_t shown = 0;
  for (const auto& candidate : known) {
    if (shown == 12) return "known names: " + list + ", ...";
    if (shown++ > 0) list += ", ";
    list += candidate;
  }
  return list.empty() ? "no names are known here" : "known names: " + list;
}

}  // namespace automill
