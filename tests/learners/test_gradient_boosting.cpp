// Gradient boosting: one round against closed forms, what must not change a bit, and what must be learned or refused.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

/// One tree that takes its whole step, without penalties.
Parameters one_full_step() {
  return {.n_estimators = 1,
          .num_leaves = 1000,
          .learning_rate = 1,
          .min_child_samples = 1,
          .min_child_weight = 0,
          .cat_smooth = 0,
          .cat_l2 = 0,
          .min_data_per_group = 1};
}

const TreeEnsemble& trees(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model); }

/// A nonlinear signal in four columns, with noise.
Columns signal_columns(std::size_t rows, std::uint64_t seed) { return linear_tools::random_columns(4, rows, seed); }
std::vector<double> signal(const Columns& x, double noise, std::uint64_t seed) {
  std::vector<double> y = random_numbers(x[0].size(), seed);
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = noise * y[i] + 2 * std::sin(2 * x[0][i]) + (x[1][i] > 0.3 ? 1.5 : 0) + x[2][i] * x[3][i];
  return y;
}

/// Distinct values of one column, several rows each.
struct Steps {
  std::vector<double> x, y;
  std::map<double, std::vector<std::size_t>> groups;
};
Steps steps(std::size_t values, std::size_t copies, std::uint64_t seed) {
  Steps all;
  const std::vector<double> noise = random_numbers(values * copies, seed);
  for (std::size_t i = 0; i < values * copies; ++i) {
    const std::size_t value = i % values;
    all.x.push_back(static_cast<double>(value));
    all.y.push_back(static_cast<double>(value * value % 7) + noise[i]);
    all.groups[all.x.back()].push_back(i);
  }
  return all;
}

TEST(GradientBoosting, OneFullStepGivesTheMeanOfEachValue) {
  for (const bool weighted : {false, true}) {
    const Steps data = steps(12, 9, 1);
    std::vector<double> weights;
    for (std::size_t i = 0; weighted && i < data.y.size(); ++i) weights.push_back(0.5 + static_cast<double>(i % 4));
    const FitResult fit = GradientBoosting(one_full_step()).fit(regression({data.x}, data.y, weights));
    for (const auto& [value, rows] : data.groups) {
      long double sum = 0, weight = 0;
      for (std::size_t row : rows) {
        const double w = weighted ? weights[row] : 1;
        sum += w * data.y[row];
        weight += w;
      }
      // gradients keep 30 bits of their sum: a few times 108 rows x 2^-30
      EXPECT_NEAR(fit.model->predict(table_of({{value}})).values[0], static_cast<double>(sum / weight), 1e-6) << value;
    }
  }
}

TEST(GradientBoosting, LearningRateAndPenaltiesShrinkTheStep) {
  // two values with means 0 and 10 of 20 rows each: base 5, gradients +-5
  std::vector<double> x, y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(i % 2);
    y.push_back(10 * (i % 2));
  }
  Parameters parameters = one_full_step();
  parameters.num_leaves = 2;
  const auto high = [&] {
    return GradientBoosting(parameters).fit(regression({x}, y)).model->predict(table_of({{1}})).values[0];
  };
  EXPECT_NEAR(high(), 10, 1e-9);
  parameters.learning_rate = 0.1;
  EXPECT_NEAR(high(), 5.5, 1e-9);
  parameters.reg_lambda = 5;  // 5 + 0.1 * 100 / (20 + 5)
  EXPECT_NEAR(high(), 5.4, 1e-9);
  parameters.reg_alpha = 20;  // 5 + 0.1 * (100 - 20) / 25
  EXPECT_NEAR(high(), 5.32, 1e-9);
  parameters.min_split_gain = 600;  // the gain is 2 * 80^2 / 25 = 512
  EXPECT_EQ(high(), 5);
}

TEST(GradientBoosting, OneFullStepOfLogLossIsANewtonStep) {
  const Steps data = steps(8, 12, 2);
  std::vector<std::int32_t> labels;
  double ones = 0;
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    labels.push_back(data.y[i] > 2 ? 1 : 0);
    ones += labels.back();
  }
  const double n = static_cast<double>(labels.size()), prior = ones / n;
  const FitResult fit = GradientBoosting(one_full_step()).fit(classification({data.x}, labels, 2));
  for (const auto& [value, rows] : data.groups) {
    double g = 0, h = 0;
    for (std::size_t row : rows) {
      g += prior - labels[row];
      h += prior * (1 - prior);
    }
    const double score = std::log(prior / (1 - prior)) - g / h;
    // sums of gradients and of Hessians keep about 30 bits
    EXPECT_NEAR(fit.model->predict(table_of({{value}})).values[1], 1 / (1 + std::exp(-score)), 1e-6) << value;
  }
}

TEST(GradientBoosting, OneFullStepOfSoftmaxIsANewtonStep) {
  const Steps data = steps(6, 15, 3);
  std::vector<std::int32_t> labels;
  std::array<double, 3> prior{};
  for (double y : data.y) {
    labels.push_back(y < 1 ? 0 : y < 3 ? 1 : 2);
    prior[static_cast<std::size_t>(labels.back())] += 1.0 / static_cast<double>(data.y.size());
  }
  const FitResult fit = GradientBoosting(one_full_step()).fit(classification({data.x}, labels, 3));
  EXPECT_EQ(trees(fit).arrays().trees(), 3U);
  for (const auto& [value, rows] : data.groups) {
    std::array<double, 3> score{};
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      double g = 0, h = 0;
      for (std::size_t row : rows) {
        g += prior[k] - (labels[row] == static_cast<std::int32_t>(k) ? 1 : 0);
        h += 1.5 * prior[k] * (1 - prior[k]);  // K / (K - 1)
      }
      score[k] = std::log(prior[k]) - g / h;
      sum += std::exp(score[k]);
    }
    const auto predicted = fit.model->predict(table_of({{value}})).values;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(predicted[k], std::exp(score[k]) / sum, 1e-6) << value;
  }
}

