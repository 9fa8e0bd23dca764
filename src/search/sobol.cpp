#include "sobol.hpp"

#include <algorithm>
#include <automill/core/random.hpp>
#include <bit>

#include "sobol_table.hpp"

namespace automill::search {
namespace {

constexpr std::size_t bits = 32;

std::uint32_t reversed(std::uint32_t x) {
  x = ((x >> 1) & 0x55555555U) | ((x & 0x55555555U) << 1);
  x = ((x >> 2) & 0x33333333U) | ((x & 0x33333333U) << 2);
  x = ((x >> 4) & 0x0f0f0f0fU) | ((x & 0x0f0f0f0fU) << 4);
  x = ((x >> 8) & 0x00ff00ffU) | ((x & 0x00ff00ffU) << 8);
  return (x >> 16) | (x << 16);
}

/// Each bit is flipped depending on the bits above it alone: Laine & Karras' hash of the reversed number.
std::uint32_t scrambled(std::uint32_t x, std::uint32_t seed) {
  x = reversed(x) + seed;
  x ^= x * 0x6c50b47cU;
  x ^= x * 0xb82f1e52U;
  x ^= x * 0xc7afe638U;
  x ^= x * 0x8d22f6e6U;
  return reversed(x);
}

/// Directions of a coordinate from its polynomial and first numbers: the recurrence of Joe & Kuo, equation (2).
void append_directions(const std::uint16_t* row, std::size_t degree, std::vector<std::uint32_t>& directions) {
  std::uint32_t m[bits];
  for (std::size_t j = 0; j < bits; ++j) {
    if (j < degree) {
      m[j] = row[1 + j];
    } else {
      m[j] = m[j - degree];
      for (std::size_t k = 0; k < degree; ++k)
        if ((row[0] >> (degree - 1 - k)) & 1) m[j] ^= m[j - k - 1] << (k + 1);
    }
    directions.push_back(m[j] << (bits - 1 - j));
  }
}

}  // namespace

SobolSequence::SobolSequence(std::size_t dimensions, std::uint64_t seed, Scrambling scrambling)
    : dimensions_(dimensions), random_from_(std::min(dimensions, sobol_table_dimensions)), seed_(seed) {
  const std::uint16_t* row = sobol_table;
  for (std::size_t d = 0; d < random_from_; ++d) {
    if (d == 0) {  // van der Corput's sequence
      for (std::size_t j = 0; j < bits; ++j) directions_.push_back(std::uint32_t{1} << (bits - 1 - j));
      continue;
    }
    const auto degree = static_cast<std::size_t>(std::bit_width(std::uint32_t{*row})) - 1;
    append_directions(row, degree, directions_);
    row += 1 + degree;
  }
  if (scrambling == Scrambling::none) return;
  for (std::size_t d = 0; d < random_from_; ++d)
    seeds_.push_back(static_cast<std::uint32_t>(combine_hashes(seed, combine_hashes(purpose("search sobol"), d))));
}

void SobolSequence::point(std::uint32_t index, std::span<double> out) const {
  const std::uint32_t gray = index ^ (index >> 1);
  for (std::size_t d = 0; d < random_from_; ++d) {
    std::uint32_t x = 0;
    for (std::uint32_t left = gray; left != 0; left &= left - 1)
      x ^= directions_[d * bits + static_cast<std::size_t>(std::countr_zero(left))];
    out[d] = seeds_.empty() ? static_cast<double>(x) * 0x1p-32
                            : (static_cast<double>(scrambled(x, seeds_[d])) + 0.5) * 0x1p-32;
  }
  RandomStream random(seed_, purpose("search sobol"), index);
  for (std::size_t d = random_from_; d < dimensions_; ++d) out[d] = random.uniform();
}

}  // namespace automill::search
