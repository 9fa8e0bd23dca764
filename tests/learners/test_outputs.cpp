// Several outputs at once: quantities that are predicted together, and quantiles that do not cross.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/ridge.hpp>
#include <automill/metrics/metrics.hpp>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

const TreeEnsemble& trees(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model); }

/// Targets as columns, row by row.
std::shared_ptr<const Dataset> outputs_dataset(Table table, const Columns& targets, std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = std::move(table);
  for (std::size_t k = 0; k < targets.size(); ++k) dataset.target.outputs.push_back("y" + std::to_string(k));
  for (std::size_t i = 0; i < targets[0].size(); ++i)
    for (const auto& target : targets) dataset.target.values.push_back(target[i]);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

std::vector<double> column_of(const Predictions& predictions, std::size_t k) {
  std::vector<double> column;
  for (std::size_t i = 0; i < predictions.rows(); ++i) column.push_back(predictions.row(i)[k]);
  return column;
}

double rmse(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

/// Noise whose spread grows with the column, so that quantiles have different shapes.
struct Fan {
  Columns x;
  std::vector<double> y;
};
Fan fan(std::size_t rows, std::uint64_t seed) {
  Fan all{linear_tools::random_columns(3, rows, seed), random_numbers(rows, seed + 1)};
  for (std::size_t i = 0; i < rows; ++i) all.y[i] = std::sin(all.x[0][i]) + all.y[i] * (1 + std::abs(all.x[1][i]));
  return all;
}

Value levels(std::initializer_list<double> given) {
  Array list;
  for (double level : given) list.emplace_back(level);
  return list;
}

// One full step: a leaf a value of the column, whose output k is the weighted quantile of its rows at level k.
TEST(Quantiles, OneFullStepGivesThoseOfEachValue) {
  std::vector<double> x, weights;
  const std::vector<double> y = random_numbers(120, 1);
  std::map<double, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < y.size(); ++i) {
    x.push_back(static_cast<double>(i % 4));
    weights.push_back(0.5 + static_cast<double>(i % 3));
    groups[x.back()].push_back(i);
  }
  const std::vector<double> asked{0.1, 0.5, 0.8};
  const auto dataset = regression({x}, y, weights);
  const FitResult fit = GradientBoosting({.n_estimators = 1,
                                          .learning_rate = 1,
                                          .min_child_samples = 1,
                                          .min_child_weight = 0,
                                          .objective = "quantile",
                                          .quantiles = levels({0.1, 0.5, 0.8})})
                            .fit(dataset);
  const OutputSpec& spec = fit.model->output_spec();
  EXPECT_EQ(spec.width, 3U);
  EXPECT_EQ(spec.outputs, (std::vector<std::string>{"0.1", "0.5", "0.8"}));
  const Predictions predictions = fit.model->predict(dataset->features);
  for (const auto& [value, rows] : groups)
    for (std::size_t k = 0; k < asked.size(); ++k) {
      std::vector<std::pair<double, double>> pairs;
      for (std::size_t i : rows) pairs.emplace_back(y[i], weights[i]);
      const double expected = weighted_quantile(pairs, asked[k]);
      // a residual and the base are added again: one rounding each
      EXPECT_NEAR(predictions.row(rows[0])[k], expected, 1e-15 * (1 + std::abs(expected)) * 4);
    }
}

TEST(Quantiles, DoNotCrossWhereTheirScoresDo) {
  const Fan data = fan(400, 1);
  const auto dataset = regression(data.x, data.y);
  const FitResult fit =
      GradientBoosting({.n_estimators = 150, .objective = "quantile", .quantiles = levels({0.4, 0.45, 0.5, 0.55, 0.6})})
          .fit(dataset);
  const Table others = table_of(linear_tools::random_columns(3, 2000, 9));
  const Predictions predictions = fit.model->predict(others);
  TreeArrays as_they_are = trees(fit).arrays();
  as_they_are.transform = ScoreTransform::identity;
  TreeEnsemble raw(std::move(as_they_are));
  raw.set_context(fit.model->context());
  const Predictions scores = raw.predict(others);
  std::size_t crossed = 0;
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    const auto row = predictions.row(i), before = scores.row(i);
    EXPECT_TRUE(std::is_sorted(row.begin(), row.end())) << "row " << i;
    crossed += std::is_sorted(before.begin(), before.end()) ? 0 : 1;
    std::vector<double> sorted(before.begin(), before.end());
    std::sort(sorted.begin(), sorted.end());
    EXPECT_TRUE(std::equal(row.begin(), row.end(), sorted.begin()));
  }
  EXPECT_GT(crossed, 100U);
  const auto one = fit.model->row_predictor();
  std::vector<double> out(5), cells(3);
  for (std::size_t i = 0; i < 100; ++i) {
    for (std::size_t c = 0; c < 3; ++c) cells[c] = others[c].number(i);
    one->predict({cells.data(), nullptr}, out);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), predictions.row(i).begin()));
  }
}

