// Symmetric trees and target statistics: against brute force, closed forms and their definitions.

#include <gtest/gtest.h>

#include "learners/tree/symmetric_grower.hpp"
#include "learners/tree/target_statistics.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

/// Rows with gradients that are small integers, or a power of two times those, and a Hessian of 1, packed exactly.
struct Problem {
  std::shared_ptr<const BinnedTable> bins;
  std::vector<std::uint32_t> rows;
  std::vector<QuantisedGradients> outputs;

  void add_output(const std::vector<double>& gradients) {
    QuantisedGradients own;
    own.gradients = gradients;
    own.kind = HessianKind::constant;
    own.pack(rows, random_keys(gradients.size(), 3), gradients.size(), 1);
    outputs.push_back(std::move(own));
  }
};

Problem problem_of(std::shared_ptr<const BinnedTable> bins, const std::vector<double>& gradients) {
  Problem problem{std::move(bins), first_rows(gradients.size()), {}};
  problem.add_output(gradients);
  return problem;
}

std::vector<double> random_gradients(std::size_t rows, std::uint64_t seed) {
  RandomStream random = random_of(seed);
  std::vector<double> gradients;
  for (std::size_t i = 0; i < rows; ++i) gradients.push_back(static_cast<double>(random.below(17)) - 8);
  return gradients;
}

GrownTree grow(Problem& problem, const SymmetricParameters& parameters, double noise = 0, std::uint64_t seed = 1) {
  SymmetricGrower grower(parameters);
  EXPECT_TRUE(grower.grow(*problem.bins, problem.outputs, problem.rows, noise, seed, 0, {}));
  return grower.tree();
}

/// Condition of a level on a row: bins up to `bin` of a number, or one bin of a category.
struct Condition {
  std::uint32_t column = 0;
  std::size_t bin = 0;
};
bool holds(const BinnedTable& bins, const Condition& condition, std::size_t row) {
  const Place place = place_of(bins, condition.column);
  const auto& group = bins.groups()[place.group];
  const std::size_t code = bins.code(group, place.lane, row);
  return group.categorical ? code == condition.bin : code <= condition.bin;
}

double score_of(const Problem& problem, const std::vector<Condition>& conditions, double l2) {
  std::map<std::vector<bool>, std::vector<double>> leaves;  // sums of each output, and rows
  const std::size_t outputs = problem.outputs.size();
  for (std::size_t row = 0; row < problem.rows.size(); ++row) {
    std::vector<bool> path;
    for (const Condition& condition : conditions) path.push_back(holds(*problem.bins, condition, row));
    std::vector<double>& sums = leaves[path];
    sums.resize(outputs + 1);
    for (std::size_t k = 0; k < outputs; ++k) sums[k] += problem.outputs[k].gradients[row];
    sums[outputs] += 1;
  }
  double score = 0;
  for (const auto& [path, sums] : leaves)
    for (std::size_t k = 0; k < outputs; ++k) score += sums[k] * sums[k] / (sums[outputs] + l2);
  return score;
}

