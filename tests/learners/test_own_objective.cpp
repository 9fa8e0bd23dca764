// Objectives of the user's own: known losses written as functions against the built-in ones, and what is refused.

#include <gtest/gtest.h>

#include <automill/preprocess/preprocess.hpp>

#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::labels_from;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

OwnObjective own_squared_error() {
  return {.name = "squared",
          .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
              gradients[i] = rows.scores[i] - rows.targets[i];
              hessians[i] = 1;
            }
          }};
}

OwnObjective own_log_loss() {
  return {.name = "logistic",
          .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
              const double p = math::sigmoid(rows.scores[i]);
              gradients[i] = p - rows.targets[i];
              hessians[i] = p * (1 - p);
            }
          }};
}

/// With the factor K / (K - 1) of the built-in loss.
OwnObjective own_softmax() {
  return {.name = "softmax",
          .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
            const std::size_t k = rows.outputs;
            std::vector<double> p(rows.scores.begin(), rows.scores.end());
            for (std::size_t i = 0; i < rows.size(); ++i) {
              math::softmax(p.data() + i * k, k);
              for (std::size_t cell = i * k; cell < (i + 1) * k; ++cell) {
                gradients[cell] = p[cell] - (rows.targets[i] == static_cast<double>(cell - i * k) ? 1 : 0);
                hessians[cell] = static_cast<double>(k) / static_cast<double>(k - 1) * p[cell] * (1 - p[cell]);
              }
            }
          }};
}

Columns some_columns(std::size_t rows = 700) { return linear_tools::random_columns(4, rows, 1); }
std::vector<double> some_target(const Columns& x) {
  std::vector<double> y = random_numbers(x[0].size(), 2);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += 2 * std::sin(2 * x[0][i]) + (x[1][i] > 0.3 ? 1.5 : 0);
  return y;
}
std::vector<double> some_weights(std::size_t rows) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < rows; ++i) weights.push_back(0.5 + static_cast<double>(i % 4));
  return weights;
}

/// Fits the first of three folds, with the others' rows held out.
FitResult fit_fold(const GradientBoosting& boosting, const std::shared_ptr<const Dataset>& dataset,
                   const RunContext& context = {}) {
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  return boosting.fit(FitInput{.train = folded.train(0), .validation = &folded.held_out(0)}, context);
}

TEST(OwnObjective, SquaredErrorGivesTheBitsOfTheBuiltInOne) {
  const Columns x = some_columns();
  const std::vector<double> y = some_target(x);
  const std::vector<Parameters> cases{
      {.n_estimators = 40},
      {.n_estimators = 40, .subsample = 0.6, .growth = "depth_wise"},
      {.n_estimators = 40, .data_sample_strategy = "goss"},
      {.n_estimators = 40, .subsample = 0.5, .data_sample_strategy = "mvs"},
      {.n_estimators = 40, .growth = "symmetric"},
      {.n_estimators = 400, .early_stopping_rounds = 5},
      {.n_estimators = 20, .leaf_iterations = 3},
  };
  for (const bool weighted : {false, true})
    for (std::size_t k = 0; k < cases.size(); ++k) {
      const auto dataset = regression(x, y, weighted ? some_weights(y.size()) : std::vector<double>{});
      const GradientBoosting built_in(cases[k]);
      const FitResult a = fit_fold(built_in, dataset);
      const FitResult b = fit_fold(built_in.with_objective(own_squared_error()), dataset);
      EXPECT_EQ(bits_of(a.report.learning_curve), bits_of(b.report.learning_curve)) << k << weighted;
      EXPECT_EQ(a.report.rounds, b.report.rounds);
      EXPECT_EQ(bits_of(a.model->predict(dataset->features).values),
                bits_of(b.model->predict(dataset->features).values))
          << k << weighted;
    }
}

