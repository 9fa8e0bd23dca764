// Purification and the ranking of pairs, against their definitions.

#include "additive_tools.hpp"
#include "learners/additive/purify.hpp"
#include "learners/additive/term_pairs.hpp"
#include "linear_algebra.hpp"

using namespace additive_tools;

namespace automill::additive {
namespace {

struct Grid {
  Grid(std::size_t a, std::size_t b, std::uint64_t seed, double empty) : first(a), second(b) {
    RandomStream random(seed, purpose("grid"));
    for (std::size_t i = 0; i < a * b; ++i) {
      weights.push_back(random.uniform() < empty ? 0.0 : std::exp(2 * random.normal()));
      values.push_back(random.normal());
    }
  }
  double row_mean(std::size_t a, const std::vector<double>& v) const {
    double sum = 0, weight = 0;
    for (std::size_t b = 0; b < second; ++b) sum += weights[a * second + b] * v[a * second + b];
    for (std::size_t b = 0; b < second; ++b) weight += weights[a * second + b];
    return weight > 0 ? sum / weight : 0;
  }
  double column_mean(std::size_t b, const std::vector<double>& v) const {
    double sum = 0, weight = 0;
    for (std::size_t a = 0; a < first; ++a) sum += weights[a * second + b] * v[a * second + b];
    for (std::size_t a = 0; a < first; ++a) weight += weights[a * second + b];
    return weight > 0 ? sum / weight : 0;
  }
  std::size_t first, second;
  std::vector<double> weights, values;
};

/// Rounding alone: values of order 1, and weights that differ by e^10.
TEST(Purify, MarginsAreZeroAndTheSumStays) {
  for (std::uint64_t seed = 0; seed < 40; ++seed)
    for (double empty : {0.0, 0.3, 0.8}) {
      const Grid grid(2 + seed % 7, 2 + seed % 11, seed, empty);
      std::vector<double> pure = grid.values;
      const Margins taken = Purifier(grid.weights, grid.first, grid.second).purify(pure);
      for (std::size_t a = 0; a < grid.first; ++a) EXPECT_NEAR(grid.row_mean(a, pure), 0, 1e-7);
      for (std::size_t b = 0; b < grid.second; ++b) EXPECT_NEAR(grid.column_mean(b, pure), 0, 1e-9);
      for (std::size_t i = 0; i < pure.size(); ++i)
        EXPECT_NEAR(pure[i] + taken.first[i / grid.second] + taken.second[i % grid.second], grid.values[i], 1e-9);
    }
}

/// Columns of nearly the same values: the grid's weights lie along its diagonal, where sweeps alone would take
/// thousands.
TEST(Purify, NearlyEqualColumns) {
  Grid grid(32, 32, 1, 0);
  for (std::size_t a = 0; a < 32; ++a)
    for (std::size_t b = 0; b < 32; ++b)
      grid.weights[a * 32 + b] = a == b ? 100.0 : a == b + 1 || b == a + 1 ? 1.0 : 0.0;
  std::vector<double> pure = grid.values;
  Purifier(grid.weights, 32, 32).purify(pure);
  for (std::size_t a = 0; a < 32; ++a) EXPECT_NEAR(grid.row_mean(a, pure), 0, 1e-9);
}

TEST(Purify, WhatIsPureStaysAndWhatIsASumGoes) {
  const Grid grid(5, 6, 3, 0.2);
  std::vector<double> sum(30), pure = grid.values;
  for (std::size_t i = 0; i < 30; ++i)
    sum[i] = static_cast<double>(i / 6) * 0.7 - std::sqrt(static_cast<double>(i % 6));
  const Purifier purifier(grid.weights, 5, 6);
  purifier.purify(sum);
  for (std::size_t i = 0; i < 30; ++i)
    if (grid.weights[i] > 0) EXPECT_NEAR(sum[i], 0, 1e-9);
  purifier.purify(pure);
  std::vector<double> again = pure;
  purifier.purify(again);
  EXPECT_LT(largest_difference(again, pure), 1e-9);
}

/// Weighted least squares of the Newton values of four quadrants, with and without the interaction.
double explicit_gain(const double (&g)[4], const double (&h)[4]) {
  automill_eigen::Matrix<double, 4, 3> design;
  design << 1, 0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1;
  automill_eigen::Vector4d value, weight;
  for (int q = 0; q < 4; ++q) {
    value[q] = g[q] / h[q];
    weight[q] = h[q];
  }
  const automill_eigen::Matrix<double, 4, 3> weighted = weight.asDiagonal() * design;
  const automill_eigen::Vector3d effects = (design.transpose() * weighted).ldlt().solve(weighted.transpose() * value);
  const automill_eigen::Vector4d rest = value - design * effects;
  return rest.dot(weight.asDiagonal() * rest);
}

TEST(RankPairs, GainIsWhatTheInteractionExplains) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::size_t first = 2 + seed % 5, second = 2 + seed % 4;
    RandomStream random(seed, purpose("pairs"));
    std::vector<double> sums;
    for (std::size_t i = 0; i < first * second; ++i) {
      sums.push_back(random.normal());
      sums.push_back(0.1 + random.uniform());
    }
    double most = 0;
    for (std::size_t a = 1; a < first; ++a)
      for (std::size_t b = 1; b < second; ++b) {
        double g[4] = {}, h[4] = {};
        for (std::size_t i = 0; i < first * second; ++i) {
          const std::size_t q = (i / second >= a ? 2 : 0) + (i % second >= b ? 1 : 0);
          g[q] += sums[2 * i];
          h[q] += sums[2 * i + 1];
        }
        most = std::max(most, explicit_gain(g, h));
      }
    EXPECT_NEAR(interaction_gain(sums, first, second, 1e-6), most, 1e-9 * (1 + most));
  }
}

TEST(GroupBins, NeighboursOfLikeWeight) {
  const std::vector<double> weights{0, 1, 1, 1, 1, 1, 1, 1, 1}, values{0, 8, 7, 6, 5, 4, 3, 2, 1};
  const Groups numbers = group_bins(weights, values, false, 4);
  EXPECT_EQ(numbers.of_bin, (std::vector<std::uint8_t>{0, 1, 1, 2, 2, 3, 3, 4, 4}));
  const Groups categories = group_bins(weights, values, true, 4);
  EXPECT_EQ(categories.of_bin, (std::vector<std::uint8_t>{0, 4, 4, 3, 3, 2, 2, 1, 1}));
  EXPECT_EQ(group_bins(weights, values, false, 100).count, 9U);
  EXPECT_EQ(group_bins(std::vector<double>{5, 1, 0, 0}, std::vector<double>(4, 0.0), false, 3).count, 2U);
}

}  // namespace
}  // namespace automill::additive
