#pragma once
// Points that fill the unit cube evenly: the Sobol sequence in the order of Gray codes (Bratley & Fox 1988), scrambled
// by a hash that has the structure of Owen's nested permutations (Burley, "Practical hash-based Owen scrambling", JCGT
// 2020). Coordinates beyond the table of direction numbers are plain random numbers.

#include <cstdint>
#include <span>
#include <vector>

namespace automill::search {

enum class Scrambling { none, owen };

class SobolSequence {
 public:
  SobolSequence(std::size_t dimensions, std::uint64_t seed, Scrambling scrambling = Scrambling::owen);

  /// Point `index` (below 2^32), coordinates in [0, 1); scrambled ones stay off 0. O(dimensions x 32).
  void point(std::uint32_t index, std::span<double> out) const;

 private:
  std::vector<std::uint32_t> directions_;  ///< 32 a coordinate
  std::vector<std::uint32_t> seeds_;       ///< of the scrambling; empty without
  std::size_t dimensions_ = 0, random_from_ = 0;
  std::uint64_t seed_ = 0;
};

}  // namespace automill::search
