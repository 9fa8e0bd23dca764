// evaluate: every metric of the task against the metric itself, slices, rows without a target, rows of training.

#include <gtest/gtest.h>

#include <automill/metrics/metrics.hpp>

#include "automl/tables.hpp"
#include "error_tools.hpp"

namespace automill {
namespace {

const Table& data() {
  static const Table table = tables::plain(Task::multiclass, 240);
  return table;
}
const AutoMLModel& model() {
  static const AutoMLModel trained = train(data(), {.target = "target", .max_trials = 2, .threads = 1, .folds = 3});
  return trained;
}
const Table& test_rows() {
  static const Table table = tables::plain(Task::multiclass, 150, 9);
  return table;
}

/// Labels of rows in the model's terms, by hand.
std::vector<std::int32_t> labels_of(const Table& rows) {
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto& classes = model().classes();
    const auto found = std::find(classes.begin(), classes.end(), rows.column("target").text(i));
    labels.push_back(static_cast<std::int32_t>(found - classes.begin()));
  }
  return labels;
}

TEST(Evaluate, gives_every_metric_of_the_task_as_the_metric_computes_it) {
  const Evaluation evaluation = evaluate(model(), test_rows());
  const auto labels = labels_of(test_rows());
  const Predictions predictions = model().predict(test_rows()).raw();
  std::size_t count = 0;
  for (const Metric& metric : builtin_metrics()) {
    if (!metric.supports(Task::multiclass)) continue;
    ++count;
    const double value =
        metric.compute({.task = Task::multiclass, .labels = labels, .predictions = predictions.values, .width = 3});
    EXPECT_EQ(evaluation.value(metric.name), value) << metric.name;
  }
  EXPECT_EQ(evaluation.rows.size(), count);
  EXPECT_GT(count, 5U);
  for (const auto& row : evaluation.rows) {
    EXPECT_EQ(row.rows, 150U);
    EXPECT_LE(row.low, row.value) << row.metric;
    EXPECT_GE(row.high, row.value) << row.metric;
    EXPECT_EQ(row.higher_is_better, metric_by_name(row.metric).higher_is_better());
  }
}

TEST(Evaluate, named_metrics_only) {
  const Evaluation evaluation = evaluate(model(), test_rows(), {"accuracy", "log_loss"});
  ASSERT_EQ(evaluation.rows.size(), 2U);
  EXPECT_EQ(evaluation.rows[0].metric, "accuracy");
  EXPECT_EQ(evaluation.rows[1].metric, "log_loss");
  EXPECT_THROW(evaluation.value("f1_macro"), Error);
}

TEST(Evaluate, by_a_column_gives_one_row_a_slice) {
  const Evaluation evaluation = evaluate(model(), test_rows(), {"accuracy"}, "job");
  ASSERT_EQ(evaluation.rows.size(), 5U);  // all, and four jobs
  double weighted = 0;
  std::size_t rows = 0;
  for (std::size_t s = 1; s < 5; ++s) {
    EXPECT_EQ(evaluation.rows[s].slice, "job " + std::to_string(s - 1));
    weighted += evaluation.rows[s].value * static_cast<double>(evaluation.rows[s].rows);
    rows += evaluation.rows[s].rows;
  }
  EXPECT_EQ(rows, 150U);
  EXPECT_NEAR(weighted / 150, evaluation.value("accuracy"), 1e-12);
}

TEST(Evaluate, slices_of_missing_values_have_a_name) {
  std::vector<double> values(150, 1.0);
  values[0] = values[7] = std::nan("");
  const Evaluation evaluation =
      evaluate(model(), tables::with(test_rows(), tables::number("part", values)), {"accuracy"}, "part");
  ASSERT_EQ(evaluation.rows.size(), 3U);
  std::map<std::string, std::size_t> rows;
  for (const auto& row : evaluation.rows) rows[row.slice] = row.rows;
  EXPECT_EQ(rows["(missing)"], 2U);
  EXPECT_EQ(rows["1"], 148U);
}

TEST(Evaluate, rows_without_a_target_are_left_out_and_said) {
  std::vector<std::string_view> labels;
  for (std::size_t i = 0; i < 150; ++i)
    labels.push_back(i < 10 ? std::string_view() : test_rows().column("target").text(i));
  const Evaluation evaluation =
      evaluate(model(), tables::with(test_rows(), make_category_column("target", labels)), {"accuracy"});
  EXPECT_EQ(evaluation.rows[0].rows, 140U);
  ASSERT_EQ(evaluation.warnings.size(), 1U);
  EXPECT_NE(evaluation.warnings[0].find("10 rows without a target"), std::string::npos);
}

TEST(Evaluate, warns_on_rows_that_were_in_training) {
  EXPECT_TRUE(evaluate(model(), test_rows(), {"accuracy"}).warnings.empty());
  const Evaluation flattered = evaluate(model(), data(), {"accuracy"});
  ASSERT_EQ(flattered.warnings.size(), 1U);
  EXPECT_NE(flattered.warnings[0].find("240 of 240 rows were in training"), std::string::npos) << flattered.warnings[0];
}

TEST(Evaluate, refusals) {
  EXPECT_EQ(code_of([] { evaluate(model(), test_rows(), {"rmse"}); }), "option.contradiction");
  EXPECT_EQ(code_of([] { evaluate(model(), test_rows(), {"acuracy"}); }), "metric.unknown");
  EXPECT_EQ(code_of([] { evaluate(model(), test_rows().without({"target"})); }), "data.column_unknown");
  EXPECT_EQ(code_of([] { evaluate(model(), test_rows(), {}, "nothing"); }), "data.column_unknown");
  EXPECT_EQ(code_of([] { evaluate(model(), test_rows().without({"a"})); }), "data.column_missing");
  const Table unlabelled =
      tables::with(test_rows(), make_category_column("target", std::vector<std::string_view>(150)));
  EXPECT_EQ(code_of([&] { evaluate(model(), unlabelled); }), "data.target_all_missing");
  EXPECT_EQ(code_of([] { evaluate(model(), tables::first_rows(test_rows(), 0)); }), "data.target_all_missing");
}

TEST(Evaluate, a_class_that_training_did_not_see_is_said_or_left_out) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < 150; ++i)
    labels.push_back(i == 0 ? "brand new" : std::string(test_rows().column("target").text(i)));
  const Table rows = tables::with(test_rows(), tables::category("target", labels));
  try {
    const Evaluation evaluation = evaluate(model(), rows, {"accuracy"});
    EXPECT_EQ(evaluation.rows[0].rows, 149U);
    EXPECT_FALSE(evaluation.warnings.empty());
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("brand new"), std::string::npos) << error.what();
  }
}

TEST(Evaluate, one_row) {
  for (const auto& row : evaluate(model(), tables::first_rows(test_rows(), 1), {"accuracy"}).rows)
    EXPECT_TRUE(row.value == 0 || row.value == 1);
}

}  // namespace
}  // namespace automill
