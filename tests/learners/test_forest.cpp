// Forests: splits against brute force, leaves and out-of-bag predictions against their definitions, limits.

#include <gtest/gtest.h>

#include <automill/learners/forest.hpp>

#include "learners/tree/forest_grower.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

const TreeArrays& trees(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model).arrays(); }

std::vector<double> signal(const Columns& x, std::uint64_t seed) {
  std::vector<double> y = random_numbers(x[0].size(), seed);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = 0.2 * y[i] + std::sin(2 * x[0][i]) + (x[1][i] > 0.3 ? 1.5 : 0);
  return y;
}

std::vector<std::int32_t> signal_labels(const Columns& x, int classes, std::uint64_t seed) {
  std::vector<std::int32_t> labels;
  for (double value : signal(x, seed))
    labels.push_back(std::clamp(static_cast<int>(std::floor((value + 1.5) / 4 * classes)), 0, classes - 1));
  for (int k = 0; k < classes; ++k) labels[static_cast<std::size_t>(k)] = k;
  return labels;
}

// ---- one node ----

struct Problem {
  ForestTarget target;
  std::vector<ForestItem> items;
  std::vector<std::uint16_t> codes;
  ForestSums sums;
};

/// Of classes where there are any, else of numbers: one a row, or several outputs.
Problem random_problem(std::size_t rows, std::size_t codes, std::size_t classes, std::uint64_t seed,
                       std::size_t outputs = 1) {
  RandomStream random = random_of(seed);
  Problem problem;
  problem.target.classes = classes;
  problem.target.outputs = outputs;
  problem.sums.classes.assign(classes, 0.0);
  if (outputs > 1) problem.sums.moments.assign(outputs, 0);
  for (std::size_t k = 0; outputs > 1 && k < outputs; ++k) problem.target.factors.push_back(0.1 + random.uniform());
  for (std::size_t i = 0; i < rows; ++i) {
    const auto value =
        static_cast<std::int64_t>(classes > 0 ? random.below(classes) : random.below(100)) - (classes > 0 ? 0 : 50);
    const ForestItem item{.row = static_cast<std::uint32_t>(i),
                          .weight = 1 + static_cast<std::uint32_t>(random.below(3)),
                          .value = outputs > 1 ? static_cast<std::int64_t>(i) : value};
    problem.items.push_back(item);
    for (std::size_t k = 0; outputs > 1 && k < outputs; ++k) {
      problem.target.values.push_back(static_cast<std::int64_t>(random.below(100)) - 50);
      problem.sums.moments[k] += item.weight * problem.target.values.back();
    }
    problem.codes.push_back(static_cast<std::uint16_t>(random.below(codes)));
    problem.sums.weight += item.weight;
    problem.sums.rows += 1;
    if (classes > 0) problem.sums.classes[static_cast<std::size_t>(value)] += item.weight;
    else problem.sums.moment += item.weight * value;
  }
  for (double share : problem.sums.classes) problem.sums.squares += share * share;
  if (outputs > 1) problem.sums.squares = problem.target.squares(problem.sums.moments);
  return problem;
}

/// Sum over both sides of S^2 / W (times the factor of each output), or of the squared class weights over W; -inf where
/// a side is too small.
double score_of(const Problem& problem, const ForestSplit& split, bool has_missing, double min_rows) {
  const std::size_t classes = problem.sums.classes.size(), outputs = problem.target.outputs;
  double score = 0;
  for (const bool left : {true, false}) {
    std::vector<double> sums(std::max(outputs, classes), 0.0);
    double weight = 0, rows = 0;
    for (std::size_t i = 0; i < problem.items.size(); ++i) {
      const bool goes_left = has_missing && problem.codes[i] == 0 ? split.missing_left : problem.codes[i] <= split.last;
      if (goes_left != left) continue;
      const ForestItem& item = problem.items[i];
      weight += item.weight;
      rows += 1;
      if (classes > 0) sums[static_cast<std::size_t>(item.value)] += item.weight;
      else if (outputs == 1) sums[0] += static_cast<double>(item.weight * item.value);
      for (std::size_t k = 0; outputs > 1 && k < outputs; ++k)
        sums[k] += static_cast<double>(item.weight * problem.target.row(i)[k]);
    }
    if (rows < min_rows) return -infinite;
    for (std::size_t k = 0; k < sums.size(); ++k)
      score += (outputs > 1 ? problem.target.factors[k] : 1.0) * sums[k] * sums[k] / weight;
  }
  return score;
}

