// Splits of trees with several outputs against all there are, what they are searched by, and the kernels below.

#include <gtest/gtest.h>

#include "learners/tree/vector_split.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

/// Gradients that are small integers; Hessians of 1, or small integers, too.
struct Rows {
  std::vector<std::vector<double>> gradients;  // [output][row]
  std::vector<std::vector<double>> hessians;   // the same, or empty: all 1
  std::size_t rows() const { return gradients[0].size(); }
  QuantisedGradients of(std::size_t output) const {
    QuantisedGradients one;
    one.gradients = gradients[output];
    if (hessians.empty()) one.kind = HessianKind::constant;
    else one.hessians = hessians[output];
    return one;
  }
  VectorGradients packed(std::uint64_t seed = 1, std::vector<double> units = {}) const {
    if (units.empty()) units.assign(gradients.size(), 1.0);
    VectorGradients all(units);
    all.begin(rows(), seed);
    for (std::size_t k = 0; k < gradients.size(); ++k) all.add(k, of(k));
    all.pack(first_rows(rows()), rows());
    return all;
  }
};

Rows random_rows(std::size_t outputs, std::size_t rows, std::uint64_t seed, bool constant = true) {
  RandomStream random = random_of(seed);
  Rows all;
  for (std::size_t k = 0; k < outputs; ++k) {
    all.gradients.emplace_back(rows);
    for (double& value : all.gradients[k]) value = static_cast<double>(random.below(2001)) - 1000;
    if (constant) continue;
    all.hessians.emplace_back(rows);
    for (double& value : all.hessians[k]) value = 1 + static_cast<double>(random.below(8));
  }
  return all;
}

double column_of(const VectorGradients& gradients, std::uint32_t row, std::size_t column) {
  return static_cast<double>(gradients.entry(row)[column]) * gradients.gradient_unit();
}
double hessian_of(const VectorGradients& gradients, std::uint32_t row) {
  return static_cast<double>(gradients.entry(row)[gradients.entry_size() - 1]) * gradients.hessian_unit();
}

TEST(VectorGradients, UpToSevenOutputsHaveAColumnEach) {
  for (std::size_t outputs : {2U, 3U, 5U, 7U}) {
    const Rows rows = random_rows(outputs, 50, outputs, false);
    std::vector<double> units;
    for (std::size_t k = 0; k < outputs; ++k) units.push_back(static_cast<double>((k + 1) * (k + 1)));
    const VectorGradients packed = rows.packed(1, units);
    EXPECT_EQ(packed.entry_size(), outputs < 4 ? 4U : 8U);
    for (std::uint32_t i = 0; i < 50; ++i) {
      double hessians = 0;
      for (std::size_t k = 0; k < outputs; ++k) {
        // 51 bits for a sum below 5e4
        EXPECT_NEAR(column_of(packed, i, k), rows.gradients[k][i] / static_cast<double>(k + 1), 1e-10);
        hessians += rows.hessians[k][i];
      }
      EXPECT_NEAR(hessian_of(packed, i), hessians / static_cast<double>(outputs), 1e-12);
    }
  }
}

TEST(VectorGradients, MoreOutputsAreAddedToSevenColumnsWithRandomSigns) {
  const std::size_t outputs = 20, draws = 4000;
  const Rows rows = random_rows(outputs, 1, 3);
  double squares = 0;
  for (const auto& output : rows.gradients) squares += output[0] * output[0];
  double sum = 0, sum_of_squares = 0;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const VectorGradients packed = rows.packed(draw);
    double here = 0;
    for (std::size_t c = 0; c < 7; ++c) here += column_of(packed, 0, c) * column_of(packed, 0, c);
    EXPECT_EQ(hessian_of(packed, 0), 1.0);
    sum += here;
    sum_of_squares += here * here;
  }
  // the mean over draws is that of the outputs, within four standard errors
  const double mean = sum / draws, deviation = std::sqrt(sum_of_squares / draws - mean * mean);
  EXPECT_NEAR(mean, squares, 4 * deviation / std::sqrt(static_cast<double>(draws)));
  EXPECT_GT(deviation, 0.05 * squares);
}

TEST(VectorGradients, AGradientThatIsNotFiniteIsNamed) {
  Rows rows = random_rows(3, 10, 1);
  rows.gradients[1][7] = infinite;
  try {
    rows.packed();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.gradient_not_finite");
    EXPECT_EQ(error.place(), "row 7");
  }
}

