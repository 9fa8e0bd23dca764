// TransformedTarget: closed forms of curves, unbiased means, the model file, what it refuses.

#include <gtest/gtest.h>

#include <automill/automl/serve.hpp>
#include <automill/automl/train.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/ridge.hpp>

#include "ensemble/transformed_target_model.hpp"
#include "error_tools.hpp"

using namespace automill;

namespace {

const std::vector<std::string> methods{"log1p", "yeo_johnson", "quantile_normal", "standardize"};

/// y = e^(6 + x + noise) - 1, so that ln(1 + y) is linear in x.
std::shared_ptr<const Dataset> skewed(std::size_t rows, double noise, std::uint64_t seed = 1) {
  RandomStream random(seed, purpose("skewed"));
  std::vector<double> x;
  Dataset dataset;
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(random.normal());
    dataset.target.values.push_back(math::exp(6 + x.back() + noise * random.normal()) - 1);
  }
  dataset.features = Table({make_number_column({.name = "x"}, std::move(x))});
  return make_dataset(std::move(dataset));
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Archive saved(const Model& model) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(model, writer);
  return archive;
}

TEST(TargetCurve, ThereAndBackIsTheTarget) {
  const TargetCurve log{.method = TargetMethod::log1p};
  EXPECT_DOUBLE_EQ(log.forward(std::exp(2) - 1), 2);
  EXPECT_DOUBLE_EQ(log.back(2), std::exp(2) - 1);
  EXPECT_EQ(log.back(-3), 0);
  EXPECT_EQ(log.forward(-3), 0);
  EXPECT_EQ(log.back(1e9), std::numeric_limits<double>::max());
  const TargetCurve power{.method = TargetMethod::yeo_johnson, .power = 0.5, .center = 2, .scale = 4};
  EXPECT_DOUBLE_EQ(power.forward(3), 0);
  const TargetCurve scores{.method = TargetMethod::quantile_normal, .targets = {0, 10, 40}, .scores = {-2, 0, 1}};
  EXPECT_EQ(scores.forward(25), 0.5);
  EXPECT_EQ(scores.back(-1), 5);
  EXPECT_EQ(scores.back(9), 40);
  EXPECT_EQ(scores.forward(-7), -2);
  for (const TargetCurve& curve : {log, power, scores})
    for (double target : {0.0, 0.5, 3.0, 9.0, 27.5}) EXPECT_NEAR(curve.back(curve.forward(target)), target, 1e-12);
}

TEST(TransformedTarget, RidgeOfLogarithmsIsExact) {
  const auto data = skewed(200, 0);
  for (bool smearing : {false, true}) {
    const TransformedTarget learner(Ridge{{.alpha = 0}}, {.method = "log1p", .smearing = smearing});
    const auto predicted = learner.fit(data).require_model("test").predict(data->features).values;
    for (std::size_t i = 0; i < predicted.size(); ++i)
      EXPECT_NEAR(predicted[i], data->target.values[i], 1e-7 * (1 + data->target.values[i]));
  }
}

TEST(TransformedTarget, SmearingEstimatesTheMeanAndItsAbsenceTheMedian) {
  const auto train = skewed(20000, 0.8), test = skewed(20000, 0.8, 2);
  const auto predicted_mean = [&](bool smearing) {
    const TransformedTarget learner(Ridge{}, {.method = "log1p", .smearing = smearing});
    return mean_of(learner.fit(train).require_model("test").predict(test->features).values);
  };
  const double mean = mean_of(test->target.values), lost = math::exp(-0.5 * 0.8 * 0.8);
  EXPECT_NEAR(predicted_mean(true), mean, 0.05 * mean);  // the mean itself has a standard error of 1.5 %
  EXPECT_NEAR(predicted_mean(false) + 1, lost * (mean + 1), 0.05 * mean);  // e^(s^2 / 2) is what smearing makes good
}

