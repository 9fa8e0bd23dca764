#pragma once
// Counter-based random numbers: the value depends on (seed, purpose, index) alone, never on who asked first. So results
// do not depend on threads, and a stream keyed by a row's content does not depend on the order of rows. Philox 4x32-10
// (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
//
//   RandomStream stream(seed, purpose("bagging"), tree_index);
//   stream.uniform();  stream.below(10);  stream.normal();
//   RandomStream(seed, purpose("row sample"), row_key).uniform()     // one number a row, in any order

#include <array>
#include <automill/core/math.hpp>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

namespace automill {

__extension__ using Uint128 = unsigned __int128;

/// Bijective mixing of 64 bits (the finaliser of SplitMix64, Steele, Lea & Flood 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Order-dependent combination of two hashes.
constexpr std::uint64_t combine_hashes(std::uint64_t a, std::uint64_t b) { return mix64(a ^ mix64(b)); }

/// Hash of text that is the same on every platform: FNV-1a, mixed.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return mix64(hash ^ text.size());
}

/// What a stream is for, as a number: streams of different purposes are unrelated.
constexpr std::uint64_t purpose(std::string_view name) { return hash_text(name); }

/// One block of Philox 4x32-10.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0], b = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

/// Uniform in [0, 1) from 64 random bits, of which 53 count.
constexpr double uniform_of(std::uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index = 0) {
    const std::uint64_t key = combine_hashes(seed, purpose);
    key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)};
    index_ = {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32)};
  }

  std::uint64_t next() {
    if (left_ == 0) refill();
    left_ -= 2;
    return (std::uint64_t{block_[static_cast<std::size_t>(left_) + 1]} << 32) | block_[static_cast<std::size_t>(left_)];
  }
  /// Uniform in [0, 1), 53 bits.
  double uniform() { return uniform_of(next()); }
  /// Uniform in {0, ..., n-1} without bias (Lemire 2019). Precondition: n > 0.
  std::uint64_t below(std::uint64_t n) {
    while (true) {
      const auto product = static_cast<Uint128>(next()) * n;
      const auto low = static_cast<std::uint64_t>(product);
      if (low >= n || low >= (0 - n) % n) return static_cast<std::uint64_t>(product >> 64);
    }
  }
  /// Standard normal (Marsaglia's polar method on our own logarithm: the same bits everywhere).
  double normal() {
    while (true) {
      const double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
      if (s > 0 && s < 1) return u * std::sqrt(-2 * math::log(s) / s);
    }
  }
  /// Fisher-Yates shuffle.
  template <class Container>
  void shuffle(Container& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

 private:
  void refill() {
    block_ = philox(
        {static_cast<std::uint32_t>(counter_), static_cast<std::uint32_t>(counter_ >> 32), index_[0], index_[1]}, key_);
    ++counter_;
    left_ = 4;
  }
  std::array<std::uint32_t, 2> key_{}, index_{};
  std::array<std::uint32_t, 4> block_{};
  std::uint64_t counter_ = 0;
  int left_ = 0;
};

}  // namespace automill
