// monotone: predictions of the whole ensemble keep their direction, for any other cells; what cannot is left out.

#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

/// The same row again and again, with a column that rises.
Table rising(const Table& rows, std::size_t row, const char* column, const std::vector<double>& values) {
  const std::vector<std::uint32_t> same(values.size(), static_cast<std::uint32_t>(row));
  return tables::with(tables::rows_of(rows.without({column}), same), tables::number(column, values));
}

/// What monotone is about: a value, or the probability of the positive class.
std::vector<double> about(const ServedModel& model, const Table& rows) {
  const Predictions predictions = model.predict(rows).raw();
  if (model.task() == Task::regression) return predictions.values;
  std::vector<double> positive;
  for (std::size_t i = 0; i < rows.rows(); ++i) positive.push_back(predictions.row(i)[model.target().positive]);
  return positive;
}

std::size_t breaks(const ServedModel& model, const Table& rows, const char* column, int sign) {
  std::vector<double> grid;
  for (int k = -60; k <= 60; ++k) grid.push_back(0.08 * k);
  std::size_t count = 0;
  for (std::size_t row = 0; row < 40; ++row) {
    const std::vector<double> values = about(model, rising(rows, row, column, grid));
    // 1e-12: rounding of the temperature and of the logistic function
    for (std::size_t k = 1; k < values.size(); ++k) count += sign * (values[k] - values[k - 1]) < -1e-12 ? 1 : 0;
  }
  return count;
}

TEST(Monotone, is_kept_by_the_whole_ensemble) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const Task task : {Task::regression, Task::binary}) {
      const Table data = tables::plain(task, 300, seed), others = tables::plain(task, 40, seed + 100);
      for (const char* positive : {"yes", "no"}) {
        if (task == Task::regression && std::string(positive) == "no") continue;
        const int sign = std::string(positive) == "yes" ? 1 : -1;  // a rises with 'yes', falls with 'no'
        TrainOptions options{.target = "target", .max_trials = 5, .threads = 1, .seed = seed, .folds = 3};
        if (task == Task::binary) options.positive_class = positive;
        const AutoMLModel free = train(data, options);
        options.monotone = {{"a", sign}, {"b", -sign}};  // along b against the data
        const AutoMLModel model = train(data, options);
        EXPECT_EQ(breaks(model, others, "a", sign), 0U) << seed << " " << task_name(task) << " " << positive;
        EXPECT_EQ(breaks(model, others, "b", -sign), 0U) << seed << " " << task_name(task) << " " << positive;
        EXPECT_GT(breaks(free, others, "b", -sign), 0U);  // the test can fail
        EXPECT_EQ(breaks(load(model.bytes()), others, "a", sign), 0U);
      }
    }
}

TEST(Monotone, says_what_is_left_out) {
  const AutoMLModel model =
      train(tables::plain(Task::regression, 200),
            {.target = "target", .max_trials = 6, .threads = 1, .folds = 3, .monotone = {{"a", 1}, {"b", 0}}});
  EXPECT_NE(model.summary().find("note: predictions only rise with a; left out, for they cannot promise that: ridge, "
                                 "random_forest, extra_trees"),
            std::string::npos)
      << model.summary();
  for (const auto& row : model.leaderboard()) EXPECT_TRUE(row.family == "gbdt" || row.family == "baseline");
  const AutoMLModel additive = train(tables::plain(Task::binary, 200), {.target = "target",
                                                                        .max_trials = 3,
                                                                        .threads = 1,
                                                                        .folds = 3,
                                                                        .include = {"explainable_boosting"},
                                                                        .monotone = {{"a", 1}}});
  EXPECT_EQ(breaks(additive, tables::plain(Task::binary, 40, 9), "a", 1), 0U);
}

TEST(Monotone, refit_goes_on_where_a_column_says_nothing_any_more) {
  const AutoMLModel model = train(tables::plain(Task::binary, 300),
                                  {.target = "target", .max_trials = 3, .folds = 2, .monotone = {{"a", 1}, {"b", -1}}});
  const Table rows =
      tables::with(tables::plain(Task::binary, 300, 4), tables::number("a", std::vector<double>(300, 2.5)));
  const AutoMLModel again = refit(load(model.bytes()), rows, {.threads = 1});
  EXPECT_EQ(again.summary().find("only rise with a"), std::string::npos) << again.summary();
  EXPECT_NE(again.summary().find("only fall with b"), std::string::npos) << again.summary();
  EXPECT_EQ(again.member_names(), model.member_names());
}

TEST(Monotone, refit_keeps_it) {
  const AutoMLModel model =
      train(tables::plain(Task::binary, 250),
            {.target = "target", .max_trials = 4, .threads = 1, .folds = 3, .monotone = {{"a", 1}, {"b", -1}}});
  const AutoMLModel again = refit(load(model.bytes()), tables::plain(Task::binary, 300, 4), {.threads = 1});
  const Table others = tables::plain(Task::binary, 40, 8);
  EXPECT_EQ(breaks(again, others, "a", 1), 0U);
  EXPECT_EQ(breaks(again, others, "b", -1), 0U);
  EXPECT_NE(again.summary().find("predictions only rise with a, only fall with b"), std::string::npos);
}

TEST(Monotone, holds_beside_text) {
  Table rows = tables::plain(Task::regression, 200);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows.rows(); ++i) texts.push_back("this is note " + std::to_string(i * 7919 % 1000));
  rows = tables::with(rows, make_text_column("note", std::vector<std::string_view>(texts.begin(), texts.end())));
  const AutoMLModel model =
      train(rows, {.target = "target", .max_trials = 3, .threads = 1, .folds = 3, .monotone = {{"a", -1}}});
  EXPECT_EQ(breaks(model, rows, "a", -1), 0U);
}

TEST(Monotone, what_cannot_be_kept_is_refused) {
  const auto refused = [](Task task, std::map<std::string, int> signs, std::vector<std::string> include = {}) {
    return text_of([&] {
      train(tables::plain(task, 60),
            {.target = "target", .max_trials = 2, .include = std::move(include), .monotone = std::move(signs)});
    });
  };
  EXPECT_EQ(refused(Task::regression, {{"aa", 1}}),
            "aa: the column named by monotone is not in the data (did you mean 'a'?) [data.column_unknown]");
  EXPECT_EQ(refused(Task::regression, {{"job", 1}}),
            "monotone: the column 'job' holds category, which has no order (leave it out, or give it the type number) "
            "[option.invalid]");
  EXPECT_EQ(refused(Task::regression, {{"a", 2}}),
            "monotone: 'a' has sign 2: it must be 1 (only rise), -1 (only fall) or 0 [option.out_of_range]");
  EXPECT_EQ(refused(Task::multiclass, {{"a", 1}}),
            "monotone: probabilities of three or more classes cannot be kept monotone (leave it out) "
            "[option.contradiction]");
  EXPECT_EQ(refused(Task::regression, {{"a", 1}}, {"ridge"}),
            "monotone: no learner is left that can keep it (include gbdt or explainable_boosting) "
            "[option.contradiction]");
}

}  // namespace
}  // namespace automill
