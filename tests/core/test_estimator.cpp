// What Estimator::fit refuses by the traits, what it fills in, and prediction through the schema of training.

#include <gtest/gtest.h>

#include "core/small_components.hpp"

namespace automill {
namespace {

/// A learner that can do nothing beyond numbers.
struct Narrow final : Learner<Narrow, NoParameters> {
  static constexpr const char* registered_name = "narrow";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.tasks = {Task::regression}, .weights = false}; }
  FitResult fit_checked(const FitInput&, const RunContext&) const override {
    return {.model = std::make_unique<small::ColumnSum>()};
  }
};

std::shared_ptr<const Dataset> mixed_dataset() {
  Dataset dataset;
  dataset.features = Table({make_number_column({.name = "x"}, {1, 2, 3}),
                            make_category_column("job", std::vector<std::string_view>{"a", "b", "a"}),
                            make_text_column("note", std::vector<std::string_view>{"x", "y", "z"})});
  dataset.target = {.task = Task::binary, .classes = {"no", "yes"}, .labels = {0, 1, 1}};
  dataset.weights = {1, 1, 2};
  return make_dataset(std::move(dataset));
}

TEST(Estimator, refuses_what_the_traits_do_not_allow_all_at_once) {
  try {
    Narrow{}.fit(mixed_dataset());
    FAIL() << "no Error";
  } catch (const Error& error) {
    std::vector<std::string> codes;
    for (const Fault& fault : error.faults()) codes.push_back(fault.code + "|" + fault.place);
    EXPECT_EQ(codes, (std::vector<std::string>{"fit.task|narrow", "fit.weights|narrow", "fit.categories|job",
                                               "fit.text|note"}));
    EXPECT_EQ(error.faults()[2].hint, "put OneHot before it");
  }
}

TEST(Estimator, refuses_to_fit_on_no_rows) {
  const DatasetView none(mixed_dataset(), RowSet{std::make_shared<const std::vector<std::uint32_t>>(), 1});
  try {
    small::Mean{}.fit(none);
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.no_rows");
  }
}

TEST(Estimator, gives_the_model_its_schema_and_output) {
  const auto dataset = mixed_dataset();
  const FitResult result = small::Mean{}.fit(dataset);
  EXPECT_EQ(&result.model->input_schema(), dataset->features.schema().get());
  EXPECT_EQ(result.model->output_spec().task, Task::binary);
  EXPECT_EQ(result.model->output_spec().width, 2U);
  EXPECT_EQ(result.model->output_spec().classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_GE(result.report.seconds, 0);
  EXPECT_EQ(result.report.stopped, "finished");
}

TEST(Estimator, fit_folds_trains_on_the_other_folds) {
  Dataset data;
  std::vector<double> x;
  for (int i = 0; i < 20; ++i) {
    x.push_back(i);
    data.target.values.push_back(i * i);
  }
  data.features = Table({make_number_column({.name = "x"}, x)});
  const auto dataset = make_dataset(std::move(data));
  const FoldedDataset folded(dataset, make_folds(*dataset, 4, 1));
  const auto results = small::Mean{}.fit_folds(folded, {});
  ASSERT_EQ(results.size(), 4U);
  for (std::size_t fold = 0; fold < 4; ++fold) {
    double sum = 0;
    for (std::size_t i = 0; i < folded.train(fold).rows(); ++i) sum += folded.train(fold).value(i);
    EXPECT_NEAR(results[fold].model->predict(dataset->features).values[0], sum / 15, 1e-9);
  }
}

TEST(Model, predicts_tables_with_columns_in_any_order_and_extra_ones) {
  Dataset data;
  data.features = Table({make_number_column({.name = "a"}, {1, 2}), make_number_column({.name = "b"}, {10, 20})});
  data.target.values = {0, 0};
  const auto model = small::SumColumns{}.fit(make_dataset(std::move(data))).model;
  const Table rows({make_number_column({.name = "b"}, {5}), make_number_column({.name = "c"}, {99}),
                    make_number_column({.name = "a"}, {3})});
  EXPECT_EQ(model->predict(rows).values[0], 3 + 2 * 5);
  EXPECT_THROW(model->predict(rows.without({"a"})), Error);
  EXPECT_EQ(
      model->predict(Table({make_number_column({.name = "a"}, {}), make_number_column({.name = "b"}, {})})).rows(), 0U);
}

TEST(Model, batches_through_the_row_predictor_agree_for_any_size_and_thread) {
  for (std::size_t n : {1, 255, 256, 257, 9000}) {
    std::vector<double> a(n), b(n);
    for (std::size_t i = 0; i < n; ++i) {
      a[i] = static_cast<double>(i) / 7;
      b[i] = static_cast<double>(i % 13);
    }
    Dataset data;
    data.features = Table({make_number_column({.name = "a"}, a), make_number_column({.name = "b"}, b)});
    data.target.values.assign(n, 0.0);
    const auto dataset = make_dataset(std::move(data));
    const auto model = small::SumColumns{}.fit(dataset).model;
    const Predictions all = model->predict(dataset->features);
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(all.values[i], a[i] + 2 * b[i]) << i;
  }
}

TEST(Model, a_stopped_prediction_leaves_nan_not_garbage) {
  Dataset data;
  data.features = Table({make_number_column({.name = "a"}, std::vector<double>(1000, 1.0))});
  data.target.values.assign(1000, 0.0);
  const auto dataset = make_dataset(std::move(data));
  const auto model = small::SumColumns{}.fit(dataset).model;
  RunContext context;
  context.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  for (double value : model->predict(dataset->features, context).values) EXPECT_TRUE(std::isnan(value));
}

// text and category cells reach the default row predictor as they reach a batch
TEST(Model, default_row_predictor_agrees_with_the_batch) {
  const auto dataset = mixed_dataset();
  const auto model = small::Mean{}.fit(dataset).model;
  const auto one = model->row_predictor();
  const std::vector<double> cells{1, 0, 0};
  const std::vector<std::string_view> texts{"", "", "x"};
  std::vector<double> out(2);
  one->predict({cells.data(), texts.data()}, out);
  const Predictions batch = model->predict(dataset->features);
  EXPECT_EQ(out[0], batch.row(0)[0]);
  EXPECT_EQ(out[1], batch.row(0)[1]);
}

TEST(Learner, constructor_checks_its_parameters) {
  EXPECT_NO_THROW(small::Mean({.shift = 10}));
  try {
    small::Mean({.shift = 11});
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "parameter.out_of_range");
    EXPECT_EQ(error.place(), "mean.shift");
  }
}

}  // namespace
}  // namespace automill