// Each level must be as good as a model of that level alone: the same trees but for the rounding of gradients.
TEST(Quantiles, LoseNoMoreThanOneLevelAlone) {
  const Fan data = fan(4000, 3), held_out = fan(4000, 33);
  const auto dataset = regression(data.x, data.y);
  const Table rows = table_of(held_out.x);
  const std::vector<double> asked{0.05, 0.5, 0.9};
  const FitResult together =
      GradientBoosting({.n_estimators = 60, .objective = "quantile", .quantiles = levels({0.05, 0.5, 0.9})})
          .fit(dataset);
  const Predictions all = together.model->predict(rows);
  for (std::size_t k = 0; k < asked.size(); ++k) {
    const FitResult alone =
        GradientBoosting({.n_estimators = 60, .objective = "quantile", .alpha = asked[k]}).fit(dataset);
    const auto loss = [&](const std::vector<double>& predicted) {
      return pinball_metric(asked[k]).compute({.values = held_out.y, .predictions = predicted});
    };
    EXPECT_NEAR(loss(column_of(all, k)), loss(alone.model->predict(rows).values), 0.01 * loss(column_of(all, k)));
    double below = 0;
    for (std::size_t i = 0; i < held_out.y.size(); ++i) below += held_out.y[i] <= all.row(i)[k] ? 1 : 0;
    EXPECT_NEAR(below / static_cast<double>(held_out.y.size()), asked[k],
                0.05);  // chance: 0.007; the rest is what trees fit of noise
  }
}

TEST(Quantiles, StayMonotone) {
  const Fan data = fan(600, 5);
  const FitResult fit = GradientBoosting({.n_estimators = 40,
                                          .monotone_constraints = Array{Value(1), Value(0), Value(0)},
                                          .objective = "quantile",
                                          .quantiles = levels({0.2, 0.8})})
                            .fit(regression(data.x, data.y));
  Columns line(3, std::vector<double>(200));
  for (std::size_t i = 0; i < 200; ++i) line[0][i] = -3 + 0.03 * static_cast<double>(i);
  const Predictions predictions = fit.model->predict(table_of(line));
  for (std::size_t i = 1; i < 200; ++i)
    for (std::size_t k = 0; k < 2; ++k) EXPECT_GE(predictions.row(i)[k], predictions.row(i - 1)[k]);
}

TEST(Quantiles, AreRefusedByName) {
  const auto numbers = regression({{1, 2, 3, 4}}, {1, 2, 3, 4});
  const auto code = [&](const Value& given, const std::string& objective = "quantile") {
    return error_code([&] { GradientBoosting({.objective = objective, .quantiles = given}).fit(numbers); });
  };
  EXPECT_EQ(code(levels({0.1, 0.9})), "");
  EXPECT_EQ(code(levels({0.9, 0.1})), "parameter.out_of_range");
  EXPECT_EQ(code(levels({0.5, 0.5})), "parameter.out_of_range");
  EXPECT_EQ(code(levels({0, 0.5})), "parameter.out_of_range");
  EXPECT_EQ(code(levels({0.5, 1})), "parameter.out_of_range");
  EXPECT_EQ(code(Array{}), "parameter.wrong_type");
  EXPECT_EQ(code(Object{{"low", 0.1}}), "parameter.wrong_type");
  EXPECT_EQ(code(Array{Value("median")}), "parameter.out_of_range");
  EXPECT_EQ(code(levels({0.1, 0.9}), "squared_error"), "fit.quantiles");
  const auto two = outputs_dataset(table_of({{1, 2, 3, 4}}), {{1, 2, 3, 4}, {4, 3, 2, 1}});
  EXPECT_EQ(error_code([&] {
              GradientBoosting({.objective = "quantile", .quantiles = levels({0.1, 0.9})}).fit(two);
            }),
            "fit.quantiles");
}

