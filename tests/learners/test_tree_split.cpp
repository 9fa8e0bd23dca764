// The best split of a node against all splits there are: thresholds of raw values in both directions of missing ones,
// and all sets of categories.

#include <gtest/gtest.h>

#include "split_tools.hpp"

using namespace tree_tools;

namespace {

long double score(long double gradient, long double hessian, const SplitParameters& p, double extra_l2) {
  const long double t = std::max<long double>(std::abs(gradient) - p.l1, 0);
  return t * t / (hessian + p.l2 + extra_l2);
}

struct Outcome {
  long double gain = -infinite, size = 0;
  bool allowed = false;
};

/// Gain of a split, and whether both sides have enough rows (by their share of the Hessian) and weight.
Outcome outcome_of(const NodeRows& node, const Side& left, double extra_l2 = 0) {
  long double g = 0, h = 0, all_g = 0, all_h = 0;
  for (std::size_t i = 0; i < node.rows(); ++i) {
    const long double gradient = node.gradients[i] * static_cast<long double>(node.scale.gradient_unit),
                      hessian = node.hessians[i] * static_cast<long double>(node.scale.hessian_unit);
    all_g += gradient;
    all_h += hessian;
    if (!left[i]) continue;
    g += gradient;
    h += hessian;
  }
  const SplitParameters& p = node.parameters;
  const auto enough = [&](long double hessian) {
    return hessian * node.rows() >= (std::max(1.0, p.min_rows) - 0.5) * all_h && hessian >= p.min_hessian &&
           hessian > 0;
  };
  Outcome outcome;
  outcome.size = score(g, h, p, extra_l2) + score(all_g - g, all_h - h, p, extra_l2);
  outcome.gain = outcome.size - score(all_g, all_h, p, 0);
  outcome.allowed = enough(h) && enough(all_h - h);
  return outcome;
}

/// A dozen operations on scores of this size.
double tolerance(long double size) { return static_cast<double>(1e-14L * size) + 1e-14; }

/// What a split says of itself is true of its rows.
void expect_consistent(const NodeRows& node, const Split& split, const std::string& what) {
  const auto& group = node.bins->groups()[split.group];
  EXPECT_EQ(group.columns[split.lane], split.column) << what;
  EXPECT_EQ(group.categorical, split.categorical) << what;
  const Side side = side_of(node, split);
  PackedSum left;
  for (std::size_t i = 0; i < node.rows(); ++i)
    if (side[i]) left = left + node.packed(i);
  EXPECT_TRUE(left == split.left) << what;
  const Outcome outcome = outcome_of(node, side, split.extra_l2);
  EXPECT_NEAR(split.gain, static_cast<double>(outcome.gain), tolerance(outcome.size)) << what;
}

struct Brute {
  long double gain = -infinite, size = 0;
};
Brute best_of_numbers(const NodeRows& node) {
  Brute best;
  for (std::uint32_t c = 0; c < node.table.size(); ++c)
    for (const Side& side : number_sides(node, c)) {
      const Outcome outcome = outcome_of(node, side);
      if (outcome.allowed && outcome.gain > best.gain) best = {outcome.gain, outcome.size};
    }
  return best;
}

void expect_best_of_numbers(const NodeRows& node, const std::string& what, int& found, int& none) {
  const Brute brute = best_of_numbers(node);
  const Split split = node.best();
  if (!(brute.gain > node.parameters.min_gain)) {
    EXPECT_FALSE(split.found()) << what;
    ++none;
    return;
  }
  ASSERT_TRUE(split.found()) << what;
  ++found;
  EXPECT_NEAR(split.gain, static_cast<double>(brute.gain), tolerance(brute.size)) << what;
  expect_consistent(node, split, what);
  EXPECT_TRUE(outcome_of(node, side_of(node, split)).allowed) << what;
}

TEST(TreeSplit, NumbersAreSplitAtTheBestOfAllThresholds) {
  int found = 0, none = 0;
  for (std::uint64_t seed = 0; seed < 210; ++seed)
    expect_best_of_numbers(random_node(seed, 20 + seed % 41, 3 + seed % 17, 255), "seed " + std::to_string(seed), found,
                           none);
  EXPECT_GT(found, 120);  // both outcomes are covered
  EXPECT_GT(none, 10);
}

TEST(TreeSplit, WideNumbersAreSplitAtTheBestOfAllThresholds) {
  int found = 0, none = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const NodeRows node = random_node(seed, 700, 5000, 1000);
    ASSERT_TRUE(node.bins->groups()[0].wide);
    expect_best_of_numbers(node, "seed " + std::to_string(seed), found, none);
  }
  EXPECT_GT(found, 6);
}