TEST(OwnObjective, LogLossAndSoftmaxAgreeWithTheBuiltInOnes) {
  const Columns x = some_columns();
  for (const std::size_t classes : {2, 3})
    for (const bool weighted : {false, true}) {
      const auto labels = labels_from(some_target(x), classes);
      const auto dataset =
          classification(x, labels, classes, weighted ? some_weights(labels.size()) : std::vector<double>{});
      const GradientBoosting built_in({.n_estimators = 30});
      const FitResult a = fit_fold(built_in, dataset);
      const FitResult b = fit_fold(built_in.with_objective(classes == 2 ? own_log_loss() : own_softmax()), dataset);
      const auto p = a.model->predict(dataset->features).values, q = b.model->predict(dataset->features).values;
      // The vector kernels round the last bit of a probability otherwise, and the integers of gradients have 2^-31 of
      // their sum: 30 rounds of 467 rows x 2^-31, each divided by the Hessians of a leaf.
      for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], q[i], 1e-5) << classes << weighted;
      for (std::size_t i = 0; i < a.report.learning_curve.size(); ++i)
        EXPECT_NEAR(a.report.learning_curve[i], b.report.learning_curve[i], 1e-5);
    }
}

TEST(OwnObjective, WeightsAreLikeRepeatedRows) {
  // values that repeat often, so that bins do not depend on the numbers of rows
  Columns x(2);
  std::vector<double> y, weights;
  std::vector<std::size_t> rows;
  const std::vector<double> noise = random_numbers(300, 6);  // no two splits gain the same, to the last bits
  for (std::size_t i = 0; i < 300; ++i) {
    x[0].push_back(static_cast<double>(i % 10));
    x[1].push_back(static_cast<double>(i / 10 % 3));
    y.push_back(static_cast<double>(i * i % 7) + x[1][i] + noise[i]);
    weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t copy = 0; copy <= i % 3; ++copy) rows.push_back(i);
  }
  const Columns repeated_x = linear_tools::selected_rows(x, rows);
  // no least number of rows in a leaf: it is what tells a weight of 2 from two rows
  const Parameters parameters{.n_estimators = 30, .num_leaves = 6, .learning_rate = 0.3, .min_child_samples = 0};
  for (const std::size_t classes : {0, 2, 3}) {
    const OwnObjective own = classes == 0 ? own_squared_error() : classes == 2 ? own_log_loss() : own_softmax();
    const GradientBoosting boosting = GradientBoosting(parameters).with_objective(own);
    const auto labels = labels_from(y, std::max<std::size_t>(classes, 2));
    const auto weighted = classes == 0 ? regression(x, y, weights) : classification(x, labels, classes, weights);
    const auto repeated = classes == 0 ? regression(repeated_x, linear_tools::selected(y, rows))
                                       : classification(repeated_x, linear_tools::selected(labels, rows), classes);
    const auto a = boosting.fit(weighted).model->predict(table_of(x)).values;
    const auto b = boosting.fit(repeated).model->predict(table_of(x)).values;
    // the same trees, whose sums were rounded to other units: 30 rounds of 600 rows x 2^-30
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4) << classes << " " << i;

    // a function that multiplies by the weights itself, which it sees
    OwnObjective by_itself = own;
    by_itself.weighted = true;
    by_itself.derivatives = [plain = own.derivatives](const ObjectiveRows& in, std::span<double> gradients,
                                                      std::span<double> hessians) {
      plain(in, gradients, hessians);
      for (std::size_t cell = 0; cell < gradients.size(); ++cell) {
        gradients[cell] *= in.weights[cell / in.outputs];
        hessians[cell] *= in.weights[cell / in.outputs];
      }
    };
    const auto c = GradientBoosting(parameters).with_objective(by_itself).fit(weighted);
    EXPECT_EQ(bits_of(c.model->predict(table_of(x)).values), bits_of(a)) << classes;
  }
}