TEST(GradientBoosting, LeavesOfTheAbsoluteErrorAreMediansAndOfQuantilesQuantiles) {
  const Steps data = steps(5, 21, 4);
  for (const double level : {0.5, 0.9, 0.1}) {
    Parameters parameters = one_full_step();
    parameters.objective = level == 0.5 ? "absolute_error" : "quantile";
    parameters.alpha = level;
    const FitResult fit = GradientBoosting(parameters).fit(regression({data.x}, data.y));
    const auto values = fit.model->predict(table_of({data.x})).values;
    // whatever the tree merged: each leaf holds the quantile of its rows, the smallest value with enough rows up to it
    std::map<double, std::vector<double>> leaves;
    for (std::size_t i = 0; i < values.size(); ++i) leaves[values[i]].push_back(data.y[i]);
    EXPECT_GT(leaves.size(), 2U);
    for (auto& [value, targets] : leaves) {
      std::sort(targets.begin(), targets.end());
      const auto rank = static_cast<std::size_t>(std::ceil(level * static_cast<double>(targets.size()) - 1e-9)) - 1;
      EXPECT_NEAR(value, targets[rank], 1e-12) << level;
    }
  }
}

TEST(GradientBoosting, TheBaseMinimisesTheLoss) {
  const std::vector<double> x{1, 1, 1, 1, 1}, y{1, 2, 3, 4, 40};
  const auto constant = [&](const char* objective, double level = 0.5) {
    Parameters parameters;
    parameters.objective = objective;
    parameters.alpha = level;
    const FitResult fit = GradientBoosting(parameters).fit(regression({x}, y));
    EXPECT_EQ(fit.report.rounds, 0);  // nothing to split on
    EXPECT_EQ(trees(fit).arrays().trees(), 0U);
    return fit.model->predict(table_of({{1}})).values[0];
  };
  EXPECT_EQ(constant("squared_error"), 10);
  EXPECT_EQ(constant("absolute_error"), 3);
  EXPECT_EQ(constant("quantile", 0.75), 4);
  EXPECT_NEAR(constant("poisson"), 10, 1e-14);
}

/// Loss on the training rows after each round.
std::vector<double> training_curve(const std::shared_ptr<const Dataset>& dataset, Parameters parameters) {
  parameters.early_stopping_rounds = 0;
  const DatasetView view(dataset);
  return GradientBoosting(parameters).fit(FitInput{.train = view, .validation = &view}).report.learning_curve;
}

TEST(GradientBoosting, TheTrainingLossFallsEachRound) {
  const Columns x = signal_columns(1500, 1);
  const std::vector<double> y = signal(x, 0.3, 2);
  std::vector<double> counts, positive, shares;
  for (double value : y) {
    counts.push_back(std::round(std::exp(value / 3)));
    positive.push_back(std::exp(value / 3));
    shares.push_back(1 / (1 + std::exp(-value)));
  }
  std::vector<std::pair<std::string, std::shared_ptr<const Dataset>>> cases{
      {"squared_error", regression(x, y)},
      {"absolute_error", regression(x, y)},
      {"quantile", regression(x, y)},
      {"huber", regression(x, y)},
      {"fair", regression(x, y)},
      {"poisson", regression(x, counts)},
      {"gamma", regression(x, positive)},
      {"tweedie", regression(x, counts)},
      {"cross_entropy", regression(x, shares)},
      {"one_vs_all", classification(x, linear_tools::labels_from(y, 4), 4)},
      {"log_loss", classification(x, linear_tools::labels_from(y, 2), 2)},
      {"log_loss", classification(x, linear_tools::labels_from(y, 4), 4)}};
  for (const auto& [objective, dataset] : cases) {
    const auto curve = training_curve(dataset, {.n_estimators = 40, .learning_rate = 0.1, .objective = objective});
    ASSERT_EQ(curve.size(), 40U) << objective;
    for (std::size_t i = 1; i < curve.size(); ++i) EXPECT_LT(curve[i], curve[i - 1]) << objective << " round " << i;
  }
}

TEST(GradientBoosting, TrainingRowsAsValidationChangeNothing) {
  const Columns x = signal_columns(800, 1);
  const std::vector<double> y = signal(x, 0.3, 2);
  const auto dataset = regression(x, y);
  const Parameters parameters{.n_estimators = 20, .early_stopping_rounds = 0};
  const DatasetView view(dataset);
  const FitResult with = GradientBoosting(parameters).fit(FitInput{.train = view, .validation = &view}),
                  without = GradientBoosting(parameters).fit(view);
  const auto a = with.model->predict(table_of(x)).values, b = without.model->predict(table_of(x)).values;
  EXPECT_EQ(a, b);
  double squares = 0;
  for (std::size_t i = 0; i < y.size(); ++i) squares += (a[i] - y[i]) * (a[i] - y[i]);
  // the same numbers, added up in another order
  EXPECT_NEAR(with.report.learning_curve.back(), squares / static_cast<double>(y.size()), 1e-12);
}