/// One column, Hessians of one.
NodeRows plain_node(std::vector<ColumnPtr> columns, std::vector<std::int64_t> gradients, SplitParameters parameters) {
  NodeRows node;
  node.table = Table(std::move(columns));
  node.bins = binned(node.table);
  node.hessians.assign(gradients.size(), 1);
  node.gradients = std::move(gradients);
  node.parameters = parameters;
  node.make_histogram();
  return node;
}

TEST(TreeSplit, GainIsTheFallOfTheLossByHand) {
  // left: G = -6, H = 3; right: G = 10, H = 2; node: G = 4, H = 5:  36 / 3 + 100 / 2 - 16 / 5 = 58.8
  const NodeRows node = plain_node({number_column("x", {1, 2, 3, 7, 9})}, {-2, -2, -2, 5, 5}, {.min_rows = 1});
  const Split split = node.best();
  EXPECT_NEAR(split.gain, 58.8, 1e-12);
  EXPECT_EQ(split.bin, 3U);
  EXPECT_EQ(split.left, (PackedSum{(std::int64_t{-6} << 32) + 3, 0}));
  const SplitFinder finder(*node.bins, node.scale, {.l1 = 1, .l2 = 3});
  // -(|G| - l1) / (H + l2 + more l2)
  EXPECT_NEAR(finder.leaf_value({node.totals().sum, 5}, 0), -3.0 / 8, 1e-15);
  EXPECT_NEAR(finder.leaf_value({node.totals().sum, 5}, 10), -3.0 / 18, 1e-15);
  EXPECT_NEAR(finder.leaf_value({split.left, 3}, 0), 5.0 / 6, 1e-15);
  EXPECT_EQ(SplitFinder(*node.bins, node.scale, {.l1 = 4}).leaf_value(node.totals(), 0), 0);
}

TEST(TreeSplit, WithoutMissingRowsTheLargerChildTakesLaterOnes) {
  EXPECT_FALSE(
      plain_node({number_column("x", {1, 2, 3, 4, 5})}, {-9, 1, 1, 1, 1}, {.min_rows = 1}).best().missing_left);
  EXPECT_TRUE(plain_node({number_column("x", {1, 2, 3, 4, 5})}, {1, 1, 1, 1, -9}, {.min_rows = 1}).best().missing_left);
}

TEST(TreeSplit, MissingRowsCanBeSplitFromAllOthers) {
  const NodeRows node =
      plain_node({number_column("x", {1, missing, 2, missing, 3})}, {1, -9, 1, -9, 1}, {.min_rows = 1});
  const Split split = node.best();
  EXPECT_EQ(side_of(node, split), (Side{true, false, true, false, true}));
  EXPECT_NEAR(split.gain, 3.0 + 324.0 / 2 - 225.0 / 5, 1e-12);
}