/// Classes and outputs.
const std::vector<std::pair<std::size_t, std::size_t>> kinds{{0, 1}, {3, 1}, {7, 1}, {0, 2}, {0, 5}};

TEST(ForestSplitter, FindsTheBestOfAllThresholds) {
  for (const auto& [classes, outputs] : kinds)
    for (const std::size_t rows : {2, 5, 8, 9, 16, 17, 20, 127, 128, 400})
      for (const bool has_missing : {false, true})
        for (const double min_rows : {1.0, 4.0}) {
          const Problem problem = random_problem(rows, 12, classes, rows + classes + (has_missing ? 1000 : 0), outputs);
          ForestSplitter splitter(problem.target, min_rows, 12);
          ForestSplit best;
          splitter.find_best(problem.items, problem.codes, problem.sums, {.codes = 12, .has_missing = has_missing},
                             best);
          double expected = -infinite;
          for (std::uint32_t last = 0; last <= 12; ++last)
            for (const bool missing_left : {false, true})
              expected = std::max(
                  expected, score_of(problem, {.last = last, .missing_left = missing_left}, has_missing, min_rows));
          if (expected == -infinite) {
            EXPECT_FALSE(best.found());
            continue;
          }
          ASSERT_TRUE(best.found());
          EXPECT_NEAR(best.score, expected, 1e-12 * std::abs(expected));
          EXPECT_NEAR(score_of(problem, best, has_missing, min_rows), expected, 1e-12 * std::abs(expected));
        }
}

TEST(ForestSplitter, ARandomThresholdLiesInTheRangeOfTheNode) {
  for (const auto& [classes, outputs] : kinds)
    for (int i = 0; i < 50; ++i) {
      const double uniform = i / 50.0;
      const Problem problem = random_problem(60, 9, classes, 77, outputs);
      ForestSplitter splitter(problem.target, 1, 9);
      ForestSplit split;
      ASSERT_TRUE(splitter.find_random(problem.items, problem.codes, problem.sums, {.codes = 9}, uniform, split));
      EXPECT_EQ(split.last, static_cast<std::uint32_t>(uniform * 8));  // codes 0 to 8: thresholds after 0 to 7
      EXPECT_NEAR(split.score, score_of(problem, split, false, 1), 1e-12 * split.score);
    }
}

TEST(ForestSplitter, RandomThresholdsAreUniformInValue) {
  // codes 1, 2, 3 end at 0, 10, 100: the thresholds 0 to 100 fall upon the edge that follows
  const std::vector<double> edges{0, 10, 100};
  std::vector<ForestItem> items;
  std::vector<std::uint16_t> codes;
  for (std::uint16_t code : {1, 2, 3, 4}) {
    items.push_back({code, 1, code % 2});
    codes.push_back(code);
  }
  const ForestSums sums{.weight = 4, .rows = 4, .moment = 2};
  const CodeKind kind{.codes = 5, .has_missing = true, .edges = edges};
  for (const auto& [uniform, last] : {std::pair{0.0, 1U}, {0.05, 2U}, {0.1, 2U}, {0.11, 3U}, {0.99, 3U}}) {
    const ForestTarget target;
    ForestSplitter splitter(target, 1, 5);
    ForestSplit split;
    ASSERT_TRUE(splitter.find_random(items, codes, sums, kind, uniform, split));
    EXPECT_EQ(split.last, last) << uniform;
  }
}

// ---- whole forests ----