TEST(OwnObjective, ThreadsAndTheOrderOfRowsDoNotChangeABit) {
  const std::size_t rows = 20'000;
  const Columns x = some_columns(rows);
  const std::vector<double> y = some_target(x);
  const auto order = shuffled_rows(rows, 3);
  for (const std::size_t classes : {0, 3}) {
    const auto labels = labels_from(y, 3);
    const auto dataset = classes == 0 ? regression(x, y) : classification(x, labels, 3);
    const auto shuffled =
        classes == 0 ? regression(linear_tools::selected_rows(x, order), linear_tools::selected(y, order))
                     : classification(linear_tools::selected_rows(x, order), linear_tools::selected(labels, order), 3);
    const GradientBoosting boosting = GradientBoosting({.n_estimators = 4, .num_leaves = 15, .subsample = 0.7})
                                          .with_objective(classes == 0 ? own_squared_error() : own_softmax());
    const auto expected = boosting.fit(shuffled).model->predict(dataset->features).values;
    for (const int width : {1, 2, 7}) {
      const auto threads = make_executor(width);
      RunContext context;
      context.run_with = threads.get();
      const auto values = boosting.fit(dataset, context).model->predict(dataset->features).values;
      EXPECT_EQ(bits_of(values), bits_of(expected)) << classes << " " << width;
    }
  }
}

TEST(OwnObjective, FoldsAreFittedSideBySide) {
  const Columns x = some_columns();
  const auto dataset = regression(x, some_target(x));
  const FoldedDataset folded(dataset, make_folds(*dataset, 4, 1));
  const GradientBoosting built_in({.n_estimators = 10});
  const auto threads = make_executor(7);
  RunContext context;
  context.run_with = threads.get();
  const auto a = built_in.fit_folds(folded, context);
  const auto b = built_in.with_objective(own_squared_error()).fit_folds(folded, context);
  for (std::size_t fold = 0; fold < 4; ++fold)
    EXPECT_EQ(bits_of(a[fold].model->predict(dataset->features).values),
              bits_of(b[fold].model->predict(dataset->features).values));
}

TEST(OwnObjective, TheBaseScoreIsWhereALogarithmicLinkStarts) {
  // exp(score) - y from score 0: one full step on n rows of a value is (sum of y - n) / n
  OwnObjective poisson{.name = "poisson",
                       .derivatives =
                           [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
                             for (std::size_t i = 0; i < rows.size(); ++i) {
                               hessians[i] = std::exp(rows.scores[i]);
                               gradients[i] = hessians[i] - rows.targets[i];
                             }
                           },
                       .base_score = 0};
  const std::vector<double> x{0, 0, 0, 1, 1, 1}, y{1, 2, 6, 0, 1, 0.5};
  Parameters one_step{.n_estimators = 1, .learning_rate = 1, .min_child_samples = 1};
  const auto step = GradientBoosting(one_step).with_objective(poisson).fit(regression({x}, y));
  // gradients keep about 30 bits of their sum
  EXPECT_NEAR(step.model->predict(table_of({{0}})).values[0], 2, 1e-7);
  EXPECT_NEAR(step.model->predict(table_of({{1}})).values[0], -0.5, 1e-7);
  // without it, from the mean of y: e^s - y over e^s at s = 1.75
  poisson.base_score.reset();
  const auto from_mean = GradientBoosting(one_step).with_objective(poisson).fit(regression({x}, y));
  EXPECT_NEAR(from_mean.model->predict(table_of({{0}})).values[0], 1.75 - 1 + 3 / std::exp(1.75), 1e-7);
  // three classes: the same for each
  OwnObjective softmax = own_softmax();
  softmax.base_score = 0.25;
  const auto flat =
      GradientBoosting({.min_split_gain = 1e9}).with_objective(softmax).fit(classification({x}, {0, 1, 2, 0, 1, 0}, 3));
  for (double p : flat.model->predict(table_of({{0}})).values) EXPECT_NEAR(p, 1.0 / 3, 1e-15);
}