/// Two quantities of which each needs columns that the other does not.
Columns two_signals(const Columns& x, std::uint64_t seed) {
  Columns y{random_numbers(x[0].size(), seed), random_numbers(x[0].size(), seed + 1)};
  for (std::size_t i = 0; i < x[0].size(); ++i) {
    y[0][i] = 0.2 * y[0][i] + std::sin(2 * x[0][i]) + x[1][i];
    y[1][i] = 0.2 * y[1][i] + x[2][i] * x[3][i];
  }
  return y;
}

// Trees of an output are those of a fit of that output alone but for the rounding of gradients.
TEST(SeveralOutputs, AreEachLearnedAsAlone) {
  const Columns x = linear_tools::random_columns(4, 3000, 1), fresh = linear_tools::random_columns(4, 3000, 11);
  const Columns y = two_signals(x, 2), truth = two_signals(fresh, 12);
  for (const std::string growth : {"leaf_wise", "symmetric"}) {
    const Parameters parameters{.n_estimators = 80, .growth = growth};
    const FitResult fit = GradientBoosting(parameters).fit(outputs_dataset(table_of(x), y));
    ASSERT_EQ(fit.model->output_spec().outputs, (std::vector<std::string>{"y0", "y1"}));
    const Predictions together = fit.model->predict(table_of(fresh));
    for (std::size_t k = 0; k < 2; ++k) {
      const auto alone = GradientBoosting(parameters).fit(regression(x, y[k])).model->predict(table_of(fresh)).values;
      const double error = rmse(alone, truth[k]);
      EXPECT_NEAR(rmse(column_of(together, k), truth[k]), error, 0.05 * error) << growth << ", output " << k;
    }
  }
}

// A power of two changes no digit of what it multiplies, but the keys of rows, by which gradients are rounded: nothing
// may change by more than that, nor may early stopping end elsewhere.
TEST(SeveralOutputs, TheUnitOfOneDoesNotTouchTheOther) {
  const Columns x = linear_tools::random_columns(4, 1200, 1);
  const Columns y = two_signals(x, 2);
  const double unit = 1 << 20;
  Columns scaled = y;
  for (double& value : scaled[1]) value *= unit;
  const auto fit = [&](const Columns& targets) {
    const FoldedDataset folded(outputs_dataset(table_of(x), targets), SplitPlan{.folds = 1, .fold_of = [] {
                                                                                  std::vector<std::int32_t> fold_of(
                                                                                      1200, SplitPlan::never_held_out);
                                                                                  for (std::size_t i = 0; i < 300; ++i)
                                                                                    fold_of[4 * i] = 0;
                                                                                  return fold_of;
                                                                                }()});
    return GradientBoosting({.n_estimators = 400, .early_stopping_rounds = 10})
        .fit({.train = folded.train(0), .validation = &folded.held_out(0)});
  };
  const FitResult a = fit(y), b = fit(scaled);
  EXPECT_EQ(a.report.rounds, b.report.rounds);
  ASSERT_EQ(a.report.learning_curve.size(), b.report.learning_curve.size());
  for (std::size_t i = 0; i < a.report.learning_curve.size(); ++i)
    EXPECT_NEAR(a.report.learning_curve[i], b.report.learning_curve[i], 1e-9);
  EXPECT_LT(a.report.rounds, 400);
  const Predictions of_a = a.model->predict(table_of(x)), of_b = b.model->predict(table_of(x));
  for (std::size_t i = 0; i < of_a.rows(); ++i) {
    EXPECT_NEAR(of_a.row(i)[0], of_b.row(i)[0], 1e-9);
    EXPECT_NEAR(of_a.row(i)[1], of_b.row(i)[1] / unit, 1e-9);
  }
}