TEST(Forest, PureLeavesGiveBackTheTargets) {
  const Columns x = linear_tools::random_columns(3, 200, 1);
  const std::vector<double> y = signal(x, 2);
  const auto labels = signal_labels(x, 4, 3);
  for (const auto& dataset : {regression(x, y), classification(x, labels, 4)}) {
    const FitResult fit = ExtraTrees({.n_estimators = 3, .max_bin = 1000}).fit(dataset);
    const Predictions predictions = fit.model->predict(dataset->features);
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (dataset->target.task == Task::regression) EXPECT_NEAR(predictions.values[i], y[i], 1e-9);
      else EXPECT_NEAR(predictions.values[i * 4 + static_cast<std::size_t>(labels[i])], 1, 1e-6);
    }
    EXPECT_EQ(fit.out_of_bag, nullptr) << "all rows were used";
  }
}

TEST(Forest, ATreeOfOneLeafIsTheMeanOfTheRowsDrawn) {
  const Columns x = linear_tools::random_columns(1, 50, 1);
  const std::vector<double> y = signal({x[0], x[0]}, 2);
  std::vector<double> weights;
  double sum = 0, weight = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    sum += weights[i] * y[i];
    weight += weights[i];
  }
  const FitResult fit = ExtraTrees({.n_estimators = 4, .min_samples_leaf = 30}).fit(regression(x, y, weights));
  // weights have 30 bits in all, values 28
  EXPECT_NEAR(fit.model->predict(table_of({{0.0}})).values[0], sum / weight, 1e-6);
}

TEST(Forest, OutOfBagPredictionsComeFromTreesThatDidNotSeeTheRow) {
  const Columns x = linear_tools::random_columns(3, 300, 1);
  const std::vector<double> y = signal(x, 2);
  const auto labels = signal_labels(x, 3, 3);
  const auto noise = [&] {  // no column tells anything: a tree that saw a row would know it
    std::vector<std::int32_t> drawn;
    RandomStream random = random_of(9);
    for (std::size_t i = 0; i < y.size(); ++i) drawn.push_back(static_cast<std::int32_t>(i < 3 ? i : random.below(3)));
    return drawn;
  }();
  const FitResult fit = RandomForest({.n_estimators = 60}).fit(classification(x, noise, 3));
  ASSERT_NE(fit.out_of_bag, nullptr);
  double right = 0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const auto row = fit.out_of_bag->row(i);
    EXPECT_NEAR(row[0] + row[1] + row[2], 1, 1e-6);
    right += std::max_element(row.begin(), row.end()) - row.begin() == noise[i] ? 1 : 0;
  }
  EXPECT_NEAR(right / static_cast<double>(noise.size()), 1.0 / 3, 0.12);  // 4.4 standard deviations
  // one tree: where it did not see a row, its prediction is the out-of-bag prediction; elsewhere the mean of all
  const auto dataset = regression(x, y);
  const FitResult one = RandomForest({.n_estimators = 1}).fit(dataset);
  const Predictions own = one.model->predict(dataset->features);
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / static_cast<double>(y.size());
  std::size_t unseen = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double value = one.out_of_bag->values[i];
    if (std::abs(value - mean) < 1e-9) continue;
    ++unseen;
    EXPECT_NEAR(value, own.values[i], 1e-12);
  }
  EXPECT_NEAR(static_cast<double>(unseen), 300 * std::exp(-1.0), 45);  // 5.4 standard deviations
}

TEST(Forest, LearnsNumbersClassesMissingValuesAndCategories) {
  const std::size_t rows = 1200;
  RandomStream random = random_of(5);
  std::vector<double> x, y;
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(i % 5 == 0 ? missing : random.normal());
    codes.push_back(static_cast<std::int32_t>(random.below(12)) - 1);
    y.push_back((std::isnan(x.back()) ? 3
                 : x.back() > 0       ? 1
                                      : 0) +
                (codes.back() % 3 == 1 ? 2 : 0) + 0.1 * random.normal());
  }
  const auto dataset = numeric_dataset(Table({number_column("x", x), category_column("c", codes, 11)}), y);
  for (const auto& fit : {RandomForest({.n_estimators = 50}).fit(dataset),
                          ExtraTrees({.n_estimators = 50, .max_samples = 0.632}).fit(dataset)}) {
    double error = 0;
    for (std::size_t i = 0; i < rows; ++i) error += std::pow(fit.out_of_bag->values[i] - y[i], 2);
    EXPECT_LT(error / static_cast<double>(rows), 0.06);  // the noise is 0.01, the target's variance about 2
  }
}

