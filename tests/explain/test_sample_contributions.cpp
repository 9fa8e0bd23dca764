// Sampled contributions: the Shapley values of the definition within the errors that are said, exact where the order of
// the columns does not matter, and sums that are the prediction for every kind of column and task.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/explain/predict_contributions.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/learners/neighbors.hpp>

#include "automl/tables.hpp"
#include "error_tools.hpp"
#include "predict/sample_models.hpp"
#include "served.hpp"

namespace automill {
namespace {

constexpr std::size_t columns = 4;

std::shared_ptr<const Dataset> four_numbers(Task task, std::size_t rows) {
  Dataset dataset;
  std::vector<std::vector<double>> cells(columns);
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(5, purpose("four numbers"), i);
    for (auto& column : cells) column.push_back(random.normal());
    const double signal = cells[0][i] * cells[1][i] + cells[2][i] + 0.3 * random.normal();
    dataset.target.values.push_back(signal);
    dataset.target.labels.push_back(signal > 0 ? 1 : 0);
    dataset.keys.push_back(mix64(i));
  }
  std::vector<ColumnPtr> made;
  for (std::size_t c = 0; c < columns; ++c)
    made.push_back(make_number_column({.name = std::string(1, static_cast<char>('a' + c))}, std::move(cells[c])));
  dataset.features = Table(std::move(made));
  dataset.target.task = task;
  dataset.target.name = "target";
  if (task == Task::binary) {
    dataset.target.classes = {"no", "yes"};
    dataset.target.positive = 1;
    dataset.target.values.clear();
  } else {
    dataset.target.labels.clear();
  }
  return make_dataset(std::move(dataset));
}

ServedModel model_of(const std::shared_ptr<const Dataset>& dataset, const Estimator& estimator) {
  return served(dataset, std::shared_ptr<const Model>(estimator.fit({.train = DatasetView(dataset)}, {}).model));
}

double probability_of_positive(const ServedModel& model, const std::array<double, columns>& cells) {
  std::vector<ColumnPtr> made;
  for (std::size_t c = 0; c < columns; ++c) made.push_back(make_number_column(model.schema()[c], {cells[c]}));
  return model.predict(Table(std::move(made))).raw().values[1];
}

/// The definition: over all sets of other columns, those of the set from the row, those outside from the background.
std::array<double, columns> shapley_values(const ServedModel& model, const Table& rows, std::size_t row,
                                           const Table& background) {
  std::array<double, std::size_t{1} << columns> value{};
  for (std::size_t set = 0; set < value.size(); ++set)
    for (std::size_t b = 0; b < background.rows(); ++b) {
      std::array<double, columns> cells{};
      for (std::size_t c = 0; c < columns; ++c)
        cells[c] = (set >> c & 1U) != 0 ? rows[c].number(row) : background[c].number(b);
      value[set] += probability_of_positive(model, cells) / static_cast<double>(background.rows());
    }
  constexpr std::array<double, columns> share{1.0 / 4, 1.0 / 12, 1.0 / 12, 1.0 / 4};  // |S|! (3 - |S|)! / 4!
  std::array<double, columns> all{};
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t set = 0; set < value.size(); ++set)
      if ((set >> c & 1U) == 0)
        all[c] += share[static_cast<std::size_t>(std::popcount(set))] * (value[set | std::size_t{1} << c] - value[set]);
  return all;
}

// With as many pairs for each background row the bias is its mean prediction. The differences are of the size that the
// errors say: the mean of 80 squares of numbers with variance 1 is within 0.5 of it (three standard deviations).
TEST(SampleContributions, AreTheShapleyValuesWithinTheirErrors) {
  const auto dataset = four_numbers(Task::binary, 400);
  const ServedModel model = model_of(dataset, GradientBoosting({.n_estimators = 30, .num_leaves = 8}));
  const Table background = tables::first_rows(dataset->features, 10), rows = tables::first_rows(dataset->features, 40);
  const ScoreContributions found = sample_contributions(model, rows, {.background = &background, .pairs = 200});
  EXPECT_EQ(found.scale, "probability");
  EXPECT_EQ(found.outputs, std::vector<std::string>{"yes"});
  double squares = 0, largest = 0;
  for (std::size_t row = 20; row < 40; ++row) {
    const auto exact = shapley_values(model, rows, row, background);
    for (std::size_t c = 0; c < columns; ++c) {
      const double error = found.standard_errors[row * (columns + 1) + c];
      EXPECT_LT(error, 0.05);
      if (error == 0) continue;
      const double apart = (found.of(row)[c] - exact[c]) / error;
      squares += apart * apart / (20 * columns);
      largest = std::max(largest, std::abs(apart));
    }
  }
  EXPECT_LT(squares, 1.5);
  EXPECT_GT(squares, 0.05);  // background rows are shared out evenly: less than independent draws would be apart
  EXPECT_LT(largest, 4.5);
}