TEST(OwnObjective, AnOwnLossDecidesWhereTrainingEnds) {
  const Columns x = some_columns();
  const auto dataset = regression(x, some_target(x), some_weights(x[0].size()));
  OwnObjective own = own_squared_error();
  own.loss = [](const ObjectiveRows& rows, std::span<double> losses) {
    for (std::size_t i = 0; i < rows.size(); ++i) losses[i] = std::pow(rows.scores[i] - rows.targets[i], 2);
  };
  const GradientBoosting boosting({.n_estimators = 400, .early_stopping_rounds = 5});
  const FitResult same = fit_fold(boosting.with_objective(own), dataset);
  EXPECT_EQ(bits_of(same.report.learning_curve), bits_of(fit_fold(boosting, dataset).report.learning_curve));
  EXPECT_GT(same.report.rounds, 5);

  own.loss = [](const ObjectiveRows& rows, std::span<double> losses) {  // ever larger scores are worse
    for (std::size_t i = 0; i < rows.size(); ++i) losses[i] = std::abs(rows.scores[i]);
  };
  const FitResult early = fit_fold(boosting.with_objective(own), dataset);
  EXPECT_EQ(early.report.stopped, "early stopping");
  const auto& curve = early.report.learning_curve;
  EXPECT_EQ(early.report.rounds, std::min_element(curve.begin(), curve.end()) - curve.begin() + 1);
  EXPECT_LT(early.report.rounds, same.report.rounds);
}

TEST(OwnObjective, IsCalledOnceARoundOrOnceAStep) {
  const Columns x = some_columns();
  const auto labels = labels_from(some_target(x), 3);
  int calls = 0;
  const auto counted = [&](OwnObjective own) {
    own.derivatives = [&calls, plain = own.derivatives](const ObjectiveRows& rows, std::span<double> gradients,
                                                        std::span<double> hessians) {
      ++calls;
      EXPECT_EQ(rows.scores.size(), rows.size() * rows.outputs);
      EXPECT_EQ(gradients.size(), rows.scores.size());
      EXPECT_EQ(hessians.size(), rows.scores.size());
      plain(rows, gradients, hessians);
    };
    return own;
  };
  GradientBoosting({.n_estimators = 9}).with_objective(counted(own_softmax())).fit(classification(x, labels, 3));
  EXPECT_EQ(calls, 9);
  calls = 0;
  GradientBoosting({.n_estimators = 9, .leaf_iterations = 3})
      .with_objective(counted(own_squared_error()))
      .fit(regression(x, some_target(x)));
  EXPECT_EQ(calls, 27);
  calls = 0;  // five steps are for the built-in log loss, whose curvature is known
  GradientBoosting({.n_estimators = 9, .growth = "symmetric"})
      .with_objective(counted(own_log_loss()))
      .fit(classification(x, labels_from(some_target(x), 2), 2));
  EXPECT_EQ(calls, 9);
}

TEST(OwnObjective, AStopInTheFunctionEndsTheFitAtOnce) {
  const Columns x = some_columns();
  std::stop_source source;
  RunContext context;
  context.stop = StopToken(source.get_token());
  int calls = 0;
  OwnObjective own = own_softmax();
  own.derivatives = [&, plain = own.derivatives](const ObjectiveRows& rows, std::span<double> gradients,
                                                 std::span<double> hessians) {
    plain(rows, gradients, hessians);
    if (++calls == 4) source.request_stop();
  };
  const auto dataset = classification(x, labels_from(some_target(x), 3), 3);
  const FitResult fit = GradientBoosting{}.with_objective(own).fit(dataset, context);
  EXPECT_EQ(fit.report.stopped, "user");
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(fit.report.rounds, 3);
  EXPECT_EQ(dynamic_cast<const TreeEnsemble&>(*fit.model).arrays().trees(), 9U);
}

