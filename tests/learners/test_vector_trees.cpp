// Fits with multi_strategy "multi_output_tree": leaf values against closed forms, and what they keep of what every fit
// keeps.

#include <gtest/gtest.h>

#include <automill/learners/tree/contributions.hpp>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

const TreeArrays& arrays_of(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model).arrays(); }

std::shared_ptr<const Dataset> outputs_dataset(Table table, const Columns& targets, std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = std::move(table);
  for (std::size_t k = 0; k < targets.size(); ++k) dataset.target.outputs.push_back("y" + std::to_string(k));
  for (std::size_t i = 0; i < targets[0].size(); ++i)
    for (const auto& target : targets) dataset.target.values.push_back(target[i]);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

Parameters vectors(Parameters parameters = {}) {
  parameters.multi_strategy = "multi_output_tree";
  return parameters;
}

/// Numbers, missing ones, few and many categories; a class that follows some of them.
struct Mixed {
  Table table;
  std::vector<std::int32_t> labels;
  std::vector<double> weights;
};
Mixed mixed(std::size_t rows, std::size_t classes, std::uint64_t seed, const std::vector<std::size_t>& order) {
  RandomStream random = random_of(seed);
  Columns numbers(3, std::vector<double>(rows));
  std::vector<std::int32_t> few(rows), many(rows), labels(rows);
  std::vector<double> weights(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    for (auto& column : numbers) column[i] = random.below(6) == 0 ? missing : random.normal();
    few[i] = static_cast<std::int32_t>(random.below(3));
    many[i] = static_cast<std::int32_t>(random.below(20));
    const double signal = (std::isnan(numbers[0][i]) ? 0.7 : numbers[0][i]) + (many[i] % 3) + 0.5 * few[i];
    labels[i] = static_cast<std::int32_t>(static_cast<std::size_t>(std::abs(3 * signal)) % classes);
    weights[i] = 0.5 + random.uniform();
  }
  const auto in_order = [&](const auto& values) {
    auto out = values;
    for (std::size_t i = 0; i < order.size(); ++i) out[i] = values[order[i]];
    return out;
  };
  return {Table({number_column("a", in_order(numbers[0])), number_column("b", in_order(numbers[1])),
                 number_column("c", in_order(numbers[2])), category_column("few", in_order(few), 3),
                 category_column("many", in_order(many), 20)}),
          in_order(labels), in_order(weights)};
}
std::shared_ptr<const Dataset> dataset_of(const Mixed& data, std::size_t classes) {
  Dataset dataset;
  dataset.features = data.table;
  dataset.target.task = Task::multiclass;
  for (std::size_t k = 0; k < classes; ++k) dataset.target.classes.push_back("class " + std::to_string(k));
  dataset.target.labels = data.labels;
  dataset.weights = data.weights;
  return make_dataset(std::move(dataset));
}
std::vector<std::size_t> in_place(std::size_t rows) {
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

/// Leaf-wise and depth-wise, drawn rows and columns, few outputs and more than seven.
std::vector<std::pair<std::size_t, Parameters>> some_fits() {
  return {{3, vectors({.n_estimators = 12, .min_data_per_group = 10})},
          {9, vectors({.n_estimators = 8, .min_child_samples = 5, .reg_lambda = 1, .growth = "depth_wise"})},
          {5, vectors({.n_estimators = 8, .subsample = 0.7, .colsample_bytree = 0.7, .colsample_bynode = 0.7})},
          {4, vectors({.n_estimators = 8, .subsample = 0.6, .data_sample_strategy = "mvs"})},
          {4, vectors({.n_estimators = 8, .min_child_samples = 5, .subsample = 0.7, .growth = "symmetric"})},
          {4, vectors({.n_estimators = 14, .data_sample_strategy = "goss"})},
          {12, vectors({.n_estimators = 6, .max_bin = 400, .objective = "one_vs_all"})}};
}

// One full step of the squared error: a leaf a value of the column, whose outputs are the means of its rows.
TEST(VectorTrees, OneFullStepGivesTheMeansOfEachLeaf) {
  std::vector<double> x, weights;
  const Columns y{random_numbers(120, 1), random_numbers(120, 2), random_numbers(120, 3)};
  for (std::size_t i = 0; i < 120; ++i) {
    x.push_back(static_cast<double>(i % 6));
    weights.push_back(0.5 + static_cast<double>(i % 4));
  }
  for (const double lambda : {0.0, 2.5})
    for (const bool weighted : {false, true}) {
      const auto dataset = outputs_dataset(table_of({x}), y, weighted ? weights : std::vector<double>{});
      const FitResult fit = GradientBoosting(vectors({.n_estimators = 1,
                                                      .learning_rate = 1,
                                                      .min_child_samples = 1,
                                                      .min_child_weight = 0,
                                                      .reg_lambda = lambda}))
                                .fit(dataset);
      ASSERT_EQ(arrays_of(fit).trees(), 1U);
      ASSERT_EQ(arrays_of(fit).leaf_vectors.size(), 6U * 3U);
      const Predictions predictions = fit.model->predict(dataset->features);
      for (std::size_t k = 0; k < 3; ++k) {
        const auto weight = [&](std::size_t i) { return weighted ? weights[i] : 1.0; };
        double base = 0, total = 0;
        for (std::size_t i = 0; i < 120; ++i) {
          base += weight(i) * y[k][i];
          total += weight(i);
        }
        base /= total;
        for (std::size_t value = 0; value < 6; ++value) {
          double sum = 0, all = 0;
          for (std::size_t i = value; i < 120; i += 6) {
            sum += weight(i) * (y[k][i] - base);
            all += weight(i);
          }
          // leaves hold single precision; gradients are rounded to 31 bits of their sum
          EXPECT_NEAR(predictions.row(value)[k], base + sum / (all + lambda), 1e-6);
        }
      }
    }
}

// From the base, class k of a leaf with n rows steps by -(sum of p - y) / (n K / (K - 1) p (1 - p)).
TEST(VectorTrees, OneStepOfSoftmaxIsNewtons) {
  std::vector<double> x;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < 300; ++i) {
    x.push_back(static_cast<double>(i % 3));
    labels.push_back(static_cast<std::int32_t>(i % 5 == 0 ? i % 4 : i % 3));
  }
  const FitResult fit =
      GradientBoosting(vectors({.n_estimators = 1, .learning_rate = 1})).fit(classification({x}, labels, 4));
  std::array<double, 4> prior{};
  for (std::int32_t label : labels) prior[static_cast<std::size_t>(label)] += 1.0 / 300;
  const Predictions predictions = fit.model->predict(table_of({{0, 1, 2}}));
  for (std::size_t value = 0; value < 3; ++value) {
    std::array<double, 4> scores{};
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      double count = 0;
      for (std::size_t i = value; i < 300; i += 3) count += labels[i] == static_cast<std::int32_t>(k) ? 1 : 0;
      const double step = (count - 100 * prior[k]) / (100 * 4.0 / 3 * prior[k] * (1 - prior[k]));
      scores[k] = std::exp(std::log(prior[k]) + step);
      sum += scores[k];
    }
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(predictions.row(value)[k], scores[k] / sum, 1e-5);
  }
}