TEST(TreeSplit, NothingToGainIsNoSplit) {
  const std::vector<double> x{1, 2, 3, 4};
  EXPECT_FALSE(plain_node({number_column("x", x)}, {0, 0, 0, 0}, {.min_rows = 1}).best().found());
  EXPECT_FALSE(plain_node({number_column("x", x)}, {5, 5, -5, -5}, {.min_rows = 3}).best().found());
  EXPECT_FALSE(plain_node({number_column("x", x)}, {5, 5, -5, -5}, {.min_rows = 1, .min_hessian = 2.5}).best().found());
  EXPECT_FALSE(plain_node({number_column("x", x)}, {5, 5, -5, -5}, {.min_rows = 1, .l1 = 11}).best().found());
  EXPECT_FALSE(plain_node({number_column("x", x)}, {5, 5, -5, -5}, {.min_rows = 1, .min_gain = 101}).best().found());
  EXPECT_TRUE(plain_node({number_column("x", x)}, {5, 5, -5, -5}, {.min_rows = 1, .min_gain = 99}).best().found());
}

TEST(TreeSplit, OfEqualGainsTheFirstColumnWins) {
  // wide columns stand in groups of their own: their order of search must not matter
  std::vector<double> values(600);
  std::vector<std::int64_t> gradients(600);
  for (std::size_t i = 0; i < 600; ++i) {
    values[i] = static_cast<double>(i);
    gradients[i] = i < 200 ? -3 : 2;
  }
  NodeRows node;
  node.table = Table({number_column("a", values), number_column("b", values), number_column("c", values)});
  node.bins = binned(node.table, {.max_bin = 1000, .min_rows_in_bin = 1});
  node.gradients = gradients;
  node.hessians.assign(600, 1);
  node.make_histogram();
  ASSERT_EQ(node.bins->groups().size(), 3U);
  std::vector<std::size_t> order{0, 1, 2};
  do {
    const SplitFinder finder(*node.bins, node.scale, node.parameters);
    Split split;
    for (std::size_t g : order)
      finder.find(g, {eight_lanes.data(), 1}, {node.first.data(), nullptr}, node.totals(), nullptr, split);
    EXPECT_EQ(split.column, 0U);
  } while (std::next_permutation(order.begin(), order.end()));
  // and so for columns side by side
  std::vector<double> few(600);
  for (std::size_t i = 0; i < 600; ++i) few[i] = i < 200 ? 0 : 1;
  const NodeRows narrow = plain_node(
      {number_column("a", random_numbers(600, 1)), number_column("b", few), number_column("c", few)}, gradients, {});
  EXPECT_EQ(narrow.best().column, 1U);
}

TEST(TreeSplit, OnlyTheChosenColumnsAreTried) {
  const NodeRows node = plain_node({number_column("a", {1, 1, 1, 2, 2, 2}), number_column("b", {1, 2, 1, 2, 1, 2})},
                                   {-4, -4, -4, 4, 4, 5}, {.min_rows = 1});
  EXPECT_EQ(node.best().column, 0U);
  const std::uint8_t lane = static_cast<std::uint8_t>(place_of(*node.bins, 1).lane);
  Split split;
  SplitFinder(*node.bins, node.scale, node.parameters)
      .find(0, {&lane, 1}, {node.first.data(), nullptr}, node.totals(), nullptr, split);
  EXPECT_EQ(split.column, 1U);
  Split none;
  SplitFinder(*node.bins, node.scale, node.parameters)
      .find(0, {}, {node.first.data(), nullptr}, node.totals(), nullptr, none);
  EXPECT_FALSE(none.found());
}