TEST(TransformedTarget, GroupsOfResidualsKeepTheMeanOfAnExponential) {
  // 20,000 normal residuals of deviation 1: the mean of e^e over all of them, and over the groups
  const auto train = skewed(20000, 1);
  const TransformedTarget learner(Ridge{}, {.method = "log1p"});
  const FitResult result = learner.fit(train);
  const Archive archive = saved(*result.model);
  const ArchiveReader in(archive);
  const auto residuals = in.array<double>("residuals"), shares = in.array<double>("shares");
  EXPECT_LE(residuals.size(), 54U);
  double grouped = 0, sum = 0;
  for (std::size_t k = 0; k < residuals.size(); ++k) {
    grouped += shares[k] * math::exp(residuals[k]);
    sum += shares[k];
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(grouped, math::exp(0.5), 0.05);  // standard error of the sample mean: 0.015
}

TEST(TransformedTarget, EveryMethodPredictsABatchAsRowsAndFromAFile) {
  const auto data = skewed(500, 0.3);
  for (const std::string& method : methods)
    for (bool smearing : {false, true}) {
      const TransformedTarget learner(GradientBoosting{{.n_estimators = 20}}, {.method = method, .smearing = smearing});
      const FitResult result = learner.fit(data);
      const auto predicted = result.model->predict(data->features).values;
      EXPECT_NEAR(mean_of(predicted), mean_of(data->target.values), 0.2 * mean_of(data->target.values)) << method;
      const auto one = result.model->row_predictor();
      const Archive archive = saved(*result.model);
      const auto loaded = builtin_models().load_model(ArchiveReader(archive), result.model->context());
      EXPECT_EQ(loaded->predict(data->features).values, predicted);
      for (std::size_t i = 0; i < 20; ++i) {
        double value = 0;
        const double x = data->features[0].number(i);
        one->predict({&x, nullptr}, {&value, 1});
        EXPECT_EQ(value, predicted[i]) << method;
      }
      EXPECT_EQ(result.model->describe(2).find("  transformed_target: " + method), 0U);
    }
}

TEST(TransformedTarget, WeightsAreCopies) {
  const auto data = skewed(60, 0.5);
  Dataset weighted = *data, repeated = *data;
  std::vector<double> x;
  repeated.target.values.clear();
  repeated.keys.clear();
  for (std::size_t i = 0; i < data->rows(); ++i) {
    weighted.weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t copy = 0; copy <= i % 3; ++copy) {
      repeated.target.values.push_back(data->target.values[i]);
      x.push_back(data->features[0].number(i));
    }
  }
  repeated.features = Table({make_number_column({.name = "x"}, std::move(x))});
  const auto a = make_dataset(std::move(weighted)), b = make_dataset(std::move(repeated));
  for (const std::string& method : methods) {
    const TransformedTarget learner(Ridge{{.alpha = 1}}, {.method = method});
    const auto first = learner.fit(a).model->predict(data->features).values,
               second = learner.fit(b).model->predict(data->features).values;
    for (std::size_t i = 0; i < first.size(); ++i)
      EXPECT_NEAR(first[i], second[i], 1e-6 * (1 + std::abs(second[i]))) << method;
  }
}

TEST(TransformedTarget, ConstantTargetsAndOneRow) {
  for (const std::string& method : methods)
    for (const std::vector<double>& targets : {std::vector<double>{4, 4, 4}, std::vector<double>{7}}) {
      Dataset dataset;
      dataset.target.values = targets;
      dataset.features = Table({make_number_column({.name = "x"}, std::vector<double>(targets.size(), 1.0))});
      const auto data = make_dataset(std::move(dataset));
      const TransformedTarget learner(Ridge{}, {.method = method});
      EXPECT_NEAR(learner.fit(data).model->predict(data->features).values[0], targets[0], 1e-9) << method;
    }
}

TEST(TransformedTarget, ValidationRowsAreTransformedAndCheckpointsGoBack) {
  const auto data = skewed(400, 0.3);
  std::vector<std::uint32_t> first, second;
  for (std::uint32_t i = 0; i < 400; ++i) (i < 300 ? first : second).push_back(i);
  const auto rows = [&](std::vector<std::uint32_t> list) {
    return DatasetView(data, {std::make_shared<const std::vector<std::uint32_t>>(std::move(list)), 5});
  };
  const DatasetView train = rows(first), held_out = rows(second);
  const TransformedTarget learner(GradientBoosting{{.n_estimators = 30}}, {.method = "log1p"});
  const FitResult result = learner.fit(FitInput{.train = train, .validation = &held_out});
  ASSERT_FALSE(result.report.checkpoints.empty());
  Predictions predicted(held_out.rows(), 1);
  result.model->predict_aligned(held_out.features(), predicted.view(), {});
  EXPECT_EQ(result.report.checkpoints.at(result.report.rounds).values, predicted.values);
}

