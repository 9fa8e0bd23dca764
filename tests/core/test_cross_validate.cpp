// Cross-validation of pipelines without any AutoML: what learns, learns inside the fold.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>

#include "core/small_components.hpp"

namespace automill {
namespace {

/// A column of many distinct values and a target of pure noise: nothing can be learned.
std::shared_ptr<const Dataset> noise(std::size_t rows) {
  Dataset data;
  std::vector<double> id;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(1, purpose("noise"), i);
    id.push_back(static_cast<double>(i / 2));  // two rows share a value
    data.target.values.push_back(random.normal());
  }
  data.features = Table({make_number_column({.name = "id"}, id)});
  return make_dataset(std::move(data));
}

double variance(const std::vector<double>& values) {
  double mean = 0, sum = 0;
  for (double value : values) mean += value / static_cast<double>(values.size());
  for (double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size());
}

// A transformer that replaces the column by the mean target of its training rows knows half of the target of the rows
// that it was fitted on. Inside the fold that is worth nothing: the error is no smaller than the noise. Fitted on all
// rows beforehand, the error falls far below it: the leak that a pipeline prevents.
TEST(CrossValidate, a_transformer_that_uses_the_target_does_not_leak) {
  const auto dataset = noise(2000);
  const double noise_error = std::sqrt(variance(dataset->target.values));
  const Pipeline inside{small::TargetMeans{}, small::SumColumns{}};
  const CrossValidation honest = cross_validate(inside, dataset, {.folds = 5, .metric = "rmse"});
  EXPECT_GT(honest.mean, 0.98 * noise_error);

  const auto before = small::TargetMeans{}.fit_transform(dataset, {});
  const auto leaked = DatasetView(dataset).with_features(before.train).shared();
  const CrossValidation dishonest = cross_validate(small::SumColumns{}, leaked, {.folds = 5, .metric = "rmse"});
  EXPECT_LT(dishonest.mean, 0.8 * noise_error);  // the mean of two targets: error sqrt(1/2) of the noise
}

TEST(CrossValidate, scores_are_those_of_the_held_out_rows) {
  const auto dataset = noise(100);
  const CrossValidation result = cross_validate(small::Mean{}, dataset, {.folds = 4, .metric = "mae", .seed = 3});
  const FoldedDataset folded(dataset, make_folds(*dataset, 4, 3));
  ASSERT_EQ(result.fold_scores.size(), 4U);
  double mean = 0;
  for (std::size_t fold = 0; fold < 4; ++fold) {
    double level = 0, error = 0;
    for (std::size_t i = 0; i < folded.train(fold).rows(); ++i) level += folded.train(fold).value(i);
    level /= static_cast<double>(folded.train(fold).rows());
    for (std::uint32_t row : folded.held_out(fold).row_numbers()) {
      error += std::abs(dataset->target.values[row] - level);
      EXPECT_NEAR(result.out_of_fold.predictions.values[row], level, 1e-12);
      EXPECT_EQ(result.out_of_fold.fold[row], static_cast<std::int32_t>(fold));
    }
    EXPECT_NEAR(result.fold_scores[fold], error / static_cast<double>(folded.held_out(fold).rows()), 1e-12);
    mean += result.fold_scores[fold] / 4;
  }
  EXPECT_NEAR(result.mean, mean, 1e-12);
  EXPECT_LT(result.low, result.mean);
  EXPECT_GT(result.high, result.mean);
  EXPECT_EQ(result.metric, "mae");
}

TEST(CrossValidate, does_not_depend_on_threads) {
  const auto dataset = noise(200);
  const auto executor = make_executor(3);
  const Pipeline pipeline{small::Shift{{.by = 0, .learn = true}}, small::SumColumns{}};
  EXPECT_EQ(
      cross_validate(pipeline, dataset, {.folds = 5}).out_of_fold.predictions.values,
      cross_validate(pipeline, dataset, {.folds = 5}, {.run_with = executor.get()}).out_of_fold.predictions.values);
}

TEST(CrossValidate, built_in_pipelines_of_every_task) {
  const Registry& registry = builtin_registry();
  Dataset data;
  std::vector<double> x;
  std::vector<std::string_view> job;
  for (std::uint64_t i = 0; i < 120; ++i) {
    RandomStream random(5, purpose("pipelines"), i);
    x.push_back(random.uniform() < 0.1 ? std::nan("") : random.normal());
    job.push_back(random.below(2) == 0 ? "clerk" : "nurse");
    data.target.labels.push_back((std::isnan(x.back()) ? 0 : x.back()) + 0.3 * random.normal() > 0 ? 1 : 0);
  }
  data.target.task = Task::binary;
  data.target.classes = {"no", "yes"};
  data.features = Table({make_number_column({.name = "x"}, x), make_category_column("job", job)});
  const auto dataset = make_dataset(std::move(data));
  std::vector<NamedTransformer> steps;
  for (const char* name : {"impute", "one_hot", "scale"}) steps.push_back({name, registry.transformer(name).make({})});
  const Pipeline pipeline(std::make_shared<const TransformerPipeline>(std::move(steps)), "logistic",
                          registry.estimator("logistic").make({}));
  const CrossValidation result = cross_validate(pipeline, dataset, {.folds = 4});
  EXPECT_EQ(result.metric, "roc_auc");
  EXPECT_GT(result.mean, 0.85);
}

TEST(CrossValidate, refusals) {
  const auto dataset = noise(20);
  EXPECT_THROW(cross_validate(small::Mean{}, dataset, {.folds = 1}), Error);
  EXPECT_THROW(cross_validate(small::Mean{}, dataset, {.metric = "nothing"}), Error);
  EXPECT_THROW(cross_validate(small::Mean{}, dataset, {.metric = "roc_auc"}), Error);
}

// a fit that was stopped before it had a model has none: that is an Error, not a crash
TEST(CrossValidate, stopped_before_a_model_is_an_error) {
  struct Stops final : Estimator {
    std::string name() const override { return "stops"; }
    EstimatorTraits traits() const override { return {}; }
    Object parameters() const override { return {}; }
    std::unique_ptr<Estimator> with_parameters(const Object&) const override { return std::make_unique<Stops>(); }
    FitResult fit_checked(const FitInput&, const RunContext&) const override { return {.model = nullptr}; }
  };
  EXPECT_THROW(cross_validate(Stops{}, noise(20), {.folds = 2}), Error);
}

}  // namespace
}  // namespace automill