TEST(Forest, LimitsHold) {
  const Columns x = linear_tools::random_columns(4, 500, 1);
  const auto dataset = regression(x, signal(x, 2));
  const auto leaves_of = [&](const RandomForestParameters& parameters) {
    const FitResult fit = RandomForest(parameters).fit(dataset);
    std::size_t most = 0;
    const TreeArrays& a = trees(fit);
    for (std::size_t t = 0; t < a.trees(); ++t) {
      const std::size_t end = t + 1 < a.trees() ? a.roots[t + 1] : a.nodes.size();
      most = std::max(most, (end - a.roots[t] + 1) / 2);
      for (std::size_t i = a.roots[t]; i < end; ++i)
        if (a.nodes[i].child == 0) EXPECT_GE(a.rows[i], parameters.min_samples_leaf);
    }
    return most;
  };
  EXPECT_EQ(leaves_of({.n_estimators = 5, .max_depth = 3}), 8U);
  EXPECT_EQ(leaves_of({.n_estimators = 5, .max_leaf_nodes = 13}), 13U);
  EXPECT_LE(leaves_of({.n_estimators = 5, .min_samples_leaf = 25}), 20U);
  EXPECT_GT(leaves_of({.n_estimators = 5}), 200U);
}

TEST(Forest, BestLeavesComeFirst) {
  // a large step and a small one: two leaves must cut the large one
  std::vector<double> x, y;
  for (int i = 0; i < 300; ++i) {
    x.push_back(i);
    y.push_back(i < 100 ? 0 : i < 200 ? 10 : 11);
  }
  const auto dataset = regression({x}, y);
  const FitResult fit = ExtraTrees({.n_estimators = 1, .max_leaf_nodes = 2}).fit(dataset);
  EXPECT_EQ(trees(fit).nodes.size(), 3U);
  const FitResult best = RandomForest({.n_estimators = 1, .max_leaf_nodes = 2}).fit(dataset);
  EXPECT_NEAR(best.model->predict(table_of({{0.0}})).values[0], 0, 0.4);  // bins hold three values
  EXPECT_NEAR(trees(best).nodes[0].threshold, 99.5, 2);
}

TEST(Forest, ThePriorPullsLeavesTowardsTheMean) {
  const auto dataset = classification({{0, 0, 0, 1, 1, 1, 1, 1}}, {0, 0, 0, 1, 1, 1, 1, 1}, 2);
  const FitResult fit = ExtraTrees({.n_estimators = 2, .prior_weight = 2.0}).fit(dataset);
  EXPECT_NEAR(fit.model->predict(table_of({{0.0}})).values[1], (0 + 2 * 0.625) / 5, 1e-12);
  EXPECT_NEAR(fit.model->predict(table_of({{1.0}})).values[1], (5 + 2 * 0.625) / 7, 1e-12);
}

TEST(Forest, AStoppedForestKeepsItsFirstTrees) {
  const Columns x = linear_tools::random_columns(10, 4000, 1);
  const auto dataset = regression(x, signal(x, 2));
  RunContext context;
  context.stop = StopToken{}.until(Clock::now() + std::chrono::milliseconds(150));
  const FitResult stopped = RandomForest({.n_estimators = 1000000}).fit(dataset, context);
  ASSERT_NE(stopped.model, nullptr);
  EXPECT_EQ(stopped.report.stopped, "deadline");
  const FitResult replay =
      RandomForest({.n_estimators = 1000000}).fit(FitInput{.train = dataset, .stop_at_round = stopped.report.rounds});
  EXPECT_EQ(bits_of(replay.model->predict(dataset->features).values),
            bits_of(stopped.model->predict(dataset->features).values));
}

}  // namespace