// Trees of an output and of two copies of it are the same, but for splits whose sides have changed places.
TEST(VectorTrees, AnOutputTwiceGivesTheTreesOfOne) {
  const std::size_t rows = 800;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Mixed data = mixed(rows, 5, seed, in_place(rows));
    std::vector<double> y = random_numbers(rows, seed + 100), shifted;
    for (std::size_t i = 0; i < rows; ++i) y[i] += data.labels[i];
    for (double value : y) shifted.push_back(1000 * value - 3);  // counts alike, whatever its unit
    const Parameters parameters{.n_estimators = 2, .cat_smooth = 2, .min_data_per_group = 10};
    const FitResult one = GradientBoosting(parameters).fit(numeric_dataset(data.table, y));
    const FitResult two = GradientBoosting(vectors(parameters)).fit(outputs_dataset(data.table, {y, shifted}));
    std::vector<float> a = arrays_of(one).gains, b = arrays_of(two).gains;
    ASSERT_EQ(a.size(), b.size());
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double mean = 0, variance = 0;
    for (double value : y) mean += value / rows;
    for (double value : y) variance += (value - mean) * (value - mean) / rows;
    // each output's gain in units of its variance; the second round follows leaves of single precision
    for (std::size_t i = 0; i < a.size(); ++i)
      EXPECT_NEAR(b[i], 2 * static_cast<double>(a[i]) / variance, 1e-4 * static_cast<double>(b[i])) << seed;
    const auto expected = one.model->predict(data.table).values;
    const Predictions both = two.model->predict(data.table);
    for (std::size_t i = 0; i < rows; ++i) {
      EXPECT_NEAR(both.row(i)[0], expected[i], 1e-5);
      EXPECT_NEAR(both.row(i)[1], 1000 * expected[i] - 3, 1e-2);
    }
  }
}