TEST(SymmetricGrower, EachLevelTakesTheConditionWithTheLargestScore) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::size_t rows = 60;
    RandomStream random = random_of(seed);
    std::vector<double> x, z;
    std::vector<std::int32_t> codes;
    for (std::size_t i = 0; i < rows; ++i) {
      x.push_back(random.below(5) == 0 ? missing : static_cast<double>(random.below(6)));
      z.push_back(random.normal());
      codes.push_back(static_cast<std::int32_t>(random.below(4)) - 1);
    }
    const auto bins = binned(Table({number_column("x", x), number_column("z", z), category_column("c", codes, 3)}));
    Problem problem = problem_of(bins, random_gradients(rows, seed + 100));
    if (seed % 2 == 1) {  // of three outputs, one of which is counted in other units
      std::vector<double> small = random_gradients(rows, seed + 200);
      for (double& gradient : small) gradient /= 1024;
      problem.add_output(small);
      problem.add_output(random_gradients(rows, seed + 300));
    }
    const GrownTree tree = grow(problem, {.depth = 3, .l2 = 2});
    ASSERT_EQ(tree.nodes.size(), 7U);
    std::vector<Condition> taken;
    for (std::size_t level = 0; level < 3; ++level) {
      double best = -1;
      for (std::uint32_t column = 0; column < 3; ++column)
        for (std::size_t bin = 0; bin < bins->mappings()[column].bins; ++bin) {
          auto tried = taken;
          tried.push_back({column, bin});
          best = std::max(best, score_of(problem, tried, 2));
        }
      const Split& split = tree.nodes[(std::size_t{1} << level) - 1].split;
      Condition condition{split.column, split.bin};
      if (split.categorical) condition.bin = static_cast<std::size_t>(std::countr_zero(split.left_bins[0]));
      else if (!split.missing_left) condition.bin = 0;
      taken.push_back(condition);
      EXPECT_NEAR(score_of(problem, taken, 2), best, 1e-9 * best) << "level " << level << " seed " << seed;
    }
  }
}

TEST(SymmetricGrower, LeavesAreThoseOfTheirRows) {
  const std::size_t rows = 300;
  const auto x = random_numbers(rows, 1), z = random_numbers(rows, 2);
  Problem problem =
      problem_of(binned(Table({number_column("x", x), number_column("z", z)})), random_gradients(rows, 3));
  SymmetricGrower grower({.depth = 4, .l2 = 1.5});
  ASSERT_TRUE(grower.grow(*problem.bins, problem.outputs, problem.rows, 0, 1, 0, {}));
  const GrownTree& tree = grower.tree();
  ASSERT_EQ(tree.leaves.size(), 16U);
  for (std::size_t leaf = 0; leaf < 16; ++leaf) {
    double sum = 0;
    const auto own = grower.leaf_rows(leaf);
    for (std::uint32_t row : own) sum += problem.outputs[0].gradients[row];
    EXPECT_EQ(tree.leaves[leaf].rows, static_cast<double>(own.size()));
    EXPECT_NEAR(tree.leaves[leaf].value, -sum / (static_cast<double>(own.size()) + 1.5), 1e-9);
  }
  // rows are routed as they were divided
  std::vector<std::uint32_t> all = first_rows(rows), scratch;
  route(tree, *problem.bins, all, scratch, [&](std::size_t leaf, std::span<const std::uint32_t> found) {
    const auto own = grower.leaf_rows(leaf);
    EXPECT_EQ(std::set<std::uint32_t>(found.begin(), found.end()), std::set<std::uint32_t>(own.begin(), own.end()));
  });
}

TEST(SymmetricGrower, MissingValuesAloneCanBeCutOff) {
  // all numbers alike, missing values different: the raw tree must send only missing values away
  std::vector<double> x, gradients;
  for (int i = 0; i < 40; ++i) {
    x.push_back(i % 4 == 0 ? missing : i % 4);
    gradients.push_back(i % 4 == 0 ? 3 : -1);
  }
  Problem problem = problem_of(binned(Table({number_column("x", x)})), gradients);
  const GrownTree tree = grow(problem, {.depth = 1, .l2 = 0});
  TreeArrays arrays = empty_arrays(*problem.bins);
  arrays.base = {0};
  append_tree(tree, *problem.bins, arrays);
  TreeEnsemble model(arrays);
  model.set_context({Table({number_column("x", x)}).schema(), {Task::regression, 1, {}, 1}});
  for (double value : {-infinite, -5.0, 1.0, 3.0, infinite})
    EXPECT_NEAR(model.predict(Table({number_column("x", {value})})).values[0], 1, 1e-9) << value;
  EXPECT_NEAR(model.predict(Table({number_column("x", {missing})})).values[0], -3, 1e-9);
}