/// A node of all rows of a table.
struct Node {
  Table table;
  std::shared_ptr<const BinnedTable> bins;
  Rows rows;
  SplitParameters parameters;
  std::uint64_t seed = 1;

  VectorSplit best() const {
    const VectorGradients gradients = rows.packed(seed);
    const auto active = draw_columns(*bins, 1, 0, 0);
    const auto all = first_rows(rows.rows());
    const RunContext context;
    VectorHistogramBuilder builder;
    builder.start(*bins, gradients, active, context);
    LinesOfIntegers histogram;
    histogram.make_room(builder.size());
    EXPECT_TRUE(builder.build(all, histogram.data()));
    const VectorSplitFinder finder(*bins, gradients, parameters);
    VectorSplit split;
    for (const ActiveGroup& one : active.groups)
      finder.find(one.group, one.lanes, histogram.data(), {builder.sum(all), static_cast<double>(all.size())}, split);
    return split;
  }
  bool goes_left(const Split& split, std::size_t row) const {
    return split.goes_left(bins->code(bins->groups()[split.group], split.lane, row));
  }
};

using Side = std::vector<bool>;  // row goes left

struct Outcome {
  long double gain = -infinite, size = 0;
  bool allowed = false;
};

/// Gain of a split by its definition, and whether both sides have enough rows and weight.
Outcome outcome_of(const Node& node, const Side& left, double extra_l2 = 0) {
  const std::size_t outputs = node.rows.gradients.size(), n = node.rows.rows();
  std::vector<long double> g(outputs, 0), all_g(outputs, 0);
  long double h = 0, all_h = 0, rows = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rows += left[i] ? 1 : 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      const long double hessian =
          (node.rows.hessians.empty() ? 1.0L : node.rows.hessians[k][i]) / static_cast<long double>(outputs);
      all_g[k] += node.rows.gradients[k][i];
      all_h += hessian;
      g[k] += left[i] ? node.rows.gradients[k][i] : 0;
      h += left[i] ? hessian : 0;
    }
  }
  const SplitParameters& p = node.parameters;
  Outcome outcome{.gain = 0};
  for (std::size_t k = 0; k < outputs; ++k) {
    const long double both =
        g[k] * g[k] / (h + p.l2 + extra_l2) + (all_g[k] - g[k]) * (all_g[k] - g[k]) / (all_h - h + p.l2 + extra_l2);
    outcome.size += both;
    outcome.gain += both - all_g[k] * all_g[k] / (all_h + p.l2);
  }
  const auto enough = [&](long double hessian) {
    return hessian * n >= (std::max(1.0, p.min_rows) - 0.5) * all_h && hessian >= p.min_hessian && hessian > 0;
  };
  outcome.allowed = enough(h) && enough(all_h - h);
  return outcome;
}

/// Sides of all thresholds of all columns, with missing rows on either side; of categories, one against the others.
std::vector<Side> all_sides(const Node& node) {
  std::vector<Side> sides;
  const std::size_t n = node.rows.rows();
  std::vector<double> values(n);
  for (std::uint32_t c = 0; c < node.table.size(); ++c) {
    node.table[c].numbers(0, n, values.data());
    const bool category = node.table[c].kind() == ColumnKind::category;
    for (double threshold : values)
      for (const bool missing_left : {false, true}) {
        Side side(n);
        for (std::size_t i = 0; i < n; ++i)
          side[i] = category ? values[i] == threshold : std::isnan(values[i]) ? missing_left : values[i] <= threshold;
        if (!std::isnan(threshold)) sides.push_back(side);
      }
  }
  return sides;
}