TEST(SeveralOutputs, HeldOutPredictionsAreThoseOfTheModel) {
  const Columns x = linear_tools::random_columns(4, 600, 1);
  const auto dataset = outputs_dataset(table_of(x), two_signals(x, 2));
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  const FitInput input{.train = folded.train(1), .validation = &folded.held_out(1)};
  const FitResult fit = GradientBoosting({.n_estimators = 30}).fit(input);
  Predictions predictions(folded.held_out(1).rows(), 2);
  fit.model->predict_aligned(folded.held_out(1).features(), predictions.view(), {});
  EXPECT_EQ(bits_of(fit.report.checkpoints.at(fit.report.rounds).values), bits_of(predictions.values));
}

TEST(SeveralOutputs, GoOnWhereTheyStopped) {
  const Columns x = linear_tools::random_columns(4, 700, 1);
  const DatasetView view(outputs_dataset(table_of(x), two_signals(x, 2)));
  const Parameters parameters{.n_estimators = 20, .subsample = 0.7};
  const FitResult whole = GradientBoosting(parameters).fit({.train = view});
  const FitResult half = GradientBoosting(parameters).fit({.train = view, .stop_at_round = 9, .keep_state = true});
  const FitResult rest = GradientBoosting(parameters).fit({.train = view, .resume = half.state.get()});
  EXPECT_EQ(bits_of(whole.model->predict(table_of(x)).values), bits_of(rest.model->predict(table_of(x)).values));
}

TEST(SeveralOutputs, TheOrderOfRowsDoesNotChangeABit) {
  const std::size_t rows = 900;
  const Columns x = linear_tools::random_columns(4, rows, 1), y = two_signals(x, 2);
  const auto order = shuffled_rows(rows, 3);
  const Parameters parameters{.n_estimators = 10, .subsample = 0.8};
  const auto a = GradientBoosting(parameters).fit(outputs_dataset(table_of(x), y));
  const auto b =
      GradientBoosting(parameters)
          .fit(outputs_dataset(table_of(linear_tools::selected_rows(x, order)), linear_tools::selected_rows(y, order)));
  EXPECT_EQ(bits_of(a.model->predict(table_of(x)).values), bits_of(b.model->predict(table_of(x)).values));
}

TEST(SeveralOutputs, AnOwnObjectiveSeesThemRowByRow) {
  const Columns x = linear_tools::random_columns(4, 800, 1);
  const auto dataset = outputs_dataset(table_of(x), two_signals(x, 2));
  const OwnObjective squared{
      .name = "squared",
      .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
        ASSERT_EQ(rows.size() * 2, rows.targets.size());
        for (std::size_t i = 0; i < gradients.size(); ++i) {
          gradients[i] = rows.scores[i] - rows.targets[i];
          hessians[i] = 1;
        }
      }};
  const GradientBoosting boosting({.n_estimators = 15});
  EXPECT_EQ(bits_of(boosting.with_objective(squared).fit(dataset).model->predict(dataset->features).values),
            bits_of(boosting.fit(dataset).model->predict(dataset->features).values));
}

TEST(SeveralOutputs, CategoriesTakeTheStatisticsOfEach) {
  const std::size_t rows = 2000, categories = 40;
  const std::vector<double> noise = random_numbers(2 * rows, 1), effects = random_numbers(2 * categories, 2);
  std::vector<std::int32_t> codes(rows);
  Columns y(2, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = static_cast<std::int32_t>(i * 7 % categories);
    for (std::size_t k = 0; k < 2; ++k)
      y[k][i] = effects[static_cast<std::size_t>(codes[i]) * 2 + k] + 0.1 * noise[2 * i + k];
  }
  Parameters parameters = Parameters::symmetric();
  parameters.n_estimators = 100;
  const auto dataset = outputs_dataset(Table({category_column("c", codes, categories)}), y);
  const Predictions predictions = GradientBoosting(parameters).fit(dataset).model->predict(dataset->features);
  for (std::size_t k = 0; k < 2; ++k) EXPECT_LT(rmse(column_of(predictions, k), y[k]), 0.2);  // noise 0.1, effects 1
}

