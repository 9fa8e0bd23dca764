#pragma once
// Where a value lies among sorted numbers.

#include <cstddef>
#include <cstdint>
#include <span>

namespace automill::tree {

/// How many of some ascending numbers are below a value; 0 for NaN. O(log n) steps without branches: where the value
/// lies cannot be guessed.
inline std::uint32_t count_below(std::span<const double> numbers, double value) {
  const double* at = numbers.data();
  std::size_t count = numbers.size();
  while (count > 1) {
    const std::size_t half = count / 2, above = at[half - 1] < value ? 1 : 0;
    at += half & (0 - above);  // compilers make a branch of "above ? half : 0"
    count -= half;
  }
  return static_cast<std::uint32_t>(at - numbers.data()) + (count > 0 && *at < value ? 1 : 0);
}

}  // namespace automill::tree