Node random_node(std::uint64_t seed, std::size_t rows, std::size_t distinct, std::size_t max_bin) {
  RandomStream random = random_of(seed);
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double> values(rows);
    for (double& value : values)
      value =
          seed % 2 == c % 2 && random.below(5) == 0 ? missing : std::sqrt(static_cast<double>(random.below(distinct)));
    columns.push_back(number_column("x" + std::to_string(c), values));
  }
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < rows; ++i) codes.push_back(static_cast<std::int32_t>(random.below(4)));
  columns.push_back(category_column("c", codes, 4));
  const std::size_t outputs = 2 + seed % 6;
  Node node{Table(columns), nullptr, random_rows(outputs, rows, seed + 1000, seed % 3 == 0), {}};
  node.bins = binned(node.table, {.max_bin = max_bin, .min_rows_in_bin = 1});
  // An odd sum of Hessians: no side lies exactly on the limit of rows, (min_rows - 1/2) H / n.
  double sum = 0;
  for (const auto& output : node.rows.hessians) sum += std::accumulate(output.begin(), output.end(), 0.0);
  if (!node.rows.hessians.empty() && std::fmod(sum, 2) == 0) ++node.rows.hessians[0][0];
  node.parameters = {.min_rows = 1 + static_cast<double>(random.below(rows / 3)), .min_hessian = 1e-3};
  if (seed % 3 != 2) node.parameters.l2 = 20 * random.uniform();
  if (seed % 7 < 2) node.parameters.min_hessian = 0.3 + static_cast<double>(random.below(2 * rows));
  return node;
}

void expect_best(const Node& node, const std::string& what, int& found, int& none) {
  Outcome brute;
  for (const Side& side : all_sides(node)) {
    const Outcome outcome = outcome_of(node, side);
    if (outcome.allowed && outcome.gain > brute.gain) brute = outcome;
  }
  const VectorSplit best = node.best();
  if (!(brute.gain > 0)) {
    EXPECT_FALSE(best.split.found()) << what;
    ++none;
    return;
  }
  ASSERT_TRUE(best.split.found()) << what;
  ++found;
  // a dozen operations on scores of this size, of integers that were rounded to 51 bits
  EXPECT_NEAR(best.split.gain, static_cast<double>(brute.gain), static_cast<double>(1e-11L * brute.size)) << what;
  Side side;
  for (std::size_t i = 0; i < node.rows.rows(); ++i) side.push_back(node.goes_left(best.split, i));
  const Outcome outcome = outcome_of(node, side);
  EXPECT_TRUE(outcome.allowed) << what;
  EXPECT_NEAR(best.split.gain, static_cast<double>(outcome.gain), static_cast<double>(1e-11L * outcome.size)) << what;
  const VectorGradients gradients = node.rows.packed(node.seed);
  VectorSum left{};
  for (std::uint32_t i = 0; i < side.size(); ++i)
    for (std::size_t k = 0; k < gradients.entry_size(); ++k) left[k] += side[i] ? gradients.entry(i)[k] : 0;
  EXPECT_EQ(left, best.left) << what;
}

TEST(VectorSplit, IsTheBestOfAllThresholdsAndCategories) {
  int found = 0, none = 0;
  for (std::uint64_t seed = 0; seed < 210; ++seed)
    expect_best(random_node(seed, 20 + seed % 41, 3 + seed % 17, 255), "seed " + std::to_string(seed), found, none);
  EXPECT_GT(found, 120);  // both outcomes are covered
  EXPECT_GT(none, 10);
}

TEST(VectorSplit, IsTheBestOfWideColumns) {
  int found = 0, none = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Node node = random_node(seed, 700, 5000, 1000);
    ASSERT_TRUE(std::any_of(node.bins->groups().begin(), node.bins->groups().end(), [](auto& g) { return g.wide; }));
    expect_best(node, "seed " + std::to_string(seed), found, none);
  }
  EXPECT_GT(found, 3);
}

// Two kinds of categories whose gradients point in different directions: the best of all sets is between the kinds.
TEST(VectorSplit, ManyCategoriesAreCutAcrossTheDirectionOfLargestSpread) {
  const std::size_t categories = 10, copies = 12;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomStream random = random_of(seed);
    std::vector<std::int32_t> codes;
    Rows rows;
    rows.gradients.resize(3);
    std::vector<double> kinds;
    for (std::size_t c = 0; c < categories; ++c) kinds.push_back(c < 2 || (c > 3 && random.below(2) == 0) ? 1 : 0);
    for (std::size_t c = 0; c < categories; ++c)
      for (std::size_t i = 0; i < copies; ++i) {
        codes.push_back(static_cast<std::int32_t>(c));
        const double noise = static_cast<double>(random.below(41)) - 20;
        rows.gradients[0].push_back(kinds[c] > 0 ? 100 + noise : 0);
        rows.gradients[1].push_back(kinds[c] > 0 ? noise : 80 - noise);
        rows.gradients[2].push_back(noise);
      }
    Node node{Table({category_column("c", codes, categories)}), nullptr, rows, {.min_rows = 1}};
    node.parameters.cat_smooth = 1;
    node.parameters.min_rows_per_group = 1;
    node.bins = binned(node.table);
    long double best = -infinite;
    for (std::size_t set = 1; set + 1 < (1U << categories); ++set) {
      Side side;
      for (std::int32_t code : codes) side.push_back(((set >> code) & 1) != 0);
      best = std::max(best, outcome_of(node, side, node.parameters.cat_l2).gain);
    }
    const VectorSplit split = node.best();
    ASSERT_TRUE(split.split.found());
    EXPECT_EQ(split.split.extra_l2, node.parameters.cat_l2);
    EXPECT_NEAR(split.split.gain, static_cast<double>(best), 1e-9 * static_cast<double>(best)) << seed;
  }
}