TEST(OwnObjective, AModelIsSavedAndLoadedWithoutTheFunction) {
  const Columns x = some_columns();
  const auto dataset = classification(x, labels_from(some_target(x), 3), 3);
  const FitResult fit = GradientBoosting({.n_estimators = 5}).with_objective(own_softmax()).fit(dataset);
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  const Archive archive = linear_tools::saved(*fit.model);
  const auto again = registry.load_model(ArchiveReader(archive), fit.model->context());
  EXPECT_EQ(bits_of(again->predict(dataset->features).values), bits_of(fit.model->predict(dataset->features).values));
}

TEST(OwnObjective, ParametersSayItsName) {
  const GradientBoosting own =
      GradientBoosting({.n_estimators = 3, .objective = "huber"}).with_objective(own_squared_error());
  const auto objective = [](const Estimator& estimator) { return estimator.parameters().find("objective")->text(); };
  EXPECT_EQ(objective(own), "own: squared");
  EXPECT_EQ(own.structure().at("parameters").at("objective").text(), "own: squared");

  const auto dataset = regression({{1, 2, 3, 4}}, {1, 2, 3, 4});
  const auto outcome = [&](const Estimator& estimator) { return error_code([&] { estimator.fit(dataset); }); };
  // the function goes along where other parameters change, also in a pipeline
  const auto longer = own.with_parameters({{"n_estimators", 5}, {"objective", "own: squared"}});
  EXPECT_EQ(objective(*longer), "own: squared");
  EXPECT_EQ(longer->parameters().find("n_estimators")->integer(), 5);
  EXPECT_EQ(outcome(*longer), "");
  const auto pipeline = Pipeline(Impute{}, own).with_parameters({{"gradient_boosting.n_estimators", 2}});
  EXPECT_EQ(pipeline->parameters().find("gradient_boosting.objective")->text(), "own: squared");
  EXPECT_EQ(outcome(*pipeline), "");
  // another name ends it
  const auto named = own.with_parameters({{"objective", "fair"}});
  EXPECT_EQ(objective(*named), "fair");
  EXPECT_EQ(outcome(*named), "");
  // what was written down is read, described and changed, but a fit needs the function
  const auto read = make_estimator(own.structure(), builtin_registry());
  EXPECT_EQ(read->structure(), own.structure());
  EXPECT_EQ(objective(*own.with_parameters({{"objective", "own: another"}})), "own: another");
  try {
    read->fit(dataset);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "gradient_boosting.objective: 'own: squared' names a function, and parameters as data do not hold it "
                 "(give the function again: with_objective in C++, objective=... in Python) [fit.objective_missing]");
  }
  EXPECT_EQ(outcome(GradientBoosting{}.with_objective({})), "fit.objective_missing");
}

