// Pipelines whose steps share work between folds: fitted for all folds together, with the models of a loop.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>

#include "core/small_components.hpp"

namespace automill {
namespace {

using small::Shift;
using small::SumColumns;

std::shared_ptr<const Dataset> some_rows(std::size_t rows) {
  Dataset data;
  std::vector<double> a, b, c;
  RandomStream random(3, purpose("rows of folds"));
  for (std::size_t i = 0; i < rows; ++i) {
    a.push_back(random.normal());
    b.push_back(random.normal());
    c.push_back(random.normal());
    data.target.values.push_back(a.back() + random.normal());
  }
  data.features = Table({make_number_column({.name = "a"}, a), make_number_column({.name = "b"}, b),
                         make_number_column({.name = "c"}, c)});
  return make_dataset(std::move(data));
}

/// Takes off means like Shift, and counts how it is asked.
class SharedShift final : public Transformer {
 public:
  struct Calls {
    int alone = 0, together = 0;
  };
  explicit SharedShift(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}
  std::string name() const override { return "shared_shift"; }
  Object parameters() const override { return {}; }
  std::unique_ptr<Transformer> with_parameters(const Object&) const override {
    return std::make_unique<SharedShift>(*this);
  }
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override {
    ++calls_->alone;
    return shift_.fit_transform(train, context);
  }
  std::vector<Fitted> fit_transform_folds(const FoldedDataset& folded, const RunContext& context) const override {
    ++calls_->together;
    return shift_.fit_transform_folds(folded, context);
  }
  bool shares_folds() const override { return true; }

 private:
  Shift shift_{{.by = 1, .learn = true}};
  std::shared_ptr<Calls> calls_;
};

std::vector<double> predictions_of(const FitResult& result, const Dataset& dataset) {
  return result.require_model("pipeline").predict(dataset.features).values;
}

void expect_models_of_a_loop(const Pipeline& pipeline, const SharedShift::Calls& calls) {
  const auto dataset = some_rows(60);
  SplitPlan plan = make_folds(*dataset, 4, 5);
  plan.fold_of[0] = SplitPlan::never_held_out;
  plan.fold_of[1] = SplitPlan::never_used;
  plan.finish();
  const FoldedDataset folded(dataset, plan);
  const auto together = pipeline.fit_folds(folded, {});
  EXPECT_EQ(calls.together, 1);
  EXPECT_EQ(calls.alone, 0);
  ASSERT_EQ(together.size(), 4U);
  const auto executor = make_executor(3);
  const auto threads = pipeline.fit_folds(folded, {.run_with = executor.get()});
  for (std::size_t fold = 0; fold < 4; ++fold) {
    const auto alone =
        pipeline.fit(FitInput{.train = folded.train(fold), .validation = &folded.held_out(fold)}, RunContext{});
    EXPECT_EQ(predictions_of(together[fold], *dataset), predictions_of(alone, *dataset)) << fold;
    EXPECT_EQ(predictions_of(threads[fold], *dataset), predictions_of(alone, *dataset)) << fold;
  }
}

TEST(PipelineFolds, TheFirstStepIsFittedForAllFoldsTogether) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  expect_models_of_a_loop(Pipeline{SharedShift(calls), Shift{{.by = 2, .learn = true}}, SumColumns{}}, *calls);
}

TEST(PipelineFolds, AGroupOfColumnsIsToo) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  const ColumnTransformer columns({{"alone", Shift{{.learn = true}}, {"c"}}, {"together", SharedShift(calls), {"a"}}});
  expect_models_of_a_loop(Pipeline{columns, SumColumns{}}, *calls);
}

TEST(PipelineFolds, CrossValidationUsesIt) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  const auto dataset = some_rows(60);
  const CrossValidation shared =
      cross_validate(Pipeline{SharedShift(calls), SumColumns{}}, dataset, {.folds = 5, .metric = "rmse"});
  EXPECT_EQ(calls->together, 1);
  EXPECT_EQ(calls->alone, 0);
  const CrossValidation loop =
      cross_validate(Pipeline{Shift{{.learn = true}}, SumColumns{}}, dataset, {.folds = 5, .metric = "rmse"});
  EXPECT_EQ(shared.fold_scores, loop.fold_scores);
}

TEST(PipelineFolds, StepsThatShareNothingAreNotFittedTogether) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  const auto dataset = some_rows(60);
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  // behind another step each fold has rows of its own
  Pipeline{Shift{}, SharedShift(calls), SumColumns{}}.fit_folds(folded, {});
  EXPECT_EQ(calls->together, 0);
  EXPECT_EQ(calls->alone, 3);
}

TEST(PipelineFolds, AStopLeavesFoldsWithoutAModel) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  const auto dataset = some_rows(60);
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  std::stop_source source;
  source.request_stop();
  const auto results =
      Pipeline{SharedShift(calls), SumColumns{}}.fit_folds(folded, RunContext{.stop = StopToken(source.get_token())});
  ASSERT_EQ(results.size(), 3U);
  for (const FitResult& result : results) {
    EXPECT_EQ(result.model, nullptr);
    EXPECT_EQ(result.report.stopped, "user");
  }
}

TEST(PipelineFolds, WhatTheEstimatorCannotLearnIsRefusedBeforeTheStepsAreFitted) {
  const auto calls = std::make_shared<SharedShift::Calls>();
  Dataset data = *some_rows(20);
  data.target = Target{.task = Task::binary, .classes = {"no", "yes"}};
  for (int i = 0; i < 20; ++i) data.target.labels.push_back(i % 2);
  data.keys.clear();
  const auto dataset = make_dataset(std::move(data));
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  const Pipeline pipeline{SharedShift(calls), SumColumns{}};
  try {
    pipeline.fit_folds(folded, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.task");
  }
  EXPECT_EQ(calls->together, 0);
}

TEST(FoldedDataset, WithColumnsHasTheSameFolds) {
  const auto dataset = some_rows(30);
  const FoldedDataset folded(dataset, make_folds(*dataset, 3, 1));
  const FoldedDataset part = folded.with_columns(Table({dataset->features.columns()[1]}));
  ASSERT_EQ(part.folds(), 3U);
  EXPECT_EQ(part.dataset()->features.schema()->names(), std::vector<std::string>{"b"});
  EXPECT_EQ(part.dataset()->keys, dataset->keys);  // rows are drawn by their whole content
  for (std::size_t fold = 0; fold < 3; ++fold) {
    EXPECT_EQ(part.train(fold).row_set().identity, folded.train(fold).row_set().identity);
    EXPECT_EQ(&part.train(fold).dataset(), part.dataset().get());
    EXPECT_EQ(part.held_out(fold).row_set().rows, folded.held_out(fold).row_set().rows);
  }
}

}  // namespace
}  // namespace automill