TEST(SymmetricGrower, NoiseChangesTheColumnsAndSeedsRepeatIt) {
  const std::size_t rows = 200;
  std::vector<ColumnPtr> columns;
  for (std::uint64_t c = 0; c < 10; ++c)
    columns.push_back(number_column("x" + std::to_string(c), random_numbers(rows, c)));
  const auto bins = binned(Table(columns));
  const auto splits = [&](double noise, std::uint64_t seed) {
    Problem problem = problem_of(bins, random_gradients(rows, 5));
    std::vector<std::uint32_t> taken;
    for (const auto& node : grow(problem, {.depth = 4}, noise, seed).nodes) taken.push_back(node.split.column);
    return taken;
  };
  EXPECT_EQ(splits(0, 1), splits(0, 2));
  EXPECT_EQ(splits(20, 1), splits(20, 1));
  EXPECT_NE(splits(20, 1), splits(20, 2));
}

TEST(SymmetricGrower, StaysWholeWhereASideWouldBeTooSmall) {
  const std::size_t rows = 100;
  Problem problem = problem_of(binned(Table({number_column("x", random_numbers(rows, 1))})), random_gradients(rows, 5));
  SymmetricGrower grower({.depth = 6, .min_rows = 30, .l2 = 0});
  ASSERT_TRUE(grower.grow(*problem.bins, problem.outputs, problem.rows, 0, 1, 0, {}));
  std::size_t filled = 0;
  for (std::size_t leaf = 0; leaf < grower.tree().leaves.size(); ++leaf)
    filled += grower.leaf_rows(leaf).empty() ? 0 : 1;
  EXPECT_LE(filled, 6U);
}

TEST(Kernels, EveryLevelChoosesTheSameThreshold) {
  constexpr int bins = 61;
  std::vector<double> scores(8 * bins);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = std::abs(random_of(i).normal());
  LevelChoice choice{.scores = scores.data(), .bins = bins, .unit = 2.5};
  for (int lane = 0; lane < 8; ++lane) {
    choice.seeds[lane] = static_cast<std::uint64_t>(77 + 2 * lane);
    choice.ends[lane] = 60 - 5 * lane;
  }
  double mean = 0, square = 0;
  for (const double noise : {0.0, 0.5, 1e6}) {
    choice.noise = noise;
    std::vector<double> first(8);
    kernel_levels()[0]->choose(choice, first.data());
    for (const Kernels* level : kernel_levels()) {
      std::vector<double> best(8);
      level->choose(choice, best.data());
      EXPECT_EQ(best, first) << level->name;
    }
    for (int lane = 0; lane < 8; ++lane) {
      const auto at = static_cast<std::size_t>(lane);
      EXPECT_LT(first[at], choice.ends[lane]);
      if (noise > 0) continue;
      for (std::size_t bin = 0; bin < static_cast<std::size_t>(choice.ends[lane]); ++bin)
        EXPECT_LE(scores[8 * bin + at], scores[8 * static_cast<std::size_t>(first[at]) + at]);
    }
  }
  // with noise alone, each of 60 thresholds is as likely as the others
  std::fill(scores.begin(), scores.end(), 1.0);
  constexpr int draws = 3000;
  for (int i = 0; i < draws; ++i) {
    choice.seeds[0] = mix64(static_cast<std::uint64_t>(i)) | 1;
    double best[8];
    kernels().choose(choice, best);
    mean += best[0] / draws;
    square += best[0] * best[0] / draws;
  }
  EXPECT_NEAR(mean, 29.5, 1.3);                          // 4 standard deviations
  EXPECT_NEAR(square - mean * mean, 3599.0 / 12, 20.0);  // 4 standard deviations
}