TEST(TreeSplit, ARandomThresholdIsTheOnlyOneTried) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    NodeRows node = random_node(seed, 50, 9, 255);
    node.table = Table({node.table.columns()[0]});
    node.bins = binned(node.table);
    node.parameters = {.min_rows = 1};
    node.make_histogram();
    const std::vector<double>& edges = node.bins->mappings()[0].edges;
    const double uniform = random_of(seed + 9).uniform(), random[8] = {uniform};
    const double threshold = edges[static_cast<std::size_t>(uniform * static_cast<double>(edges.size()))];
    Brute brute;
    for (const bool missing_left : {false, true}) {
      Side side(node.rows());
      for (std::size_t i = 0; i < node.rows(); ++i)
        side[i] = node.table[0].missing(i) ? missing_left : node.table[0].number(i) <= threshold;
      const Outcome outcome = outcome_of(node, side);
      if (outcome.allowed && outcome.gain > brute.gain) brute = {outcome.gain, outcome.size};
    }
    const Split split = node.best(random);
    ASSERT_TRUE(split.found());
    EXPECT_EQ(edges[split.bin - 1], threshold);
    EXPECT_NEAR(split.gain, static_cast<double>(brute.gain), tolerance(brute.size));
    found += split.gain + 1 < node.best().gain ? 1 : 0;
  }
  EXPECT_GT(found, 30);  // seldom the best threshold by chance
}

/// One column of categories (some missing, some unseen) with random gradients.
NodeRows category_node(std::uint64_t seed, std::size_t rows, std::size_t categories, SplitParameters parameters) {
  RandomStream random = random_of(seed);
  std::vector<std::int32_t> codes(rows);
  for (auto& code : codes) code = static_cast<std::int32_t>(random.below(categories + 2)) - 1;
  NodeRows node;
  node.table = Table({category_column("c", codes, categories)});
  node.bins = binned(node.table);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    node.gradients.push_back(static_cast<std::int64_t>(random.below(2001)) - 1000 + codes[i] * codes[i] % 5 * 100);
    node.hessians.push_back(1 + static_cast<std::int64_t>(random.below(8)));
    total += node.hessians.back();
  }
  if (total % 2 == 0) ++node.hessians[0];
  node.parameters = parameters;
  node.scale.hessian_unit = seed % 2 == 0 ? 1 : 0.125;
  node.make_histogram();
  return node;
}

/// Best gain over all sets of the bins that occur in the node; `single`: sets of one bin.
Brute best_of_sets(const NodeRows& node, bool single) {
  const auto& group = node.bins->groups()[0];
  std::vector<std::size_t> codes;
  for (std::size_t i = 0; i < node.rows(); ++i) codes.push_back(node.bins->code(group, 0, i));
  std::vector<std::size_t> used = codes;
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  Brute best;
  for (std::uint64_t set = 1; set + 1 < (std::uint64_t{1} << used.size()); ++set) {
    if (single && std::popcount(set) != 1) continue;
    Side side(node.rows());
    for (std::size_t i = 0; i < node.rows(); ++i)
      for (std::size_t k = 0; k < used.size(); ++k)
        if (codes[i] == used[k]) side[i] = ((set >> k) & 1) != 0;
    const Outcome outcome = outcome_of(node, side);
    if (outcome.allowed && outcome.gain > best.gain) best = {outcome.gain, outcome.size};
  }
  return best;
}

TEST(TreeSplit, CategoriesAreDividedIntoTheBestOfAllSets) {
  // Without penalties the best set is a prefix in the order of G / H (Fisher 1958)
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const NodeRows node =
        category_node(seed, 60, 3 + seed % 7,
                      {.min_rows = 1, .cat_smooth = 0, .cat_l2 = 0, .max_cat_to_onehot = 1, .min_rows_per_group = 1});
    const Brute brute = best_of_sets(node, false);
    const Split split = node.best();
    ASSERT_TRUE(split.found());
    EXPECT_NEAR(split.gain, static_cast<double>(brute.gain), tolerance(brute.size)) << seed;
    expect_consistent(node, split, "seed " + std::to_string(seed));
  }
}