TEST(SeveralOutputs, AreScoredByTheirMean) {
  const Columns x = linear_tools::random_columns(4, 400, 1);
  const auto dataset = outputs_dataset(table_of(x), two_signals(x, 2));
  const CrossValidation result = cross_validate(GradientBoosting({.n_estimators = 10}), dataset, {.folds = 4});
  EXPECT_EQ(result.metric, "rmse");
  double expected = 0;
  for (std::int32_t fold = 0; fold < 4; ++fold)
    for (std::size_t k = 0; k < 2; ++k) {
      std::vector<double> truth, predicted;
      for (std::size_t i = 0; i < 400; ++i) {
        if (result.out_of_fold.fold[i] != fold) continue;
        truth.push_back(dataset->target.row(i)[k]);
        predicted.push_back(result.out_of_fold.predictions.row(i)[k]);
      }
      expected += rmse(truth, predicted) / 8;
    }
  EXPECT_NEAR(result.mean, expected, 1e-12);
  EXPECT_EQ(error_code([&] {
              cross_validate(GradientBoosting({.objective = "quantile", .quantiles = levels({0.1, 0.9})}),
                             regression(x, x[0]), {.folds = 4});
            }),
            "evaluate.several_outputs");
}

TEST(SeveralOutputs, AreReadFromColumnsOfATable) {
  const Table table({number_column("a", {1, 2, 3}), number_column("b", {4, 5, 6}), number_column("c", {7, 8, 9}),
                     category_column("d", {0, 1, 0}, 2)});
  const auto dataset = dataset_from(table, std::vector<std::string>{"b", "c"});
  EXPECT_EQ(dataset->target.values, (std::vector<double>{4, 7, 5, 8, 6, 9}));
  EXPECT_EQ(dataset->target.name, "b, c");
  EXPECT_EQ(dataset->features.schema()->names(), (std::vector<std::string>{"a", "d"}));
  EXPECT_EQ(dataset->rows(), 3U);
  const auto code = [&](const std::vector<std::string>& targets) {
    return error_code([&] { dataset_from(table, targets); });
  };
  EXPECT_EQ(code({}), "data.no_outputs");
  EXPECT_EQ(code({"a", "d"}), "data.output_kind");
  EXPECT_EQ(code({"a", "e"}), error_code([&] { table.column("e"); }));
  const DatasetView some(
      dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 2}), 1});
  EXPECT_EQ(some.with_features(Table({number_column("z", {0, 0})})).dataset().target.values,
            (std::vector<double>{4, 7, 6, 9}));
  Dataset odd;
  odd.features = Table({number_column("a", {1, 2})});
  odd.target.values = {1, 2, 3};
  odd.target.outputs = {"y0", "y1"};
  EXPECT_EQ(error_code([&] { make_dataset(std::move(odd)); }), "data.length_mismatch");
}

// One tree of all rows, down to pure leaves: it gives back what it saw, up to single precision of the distance from the
// middle of each output.
TEST(SeveralOutputs, ATreeOfAllRowsGivesThemBack) {
  const Columns x = linear_tools::random_columns(3, 500, 1);
  Columns y{random_numbers(500, 2), random_numbers(500, 3)};
  for (double& value : y[1]) value = 1e6 + 1e-3 * value;
  const auto dataset = outputs_dataset(table_of(x), y);
  const FitResult fit = RandomForest({.n_estimators = 1, .bootstrap = false, .max_bin = 1000}).fit(dataset);
  const Predictions predictions = fit.model->predict(dataset->features);
  for (std::size_t i = 0; i < 500; ++i) {
    EXPECT_NEAR(predictions.row(i)[0], y[0][i], 4 * 1e-7);  // distances below 4
    EXPECT_NEAR(predictions.row(i)[1], y[1][i], 4e-3 * 1e-7 + 1e6 * 1e-15);
  }
}