/// A fold of a dataset.
struct Fold {
  std::shared_ptr<const Dataset> dataset;
  FoldedDataset folded;
  explicit Fold(std::shared_ptr<const Dataset> all) : dataset(all), folded(all, make_folds(*all, 3, 1)) {}
  FitResult fit(const Parameters& parameters, const RunContext& context = {}) const {
    return GradientBoosting(parameters)
        .fit(FitInput{.train = folded.train(0), .validation = &folded.held_out(0)}, context);
  }
  std::vector<double> held_out_predictions(const FitResult& fit) const {
    std::vector<double> all;
    const Predictions predictions = fit.model->predict(dataset->features);
    for (std::uint32_t row : folded.held_out(0).row_numbers())
      all.insert(all.end(), predictions.row(row).begin(), predictions.row(row).end());
    return all;
  }
};

TEST(GradientBoosting, EarlyStoppingPicksTheBestRound) {
  const Columns x = signal_columns(600, 1);
  const std::vector<double> y = signal(x, 2, 2);
  for (const std::size_t classes : {0, 2, 3}) {
    const Fold fold(classes == 0 ? regression(x, y)
                                 : classification(x, linear_tools::labels_from(y, classes), classes));
    const FitResult fit = fold.fit({.n_estimators = 2000, .learning_rate = 0.2, .early_stopping_rounds = 15});
    EXPECT_EQ(fit.report.stopped, "early stopping");
    const auto& curve = fit.report.learning_curve;
    const auto best = std::min_element(curve.begin(), curve.end()) - curve.begin() + 1;
    EXPECT_EQ(fit.report.rounds, best);
    EXPECT_EQ(static_cast<std::int64_t>(curve.size()), best + 15);
    EXPECT_EQ(trees(fit).arrays().trees(),
              static_cast<std::size_t>(best) * std::max<std::size_t>(1, classes == 2 ? 1 : classes));
    // what the report holds for the best round is what the model predicts, bit for bit
    EXPECT_EQ(bits_of(fit.report.checkpoints.at(best).values), bits_of(fold.held_out_predictions(fit)));
  }
}

TEST(GradientBoosting, CheckpointsAreShorterModels) {
  const Columns x = signal_columns(500, 1);
  const Fold fold(regression(x, signal(x, 0.1, 2)));
  const FitResult fit = fold.fit({.n_estimators = 20, .early_stopping_rounds = 0});
  EXPECT_EQ(fit.report.stopped, "finished");
  for (const std::int64_t rounds : {1, 2, 4, 8, 10, 12, 15, 18}) {
    const FitResult shorter = fold.fit({.n_estimators = rounds, .early_stopping_rounds = 0});
    EXPECT_EQ(bits_of(fit.report.checkpoints.at(rounds).values), bits_of(fold.held_out_predictions(shorter))) << rounds;
  }
}

TEST(GradientBoosting, ValidationOfAnotherTableIsTheSame) {
  const Columns x = signal_columns(600, 1);
  const std::vector<double> y = signal(x, 1, 2);
  const Fold fold(regression(x, y));
  std::vector<std::size_t> rows;
  for (std::uint32_t row : fold.folded.held_out(0).row_numbers()) rows.push_back(row);
  const DatasetView other(regression(linear_tools::selected_rows(x, rows), linear_tools::selected(y, rows)));
  const Parameters parameters{.n_estimators = 30, .early_stopping_rounds = 5};
  const FitResult same = fold.fit(parameters);
  const FitResult apart =
      GradientBoosting(parameters).fit(FitInput{.train = fold.folded.train(0), .validation = &other});
  EXPECT_EQ(bits_of(same.report.learning_curve), bits_of(apart.report.learning_curve));
  EXPECT_EQ(same.report.rounds, apart.report.rounds);
}

TEST(GradientBoosting, WeightsAreLikeRepeatedRows) {
  const Steps data = steps(10, 30, 6);
  const std::vector<double> second = [&] {
    std::vector<double> column;
    for (std::size_t i = 0; i < data.x.size(); ++i) column.push_back(static_cast<double>(i / 10 % 3));
    return column;
  }();
  std::vector<std::size_t> rows;
  std::vector<double> weights;
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t copy = 0; copy <= i % 3; ++copy) rows.push_back(i);
  }
  const Columns x{data.x, second};
  const Columns repeated_x = linear_tools::selected_rows(x, rows);
  std::vector<double> y = data.y;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += 2 * second[i];
  const Parameters parameters{.n_estimators = 30, .num_leaves = 6, .learning_rate = 0.3, .min_child_samples = 1};
  for (const bool classes : {false, true}) {
    const auto labels = linear_tools::labels_from(y, 2);
    const FitResult weighted =
        GradientBoosting(parameters).fit(classes ? classification(x, labels, 2, weights) : regression(x, y, weights));
    const FitResult repeated = GradientBoosting(parameters)
                                   .fit(classes ? classification(repeated_x, linear_tools::selected(labels, rows), 2)
                                                : regression(repeated_x, linear_tools::selected(y, rows)));
    const auto a = weighted.model->predict(table_of(x)).values, b = repeated.model->predict(table_of(x)).values;
    // the same trees, whose sums were rounded to other units: 30 rounds of 600 rows x 2^-30
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4) << i;
  }
}