TEST(SampleContributions, AreExactWhereTheOrderOfColumnsDoesNotMatter) {
  const auto dataset = four_numbers(Task::regression, 200);
  const ServedModel model = model_of(dataset, Ridge{});
  const Table background = tables::first_rows(dataset->features, 8), rows = tables::first_rows(dataset->features, 20);
  const ScoreContributions exact = predict_contributions(model, rows, background);
  const ScoreContributions found = sample_contributions(model, rows, {.background = &background, .pairs = 16});
  EXPECT_TRUE(exact.standard_errors.empty());
  ASSERT_EQ(found.values.size(), exact.values.size());
  for (std::size_t i = 0; i < exact.values.size(); ++i) EXPECT_NEAR(found.values[i], exact.values[i], 1e-12);
}

/// All tasks, all kinds of columns, missing cells, with and without a background.
TEST(SampleContributions, SumToThePrediction) {
  for (const Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const AutoMLModel model =
        train(tables::plain(task, 200),
              {.target = "target", .max_trials = 3, .threads = 1, .folds = 3, .include = {"gbdt", "neighbors"}});
    const Table rows = tables::plain(task, 12, 9).without({"target"}), usual = tables::plain(task, 5, 10);
    const Predictions predictions = model.predict(rows).raw();
    const Table* const no_background = nullptr;
    for (const Table* background : {no_background, &usual}) {
      const ScoreContributions why = sample_contributions(model, rows, {.background = background, .pairs = 3});
      EXPECT_EQ(why.scale, task == Task::regression ? "value" : "probability");
      ASSERT_EQ(why.rows(), rows.rows());
      for (std::size_t row = 0; row < rows.rows(); ++row)
        for (std::size_t k = 0; k < why.outputs.size(); ++k) {
          const auto values = why.of(row, k);
          const std::size_t output = task == Task::binary ? model.target().positive : k;
          const double predicted = predictions.row(row)[output];
          EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), predicted,
                      1e-9 * std::max(1.0, std::abs(predicted)));
        }
    }
  }
}

TEST(SampleContributions, TextAndTimesAreTakenOverToo) {
  auto dataset = std::make_shared<Dataset>();
  dataset->features = samples::people(300, 3);
  for (std::size_t i = 0; i < 300; ++i) {
    const bool tea = dataset->features.column("note").text(i) == "likes tea";
    dataset->target.values.push_back((tea ? 1.0 : 0.0) + dataset->features.column("age").number(i) / 100);
    dataset->keys.push_back(mix64(i));
  }
  dataset->target.task = Task::regression;
  dataset->target.name = "target";
  const ServedModel model = model_of(
      dataset, Pipeline(TextCategory{}, DatetimeParts{}, Impute{}, OneHot{}, GradientBoosting({.n_estimators = 30})));
  const Table rows = tables::first_rows(dataset->features, 30);
  const ScoreContributions why = sample_contributions(model, rows, {.background = &dataset->features, .pairs = 20});
  const std::size_t note = dataset->features.schema()->column("note");
  for (std::size_t row = 0; row < 30; ++row) {
    const bool tea = dataset->features.column("note").text(row) == "likes tea";
    EXPECT_NEAR(why.of(row)[note], tea ? 2.0 / 3 : -1.0 / 3, 0.35) << row;  // a third of the notes
    EXPECT_NEAR(why.of(row)[2], 0, 0.02) << "member tells nothing";
  }
}

TEST(SampleContributions, AreTheSameForAnyNumberOfThreads) {
  const auto dataset = four_numbers(Task::binary, 200);
  const ServedModel model = model_of(dataset, Neighbors{});
  const auto executor = make_executor(3);
  const ScoreContributions alone = sample_contributions(model, dataset->features, {.pairs = 4});
  const ScoreContributions together =
      sample_contributions(model, dataset->features, {.pairs = 4}, {.run_with = executor.get()});
  EXPECT_EQ(alone.values, together.values);
  EXPECT_EQ(alone.standard_errors, together.standard_errors);
}

TEST(SampleContributions, RefusesWhatCannotBeSampled) {
  const auto dataset = four_numbers(Task::regression, 50);
  const ServedModel model = model_of(dataset, Ridge{});
  const Table none = tables::first_rows(dataset->features, 0);
  EXPECT_EQ(code_of([&] { sample_contributions(model, dataset->features, {.pairs = 1}); }), "explain.samples");
  EXPECT_EQ(code_of([&] { sample_contributions(model, dataset->features, {.background = &none}); }),
            "explain.background");
  EXPECT_EQ(code_of([&] { sample_contributions(model, dataset->features.without({"b"})); }), "data.column_missing");
  EXPECT_EQ(sample_contributions(model, none).rows(), 0U);
}

}  // namespace
}  // namespace automill