// A class that a leaf is settled about: its curvature is taken as that of min_child_samples mean rows.
TEST(VectorTrees, StepsOfSettledOutputsAreBounded) {
  const std::size_t rows = 2000;
  std::vector<double> x;
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(static_cast<double>(i % 4));
    labels.push_back(static_cast<std::int32_t>(i % 4 == 3 ? i % 3 : i % 4));
  }
  for (std::size_t i = 0; i < 4; ++i) labels[4 * i] = 1;  // a few rows against all others of their leaf
  const FitResult fit =
      GradientBoosting(vectors({.n_estimators = 200, .min_child_weight = 0})).fit(classification({x}, labels, 3));
  const Predictions predictions = fit.model->predict(table_of({{0, 1, 2, 3}}));
  EXPECT_NEAR(predictions.row(0)[0], 496.0 / 500, 2e-3);
  EXPECT_NEAR(predictions.row(0)[1], 4.0 / 500, 2e-3);
  EXPECT_GT(predictions.row(1)[1], 0.999);
  for (const float value : arrays_of(fit).leaf_vectors) EXPECT_LT(std::abs(value), 3);
}

TEST(VectorTrees, TheModelPredictsWhatTrainingSaw) {
  for (const auto& [classes, parameters] : some_fits()) {
    const std::size_t rows = 900;
    const auto dataset = dataset_of(mixed(rows, classes, classes, in_place(rows)), classes);
    const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
    const DatasetView& held_out = folded.held_out(0);
    const FitResult fit = GradientBoosting(parameters).fit({.train = folded.train(0), .validation = &held_out});
    ASSERT_FALSE(fit.report.checkpoints.empty());
    const Predictions all = fit.model->predict(dataset->features);
    const Predictions& seen = fit.report.checkpoints.at(fit.report.rounds);
    for (std::size_t i = 0; i < held_out.rows(); ++i)
      for (std::size_t k = 0; k < classes; ++k) EXPECT_EQ(seen.row(i)[k], all.row(held_out.row_numbers()[i])[k]);
    const auto one = fit.model->row_predictor();
    std::vector<double> cells(5), out(classes);
    for (std::size_t i = 0; i < 50; ++i) {
      for (std::size_t c = 0; c < 5; ++c) dataset->features[c].numbers(i, 1, &cells[c]);
      one->predict({cells.data(), nullptr}, out);
      EXPECT_TRUE(std::equal(out.begin(), out.end(), all.row(i).begin()));
    }
    const TreeArrays& arrays = arrays_of(fit);
    EXPECT_EQ(arrays.trees(), static_cast<std::size_t>(fit.report.rounds));
    const auto leaves = static_cast<std::size_t>(
        std::count_if(arrays.nodes.begin(), arrays.nodes.end(), [](const TreeNode& node) { return node.child == 0; }));
    EXPECT_EQ(arrays.leaf_vectors.size(), leaves * classes);
    const Archive archive = linear_tools::saved(*fit.model);
    Registry registry;
    registry.add_model_loader("tree_ensemble", load_tree_ensemble);
    const auto loaded = registry.load_model(ArchiveReader(archive), fit.model->context());
    EXPECT_EQ(bits_of(loaded->predict(dataset->features).values), bits_of(all.values));
  }
}