TEST(GradientBoosting, RowsWithoutWeightDoNotCount) {
  const Steps data = steps(8, 20, 7);
  Columns more{data.x};
  std::vector<double> y = data.y, weights(y.size(), 1.0);
  for (int i = 0; i < 8; ++i) {
    more[0].push_back(i);
    y.push_back(1000);
    weights.push_back(0);
  }
  const FitResult with = GradientBoosting(one_full_step()).fit(regression(more, y, weights));
  for (const auto& [value, rows] : data.groups) {
    double sum = 0;
    for (std::size_t row : rows) sum += data.y[row];
    EXPECT_NEAR(with.model->predict(table_of({{value}})).values[0], sum / static_cast<double>(rows.size()), 1e-6);
  }
}

TEST(GradientBoosting, LearnsXor) {
  Columns x = linear_tools::random_columns(2, 1000, 1);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < 1000; ++i) labels.push_back((x[0][i] > 0) != (x[1][i] > 0) ? 1 : 0);
  const FitResult fit = GradientBoosting({.n_estimators = 60}).fit(classification(x, labels, 2));
  const Columns corners{{1, 1, -1, -1}, {1, -1, 1, -1}};
  const auto p = fit.model->predict(table_of(corners)).values;
  EXPECT_LT(p[1], 0.03);
  EXPECT_GT(p[3], 0.97);
  EXPECT_GT(p[5], 0.97);
  EXPECT_LT(p[7], 0.03);
  const auto gains = trees(fit).feature_gains();
  EXPECT_GT(gains[0], 0);
  EXPECT_GT(gains[1], 0);
}

TEST(GradientBoosting, LearnsAStep) {
  Columns x = linear_tools::random_columns(3, 1000, 2);
  for (double& value : x[1]) value = std::round(10 * value) / 10;  // few values: no bin holds both sides of the step
  std::vector<double> y;
  for (double value : x[1]) y.push_back(value <= 0.5 ? -3 : 7);
  const FitResult fit = GradientBoosting({.n_estimators = 100}).fit(regression(x, y));
  const auto values = fit.model->predict(table_of(x)).values;
  // the rest after 100 rounds of a tenth is 0.9^100 of the step, which is 10
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_NEAR(values[i], y[i], 1.01 * 10 * std::pow(0.9, 100)) << i;
  const auto gains = trees(fit).feature_gains();
  EXPECT_GT(gains[1], 0.95 * (gains[0] + gains[1] + gains[2]));
}

TEST(GradientBoosting, LearnsCategoriesAndMissingValues) {
  const std::size_t rows = 2000;
  RandomStream random = random_of(3);
  std::vector<std::int32_t> codes(rows);
  std::vector<double> x(rows), y(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = static_cast<std::int32_t>(random.below(13)) - 1;
    x[i] = random.below(4) == 0 ? missing : random.normal();
    y[i] = (codes[i] % 3 == 1 ? 5 : 0) + (std::isnan(x[i]) ? 3 : 0);
  }
  const Table table({category_column("c", codes, 14), number_column("x", x)});
  const FitResult fit =
      GradientBoosting({.n_estimators = 200, .cat_smooth = 1, .min_data_per_group = 20}).fit(numeric_dataset(table, y));
  const auto values = fit.model->predict(table).values;
  for (std::size_t i = 0; i < rows; ++i) EXPECT_NEAR(values[i], y[i], 0.1);
  // an unseen category (13) goes with "other", which no row of training had: finite, between the extremes
  const auto unseen =
      fit.model->predict(Table({category_column("c", {13, 14}, 14), number_column("x", {0, 0})})).values;
  EXPECT_EQ(unseen[0], unseen[1]);
  EXPECT_GT(unseen[0], -1);
  EXPECT_LT(unseen[0], 6);
}

TEST(GradientBoosting, ARareClassMakesNoEndlessSteps) {
  const std::size_t rows = 3000;
  const Columns x = signal_columns(rows, 1);
  std::vector<std::int32_t> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = i < 4 ? 2 : x[0][i] > 0 ? 1 : 0;
  const auto dataset = classification(x, labels, 3);
  const FitResult fit =
      GradientBoosting({.n_estimators = 200, .learning_rate = 0.3, .min_child_weight = 0}).fit(dataset);
  const TreeArrays& trees = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
  double largest = 0;
  for (const TreeNode& node : trees.nodes)
    if (node.child == 0) largest = std::max(largest, std::abs(node.threshold));
  EXPECT_EQ(largest, 0.3 * 50) << "some step would be longer than 50 log-odds, and none is";
  const Predictions predictions = fit.model->predict(dataset->features);
  for (std::size_t i = 0; i < rows; ++i)
    EXPECT_GT(predictions.values[i * 3 + static_cast<std::size_t>(labels[i])], 0.5) << i;
}