TEST(Kernels, EveryLevelAddsTheSameScoresOfALevel) {
  RandomStream random = random_of(8);
  const int bins = 37;
  std::vector<std::int64_t> histogram(8 * bins), second(8 * bins);
  double gradient = 0, hessian = 0;
  for (int b = 0; b < bins; ++b)
    for (int lane = 0; lane < 8; ++lane) {
      const auto g = static_cast<std::int64_t>(random.below(2001)) - 1000,
                 h = static_cast<std::int64_t>(random.below(500));
      histogram[static_cast<std::size_t>(8 * b + lane)] = (g << 32) + h;
      if (lane == 0) {
        gradient += static_cast<double>(g);
        hessian += static_cast<double>(h);
      }
    }
  LevelInput input{.fields = {},
                   .histogram = histogram.data(),
                   .bins = bins,
                   .gradient = gradient,
                   .hessian = hessian,
                   .l2 = 7.5,
                   .lowest = 600,
                   .highest = hessian - 600};
  std::vector<double> expected(8 * bins, 0.25);
  for (int lane = 0; lane < 1; ++lane) {
    double g = 0, h = 0;
    for (int b = 0; b + 1 < bins; ++b) {
      g += static_cast<double>(histogram[static_cast<std::size_t>(8 * b)] >> 32);
      h += static_cast<double>(histogram[static_cast<std::size_t>(8 * b)] & 0xffffffff);
      const bool fits = h >= input.lowest && h <= input.highest;
      expected[static_cast<std::size_t>(8 * b)] +=
          fits ? g * g / (h + 7.5) + (gradient - g) * (gradient - g) / (hessian - h + 7.5)
               : gradient * gradient / (hessian + 7.5);
    }
  }
  std::vector<double> first;
  for (const Kernels* level : kernel_levels()) {
    std::vector<double> scores(8 * bins, 0.25);
    level->add_level(input, scores.data());
    for (int b = 0; b < bins; ++b) {
      const auto at = static_cast<std::size_t>(8 * b);
      EXPECT_NEAR(scores[at], expected[at], 1e-10 * expected[at]) << level->name << " " << b;
    }
    if (first.empty()) first = scores;
    EXPECT_EQ(bits_of(scores), bits_of(first)) << level->name;
  }
}

