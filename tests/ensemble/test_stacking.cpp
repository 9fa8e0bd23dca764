// Stacking: what the final estimator learns from, by hand; no leak; the model file; what it refuses.

#include <gtest/gtest.h>

#include <automill/automl/serve.hpp>
#include <automill/automl/train.hpp>
#include <automill/ensemble/stacking.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/logistic.hpp>
#include <automill/learners/neighbors.hpp>
#include <automill/learners/ridge.hpp>

#include "ensemble/stacking_model.hpp"
#include "error_tools.hpp"

using namespace automill;

namespace {

/// Three numbers; y = signal (a + b) + noise, cut at its terciles or its middle for classes.
std::shared_ptr<const Dataset> made_data(std::size_t rows, double signal, std::uint64_t seed,
                                         Task task = Task::regression) {
  RandomStream random(seed, purpose("stacking"));
  std::vector<std::vector<double>> columns(3);
  Dataset dataset;
  dataset.target.task = task;
  const std::size_t classes = task == Task::binary ? 2 : task == Task::multiclass ? 3 : 0;
  for (std::size_t k = 0; k < classes; ++k) dataset.target.classes.push_back("class " + std::to_string(k));
  for (std::size_t i = 0; i < rows; ++i) {
    for (auto& column : columns) column.push_back(random.normal());
    const double y = signal * (columns[0].back() + columns[1].back()) + random.normal();
    if (classes == 0) dataset.target.values.push_back(y);
    else if (classes == 2) dataset.target.labels.push_back(y > 0 ? 1 : 0);
    else dataset.target.labels.push_back(y < -0.7 ? 0 : y < 0.7 ? 1 : 2);
  }
  dataset.features =
      Table({make_number_column({.name = "a"}, columns[0]), make_number_column({.name = "b"}, columns[1]),
             make_number_column({.name = "c"}, columns[2])});
  return make_dataset(std::move(dataset));
}

double mean_squared_error(const std::vector<double>& predicted, const Dataset& truth) {
  double sum = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i)
    sum += (predicted[i] - truth.target.values[i]) * (predicted[i] - truth.target.values[i]);
  return sum / static_cast<double>(predicted.size());
}

Neighbors nearest() { return Neighbors{{.n_neighbors = 1, .weights = "uniform"}}; }

TEST(Stacking, IsWhatIsMadeByHand) {
  const auto data = made_data(60, 1, 1), others = made_data(25, 1, 2);
  const std::vector<NamedEstimator> members{Ridge{{.alpha = 1}}, {"near", nearest()}};
  const FoldedDataset folded(data, make_folds(*data, 3, combine_hashes(0, purpose("stacking"))));
  std::vector<ColumnPtr> held_out, of_others;
  for (const auto& [name, estimator] : members) {
    Predictions all(60, 1);
    for (std::size_t fold = 0; fold < 3; ++fold) {
      const DatasetView& rows = folded.held_out(fold);
      Predictions part(rows.rows(), 1);
      estimator->fit(folded.train(fold)).model->predict_aligned(rows.features(), part.view(), {});
      all.put(rows.row_numbers(), part);
    }
    held_out.push_back(make_number_column({.name = name}, all.values));
    of_others.push_back(
        make_number_column({.name = name}, estimator->fit(data).model->predict(others->features).values));
  }
  Dataset stacked = *data;
  stacked.features = Table(held_out);
  const auto expected = Ridge{{.alpha = 2}}.fit(make_dataset(std::move(stacked))).model->predict(Table(of_others));
  const Stacking stacking({.estimators = members, .final_estimator = Ridge{{.alpha = 2}}, .folds = 3});
  EXPECT_EQ(stacking.fit(data).model->predict(others->features).values, expected.values);
}

/// A model that knows its training rows by heart gains nothing from that: with a signal the final estimator trusts the
/// linear model. Were it to learn from predictions of training rows, it would trust the other.
TEST(Stacking, NeverLearnsFromRowsThatItsEstimatorsSaw) {
  double of_stacking = 0, of_ridge = 0, of_leak = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto data = made_data(60, 1, 2 * seed), others = made_data(100, 1, 2 * seed + 1);
    const Stacking stacking({.estimators = {Ridge{{.alpha = 1}}, nearest()}, .final_estimator = Ridge{{.alpha = 0.1}}});
    of_stacking += mean_squared_error(stacking.fit(data).model->predict(others->features).values, *others);
    const auto ridge = Ridge{{.alpha = 1}}.fit(data).model, near = nearest().fit(data).model;
    of_ridge += mean_squared_error(ridge->predict(others->features).values, *others);
    const auto seen = [&](const Table& rows) {
      return Table({make_number_column({.name = "ridge"}, ridge->predict(rows).values),
                    make_number_column({.name = "near"}, near->predict(rows).values)});
    };
    Dataset leaked = *data;
    leaked.features = seen(data->features);
    const auto last = Ridge{{.alpha = 0.1}}.fit(make_dataset(std::move(leaked))).model;
    of_leak += mean_squared_error(last->predict(seen(others->features)).values, *others);
  }
  EXPECT_LT(of_stacking, 1.1 * of_ridge);
  EXPECT_GT(of_leak, 1.5 * of_ridge);  // the check can fail
}