TEST(GradientBoosting, ThreadsDoNotChangeABit) {
  const Columns x = linear_tools::random_columns(40, 60'000, 1);  // enough work for histograms on several threads
  std::vector<double> y = signal(x, 1, 2);
  Parameters parameters{.n_estimators = 4, .num_leaves = 15, .subsample = 0.7, .colsample_bytree = 0.9};
  const auto dataset = regression(x, y);
  std::vector<double> expected;
  for (int width : {1, 2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    context.seed = 5;
    const auto values = GradientBoosting(parameters).fit(dataset, context).model->predict(dataset->features).values;
    if (expected.empty()) expected = values;
    EXPECT_EQ(bits_of(values), bits_of(expected)) << width;
  }
}

TEST(GradientBoosting, FoldsDoNotDependOnThreadsOrOnTheCache) {
  const Columns x = signal_columns(900, 1);
  const auto dataset = classification(x, linear_tools::labels_from(signal(x, 1, 2), 3), 3);
  const FoldedDataset folded(dataset, make_folds(*dataset, 4, 1));
  const GradientBoosting boosting({.n_estimators = 10, .early_stopping_rounds = 3});
  for (int width : {1, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    const auto fits = boosting.fit_folds(folded, context);
    ASSERT_EQ(fits.size(), 4U);
    for (std::size_t fold = 0; fold < 4; ++fold) {
      const FitResult alone = boosting.fit(FitInput{.train = folded.train(fold), .validation = &folded.held_out(fold)});
      EXPECT_EQ(bits_of(fits[fold].model->predict(dataset->features).values),
                bits_of(alone.model->predict(dataset->features).values));
      EXPECT_EQ(bits_of(fits[fold].report.learning_curve), bits_of(alone.report.learning_curve));
    }
  }
}

TEST(GradientBoosting, TheOrderOfRowsDoesNotChangeABit) {
  const std::size_t rows = 3000;
  const Columns x = signal_columns(rows, 1);
  const std::vector<double> y = signal(x, 1, 2);
  const auto order = shuffled_rows(rows, 3);
  std::vector<double> weights;
  for (std::size_t i = 0; i < rows; ++i) weights.push_back(1 + static_cast<double>(i % 5));
  for (const std::string objective : {"squared_error", "quantile", "log_loss", "softmax"})
    for (const bool weighted : {false, true}) {
      Parameters parameters{.n_estimators = 8, .subsample = 0.8, .colsample_bytree = 0.7, .extra_trees = weighted};
      if (objective != "softmax") parameters.objective = objective;
      const auto make = [&](const std::vector<std::size_t>& chosen) {
        const Columns own = linear_tools::selected_rows(x, chosen);
        const auto w = weighted ? linear_tools::selected(weights, chosen) : std::vector<double>{};
        const std::size_t classes = objective == "log_loss" ? 2 : 3;
        if (objective == "log_loss" || objective == "softmax")
          return classification(own, linear_tools::selected(linear_tools::labels_from(y, classes), chosen), classes, w);
        return regression(own, linear_tools::selected(y, chosen), w);
      };
      std::vector<std::size_t> straight(rows);
      std::iota(straight.begin(), straight.end(), std::size_t{0});
      const auto a = GradientBoosting(parameters).fit(make(straight)).model->predict(table_of(x)).values;
      const auto b = GradientBoosting(parameters).fit(make(order)).model->predict(table_of(x)).values;
      EXPECT_EQ(bits_of(a), bits_of(b)) << objective << (weighted ? ", weighted" : "");
    }
}

TEST(GradientBoosting, SeedsMatterOnlyWhereSomethingIsDrawn) {
  const Columns x = signal_columns(700, 1);
  const auto dataset = regression(x, signal(x, 1, 2));
  const auto values = [&](const Parameters& parameters, std::uint64_t seed) {
    RunContext context;
    context.seed = seed;
    return GradientBoosting(parameters).fit(dataset, context).model->predict(dataset->features).values;
  };
  for (const Parameters& parameters :
       {Parameters{.n_estimators = 5, .subsample = 0.5}, Parameters{.n_estimators = 5, .colsample_bytree = 0.5},
        Parameters{.n_estimators = 5, .extra_trees = true}}) {
    EXPECT_EQ(bits_of(values(parameters, 1)), bits_of(values(parameters, 1)));
    const auto a = values(parameters, 1), b = values(parameters, 2);
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    EXPECT_GT(largest, 0.01);
  }
  // the seed also rounds gradients: nearly the same where nothing is drawn
  const auto a = values({.n_estimators = 5}, 1), b = values({.n_estimators = 5}, 2);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
}

TEST(GradientBoosting, MoreRoundsGoOnWhereFewerEnded) {
  const Columns x = signal_columns(600, 1);
  const std::vector<double> y = signal(x, 1, 2);
  for (const std::size_t classes : {0, 3}) {
    const Fold fold(classes == 0 ? regression(x, y)
                                 : classification(x, linear_tools::labels_from(y, classes), classes));
    Parameters parameters{.n_estimators = 6, .subsample = 0.7, .colsample_bytree = 0.8, .early_stopping_rounds = 0};
    const FitResult first =
        GradientBoosting(parameters)
            .fit(FitInput{.train = fold.folded.train(0), .validation = &fold.folded.held_out(0), .keep_state = true});
    parameters.n_estimators = 15;
    const FitResult resumed =
        GradientBoosting(parameters)
            .fit(FitInput{
                .train = fold.folded.train(0), .validation = &fold.folded.held_out(0), .resume = first.state.get()});
    const FitResult whole = fold.fit(parameters);
    EXPECT_EQ(resumed.report.rounds, 15);
    EXPECT_EQ(bits_of(resumed.report.learning_curve), bits_of(whole.report.learning_curve));
    EXPECT_EQ(bits_of(fold.held_out_predictions(resumed)), bits_of(fold.held_out_predictions(whole)));
    EXPECT_EQ(error_code([&] {
                GradientBoosting(parameters).fit(FitInput{.train = fold.folded.train(1), .resume = first.state.get()});
              }),
              "fit.resume_mismatch");
  }
}

TEST(GradientBoosting, AStateGoesOnWithItsValidationRowsOrWithoutAny) {
  const Columns x = signal_columns(600, 1);
  const Fold fold(regression(x, signal(x, 1, 2)));
  const GradientBoosting few({.n_estimators = 6, .early_stopping_rounds = 0}),
      more({.n_estimators = 9, .early_stopping_rounds = 0}), most({.n_estimators = 12, .early_stopping_rounds = 0});
  const DatasetView& train = fold.folded.train(0);
  const DatasetView* held_out = &fold.folded.held_out(0);
  // validation rows that come later have no scores of the first rounds
  const FitResult without = few.fit(FitInput{.train = train, .keep_state = true});
  EXPECT_EQ(
      error_code([&] { more.fit(FitInput{.train = train, .validation = held_out, .resume = without.state.get()}); }),
      "fit.resume_mismatch");
  // and those that were left out for a while miss some
  const FitResult with = few.fit(FitInput{.train = train, .validation = held_out, .keep_state = true});
  const FitResult left_out = more.fit(FitInput{.train = train, .resume = with.state.get(), .keep_state = true});
  EXPECT_EQ(left_out.report.rounds, 9);
  EXPECT_EQ(bits_of(fold.held_out_predictions(left_out)), bits_of(fold.held_out_predictions(more.fit(train))));
  EXPECT_EQ(
      error_code([&] { most.fit(FitInput{.train = train, .validation = held_out, .resume = left_out.state.get()}); }),
      "fit.resume_mismatch");
  const FitResult end = most.fit(FitInput{.train = train, .resume = left_out.state.get()});
  EXPECT_EQ(bits_of(fold.held_out_predictions(end)), bits_of(fold.held_out_predictions(most.fit(train))));
}

TEST(GradientBoosting, ReplayEndsWhereItIsTold) {
  const Columns x = signal_columns(600, 1);
  const Fold fold(regression(x, signal(x, 2, 2)));
  const Parameters parameters{.n_estimators = 500, .learning_rate = 0.2, .early_stopping_rounds = 10};
  const FitResult fit = fold.fit(parameters);
  ASSERT_EQ(fit.report.stopped, "early stopping");
  const FitResult replay =
      GradientBoosting(parameters).fit(FitInput{.train = fold.folded.train(0), .stop_at_round = fit.report.rounds});
  EXPECT_EQ(replay.report.rounds, fit.report.rounds);
  EXPECT_EQ(bits_of(fold.held_out_predictions(replay)), bits_of(fold.held_out_predictions(fit)));
}

TEST(GradientBoosting, AStoppedFitIsAModel) {
  const Columns x = signal_columns(600, 1);
  const std::vector<double> y = signal(x, 2, 2);
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  const FitResult none = GradientBoosting{}.fit(regression(x, y), late);
  EXPECT_EQ(none.report.stopped, "deadline");
  EXPECT_EQ(none.report.rounds, 0);
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / 600;
  EXPECT_NEAR(none.model->predict(table_of({{0}, {0}, {0}, {0}})).values[0], mean, 1e-12);
  std::stop_source source;
  source.request_stop();
  RunContext asked;
  asked.stop = StopToken(source.get_token());
  EXPECT_EQ(GradientBoosting{}.fit(regression(x, y), asked).report.stopped, "user");
}

// A round of three classes is three trees: where a stop comes between them, nothing of the round may stay in what is
// predicted for the held-out rows. A fit that is cut after the same rounds has the same predictions.
TEST(GradientBoosting, AStopWithinARoundLeavesNoTraceOfIt) {
  const Columns x = signal_columns(300, 1);
  const std::vector<double> y = signal(x, 2, 2);
  std::vector<std::int32_t> labels;
  for (const double value : y) labels.push_back(value < -1 ? 0 : value < 1.5 ? 1 : 2);
  const FoldedDataset folded(classification(x, labels, 3), predefined_folds([&] {
                               std::vector<std::int32_t> fold(300);
                               for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = static_cast<std::int32_t>(i % 3);
                               return fold;
                             }()));
  const GradientBoosting booster(
      {.n_estimators = 400, .learning_rate = 0.5, .early_stopping_rounds = 400});  // the best round comes early
  int stopped = 0, beyond_the_best = 0;
  for (int moment = 1; moment < 100; ++moment) {
    RunContext context;
    context.stop = StopToken({}, Clock::now() + std::chrono::microseconds(100 * moment));
    FitInput input{.train = folded.train(0), .validation = &folded.held_out(0)};
    const FitResult first = booster.fit(input, context);
    if (first.report.stopped != "deadline" || first.report.rounds_tried == 0) continue;
    input.cut_at_round = first.report.rounds_tried;
    const FitResult again = booster.fit(input);
    ++stopped;
    beyond_the_best += first.report.rounds_tried > first.report.rounds ? 1 : 0;
    ASSERT_EQ(first.report.checkpoints.size(), again.report.checkpoints.size());
    for (const auto& [round, predictions] : first.report.checkpoints)
      EXPECT_EQ(bits_of(predictions.values), bits_of(again.report.checkpoints.at(round).values))
          << moment << ", round " << round;
  }
  EXPECT_GT(stopped, 5) << "the fits were over before they could be stopped: the test shows less than it says";
  EXPECT_GT(beyond_the_best, 2);
}

TEST(GradientBoosting, TreesBeyondTheMemoryLimitEndTheFit) {
  const Columns x = signal_columns(600, 1);
  const auto data = regression(x, signal(x, 2, 2));
  const Parameters parameters{.n_estimators = 3000};
  MemoryMeter plenty;
  RunContext context;
  context.memory = &plenty;
  const FitResult whole = GradientBoosting(parameters).fit(data, context);
  ASSERT_EQ(whole.report.rounds, 3000);
  EXPECT_EQ(whole.report.bytes, plenty.peak());
  MemoryMeter tight(plenty.peak() / 2);
  context.memory = &tight;
  const FitResult cut = GradientBoosting(parameters).fit(data, context);
  EXPECT_EQ(cut.report.stopped, "memory limit");
  EXPECT_GT(cut.report.rounds, 100);
  EXPECT_LT(cut.report.rounds, 3000);
  EXPECT_EQ(tight.used(), 0U);
  const FitResult same =
      GradientBoosting(parameters).fit(FitInput{.train = DatasetView(data), .stop_at_round = cut.report.rounds});
  EXPECT_EQ(bits_of(cut.model->predict(data->features).values), bits_of(same.model->predict(data->features).values));
}

TEST(GradientBoosting, ARowAndABatchAgreeAndSoDoesTheLoadedModel) {
  Columns x = signal_columns(700, 1);
  for (std::size_t i = 0; i < 700; i += 9) x[1][i] = missing;
  const FitResult fit =
      GradientBoosting({.n_estimators = 20}).fit(classification(x, linear_tools::labels_from(signal(x, 1, 2), 3), 3));
  x[0][3] = infinite;
  x[2][4] = 1e308;
  const auto batch = fit.model->predict(table_of(x)).values;
  EXPECT_EQ(bits_of(batch), bits_of(linear_tools::predict_row_by_row(*fit.model, x)));
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  const Archive archive = linear_tools::saved(*fit.model);
  EXPECT_EQ(bits_of(batch),
            bits_of(registry.load_model(ArchiveReader(archive), fit.model->context())->predict(table_of(x)).values));
}

TEST(GradientBoosting, InitialScoresAreWhereBoostingStarts) {
  const Steps data = steps(8, 20, 7);
  Dataset dataset;
  dataset.features = table_of({data.x});
  dataset.target.values = data.y;
  for (double value : data.x) dataset.initial_scores.push_back(10 * value);
  const auto shared = make_dataset(dataset);
  const FitResult fit = GradientBoosting(one_full_step()).fit(shared);
  for (const auto& [value, rows] : data.groups) {
    double sum = 0;
    for (std::size_t row : rows) sum += data.y[row] - 10 * value;  // the model is what is to be added to the scores
    EXPECT_NEAR(fit.model->predict(table_of({{value}})).values[0], sum / static_cast<double>(rows.size()), 1e-5);
  }
  dataset.initial_scores.pop_back();
  EXPECT_EQ(error_code([&] { GradientBoosting{}.fit(make_dataset(dataset)); }), "data.length_mismatch");
}

TEST(GradientBoosting, ExtremeTargetsAndWeightsLeaveTheOtherRowsTheirMeans) {
  const Steps data = steps(10, 30, 8);
  struct Case {
    const char* name;
    double target, weight;
  };
  for (const Case& each : {Case{"a target of a million", 1e6, 1}, Case{"a target of 1e12", 1e12, 1},
                           Case{"a weight of a billion", 3, 1e9}}) {
    Columns x{data.x};
    std::vector<double> y = data.y, weights(y.size(), 1.0);
    x[0].insert(x[0].end(), {50, 50, 50});  // bins need three rows
    y.insert(y.end(), {each.target, 3, 3});
    weights.insert(weights.end(), {each.weight, 1, 1});
    Parameters parameters = one_full_step();
    // rows are counted by their share of the Hessian: beside a weight of a billion the others are no rows at all
    parameters.n_estimators = each.weight > 1 ? 1 : 5;
    // a unit is the sum of magnitudes in 51 bits: at most four targets x 2^-51
    const FitResult fit =
        GradientBoosting(parameters).fit(regression(x, y, each.weight > 1 ? weights : std::vector<double>{}));
    for (const auto& [value, rows] : data.groups) {
      double sum = 0;
      for (std::size_t row : rows) sum += data.y[row];
      const double predicted = fit.model->predict(table_of({{value}})).values[0],
                   mean = sum / static_cast<double>(rows.size());
      if (each.weight > 1) EXPECT_TRUE(std::isfinite(predicted)) << each.name;
      else EXPECT_NEAR(predicted, mean, 1e-9 + each.target * 0x1p-49) << each.name << " value " << value;
    }
    const double own = fit.model->predict(table_of({{50}})).values[0];
    if (each.weight > 1) EXPECT_NEAR(own, 3, 1e-3) << each.name;
    else EXPECT_NEAR(own, (each.target + 6) / 3, 1e-9 * each.target) << each.name;
  }
}

TEST(GradientBoosting, TheScaleOfTheTargetDoesNotMatter) {
  const Columns x = signal_columns(500, 1);
  const std::vector<double> y = signal(x, 1, 2);
  const Parameters parameters{.n_estimators = 10};
  const auto expected = GradientBoosting(parameters).fit(regression(x, y)).model->predict(table_of(x)).values;
  for (const double scale : {0x1p-700, 0x1p-30, 0x1p30, 0x1p700}) {
    std::vector<double> scaled = y;
    for (double& value : scaled) value *= scale;
    const auto values = GradientBoosting(parameters).fit(regression(x, scaled)).model->predict(table_of(x)).values;
    // rows are rounded by keys that hash the target: the last of 50 bits may differ
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i] / scale, expected[i], 1e-6) << scale;
  }
}

TEST(GradientBoosting, ALossThatNoDoubleHoldsIsInfinite) {
  const Columns x = signal_columns(300, 1);
  std::vector<double> y = signal(x, 1, 2);
  for (double& value : y) value *= 1e200;
  const Fold fold(regression(x, y));
  const FitResult fit = fold.fit({.n_estimators = 5, .early_stopping_rounds = 2});
  for (double loss : fit.report.learning_curve) EXPECT_EQ(loss, infinite);
}

TEST(GradientBoosting, WrongInputHasARegisteredCode) {
  const Columns x{{1, 2, 3, 4}};
  const auto fit = [&](const Parameters& parameters, const std::shared_ptr<const Dataset>& dataset) {
    return error_code([&] { GradientBoosting(parameters).fit(dataset); });
  };
  const auto numbers = regression(x, {1, 2, 3, 4});
  EXPECT_EQ(fit({}, numbers), "");
  EXPECT_EQ(fit({.objective = "log_loss"}, numbers), "parameter.unknown_choice");
  EXPECT_EQ(fit({.objective = "poisson"}, classification(x, {0, 1, 0, 1}, 2)), "parameter.unknown_choice");
  EXPECT_EQ(fit({.objective = "quantile", .alpha = 1}, numbers), "parameter.out_of_range");
  EXPECT_EQ(fit({.objective = "poisson"}, regression(x, {0, 0, 0, 0})), "fit.target_zero");
  EXPECT_EQ(fit({}, regression(x, {1, 2, 3, 4}, {1, -1, 1, 1})), "data.weight_invalid");
  EXPECT_EQ(fit({}, regression(x, {1, 2, 3, 4}, {1, infinite, 1, 1})), "data.weight_invalid");
  EXPECT_EQ(fit({}, regression(x, {1, 2, 3, 4}, {0, 0, 0, 0})), "data.weight_invalid");
  EXPECT_EQ(fit({}, regression({{}}, {})), "fit.no_rows");
  const std::vector<std::string_view> words{"a", "b", "c", "d"};
  EXPECT_EQ(fit({}, numeric_dataset(Table({make_text_column("t", words)}), {1, 2, 3, 4})), "fit.text");
  MemoryMeter small(1000);
  RunContext context;
  context.memory = &small;
  EXPECT_EQ(error_code([&] { GradientBoosting{}.fit(numbers, context); }), "memory.limit");
  EXPECT_EQ(small.used(), 0U);
}

TEST(GradientBoosting, WrongParametersAreRefusedByName) {
  const std::vector<std::pair<std::string, Value>> wrong{{"n_estimators", 0},
                                                         {"num_leaves", 1},
                                                         {"max_depth", -2},
                                                         {"learning_rate", 0.0},
                                                         {"learning_rate", 11.0},
                                                         {"min_child_samples", -1},
                                                         {"min_child_weight", -0.5},
                                                         {"subsample", 0.0},
                                                         {"subsample", 1.5},
                                                         {"subsample_freq", -1},
                                                         {"colsample_bytree", 0.0},
                                                         {"reg_alpha", -1.0},
                                                         {"reg_lambda", -1.0},
                                                         {"min_split_gain", -1.0},
                                                         {"max_bin", 1},
                                                         {"max_bin", 70000},
                                                         {"cat_smooth", -1.0},
                                                         {"cat_l2", -1.0},
                                                         {"max_cat_threshold", 0},
                                                         {"max_cat_to_onehot", 0},
                                                         {"min_data_per_group", 0},
                                                         {"early_stopping_rounds", -1},
                                                         {"alpha", 0.0},
                                                         {"fair_c", 0.0},
                                                         {"tweedie_variance_power", 1.0},
                                                         {"tweedie_variance_power", 2.0},
                                                         {"learning_rate", missing}};
  for (const auto& [name, value] : wrong) {
    const Object values{{name, value}};
    try {
      GradientBoosting{}.with_parameters(values);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "parameter.out_of_range") << name;
      EXPECT_EQ(error.place(), "gradient_boosting." + name);
    }
  }
  const auto code = [](Object values) { return error_code([&] { GradientBoosting{}.with_parameters(values); }); };
  EXPECT_EQ(code({{"n_estimator", 5}}), "parameter.unknown");
  EXPECT_EQ(code({{"objective", "log_los"}}), "parameter.unknown_choice");
  EXPECT_EQ(code({{"num_leaves", "many"}}), "parameter.wrong_type");
  EXPECT_EQ(code({{"num_leaves", 7}, {"learning_rate", 0.5}, {"early_stopping_rounds", Value{}}}), "");
  EXPECT_EQ(error_code([] { GradientBoosting({.num_leaves = 1}); }), "parameter.out_of_range");
}

TEST(GradientBoosting, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const Table& table, const std::vector<double>& y) {
    const FitResult fit = GradientBoosting({.n_estimators = 5, .min_child_samples = 1}).fit(numeric_dataset(table, y));
    for (double value : fit.model->predict(table).values) EXPECT_TRUE(std::isfinite(value));
  };
  finite(table_of({{1}}), {5});
  finite(table_of({{1, 2}}), {5, 6});
  finite(table_of({{1, 1, 1, 1}}), {1, 2, 3, 4});
  finite(table_of({{missing, missing, missing}}), {1, 2, 3});
  finite(table_of({{infinite, -infinite, 3, 3}}), {1, 2, 3, 4});
  finite(table_of({{1, 2, 3, 4}}), {7, 7, 7, 7});
  finite(Table({category_column("c", {-1, -1, -1, -1}, 1)}), {1, 2, 3, 4});
  finite(Table::with_rows({}, 3), {1, 2, 3});
  finite(table_of({{1, 2, 3, 4, 5, 6}}), {1e300, -1e300, 1e300, 1e-300, 0, 5e-324});
}

}  // namespace