TEST(LevelKernel, AddsBothChildrensScoresOfEachBinByItself) {
  RandomStream random = random_of(8);
  constexpr std::size_t bins = 13;
  for (const bool wide : {false, true}) {
    std::vector<std::int64_t> histogram(bins + 8), second(bins + 8);
    std::vector<double> expected(bins, 0.25), g, h;
    for (std::size_t b = 0; b < bins + 8; ++b) {
      g.push_back(static_cast<double>(random.below(2001)) - 1000);
      h.push_back(static_cast<double>(random.below(500)));
      histogram[b] = static_cast<std::int64_t>(g[b]) * (std::int64_t{1} << (wide ? 12 : 32)) +
                     (wide ? 0 : static_cast<std::int64_t>(h[b]));
      second[b] = static_cast<std::int64_t>(h[b]);
    }
    const LevelInput input{.fields = {wide ? 12 : 32, 0xffffffff, wide},
                           .histogram = histogram.data(),
                           .second = wide ? second.data() : nullptr,
                           .bins = static_cast<int>(bins),
                           .gradient = 700,
                           .hessian = 4'000,
                           .l2 = 7.5,
                           .lowest = 100,
                           .highest = 3'900};
    for (std::size_t b = 0; b < bins; ++b) {
      const bool fits = h[b] >= 100 && h[b] <= 3'900;
      expected[b] += fits ? g[b] * g[b] / (h[b] + 7.5) + (700 - g[b]) * (700 - g[b]) / (4'000 - h[b] + 7.5)
                          : 700.0 * 700.0 / 4'007.5;
    }
    std::vector<double> first;
    for (const Kernels* level : kernel_levels()) {
      std::vector<double> scores(bins + 8, 0.25);
      level->add_level_bins(input, scores.data());
      for (std::size_t b = 0; b < bins; ++b) EXPECT_NEAR(scores[b], expected[b], 1e-10 * expected[b]) << level->name;
      for (std::size_t b = bins; b < scores.size(); ++b) EXPECT_EQ(scores[b], 0.25) << "beyond the column";
      if (first.empty()) first = scores;
      EXPECT_EQ(bits_of(scores), bits_of(first)) << level->name;
    }
  }
}

// ---- target statistics ----

struct Categories {
  std::vector<std::int32_t> codes;
  std::vector<double> y;
  std::shared_ptr<const BinnedTable> bins;
  std::vector<std::uint64_t> keys;
};
Categories categories(std::size_t rows, std::size_t count, std::uint64_t seed) {
  RandomStream random = random_of(seed);
  Categories all;
  for (std::size_t i = 0; i < rows; ++i) {
    all.codes.push_back(static_cast<std::int32_t>(random.below(count)));
    all.y.push_back(random.below(3) == 0 ? 1 : 0);
  }
  all.keys = random_keys(rows, seed);
  all.bins = binned(Table({category_column("c", all.codes, count)}));
  return all;
}

TEST(TargetStatistics, CodesOfOtherRowsAreMeansOfAllTrainingRows) {
  const Categories data = categories(500, 10, 2);
  std::vector<std::uint32_t> rows;
  std::vector<std::uint64_t> keys;
  TargetRows targets;
  for (std::uint32_t i = 0; i < 500; i += 2) {
    rows.push_back(i);
    keys.push_back(data.keys[i]);
    targets.values.push_back(data.y[i]);
  }
  TargetStatistics statistics(data.bins, rows, keys, targets, {.orders = 2}, {});
  const auto& mappings = statistics.ordered(0)->mappings();
  ASSERT_EQ(mappings.size(), 1 + 3U);                     // two smoothings and the count
  std::map<std::size_t, std::pair<double, double>> sums;  // of bins
  double mean = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto& [sum, weight] = sums[data.bins->mappings()[0].bin(data.codes[rows[i]])];
    sum += targets.values[i];
    weight += 1;
    mean += targets.values[i] / static_cast<double>(rows.size());
  }
  const double smoothing[] = {0.3, 3};
  for (std::size_t k = 0; k < 3; ++k) {
    const BinMapping& mapping = mappings[1 + k];
    EXPECT_EQ(mapping.source, 0U);
    for (const auto& [bin, own] : sums) {
      const double value = k < 2 ? (own.first + smoothing[k] * mean) / (own.second + smoothing[k]) : own.second;
      const auto below = std::lower_bound(mapping.edges.begin(), mapping.edges.end(), value) - mapping.edges.begin();
      EXPECT_EQ(mapping.code_of_bin[bin], 1 + below);
      for (std::size_t row = 1; row < 500; row += 2) {
        if (data.bins->mappings()[0].bin(data.codes[row]) != bin) continue;
        const BinnedTable& table = *statistics.ordered(1);
        const Place place = place_of(table, static_cast<std::uint32_t>(1 + k));
        EXPECT_EQ(table.code(table.groups()[place.group], place.lane, row), mapping.code_of_bin[bin]);
      }
    }
  }
}

TEST(TargetStatistics, OrderedMeansAreOfTheRowsBefore) {
  const Categories data = categories(120, 6, 3);
  const auto rows = first_rows(120);
  TargetStatistics statistics(data.bins, rows, data.keys, {.values = data.y}, {.orders = 2}, {});
  const double mean = std::accumulate(data.y.begin(), data.y.end(), 0.0) / 120;
  for (std::uint64_t order = 0; order < 2; ++order) {
    const BinnedTable& table = *statistics.ordered(order);
    const std::uint64_t seed = combine_hashes(0, combine_hashes(purpose("order of rows"), order));
    const auto drawn = [&](std::size_t row) { return combine_hashes(seed, data.keys[row]); };
    for (std::size_t row = 0; row < 120; ++row) {
      double sum = 0, weight = 0, all = 0;
      for (std::size_t other = 0; other < 120; ++other) {
        if (data.codes[other] != data.codes[row]) continue;
        all += 1;
        if (drawn(other) >= drawn(row)) continue;
        sum += data.y[other];
        weight += 1;
      }
      const double values[] = {(sum + 0.3 * mean) / (weight + 0.3), (sum + 3 * mean) / (weight + 3), all};
      for (std::uint32_t k = 0; k < 3; ++k) {
        const auto& edges = table.mappings()[1 + k].edges;
        const Place place = place_of(table, 1 + k);
        EXPECT_EQ(table.code(table.groups()[place.group], place.lane, row),
                  1 + (std::lower_bound(edges.begin(), edges.end(), values[k]) - edges.begin()));
      }
    }
  }
}

TEST(TargetStatistics, ThresholdsBecomeSetsOfCategories) {
  const Categories data = categories(600, 30, 4);
  const auto rows = first_rows(600);
  const TargetRows targets{.values = data.y};
  TargetStatistics statistics(data.bins, rows, data.keys, targets, {}, {});
  Problem problem = problem_of(statistics.ordered(2), random_gradients(600, 5));
  const GrownTree tree = grow(problem, {.depth = 3});
  TreeArrays arrays = empty_arrays(*problem.bins);
  EXPECT_EQ(arrays.columns, std::vector<std::uint32_t>{0});
  arrays.base = {0};
  append_tree(tree, *problem.bins, arrays);
  EXPECT_EQ(arrays.sets.size(), 3U) << "a level's nodes share one set";
  TreeEnsemble model(arrays);
  const Table table({category_column("c", data.codes, 30)});
  model.set_context({table.schema(), {Task::regression, 1, {}, 1}});
  const auto complete = statistics.complete(data.bins, {});
  std::vector<std::uint32_t> all = first_rows(600), scratch;
  const Predictions predictions = model.predict(table);
  route(tree, *complete, all, scratch, [&](std::size_t leaf, std::span<const std::uint32_t> found) {
    for (std::uint32_t row : found) EXPECT_EQ(predictions.values[row], tree.leaves[leaf].value);
  });
}

// ---- whole fits ----

/// Numbers with holes and a category whose effect only a mean of its own can tell.
std::shared_ptr<const Dataset> mixed_dataset(std::size_t rows, bool classes,
                                             const std::vector<std::size_t>& order = {}) {
  RandomStream random = random_of(11);
  std::vector<double> x, z, y;
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(i % 9 == 4 ? missing : random.normal());
    z.push_back(random.normal());
    codes.push_back(static_cast<std::int32_t>(random.below(40)));
    const double effect = static_cast<double>(mix64(static_cast<std::uint64_t>(codes.back())) % 100) / 25;
    y.push_back((std::isnan(x[i]) ? 1 : std::sin(2 * x[i])) + 0.5 * z[i] + effect + 0.3 * random.normal());
  }
  if (!order.empty()) {
    const auto put_in_order = [&](auto& values) {
      const auto before = values;
      for (std::size_t i = 0; i < rows; ++i) values[i] = before[order[i]];
    };
    put_in_order(x);
    put_in_order(z);
    put_in_order(y);
    put_in_order(codes);
  }
  Dataset dataset;
  dataset.features = Table({number_column("x", x), category_column("c", codes, 40), number_column("z", z)});
  if (classes) {
    dataset.target.task = Task::binary;
    dataset.target.classes = {"no", "yes"};
    for (double value : y) dataset.target.labels.push_back(value > 2 ? 1 : 0);
  } else {
    dataset.target.values = y;
  }
  return make_dataset(std::move(dataset));
}