TEST(TransformedTarget, QuantilesGoBackAlone) {
  const auto data = skewed(500, 0.5);
  GradientBoostingParameters parameters{.n_estimators = 30, .objective = "quantile"};
  parameters.quantiles = Array{0.1, 0.5, 0.9};
  const FitResult result = TransformedTarget(GradientBoosting{parameters}, {.method = "log1p"}).fit(data);
  EXPECT_EQ(result.model->output_spec().outputs.size(), 3U);
  const Predictions predicted = result.model->predict(data->features);
  std::size_t below = 0;
  for (std::size_t i = 0; i < data->rows(); ++i) below += data->target.values[i] < predicted.row(i)[2] ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(below) / 500, 0.9, 0.06);
}

TEST(TransformedTarget, WhatItCannotDoIsRefusedByName) {
  Dataset negative = *skewed(5, 0);
  negative.target.values[3] = -0.5;
  negative.target.name = "price";
  const auto data = make_dataset(std::move(negative));
  expect_error("fit.target_negative", "price", [&] { TransformedTarget(Ridge{}, {.method = "log1p"}).fit(data); });
  Dataset classes;
  classes.target = {.task = Task::binary, .classes = {"a", "b"}, .labels = {0, 1}};
  classes.features = Table({make_number_column({.name = "x"}, {1, 2})});
  const auto labelled = make_dataset(std::move(classes));
  expect_error("fit.task", "transformed_target", [&] { TransformedTarget(Ridge{}).fit(labelled); });
}

TEST(TransformedTarget, RegressorsAreNamedAsData) {
  const Registry& registry = builtin_registry();
  const Object ridge{{"type", "ridge"}, {"parameters", Object{{"alpha", 3.0}}}};
  const auto made = registry.estimator("transformed_target").make({{"estimator", ridge}, {"method", "log1p"}});
  const auto& learner = dynamic_cast<const TransformedTarget&>(*made);
  EXPECT_EQ(learner.regressor()->parameters().find("alpha")->number(), 3);
  EXPECT_EQ(make_estimator(made->structure(), registry)->structure(), made->structure());
  const auto changed = made->with_parameters({{"estimator.alpha", 5.0}, {"smearing", false}});
  EXPECT_EQ(dynamic_cast<const TransformedTarget&>(*changed).regressor()->parameters().find("alpha")->number(), 5);
  EXPECT_EQ(changed->parameters().find("estimator")->at("parameters").at("alpha").number(), 5);
  EXPECT_EQ(TransformedTarget(Ridge{{.alpha = 2}}).parameters().find("estimator")->at("type").text(), "ridge");
  expect_error("registry.unknown", "rigde", [&] {
    registry.estimator("transformed_target").make({{"estimator", Object{{"type", "rigde"}, {"parameters", Object{}}}}});
  });
  const auto empty = registry.estimator("transformed_target").make({{"estimator", Object{}}});
  expect_error("parameter.wrong_type", "transformed_target.estimator", [&] { empty->fit(skewed(20, 0.1)); });
  expect_error("parameter.wrong_type", "transformed_target.estimator", [&] {
    empty->with_parameters({{"estimator.alpha", 1.0}});
  });
}

TEST(TransformedTarget, DamagedFileIsRefused) {
  const FitResult result = TransformedTarget(Ridge{}, {.method = "quantile_normal"}).fit(skewed(50, 0.2));
  const auto refused = [&](const std::function<void(Archive&)>& damage) {
    Archive archive = saved(*result.model);
    damage(archive);
    expect_error("model_file.invalid", "",
                 [&] { builtin_models().load_model(ArchiveReader(archive), result.model->context()); });
  };
  const auto set = [](Archive& archive, std::size_t array, std::size_t index, double value) {
    std::memcpy(archive.arrays[array].bytes.data() + 8 * index, &value, 8);
  };
  refused([](Archive& a) { a.root.object()["method"] = "sqrt"; });
  refused([](Archive& a) { a.root.object()["method"] = "log1p"; });
  refused([](Archive& a) { a.root.object()["power"] = 8; });
  refused([](Archive& a) { a.root.object()["scale"] = 0; });
  refused([](Archive& a) { a.root.object()["center"] = std::numeric_limits<double>::infinity(); });
  refused([&](Archive& a) { set(a, 0, 1, 1e9); });
  refused([&](Archive& a) { set(a, 1, 0, 1e9); });
  refused([&](Archive& a) { set(a, 2, 0, std::nan("")); });
  refused([&](Archive& a) { set(a, 3, 0, 0.9); });
  refused([](Archive& a) { a.arrays[3].bytes.resize(8); });
}

}  // namespace