TEST(VectorTrees, RowsInAnyOrderAndThreadsGiveTheSameBits) {
  for (const auto& [classes, parameters] : some_fits()) {
    const std::size_t rows = 900;
    const auto order = shuffled_rows(rows, 7);
    const Mixed data = mixed(rows, classes, classes, in_place(rows));
    const FitResult a = GradientBoosting(parameters).fit(dataset_of(data, classes));
    const FitResult b = GradientBoosting(parameters).fit(dataset_of(mixed(rows, classes, classes, order), classes));
    EXPECT_EQ(bits_of(a.model->predict(data.table).values), bits_of(b.model->predict(data.table).values));
    EXPECT_EQ(arrays_of(a).leaf_vectors, arrays_of(b).leaf_vectors);
  }
  const Columns x = linear_tools::random_columns(40, 30'000, 1);  // enough work for several threads
  const auto dataset = classification(x, linear_tools::labels_from(x[0], 9), 9);
  std::vector<float> expected;
  for (int width : {1, 2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    const FitResult fit = GradientBoosting(vectors({.n_estimators = 2, .num_leaves = 15})).fit(dataset, context);
    if (expected.empty()) expected = arrays_of(fit).leaf_vectors;
    EXPECT_EQ(arrays_of(fit).leaf_vectors, expected) << width;
  }
}

TEST(VectorTrees, AResumedFitIsTheWholeOne) {
  for (auto [classes, parameters] : some_fits()) {
    const std::size_t rows = 900;
    const auto dataset = dataset_of(mixed(rows, classes, classes, in_place(rows)), classes);
    const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
    const DatasetView& held_out = folded.held_out(0);
    parameters.early_stopping_rounds = 0;
    const FitResult whole = GradientBoosting(parameters).fit({.train = folded.train(0), .validation = &held_out});
    Parameters less = parameters;
    less.n_estimators = 3;
    const FitResult first =
        GradientBoosting(less).fit({.train = folded.train(0), .validation = &held_out, .keep_state = true});
    const FitResult rest = GradientBoosting(parameters)
                               .fit({.train = folded.train(0), .validation = &held_out, .resume = first.state.get()});
    EXPECT_EQ(bits_of(rest.report.learning_curve), bits_of(whole.report.learning_curve));
    EXPECT_EQ(arrays_of(rest).leaf_vectors, arrays_of(whole).leaf_vectors);
    Parameters other = parameters;
    other.multi_strategy = "one_output_per_tree";
    EXPECT_EQ(
        error_code([&] {
          GradientBoosting(other).fit({.train = folded.train(0), .validation = &held_out, .resume = first.state.get()});
        }),
        "fit.resume_mismatch");
  }
}

TEST(VectorTrees, EarlyStoppingCutsTheVectorsToo) {
  const std::size_t rows = 600;
  const auto dataset = dataset_of(mixed(rows, 3, 1, in_place(rows)), 3);
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  const DatasetView& held_out = folded.held_out(0);
  const Parameters parameters =
      vectors({.n_estimators = 500, .learning_rate = 0.3, .min_data_per_group = 10, .early_stopping_rounds = 10});
  const FitResult fit = GradientBoosting(parameters).fit({.train = folded.train(0), .validation = &held_out});
  EXPECT_EQ(fit.report.stopped, "early stopping");
  const FitResult replay =
      GradientBoosting(parameters).fit({.train = folded.train(0), .stop_at_round = fit.report.rounds});
  EXPECT_EQ(arrays_of(fit).leaf_vectors, arrays_of(replay).leaf_vectors);
}

TEST(VectorTrees, ContributionsSumToTheScores) {
  const std::size_t rows = 300;
  const auto dataset = dataset_of(mixed(rows, 4, 2, in_place(rows)), 4);
  const FitResult fit = GradientBoosting(vectors({.n_estimators = 10, .min_data_per_group = 10})).fit(dataset);
  const auto& model = dynamic_cast<const TreeEnsemble&>(*fit.model);
  const Predictions predictions = model.predict(dataset->features);
  for (const Contributions& why :
       {contributions(model, TableView(dataset->features)),
        contributions(model, TableView(dataset->features), TableView(dataset->features).part(0, 20))})
    for (std::size_t i = 0; i < rows; ++i) {
      std::array<double, 4> scores{};
      for (std::size_t k = 0; k < 4; ++k) {
        const auto of = why.of(i, k);
        scores[k] = std::accumulate(of.begin(), of.end(), 0.0);
      }
      transform_scores(ScoreTransform::softmax, scores.data(), 4, 0, scores.data());
      for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(scores[k], predictions.row(i)[k], 1e-10);
    }
}

TEST(VectorTrees, LimitsOfTreesHold) {
  const std::size_t rows = 900;
  const auto dataset = dataset_of(mixed(rows, 5, 3, in_place(rows)), 5);
  const TreeArrays arrays =
      arrays_of(GradientBoosting(vectors({.n_estimators = 3, .num_leaves = 6, .max_depth = 3, .min_child_samples = 60}))
                    .fit(dataset));
  ASSERT_EQ(arrays.trees(), 3U);
  for (std::size_t t = 0; t < 3; ++t) {
    const std::size_t end = t + 1 < 3 ? arrays.roots[t + 1] : arrays.nodes.size();
    EXPECT_LE(end - arrays.roots[t], 11U);
  }
  for (std::size_t i = 0; i < arrays.nodes.size(); ++i)
    if (arrays.nodes[i].child == 0) EXPECT_GT(arrays.rows[i], 20U);  // 60 by their share of the Hessian
}

// Classes, several outputs of every loss with curvature, and losses of the user's own.
TEST(VectorTrees, AllLossesWithCurvatureLearn) {
  Columns x = linear_tools::random_columns(4, 1500, 1);
  for (auto& column : x)
    for (double& value : column) value = std::floor(10 * value) + 0.5;  // no bin holds both sides of a step
  Columns y(3, std::vector<double>(1500));
  for (std::size_t i = 0; i < 1500; ++i) {
    y[0][i] = 0.05 + 0.9 * (x[0][i] > 0);
    y[1][i] = 0.3 + 0.5 * (x[1][i] > 5);
    y[2][i] = 0.1 + 0.2 * (x[0][i] > 0) + 0.6 * (x[2][i] < 0);
  }
  const auto dataset = outputs_dataset(table_of(x), y);
  for (const char* objective : {"squared_error", "huber", "fair", "poisson", "gamma", "tweedie", "cross_entropy"}) {
    const FitResult fit = GradientBoosting(vectors({.n_estimators = 200, .objective = objective})).fit(dataset);
    EXPECT_TRUE(arrays_of(fit).vector_leaves());
    const Predictions predictions = fit.model->predict(dataset->features);
    for (std::size_t k = 0; k < 3; ++k)
      for (std::size_t i = 0; i < 1500; ++i) EXPECT_NEAR(predictions.row(i)[k], y[k][i], 0.06) << objective;
  }
  const OwnObjective own{.name = "half_squares",
                         .derivatives = [](const ObjectiveRows& rows, std::span<double> g, std::span<double> h) {
                           for (std::size_t i = 0; i < g.size(); ++i) {
                             g[i] = rows.scores[i] - rows.targets[i];
                             h[i] = 1;
                           }
                         }};
  const FitResult with_own = GradientBoosting(vectors({.n_estimators = 20})).with_objective(own).fit(dataset);
  const FitResult with_name = GradientBoosting(vectors({.n_estimators = 20})).fit(dataset);
  EXPECT_EQ(arrays_of(with_own).leaf_vectors, arrays_of(with_name).leaf_vectors);
}

TEST(VectorTrees, OfOneOutputNothingChanges) {
  const Columns x = linear_tools::random_columns(4, 500, 1);
  const auto dataset = regression(x, x[0]);
  const FitResult a = GradientBoosting({.n_estimators = 5}).fit(dataset),
                  b = GradientBoosting(vectors({.n_estimators = 5})).fit(dataset);
  EXPECT_EQ(bits_of(a.model->predict(dataset->features).values), bits_of(b.model->predict(dataset->features).values));
  EXPECT_FALSE(arrays_of(b).vector_leaves());
}

TEST(VectorTrees, InteractionConstraintsHold) {
  const Columns x = linear_tools::random_columns(2, 800, 1);
  Columns y(2);
  for (std::size_t i = 0; i < 800; ++i) {
    y[0].push_back(x[0][i] * x[1][i] + x[0][i]);
    y[1].push_back(x[1][i] - x[0][i] * x[1][i]);
  }
  // columns alone: each output is a sum of functions of one column, so that second differences vanish
  Parameters parameters{.n_estimators = 50};
  parameters.interaction_constraints = Array{};
  const FitResult fit = GradientBoosting(vectors(parameters)).fit(outputs_dataset(table_of(x), y));
  const auto at = [&](double a, double b) { return fit.model->predict(table_of({{a}, {b}})).values; };
  for (const double a : {-1.0, 0.2})
    for (const double b : {-0.7, 0.9})
      for (const std::size_t k : {0, 1}) EXPECT_NEAR(at(a, b)[k] - at(a, 2)[k] - at(2, b)[k] + at(2, 2)[k], 0, 1e-12);
  parameters.interaction_constraints = Value{};
  const FitResult free = GradientBoosting(vectors(parameters)).fit(outputs_dataset(table_of(x), y));
  const auto of_free = [&](double a, double b) { return free.model->predict(table_of({{a}, {b}})).values[0]; };
  EXPECT_GT(std::abs(of_free(-1, -0.7) - of_free(-1, 2) - of_free(2, -0.7) + of_free(2, 2)), 0.1);
}

TEST(VectorTrees, SymmetricOnesOfEqualOutputsAreThoseOfOne) {
  const Columns x = linear_tools::random_columns(4, 500, 5);
  std::vector<double> y;
  for (std::size_t i = 0; i < 500; ++i) y.push_back(std::sin(3 * x[0][i]) + x[1][i] * x[2][i]);
  Parameters parameters = Parameters::symmetric();
  parameters.n_estimators = 40;
  parameters.learning_rate = 0.1;
  parameters.subsample = 1;
  parameters.random_strength = 0.0;
  const FitResult one = GradientBoosting(parameters).fit(linear_tools::regression(x, y));
  const FitResult two = GradientBoosting(vectors(parameters)).fit(outputs_dataset(table_of(x), {y, y}));
  const auto single = one.model->predict(table_of(x)).values, both = two.model->predict(table_of(x)).values;
  // gradients are rounded at random, each output's on its own: to 2^-20 of the largest
  for (std::size_t i = 0; i < 500; ++i)
    for (const std::size_t k : {0, 1}) EXPECT_NEAR(both[2 * i + k], single[i], 1e-3);
}

TEST(VectorTrees, SymmetricOnesOfClassesLearn) {
  // three classes that follow one column and a category
  const auto dataset = dataset_of(mixed(600, 9, 3, in_place(600)), 9);
  Parameters parameters = Parameters::symmetric();
  parameters.n_estimators = 60;
  parameters.learning_rate = 0.1;
  const FitResult fit = GradientBoosting(vectors(parameters)).fit(dataset);
  EXPECT_EQ(arrays_of(fit).trees(), 60U);
  const Predictions p = fit.model->predict(dataset->features);
  const auto repeat = GradientBoosting(vectors(parameters)).fit(dataset).model->predict(dataset->features);
  EXPECT_EQ(bits_of(p.values), bits_of(repeat.values));
  double loss = 0, prior = 0;
  std::vector<double> counts(p.width);
  for (std::int32_t label : dataset->target.labels) counts[static_cast<std::size_t>(label)] += 1;
  for (std::size_t i = 0; i < p.rows(); ++i) {
    const auto label = static_cast<std::size_t>(dataset->target.labels[i]);
    loss -= std::log(p.values[i * p.width + label]);
    prior -= std::log(counts[label] / static_cast<double>(p.rows()));
  }
  EXPECT_LT(loss, 0.9 * prior);  // nine classes of which some hang on noise
}

TEST(VectorTrees, WhatTheyDoNotTakeIsRefusedByName) {
  const Columns x = linear_tools::random_columns(2, 60, 1);
  const auto numbers = outputs_dataset(table_of(x), x);
  const auto place = [&](const Parameters& parameters) {
    try {
      GradientBoosting(vectors(parameters)).fit(numbers);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "fit.multi_output_tree");
      return error.place();
    }
    return std::string();
  };
  EXPECT_EQ(place({.objective = "quantile"}), "gradient_boosting.objective");
  EXPECT_EQ(place({.objective = "absolute_error"}), "gradient_boosting.objective");
  EXPECT_EQ(place({.monotone_constraints = Array{Value(1), Value(0)}}), "gradient_boosting.monotone_constraints");
  EXPECT_EQ(place({.path_smooth = 1}), "gradient_boosting.path_smooth");
  EXPECT_EQ(place({.max_delta_step = 1}), "gradient_boosting.max_delta_step");
  EXPECT_EQ(place({.extra_trees = true}), "gradient_boosting.extra_trees");
  EXPECT_EQ(place({.reg_alpha = 1}), "gradient_boosting.reg_alpha");
  EXPECT_EQ(place({}), "");
  Columns far{x[0], x[1]};
  for (double& value : far[1]) value *= 1e60;
  EXPECT_EQ(error_code([&] { GradientBoosting(vectors()).fit(outputs_dataset(table_of(x), far)); }),
            "fit.target_spread");
}

TEST(VectorTrees, AStoppedFitIsAModel) {
  const auto dataset = dataset_of(mixed(600, 9, 3, in_place(600)), 9);
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  const FitResult none = GradientBoosting(vectors()).fit(dataset, late);
  EXPECT_EQ(none.report.rounds, 0);
  EXPECT_FALSE(arrays_of(none).vector_leaves());
  EXPECT_EQ(none.model->predict(dataset->features).rows(), 600U);
}

}  // namespace