TEST(Stacking, NoiseIsScoredAsChance) {
  double sum = 0, squares = 0;
  constexpr double seeds = 200;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto data = made_data(80, 0, seed, Task::binary);
    const Stacking stacking(
        {.estimators = {nearest(), GradientBoosting{{.n_estimators = 5, .min_child_samples = 2}}}, .folds = 3});
    const double area = cross_validate(stacking, data, {.folds = 3, .metric = "roc_auc"}).mean;
    sum += area / seeds;
    squares += area * area / seeds;
  }
  const double error = std::sqrt((squares - sum * sum) / seeds);
  EXPECT_NEAR(sum, 0.5, 4 * error);
  EXPECT_LT(error, 0.01);
}

TEST(Stacking, EveryTaskOneRowAndManyAndTheFileAgree) {
  for (Task task : {Task::binary, Task::multiclass, Task::regression})
    for (bool passthrough : {false, true}) {
      const auto data = made_data(150, 2, 7, task);
      const Stacking stacking({.estimators = {GradientBoosting{{.n_estimators = 10}},
                                              RandomForest{{.n_estimators = 10}},
                                              {"second", RandomForest{{.n_estimators = 5}}}},
                               .passthrough = passthrough});
      const FitResult result = stacking.fit(data);
      const auto& model = dynamic_cast<const StackingModel&>(*result.model);
      const std::size_t width = task == Task::multiclass ? 3 : 1;
      EXPECT_EQ(model.final_model().input_schema().size(), 3 * width + (passthrough ? 3 : 0));
      const Predictions batch = model.predict(data->features);
      Archive archive;
      ArchiveWriter writer(archive);
      save_component(model, writer);
      const auto loaded = builtin_models().load_model(ArchiveReader(archive), model.context());
      EXPECT_EQ(loaded->predict(data->features).values, batch.values);
      EXPECT_EQ(loaded->describe(), model.describe());
      const auto one = loaded->row_predictor();
      std::vector<double> cells(3), out(batch.width);
      for (std::size_t i = 0; i < data->rows(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) cells[c] = data->features[c].number(i);
        one->predict({cells.data(), nullptr}, out);
        EXPECT_TRUE(std::equal(out.begin(), out.end(), batch.row(i).begin())) << i;
      }
    }
}

TEST(Stacking, LayersTextAndCategoriesPassThrough) {
  Dataset dataset = *made_data(90, 2, 3, Task::binary);
  std::vector<std::string_view> jobs, notes;
  for (std::size_t i = 0; i < 90; ++i) {
    jobs.push_back(i % 3 == 0 ? "nurse" : "clerk");
    notes.push_back(i % 2 == 0 ? "likes tea" : "moved");
  }
  std::vector<ColumnPtr> columns = dataset.features.columns();
  columns.push_back(make_category_column("ridge", jobs));  // a column of the name of an estimator
  columns.push_back(make_text_column("note", notes));
  dataset.features = Table(columns);
  dataset.keys.clear();
  const auto data = make_dataset(std::move(dataset));
  const Pipeline text(TablePreparer{}, GradientBoosting{{.n_estimators = 5}});
  const Stacking inner({.estimators = {text, {"ridge", text}}, .final_estimator = text, .passthrough = true});
  const FitResult result = inner.fit(data);
  const auto& model = dynamic_cast<const StackingModel&>(*result.model);
  EXPECT_EQ(model.final_model().input_schema()[1].name, "(ridge)");
  const Stacking outer({.estimators = {text}, .final_estimator = NamedEstimator("x", inner), .passthrough = true});
  const FitResult layers = outer.fit(data);
  const Predictions batch = layers.model->predict(data->features);
  for (double value : batch.values) EXPECT_TRUE(value >= 0 && value <= 1);
  const auto one = layers.model->row_predictor();
  std::vector<double> cells(5, 0.0), out(2);
  std::vector<std::string_view> texts(5);
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t c = 0; c < 4; ++c) cells[c] = data->features[c].number(i);
    texts[4] = notes[i];
    one->predict({cells.data(), texts.data()}, out);
    EXPECT_EQ(out[1], batch.row(i)[1]);
  }
}