TEST(VectorKernels, AllLevelsGiveTheSameBits) {
  RandomStream random = random_of(1);
  const std::size_t rows = 500, bins = 40;
  std::vector<std::uint64_t> words(rows);
  std::vector<std::uint16_t> codes(rows);
  for (auto& word : words)
    for (int lane = 0; lane < 8; ++lane) word |= random.below(bins) << (8 * lane);
  for (auto& code : codes) code = static_cast<std::uint16_t>(random.below(1000));
  const auto order = first_rows(rows);
  std::array<std::uint32_t, 8> starts{};
  for (std::uint32_t lane = 0; lane < 8; ++lane) starts[lane] = lane * static_cast<std::uint32_t>(bins);
  for (int size : {4, 8}) {
    const auto width = static_cast<std::size_t>(size);
    std::vector<std::int64_t> entries(rows * width);
    for (std::size_t i = 0; i < entries.size(); ++i)
      entries[i] = (i + 1) % width == 0 ? static_cast<std::int64_t>(random.below(1000))
                                        : static_cast<std::int64_t>(random.below(20'001)) - 10'000;
    for (int lane_count : {1, 2, 3, 5, 8}) {
      std::vector<std::uint8_t> lanes;
      for (int lane = 0; lane < lane_count; ++lane) lanes.push_back(static_cast<std::uint8_t>(8 - lane_count + lane));
      std::vector<std::int64_t> expected(8 * bins * width, 0);
      for (std::size_t i = 0; i < rows; ++i)
        for (std::uint8_t lane : lanes)
          for (std::size_t k = 0; k < width; ++k)
            expected[(lane * bins + ((words[i] >> (8 * lane)) & 255)) * width + k] += entries[i * width + k];
      for (const Kernels* level : kernel_levels()) {
        std::vector<std::int64_t> histogram(expected.size(), 0);
        level->build_outputs(words.data(), order.data(), rows, entries.data(), size, histogram.data(), starts.data(),
                             lanes.data(), lane_count);
        EXPECT_EQ(histogram, expected) << level->name;
        std::vector<double> totals(width, 0.0);
        for (std::size_t i = 0; i < entries.size(); ++i) totals[i % width] += static_cast<double>(entries[i]);
        const auto scan = [&](const Kernels& run) {
          OutputsBest best;
          run.scan_outputs({.histogram = histogram.data() + lanes[0] * bins * width,
                            .entry_size = size,
                            .bins = static_cast<int>(bins),
                            .totals = totals.data(),
                            .l2 = 3,
                            .node_score = 5,
                            .lowest = 2000,
                            .highest = totals[width - 1] - 2000},
                           best);
          return best;
        };
        const OutputsBest a = scan(baseline_kernels()), b = scan(*level);
        EXPECT_EQ(bits_of({a.gain}), bits_of({b.gain})) << level->name;
        EXPECT_EQ(a.bin, b.bin);
        EXPECT_EQ(a.missing_left, b.missing_left);
      }
    }
    std::vector<std::int64_t> expected(1000 * width, 0);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t k = 0; k < width; ++k) expected[codes[i] * width + k] += entries[i * width + k];
    for (const Kernels* level : kernel_levels()) {
      std::vector<std::int64_t> histogram(expected.size(), 0);
      level->build_outputs_wide(codes.data(), order.data(), rows, entries.data(), size, histogram.data());
      EXPECT_EQ(histogram, expected) << level->name;
    }
  }
}

}  // namespace