TEST(SeveralOutputs, AForestIsAsGoodAsOneAnOutput) {
  const Columns x = linear_tools::random_columns(4, 1500, 1), fresh = linear_tools::random_columns(4, 1500, 11);
  const auto signals = [](const Columns& cells, std::uint64_t seed) {
    Columns y{random_numbers(1500, seed), random_numbers(1500, seed + 1)};
    for (std::size_t i = 0; i < 1500; ++i) {
      const double signal = std::sin(2 * cells[0][i]) + cells[1][i];
      y[0][i] = 0.2 * y[0][i] + signal;
      y[1][i] = 1e6 * (0.2 * y[1][i] + std::tanh(signal));  // counts alike, whatever its unit
    }
    return y;
  };
  const Columns y = signals(x, 2), truth = signals(fresh, 12);
  const auto dataset = outputs_dataset(table_of(x), y);
  const auto compare = [&](const auto& forest, double allowed) {
    const FitResult fit = forest.fit(dataset);
    const Predictions together = fit.model->predict(table_of(fresh));
    for (std::size_t k = 0; k < 2; ++k) {
      const auto alone = forest.fit(regression(x, y[k])).model->predict(table_of(fresh)).values;
      EXPECT_LT(rmse(column_of(together, k), truth[k]), allowed * rmse(alone, truth[k])) << "output " << k;
      if (fit.out_of_bag != nullptr)
        EXPECT_NEAR(rmse(column_of(*fit.out_of_bag, k), y[k]), rmse(column_of(together, k), truth[k]),
                    0.2 * rmse(alone, truth[k]));
    }
  };
  // Of outputs that follow the same columns: otherwise a tree is less deep in each, in scikit-learn, too.
  compare(RandomForest({.n_estimators = 60}), 1.1);
  compare(ExtraTrees({.n_estimators = 60}), 1.1);
}

TEST(SeveralOutputs, ForestsAreTheSameForAnyOrderOfRowsAndThreads) {
  const std::size_t rows = 600, categories = 12;
  const Columns x = linear_tools::random_columns(4, rows, 1), y = two_signals(x, 2);
  const auto order = shuffled_rows(rows, 3);
  const auto table = [&](const Columns& cells) {
    std::vector<std::int32_t> codes;
    for (double value : cells[3])
      codes.push_back(static_cast<std::int32_t>(std::abs(value) * 8) % static_cast<int>(categories));
    return Table({number_column("a", cells[0]), number_column("b", cells[1]), category_column("c", codes, categories)});
  };
  const RandomForest forest({.n_estimators = 12, .prior_weight = 1});
  const FitResult a = forest.fit(outputs_dataset(table(x), y));
  const FitResult b =
      forest.fit(outputs_dataset(table(linear_tools::selected_rows(x, order)), linear_tools::selected_rows(y, order)));
  EXPECT_EQ(bits_of(a.model->predict(table(x)).values), bits_of(b.model->predict(table(x)).values));
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(a.out_of_bag->row(order[i])[k], b.out_of_bag->row(i)[k]);
}

TEST(SeveralOutputs, LearnersOfOneRefuseThem) {
  const auto two = outputs_dataset(table_of({{1, 2, 3, 4}}), {{1, 2, 3, 4}, {4, 3, 2, 1}});
  EXPECT_EQ(error_code([&] { Ridge().fit(two); }), "fit.several_outputs");
  EXPECT_EQ(error_code([&] {
              RandomForest().fit(outputs_dataset(table_of({{1, 2}}), {{1, 2}, {-1e300, 1e300}}));
            }),
            "fit.target_spread");
  EXPECT_EQ(error_code([&] { GradientBoosting({.leaf_iterations = 3}).fit(two); }), "fit.leaf_iterations");
}

}  // namespace