GradientBoostingParameters small_symmetric() {
  GradientBoostingParameters parameters = GradientBoostingParameters::symmetric();
  parameters.n_estimators = 60;
  parameters.learning_rate = 0.1;
  return parameters;
}

TEST(SymmetricBoosting, ThreadsAndTheOrderOfRowsChangeNoBit) {
  for (const bool classes : {false, true}) {
    const auto dataset = mixed_dataset(700, classes);
    const FitResult fit = GradientBoosting(small_symmetric()).fit(dataset);
    const std::vector<double> expected = fit.model->predict(dataset->features).values;
    const auto threads = make_executor(5);
    RunContext context;
    context.run_with = threads.get();
    EXPECT_EQ(
        bits_of(GradientBoosting(small_symmetric()).fit(dataset, context).model->predict(dataset->features).values),
        bits_of(expected));
    const FitResult again = GradientBoosting(small_symmetric()).fit(mixed_dataset(700, classes, shuffled_rows(700, 4)));
    EXPECT_EQ(bits_of(again.model->predict(dataset->features).values), bits_of(expected));
  }
}

TEST(SymmetricBoosting, LearnsCategoriesThatItHoldsOut) {
  const auto dataset = mixed_dataset(3000, false);
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  GradientBoostingParameters parameters = small_symmetric();
  parameters.n_estimators = 300;
  const DatasetView& held_out = folded.held_out(0);
  const FitResult fit = GradientBoosting(parameters).fit(FitInput{.train = folded.train(0), .validation = &held_out});
  Predictions predictions(held_out.rows(), 1);
  fit.model->predict_aligned(held_out.features(), predictions.view(), RunContext{});
  double error = 0;
  for (std::size_t i = 0; i < held_out.rows(); ++i) error += std::pow(predictions.values[i] - held_out.value(i), 2);
  EXPECT_LT(error / static_cast<double>(held_out.rows()), 0.16);  // the noise is 0.09, the target's variance about 2.5
  // what early stopping saw of the held-out rows is what the model predicts
  EXPECT_EQ(bits_of(fit.report.checkpoints.at(fit.report.rounds).values), bits_of(predictions.values));
}

