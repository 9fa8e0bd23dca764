// Counter-based random numbers: Philox against the published vectors, distributions against their moments, and no
// dependence on who asks first. Statistical bounds are at least 5 standard deviations of a fixed seed: they cannot
// flake.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>
#include <numeric>
#include <set>
#include <vector>

namespace automill {
namespace {

using Block = std::array<std::uint32_t, 4>;

// kat_vectors of Random123 1.14 (Salmon et al.), "philox 4x32 10"
TEST(Philox, known_answers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U}));
  constexpr std::uint32_t ones = 0xffffffffU;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU}));
  EXPECT_EQ(philox({0x243f6a88U, 0x85a308d3U, 0x13198a2eU, 0x03707344U}, {0xa4093822U, 0x299f31d0U}),
            (Block{0xd16cfe09U, 0x94fdccebU, 0x5001e420U, 0x24126ea1U}));
}

// SplitMix64 with seed 0: first outputs of the reference code by S. Vigna (splitmix64.c)
TEST(Mix64, known_answers) {
  EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix64(0x9e3779b97f4a7c15ULL), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(mix64(2 * 0x9e3779b97f4a7c15ULL), 0x06c45d188009454fULL);
}

TEST(Hashes, order_and_content_count) {
  EXPECT_NE(combine_hashes(1, 2), combine_hashes(2, 1));
  EXPECT_NE(hash_text("ab"), hash_text("ba"));
  EXPECT_NE(hash_text(""), hash_text(std::string_view("\0", 1)));
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(hash_text(std::to_string(i)));
  EXPECT_EQ(seen.size(), 100000U);
}

// The values are part of the file of folds and samples: a change would change every model.
TEST(Stream, is_fixed_for_ever) {
  RandomStream stream(7, purpose("bagging"), 3);
  const std::vector<std::uint64_t> first{stream.next(), stream.next(), stream.next()};
  RandomStream again(7, purpose("bagging"), 3);
  for (std::uint64_t value : first) EXPECT_EQ(again.next(), value);
  EXPECT_EQ(first[0], 481592330458624888ULL);  // by a separate implementation in Python
  EXPECT_EQ(first[1], 12478852210997404306ULL);
}

TEST(Stream, depends_on_seed_purpose_and_index_and_on_nothing_else) {
  const auto first = [](std::uint64_t seed, const char* what, std::uint64_t index) {
    return RandomStream(seed, purpose(what), index).next();
  };
  std::set<std::uint64_t> values{first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1),
                                 first(1, "a", std::uint64_t{1} << 32)};
  EXPECT_EQ(values.size(), 5U);
  // streams asked in another order, and interleaved, give the same numbers
  RandomStream a(1, purpose("x"), 5), b(1, purpose("x"), 6);
  std::vector<std::uint64_t> mixed_a, mixed_b;
  for (int i = 0; i < 10; ++i) {
    mixed_b.push_back(b.next());
    mixed_a.push_back(a.next());
  }
  RandomStream a_alone(1, purpose("x"), 5), b_alone(1, purpose("x"), 6);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(a_alone.next(), mixed_a[static_cast<std::size_t>(i)]);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(b_alone.next(), mixed_b[static_cast<std::size_t>(i)]);
}

TEST(Stream, goes_on_past_the_first_block) {
  RandomStream stream(3, purpose("long"));
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100000; ++i) seen.insert(stream.next());
  EXPECT_EQ(seen.size(), 100000U);
}

TEST(Uniform, lies_in_the_half_open_unit_interval_with_the_right_moments) {
  constexpr int n = 1000000;
  RandomStream stream(5, purpose("uniform"));
  double sum = 0, squares = 0, previous = 0, lagged = 0;
  for (int i = 0; i < n; ++i) {
    const double u = stream.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
    lagged += (u - 0.5) * (previous - 0.5);
    previous = u;
  }
  EXPECT_NEAR(sum / n, 0.5, 5 * 0.2887 / 1000);
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * 0.2981 / 1000);
  EXPECT_NEAR(lagged / n, 0.0, 5 * (1.0 / 12) / 1000);
}