TEST(Stacking, ADeadlineIsDivided) {
  const auto data = made_data(3000, 1, 5);
  RunContext context;
  context.stop = StopToken({}, Clock::now() + std::chrono::milliseconds(400));
  const GradientBoosting long_one{{.n_estimators = 100000, .learning_rate = 0.001}};
  const Stacking stacking({.estimators = {long_one, {"other", long_one}}, .folds = 2});
  const FitResult result = stacking.fit(data, context);
  ASSERT_NE(result.model, nullptr);
  EXPECT_EQ(result.report.stopped, "deadline");
}

TEST(Stacking, EstimatorsAreNamedAsData) {
  const Registry& registry = builtin_registry();
  const auto structure = [](const char* type, Object parameters) {
    return Object{{"type", type}, {"parameters", std::move(parameters)}};
  };
  const Array two{Object{{"name", "mine"}, {"component", structure("ridge", {{"alpha", 3.0}})}},
                  structure("ridge", {{"alpha", 4.0}})};
  const auto made =
      registry.estimator("stacking")
          .make({{"estimators", two}, {"final_estimator", structure("ridge", {{"alpha", 5.0}})}, {"folds", 4}});
  EXPECT_EQ(dynamic_cast<const Stacking&>(*made).estimators()[1].name, "ridge");
  EXPECT_EQ(make_estimator(made->structure(), registry)->structure(), made->structure());
  const auto changed = made->with_parameters({{"mine.alpha", 7.0}, {"final_estimator.alpha", 8.0}, {"folds", 3}});
  const auto& learner = dynamic_cast<const Stacking&>(*changed);
  EXPECT_EQ(learner.estimators()[0].estimator->parameters().find("alpha")->number(), 7);
  EXPECT_EQ(learner.final_estimator()->parameters().find("alpha")->number(), 8);
  EXPECT_EQ(make_estimator(changed->structure(), registry)->structure(), changed->structure());
  EXPECT_EQ(Stacking{}.estimators()[0].name, "gradient_boosting");
  EXPECT_EQ(Stacking({.estimators = {Ridge{}, Ridge{}}}).estimators()[1].name, "ridge_2");
}

TEST(Stacking, WhatItCannotDoIsRefusedByName) {
  const auto numbers = made_data(30, 1, 1), classes = made_data(30, 1, 1, Task::binary);
  expect_error("fit.task", "stacking.final_estimator",
               [&] { Stacking({.estimators = {RandomForest{}}, .final_estimator = Ridge{}}).fit(classes); });
  expect_error("fit.task", "stacking.logistic", [&] {
    Stacking({.estimators = {RandomForest{}, Logistic{}}}).fit(numbers);
  });
  GradientBoostingParameters quantiles{.objective = "quantile"};
  quantiles.quantiles = Array{0.1, 0.9};
  expect_error("fit.stacking_output", "stacking.gradient_boosting",
               [&] { Stacking({.estimators = {GradientBoosting{quantiles}}}).fit(numbers); });
  const auto make = [](Object values) { return builtin_registry().estimator("stacking").make(std::move(values)); };
  expect_error("parameter.out_of_range", "folds", [&] { make({{"folds", 1}}); });
  expect_error("parameter.unknown", "stacking.rigde", [&] { make({})->with_parameters({{"rigde.alpha", 1.0}}); });
  expect_error("parameter.wrong_type", "stacking.estimators", [&] { make({{"estimators", 3}})->fit(numbers); });
  expect_error("parameter.wrong_type", "stacking.final_estimator", [&] {
    make({{"final_estimator", "ridge"}})->fit(numbers);
  });
  const Object ridge{{"type", "ridge"}, {"parameters", Object{}}};
  const auto named = [&](const char* name) { return Value(Object{{"name", name}, {"component", ridge}}); };
  expect_error("parameter.name", "stacking.estimators", [&] { make({{"estimators", Array{named("a.b")}}}); });
  expect_error("parameter.name", "stacking.estimators", [&] { make({{"estimators", Array{named("a"), named("a")}}}); });
}

TEST(Stacking, DamagedFileIsRefused) {
  const FitResult result = Stacking({.estimators = {Ridge{}, nearest()}}).fit(made_data(30, 1, 1));
  const auto refused = [&](const std::function<void(Object&)>& damage) {
    Archive archive;
    ArchiveWriter writer(archive);
    save_component(*result.model, writer);
    damage(archive.root.object());
    expect_error("model_file.invalid", "",
                 [&] { builtin_models().load_model(ArchiveReader(archive), result.model->context()); });
  };
  refused([](Object& root) { root["passthrough"] = 1; });
  refused([](Object& root) { root["members"] = Array{}; });
  refused([](Object& root) { root["members"].array()[1].object()["name"] = "ridge"; });
}

}  // namespace