TEST(TreeSplit, FewCategoriesAreSplitOneFromTheOthers) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SplitParameters parameters{.min_rows = 1.0 + static_cast<double>(seed % 12),
                               .l1 = seed % 3 == 0 ? 400.0 : 0,
                               .l2 = static_cast<double>(seed % 5)};
    parameters.max_cat_to_onehot = 12;
    const NodeRows node = category_node(seed, 60, 3 + seed % 7, parameters);
    const Brute brute = best_of_sets(node, true);
    const Split split = node.best();
    ASSERT_EQ(split.found(), brute.gain > 0) << seed;
    if (!split.found()) continue;
    ++found;
    EXPECT_NEAR(split.gain, static_cast<double>(brute.gain), tolerance(brute.size)) << seed;
    EXPECT_EQ(std::popcount(split.left_bins[0]), 1) << seed;
    EXPECT_EQ(split.extra_l2, 0) << seed;
    expect_consistent(node, split, "seed " + std::to_string(seed));
  }
  EXPECT_GT(found, 40);
}

TEST(TreeSplit, SetsOfCategoriesKeepTheirLimits) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const SplitParameters parameters{.min_rows = 5,
                                     .l2 = 1,
                                     .cat_smooth = 6,
                                     .cat_l2 = static_cast<double>(seed % 4) * 5,
                                     .max_cat_threshold = 2,
                                     .max_cat_to_onehot = 2,
                                     .min_rows_per_group = 12};
    const NodeRows node = category_node(seed, 300, 30, parameters);
    const Split split = node.best();
    if (!split.found()) continue;
    ++found;
    EXPECT_EQ(split.extra_l2, parameters.cat_l2);
    EXPECT_LE(std::popcount(split.left_bins[0]), 2);
    expect_consistent(node, split, "seed " + std::to_string(seed));
    const double cph = 300 / node.scale.moments(node.totals().sum).hessian,
                 left = node.scale.moments(split.left).hessian * cph;
    EXPECT_GE(left, 12 - 1);  // counts of two categories are rounded to whole rows
    EXPECT_LE(left, 300 - 12 + 1);
    const auto& group = node.bins->groups()[0];
    for (std::size_t bin = 0; bin < group.bins; ++bin)
      if (((split.left_bins[0] >> bin) & 1) != 0) {
        const Moments sum = node.scale.moments({node.first[group.entry(bin, 0)], 0});
        EXPECT_GE(std::nearbyint(sum.hessian * cph), 6) << "rarer than cat_smooth";
      }
  }
  EXPECT_GT(found, 40);
}

TEST(TreeSplit, MoreThan64CategoriesTakeSeveralWords) {
  // 100 categories, of which every third has the other sign
  std::vector<std::int32_t> codes;
  std::vector<std::int64_t> gradients;
  for (std::int32_t code = 0; code < 100; ++code)
    for (int copy = 0; copy < 4; ++copy) {
      codes.push_back(code);
      gradients.push_back(code % 3 == 0 ? -5 : 1);
    }
  const NodeRows node =
      plain_node({category_column("c", codes, 100)}, gradients,
                 {.min_rows = 1, .cat_smooth = 0, .cat_l2 = 0, .max_cat_threshold = 64, .min_rows_per_group = 1});
  const Split split = node.best();
  EXPECT_EQ(split.left_bins.size(), 2U);
  const Side side = side_of(node, split);
  for (std::size_t i = 0; i < side.size(); ++i) EXPECT_EQ(side[i], codes[i] % 3 == 0) << i;
}

TEST(TreeSplit, GainsOfAnySizeKeepTheirOrder) {
  // the same node in units whose squares no double holds
  for (const double unit : {0x1p-700, 0x1p-100, 1.0, 0x1p100, 0x1p700}) {
    NodeRows node = random_node(2, 60, 12, 255);
    node.parameters = {.min_rows = 3};
    const Split expected = node.best();
    node.scale.gradient_unit = unit;
    const Split split = node.best();
    ASSERT_TRUE(split.found()) << unit;
    EXPECT_EQ(split.column, expected.column) << unit;
    EXPECT_EQ(split.bin, expected.bin) << unit;
  }
}

}  // namespace