/// Chi-squared statistic of counts against equal shares.
double chi_squared(const std::vector<int>& counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// streams keyed by rows: the first number of many streams is as uniform as one stream
TEST(Uniform, across_streams) {
  std::vector<int> counts(100, 0);
  for (std::uint64_t row = 0; row < 200000; ++row)
    ++counts[static_cast<std::size_t>(RandomStream(1, purpose("row sample"), mix64(row)).uniform() * 100)];
  EXPECT_LT(chi_squared(counts), 99 + 5 * std::sqrt(2.0 * 99));  // mean 99, variance 198
}

TEST(Below, is_uniform_for_sizes_that_do_not_divide_2_to_64) {
  for (std::uint64_t n : {1ULL, 2ULL, 3ULL, 7ULL, 10ULL, 97ULL}) {
    std::vector<int> counts(n, 0);
    RandomStream stream(n, purpose("below"));
    for (int i = 0; i < 100000; ++i) ++counts[stream.below(n)];
    const double freedom = static_cast<double>(n - 1);
    EXPECT_LE(chi_squared(counts), freedom + 5 * std::sqrt(2 * freedom) + 1e-9) << n;
  }
}

// n = 3 * 2^62: a draw that only scales (or takes the remainder) gives the first third twice as often as the others
TEST(Below, has_no_bias_for_huge_sizes) {
  const std::uint64_t n = 3ULL << 62;
  std::vector<int> thirds(3, 0);
  RandomStream stream(1, purpose("below huge"));
  for (int i = 0; i < 30000; ++i) {
    const std::uint64_t value = stream.below(n);
    ASSERT_LT(value, n);
    ++thirds[static_cast<std::size_t>(value >> 62)];
  }
  EXPECT_LT(chi_squared(thirds), 2 + 5 * 2.0);
}

TEST(Normal, moments_and_tails) {
  constexpr int n = 1000000;
  RandomStream stream(9, purpose("normal"));
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  int beyond_two = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal();
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    beyond_two += std::abs(x) > 2;
  }
  // standard deviations of the sample moments: 1, sqrt(2), sqrt(15), sqrt(96)
  EXPECT_NEAR(sum / n, 0, 5 * 1e-3);
  EXPECT_NEAR(squares / n, 1, 5 * 1.414e-3);
  EXPECT_NEAR(cubes / n, 0, 5 * 3.873e-3);
  EXPECT_NEAR(fourths / n, 3, 5 * 9.798e-3);
  EXPECT_NEAR(static_cast<double>(beyond_two) / n, 0.0455003, 5 * 2.1e-4);
}

TEST(Shuffle, gives_every_permutation_alike) {
  std::vector<int> counts(24, 0);
  for (std::uint64_t trial = 0; trial < 48000; ++trial) {
    std::vector<int> items{0, 1, 2, 3};
    RandomStream(trial, purpose("shuffle")).shuffle(items);
    int rank = 0;  // Lehmer code
    for (int i = 0; i < 4; ++i) {
      int smaller = 0;
      for (int j = i + 1; j < 4; ++j)
        smaller += items[static_cast<std::size_t>(j)] < items[static_cast<std::size_t>(i)];
      rank = rank * (4 - i) + smaller;
    }
    ++counts[static_cast<std::size_t>(rank)];
  }
  EXPECT_LT(chi_squared(counts), 23 + 5 * std::sqrt(46.0));
}

TEST(Shuffle, of_nothing_and_of_one) {
  std::vector<int> none, one{1};
  RandomStream stream(1, 1);
  stream.shuffle(none);
  stream.shuffle(one);
  EXPECT_EQ(one[0], 1);
}

}  // namespace
}  // namespace automill