/// What a fit says when derivative `cell` of round `round` is given as `gradient` and `hessian`.
std::string fault(const DatasetView& view, int round, std::size_t cell, double gradient, double hessian) {
  int calls = 0;
  OwnObjective own{
      .name = "mine",
      .derivatives = [&](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
        for (std::size_t i = 0; i < gradients.size(); ++i) {
          gradients[i] = rows.scores[i] - rows.targets[i / rows.outputs];
          hessians[i] = 1;
        }
        if (++calls != round) return;
        gradients[cell] = gradient;
        hessians[cell] = hessian;
      }};
  try {
    GradientBoosting({.min_child_samples = 1}).with_objective(own).fit(view);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(OwnObjective, DerivativesThatAreNotAllowedAreNamed) {
  const auto numbers = regression({{1, 2, 3, 4, 5, 6}}, {1, 2, 4, 3, 7, 5});
  const std::string finite = ": it must be finite (keep exponents and divisors in bounds) [fit.objective_value]";
  const std::string positive =
      ": it must be finite and not negative (where the loss is not convex, give a bound of its curvature) "
      "[fit.objective_value]";
  EXPECT_EQ(fault(numbers, 0, 0, 0, 0), "");
  EXPECT_EQ(fault(numbers, 1, 2, missing, 1), "round 1, row 2: 'mine' gave the gradient NaN" + finite);
  EXPECT_EQ(fault(numbers, 3, 0, -infinite, 1), "round 3, row 0: 'mine' gave the gradient -inf" + finite);
  EXPECT_EQ(fault(numbers, 2, 5, 1, -0.5), "round 2, row 5: 'mine' gave the Hessian -0.5" + positive);
  EXPECT_EQ(fault(numbers, 2, 5, 1, missing), "round 2, row 5: 'mine' gave the Hessian NaN" + positive);
  EXPECT_EQ(fault(numbers, 2, 5, 1, infinite), "round 2, row 5: 'mine' gave the Hessian inf" + positive);
  EXPECT_EQ(fault(numbers, 2, 5, 1, 0), "");
  // of a fold, the row of the table; of several outputs, the class
  const DatasetView part(numbers, {std::make_shared<const std::vector<std::uint32_t>>(std::vector{1U, 3U, 5U}), 1});
  EXPECT_EQ(fault(part, 1, 2, missing, 1), "round 1, row 5: 'mine' gave the gradient NaN" + finite);
  const auto classes = classification({{1, 2, 3, 4, 5, 6}}, {0, 1, 2, 0, 1, 2}, 3);
  EXPECT_EQ(fault(classes, 1, 7, 1, -1), "round 1, row 2, class 1: 'mine' gave the Hessian -1" + positive);
}

TEST(OwnObjective, WhatIsLeftUnfilledAndFlatLossesAreFound) {
  const auto dataset = regression({{1, 2, 3, 4, 5, 6}}, {1, 2, 4, 3, 7, 5});
  const auto message = [&](OwnObjective own, const FitInput& input) {
    try {
      GradientBoosting({.min_child_samples = 1}).with_objective(std::move(own)).fit(input);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const DatasetView view(dataset);
  OwnObjective own{.name = "mine",
                   .derivatives = [](const ObjectiveRows&, std::span<double> gradients, std::span<double> hessians) {
                     std::fill(gradients.begin(), gradients.end() - 1, 1.0);
                     std::fill(hessians.begin(), hessians.end(), 1.0);
                   }};
  EXPECT_TRUE(message(own, {.train = view}).starts_with("round 1, row 5: 'mine' gave the gradient NaN"));
  own.derivatives = [](const ObjectiveRows&, std::span<double> gradients, std::span<double> hessians) {
    std::fill(gradients.begin(), gradients.end(), 1.0);
    std::fill(hessians.begin(), hessians.end(), 0.0);
  };
  EXPECT_EQ(message(own, {.train = view}),
            "round 1: 'mine' gave Hessians that are all 0: a step is the gradient divided by them (give 1 where the "
            "loss has no curvature) [fit.objective_value]");
  own = own_squared_error();
  own.loss = [](const ObjectiveRows&, std::span<double> losses) { losses[0] = 1; };
  EXPECT_EQ(message(own, {.train = view, .validation = &view}),
            "round 1, row 1: 'squared' gave the loss NaN: it must be a number (keep exponents and divisors in bounds) "
            "[fit.objective_value]");
}

TEST(OwnObjective, AnExceptionReachesTheCaller) {
  struct Mine {
    int number;
  };
  OwnObjective own;
  own.derivatives = [](const ObjectiveRows&, std::span<double>, std::span<double>) { throw Mine{7}; };
  const auto dataset = regression({{1, 2, 3, 4, 5, 6}}, {1, 2, 4, 3, 7, 5});
  const FoldedDataset folded(dataset, make_folds(*dataset, 2, 1));
  const auto threads = make_executor(2);
  RunContext context;
  context.run_with = threads.get();
  for (const bool folds : {false, true}) try {
      const GradientBoosting boosting = GradientBoosting{}.with_objective(own);
      if (folds) boosting.fit_folds(folded, context);
      else boosting.fit(dataset, context);
      ADD_FAILURE();
    } catch (const Mine& mine) {
      EXPECT_EQ(mine.number, 7);
    }
}

}  // namespace
