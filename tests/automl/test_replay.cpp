// A run once more from its model: the same bits, also of runs that the clock ended, for any number of threads.

#include <cmath>

#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

/// NaN equals NaN.
void expect_same_bits(const std::vector<double>& a, const std::vector<double>& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(a[i]), std::bit_cast<std::uint64_t>(b[i])) << what << " at " << i;
}

std::vector<double> predictions_of(const AutoMLModel& model, const Table& rows) {
  const PredictionResult result = model.predict(rows);
  if (model.task() == Task::regression) return {result.values().begin(), result.values().end()};
  return result.probabilities().values;
}

void expect_same_run(const AutoMLModel& first, const AutoMLModel& again, const Table& rows) {
  expect_same_bits(predictions_of(first, rows), predictions_of(again, rows), "predictions");
  expect_same_bits(first.out_of_fold().predictions.values, again.out_of_fold().predictions.values, "out of fold");
  EXPECT_EQ(first.member_names(), again.member_names());
  EXPECT_EQ(first.validation_score().value, again.validation_score().value);
  EXPECT_EQ(first.validation_score().low, again.validation_score().low);
  EXPECT_EQ(first.validation_score().protocol, again.validation_score().protocol);
  EXPECT_EQ(first.decision_threshold(), again.decision_threshold());
  EXPECT_EQ(first.recipe(), again.recipe());
  std::map<std::string, LeaderboardRow> before;
  for (const LeaderboardRow& row : first.leaderboard()) before[row.name] = row;
  EXPECT_EQ(before.size(), again.leaderboard().size());
  for (const LeaderboardRow& row : again.leaderboard()) {
    EXPECT_EQ(row.status, before[row.name].status) << row.name;
    EXPECT_EQ(row.weight, before[row.name].weight) << row.name;
    if (!std::isnan(row.validation_score))
      EXPECT_EQ(row.validation_score, before[row.name].validation_score) << row.name;
  }
}

std::size_t cut_folds(const AutoMLModel& model) {
  std::size_t cut = 0;
  for (const Value& trial : model.recipe().at("run").at("trials").array())
    if (const Value* folds = trial.object().find("folds"))
      for (const Value& fold : folds->array()) cut += fold.object().contains("stopped") ? 1 : 0;
  return cut;
}

TEST(Replay, repeats_runs_that_the_clock_ended) {
  std::size_t cut = 0;
  for (const Task task : {Task::binary, Task::multiclass, Task::regression}) {
    const Table rows = tables::plain(task, 3000);
    const AutoMLModel first = train(rows, {.target = "target", .time_limit = Seconds(0.8), .threads = 2, .seed = 5});
    cut += cut_folds(first);
    for (const int threads : {1, 3}) {
      SCOPED_TRACE(task_name(task) + ", threads " + std::to_string(threads));
      expect_same_run(first, replay(first, rows, {.threads = threads}), rows);
    }
  }
  EXPECT_GT(cut, 0U) << "no fit was cut short: the test shows less than it says";
}

TEST(Replay, repeats_a_network_and_readable_models_that_were_cut_short) {
  const Table rows = tables::plain(Task::binary, 4000);
  const AutoMLModel network =
      train(rows, {.target = "target", .time_limit = Seconds(1.0), .threads = 2, .include = {"realmlp", "baseline"}});
  expect_same_run(network, replay(network, rows, {.threads = 1}), rows);
  const AutoMLModel readable =
      train(rows, {.target = "target", .preset = "glass_box", .time_limit = Seconds(1.5), .threads = 2});
  expect_same_run(readable, replay(readable, rows, {.threads = 2}), rows);
}

TEST(Replay, repeats_what_is_kept_of_a_member) {
  const Table rows = tables::plain(Task::regression, 500);
  for (const std::string refit : {"always", "never"}) {
    const AutoMLModel first =
        train(rows, {.target = "target", .max_trials = 5, .threads = 2, .folds = 3, .refit = refit});
    expect_same_run(first, replay(first, rows), rows);
  }
  const AutoMLModel small =
      train(rows, {.target = "target", .max_trials = 5, .threads = 2, .folds = 3, .max_model_size = 1 << 20});
  expect_same_run(small, replay(small, rows), rows);
}

TEST(Replay, repeats_options_groups_costs_and_searched_spaces) {
  const Table rows = tables::plain(Task::binary, 400);
  const AutoMLModel costs = train(rows, {.target = "target",
                                         .max_trials = 4,
                                         .threads = 2,
                                         .folds = 3,
                                         .ignore = {"b"},
                                         .include = {"gbdt"},
                                         .search_space = {{"gbdt", SearchSpace{{"num_leaves", Int(3, 9)}}}},
                                         .cost_matrix = {{0, 1}, {5, 0}}});
  expect_same_run(costs, replay(costs, rows), rows);
  const Table held = tables::plain(Task::binary, 150, 9);
  const AutoMLModel validated =
      train(rows, {.target = "target", .max_trials = 3, .threads = 1, .validation_data = held});
  expect_same_run(validated, replay(validated, rows, {.validation_data = held}), rows);
  EXPECT_EQ(code_of([&] { replay(validated, rows); }), "replay.other_data");
  EXPECT_EQ(code_of([&] { replay(costs, rows, {.validation_data = held}); }), "replay.other_data");
}

TEST(Replay, repeats_a_run_from_its_file_and_from_what_became_of_its_model) {
  const Table rows = tables::plain(Task::regression, 600);
  const AutoMLModel first = train(rows, {.target = "target", .max_trials = 4, .threads = 2, .folds = 3});
  const std::string path = testing::TempDir() + "replay.automill";
  first.save(path);
  expect_same_bits(predictions_of(replay(load(path), rows), rows), predictions_of(first, rows), "from the file");
  expect_same_run(first, replay(collapse(first), rows), rows);
  const AutoMLModel again = replay(first, rows);
  expect_same_run(first, replay(again, rows), rows);  // a replayed run can be replayed
}

TEST(Replay, refuses_other_rows_and_models_without_a_run) {
  const Table rows = tables::plain(Task::regression, 200);
  const AutoMLModel first = train(rows, {.target = "target", .max_trials = 2, .threads = 1, .folds = 3});
  std::vector<double> a;
  for (std::size_t row = 0; row < 200; ++row) a.push_back(rows[0].number(row));
  a[17] += 1;
  EXPECT_EQ(code_of([&] { replay(first, tables::with(rows, tables::number("a", a))); }), "replay.other_data");
  EXPECT_EQ(code_of([&] { replay(first, tables::first_rows(rows, 199)); }), "replay.other_data");
  EXPECT_EQ(code_of([&] { replay(first, rows.without({"b"})); }), "replay.other_data");
  EXPECT_EQ(code_of([&] { replay(refit(first, rows), rows); }), "replay.no_run");
  const AutoMLModel weighted = train(
      rows,
      {.target = "target", .max_trials = 2, .threads = 1, .folds = 3, .sample_weights = std::vector<double>(200, 2.0)});
  EXPECT_EQ(code_of([&] { replay(weighted, rows); }), "option.not_recorded");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(code_of([&] { replay(first, rows, {.stop = stop.get_token()}); }), "train.no_model");
}

}  // namespace
}  // namespace automill
