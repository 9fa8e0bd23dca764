// Data at the edge must work, and the model must say what was done: one row, constants, one class, very wide, huge
// values, missing targets, columns in another order, nothing to predict.

#include "automl/books.hpp"
#include "automl/tables.hpp"

namespace automill {
namespace {

using tables::category;
using tables::number;

const double nan_value = std::nan("");

AutoMLModel trained(const Table& data, TrainOptions options = {}) {
  options.target = "target";
  if (!options.max_trials && !options.time_limit) options.max_trials = 3;
  options.threads = 1;
  const AutoMLModel model = train(data, options);
  expect_books_close(model, data, "target");
  expect_valid_predictions(model, data);
  return model;
}

bool says(const AutoMLModel& model, const std::string& part) { return model.summary().find(part) != std::string::npos; }

TEST(Degenerate, one_row) {
  for (Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const AutoMLModel model = trained(tables::first_rows(tables::plain(task, 10), 1));
    EXPECT_EQ(model.predict(tables::plain(task, 10)).rows(), 10U);
  }
}

TEST(Degenerate, two_three_and_five_rows) {
  for (std::size_t rows : {2, 3, 5})
    for (Task task : {Task::regression, Task::binary, Task::multiclass})
      trained(tables::first_rows(tables::plain(task, 10), rows));
}

TEST(Degenerate, constant_target) {
  const Table data = tables::plain(Task::regression, 40);
  const AutoMLModel model = trained(tables::with(data, number("target", std::vector<double>(40, 2.5))));
  const PredictionResult result = model.predict(data);
  for (double value : result.values()) EXPECT_NEAR(value, 2.5, 1e-9);
}

TEST(Degenerate, one_class) {
  const Table data = tables::plain(Task::binary, 40);
  const AutoMLModel model = trained(tables::with(data, category("target", std::vector<std::string>(40, "yes"))));
  EXPECT_TRUE(says(model, "one class")) << model.summary();
  const PredictionResult result = model.predict(data);
  for (std::string_view label : result.labels()) EXPECT_EQ(label, "yes");
}

// titles that stand twice each, and such that do not
TEST(Degenerate, text_whose_values_repeat_is_a_category_unless_many_speak) {
  const auto titles = [](std::size_t rows, std::size_t every, const std::string& words = "a title of some words: ") {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < rows; ++i) values.push_back(words + "number" + std::to_string(i / every));
    std::vector<std::string_view> views(values.begin(), values.end());
    return make_text_column("title", views);
  };
  const Table data = tables::plain(Task::regression, 200);
  EXPECT_TRUE(says(trained(tables::with(data, titles(200, 2, ""))), "used as a category"));
  EXPECT_TRUE(says(trained(tables::with(data, titles(200, 20))), "used as a category"));
  EXPECT_TRUE(says(trained(tables::with(data, titles(200, 2))), "strings that repeat"));
  EXPECT_TRUE(says(trained(tables::with(data, titles(200, 1))), "free text"));
}

TEST(Degenerate, two_rows_a_class) {
  std::vector<std::string> labels;
  for (int i = 0; i < 20; ++i) labels.push_back("class " + std::to_string(i % 10));
  const AutoMLModel model = trained(tables::with(tables::plain(Task::multiclass, 20), category("target", labels)));
  EXPECT_EQ(model.classes().size(), 10U);
}

TEST(Degenerate, one_class_in_a_fold) {
  std::vector<std::string> labels(30, "no");
  labels[3] = "yes";
  const AutoMLModel model =
      trained(tables::with(tables::plain(Task::binary, 30), category("target", labels)), {.folds = 3});
  EXPECT_EQ(model.classes().size(), 2U);
}

TEST(Degenerate, all_columns_constant) {
  const Table data({number("a", std::vector<double>(30, 1.0)), number("b", std::vector<double>(30, nan_value)),
                    category("c", std::vector<std::string>(30, "x")),
                    tables::plain(Task::regression, 30).columns().back()});
  const AutoMLModel model = trained(data);
  EXPECT_EQ(model.schema().size(), 0U);
  EXPECT_TRUE(says(model, "no usable column is left")) << model.summary();
  EXPECT_EQ(model.predict(Table::with_rows({}, 4)).rows(), 4U);
}

TEST(Degenerate, only_the_target) {
  const Table data({tables::plain(Task::binary, 30).columns().back()});
  EXPECT_EQ(trained(data).schema().size(), 0U);
}

TEST(Degenerate, ten_thousand_columns_of_fifty_rows) {
  std::vector<ColumnPtr> columns{tables::plain(Task::binary, 50).columns().back()};
  for (std::uint64_t c = 0; c < 10000; ++c) {
    std::vector<double> values(50);
    RandomStream random(c, purpose("wide"));
    for (double& value : values) value = random.normal();
    columns.push_back(number(("c" + std::to_string(c)).c_str(), std::move(values)));
  }
  const Table data(std::move(columns));
  const AutoMLModel model = trained(data, {.max_trials = 3, .folds = 2});
  EXPECT_EQ(model.schema().size(), 10000U);
}

TEST(Degenerate, values_of_1e308) {
  const Table data = tables::plain(Task::regression, 60);
  std::vector<double> huge;
  for (std::size_t i = 0; i < 60; ++i) huge.push_back((i % 2 == 0 ? 1e308 : -1e308) * (i % 3 == 0 ? 1.0 : 0.5));
  trained(tables::with(data, number("huge", huge)));
}

TEST(Degenerate, infinite_values) {
  const Table data = tables::plain(Task::binary, 60);
  std::vector<double> values(60, 1.0);
  for (std::size_t i = 0; i < 60; i += 3)
    values[i] = i % 2 == 0 ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  trained(tables::with(data, number("infinite", values)));
}

TEST(Degenerate, a_target_of_1e308_is_a_model_or_a_clear_error) {
  std::vector<double> y;
  for (std::size_t i = 0; i < 60; ++i) y.push_back(i % 2 == 0 ? 1e308 : -1e308);
  try {
    trained(tables::with(tables::plain(Task::regression, 60), number("target", y)), {.task = "regression"});
  } catch (const Error& error) {
    EXPECT_FALSE(error.faults().front().message.empty());
  }
}

// integers above 2^53 are exact where they are categories: neighbours must not fall together
TEST(Degenerate, huge_integers_as_a_target_of_two_classes) {
  const std::int64_t base = std::int64_t{1} << 60;
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(std::to_string(base + i % 2));
  const AutoMLModel model = trained(tables::with(tables::plain(Task::binary, 40), category("target", ids)));
  EXPECT_EQ(model.classes(), (std::vector<std::string>{std::to_string(base), std::to_string(base + 1)}));
}

TEST(Degenerate, rows_without_a_target_are_dropped_and_counted) {
  const Table data = tables::plain(Task::regression, 50);
  std::vector<double> y(50);
  data.column("target").numbers(0, 50, y.data());
  for (std::size_t i = 0; i < 50; i += 5) y[i] = nan_value;
  const AutoMLModel model = trained(tables::with(data, number("target", y)));
  EXPECT_TRUE(says(model, "rows 50 = 40 used + 10 dropped (10 the target is missing)")) << model.summary();
  EXPECT_EQ(model.training_rows().size(), 40U);
}

TEST(Degenerate, rows_of_weight_0_are_dropped_and_counted) {
  const Table data = tables::plain(Task::regression, 50);
  std::vector<double> weights(50, 1.0);
  for (std::size_t i = 0; i < 5; ++i) weights[i] = 0;
  TrainOptions options;
  options.sample_weights = weights;
  EXPECT_TRUE(says(trained(data, options), "rows 50 = 45 used + 5 dropped"));
}

TEST(Degenerate, columns_that_say_nothing_are_dropped_with_the_reason) {
  Table data = tables::plain(Task::regression, 150);
  std::vector<double> a(150);
  std::vector<std::string> ids;
  data.column("a").numbers(0, 150, a.data());
  for (int i = 0; i < 150; ++i) ids.push_back("id " + std::to_string(i));
  data = tables::with(data, number("copy", a));
  data = tables::with(data, number("same", std::vector<double>(150, 1.0)));
  data = tables::with(data, number("nothing", std::vector<double>(150, nan_value)));
  data = tables::with(data, category("id", ids));
  data = tables::with(data, make_text_column("words", std::vector<std::string_view>(ids.begin(), ids.end())));
  const AutoMLModel model = trained(data);
  std::map<std::string, std::string> reasons;
  for (const Value& entry : model.metadata().find("books")->at("columns").at("dropped").array())
    reasons[entry.at("column").text()] = entry.at("reason").text();
  EXPECT_EQ(reasons["copy"], "duplicates a");
  EXPECT_EQ(reasons["same"], "constant");
  EXPECT_EQ(reasons["nothing"], "every value is missing");
  EXPECT_NE(reasons["id"].find("identifier"), std::string::npos);
  EXPECT_NE(reasons["words"].find("text"), std::string::npos);
  EXPECT_EQ(reasons.size(), 5U);
}

TEST(Degenerate, prediction_takes_columns_in_any_order_and_extra_ones) {
  const Table data = tables::plain(Task::binary, 80);
  const AutoMLModel model = trained(data);
  const Table other(
      {data.columns()[2], number("more", std::vector<double>(80, 1.0)), data.columns()[1], data.columns()[0]});
  EXPECT_EQ(model.predict(other).raw().values, model.predict(data).raw().values);
}

TEST(Degenerate, nothing_to_predict) {
  const Table data = tables::plain(Task::binary, 60);
  const AutoMLModel model = trained(data);
  const PredictionResult result = model.predict(tables::first_rows(data, 0));
  EXPECT_EQ(result.rows(), 0U);
  EXPECT_TRUE(result.labels().empty());
}

TEST(Degenerate, unseen_and_missing_in_prediction) {
  const Table data = tables::plain(Task::multiclass, 80);
  const AutoMLModel model = trained(data);
  const Table rows({number("a", {nan_value, 1e308, -1e308}), number("b", {nan_value, 0, 0}),
                    make_category_column("job", std::vector<std::string_view>{{}, "never seen", "job 1"})});
  expect_valid_predictions(model, rows);
}

TEST(Degenerate, a_time_limit_that_is_over_at_once_still_gives_a_model) {
  const Table data = tables::plain(Task::binary, 2000);
  const AutoMLModel model = train(data, {.target = "target", .time_limit = Seconds(1e-6), .threads = 1});
  expect_books_close(model, data, "target");
  expect_valid_predictions(model, data);
}

TEST(Degenerate, repeated_rows) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < 90; ++i) rows.push_back(i % 6);
  trained(tables::rows_of(tables::plain(Task::regression, 6), rows));
  trained(tables::rows_of(tables::plain(Task::binary, 6), rows));
}

}  // namespace
}  // namespace automill