TEST(SymmetricBoosting, ResumedIsUninterrupted) {
  const auto dataset = mixed_dataset(600, true);
  GradientBoostingParameters parameters = small_symmetric();
  const FitResult whole = GradientBoosting(parameters).fit(dataset);
  parameters.n_estimators = 25;
  const FitResult first = GradientBoosting(parameters).fit(FitInput{.train = dataset, .keep_state = true});
  parameters.n_estimators = 60;
  const FitResult resumed = GradientBoosting(parameters).fit(FitInput{.train = dataset, .resume = first.state.get()});
  EXPECT_EQ(bits_of(resumed.model->predict(dataset->features).values),
            bits_of(whole.model->predict(dataset->features).values));
}

TEST(SymmetricBoosting, LimitsThatItDoesNotTakeAreRefused) {
  const auto dataset = mixed_dataset(100, false);
  const auto code = [&](const std::function<void(GradientBoostingParameters&)>& change) {
    GradientBoostingParameters parameters = small_symmetric();
    change(parameters);
    return error_code([&] { GradientBoosting(parameters).fit(dataset); });
  };
  EXPECT_EQ(code([](auto&) {}), "");
  EXPECT_EQ(code([](auto& p) { p.extra_trees = true; }), "fit.symmetric");
  EXPECT_EQ(code([](auto& p) { p.reg_alpha = 1; }), "fit.symmetric");
  EXPECT_EQ(code([](auto& p) { p.path_smooth = 1; }), "fit.symmetric");
  EXPECT_EQ(code([](auto& p) { p.max_delta_step = 1; }), "fit.symmetric");
  EXPECT_EQ(code([](auto& p) { p.colsample_bynode = 0.5; }), "fit.symmetric");
  EXPECT_EQ(code([](auto& p) { p.max_depth = 13; }), "fit.symmetric");
}

TEST(SymmetricBoosting, TheRateFollowsRowsAndRounds) {
  const auto dataset = mixed_dataset(1000, true);
  const auto rate = [&](std::int64_t rounds) {
    GradientBoostingParameters parameters = small_symmetric();
    parameters.learning_rate = std::nullopt;
    parameters.n_estimators = rounds;
    return GradientBoosting(parameters).fit(dataset).report.details.find("learning_rate")->number();
  };
  EXPECT_NEAR(rate(100), 0.0851, 1e-3);  // what CatBoost 1.2.10 chooses without a validation set
  EXPECT_EQ(rate(1), 0.5);
}

}  // namespace
