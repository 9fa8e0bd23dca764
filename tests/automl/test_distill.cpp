// distill: one student in the place of the ensemble, with a score of its own.

#include <automill/ensemble/weighted_ensemble.hpp>

#include "automl/near_rows.hpp"
#include "books.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

TrainOptions options() { return {.target = "target", .max_trials = 5, .threads = 1, .folds = 3}; }

TEST(Distill, a_student_learns_what_the_ensemble_predicts) {
  for (const Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const Table data = tables::plain(task, 300), fresh = tables::plain(task, 200, 2);
    const AutoMLModel model = train(data, options()), student = distill(model);
    EXPECT_EQ(student.member_names(), std::vector<std::string>{"student"});
    const std::vector<double> wanted = model.predict(fresh).raw().values, given = student.predict(fresh).raw().values;
    double error = 0, spread = 0, mean = 0;
    for (double value : wanted) mean += value / static_cast<double>(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      error += (wanted[i] - given[i]) * (wanted[i] - given[i]);
      spread += (wanted[i] - mean) * (wanted[i] - mean);
    }
    EXPECT_LT(error, 0.1 * spread) << task_name(task);
    EXPECT_LT(student.bytes().size(), 1U << 20);
    expect_books_close(student, data, "target");
    expect_valid_predictions(student, fresh);
    EXPECT_TRUE(student.verify().ok);
    EXPECT_EQ(load(student.bytes()).predict(fresh).raw().values, given);
  }
}

TEST(Distill, says_what_it_is_and_what_it_scores) {
  const Table data = tables::plain(Task::binary, 300);
  const AutoMLModel model = train(data, options()), student = distill(model);
  EXPECT_NE(student.summary().find("distilled: one booster that learned what the ensemble predicts (roc_auc "),
            std::string::npos)
      << student.summary();
  const Score score = student.validation_score();
  EXPECT_NE(score.value, model.validation_score().value);
  EXPECT_TRUE(score.low <= score.value && score.value <= score.high);
  EXPECT_NE(score.protocol.find("a student a fold"), std::string::npos);
  for (const auto& row : student.leaderboard())
    if (row.name == "student") EXPECT_EQ(row.validation_score, score.value);
  EXPECT_EQ(student.leaderboard().size(), model.leaderboard().size() + 1);
  // the score is that of the out-of-fold predictions
  EXPECT_EQ(student.out_of_fold().fold, model.out_of_fold().fold);
  EXPECT_NE(student.out_of_fold().predictions.values, model.out_of_fold().predictions.values);
  EXPECT_EQ(student.predict_set(data, 0.9).rows(), data.rows());
}

TEST(Distill, same_bits_for_any_number_of_threads) {
  const AutoMLModel model = train(tables::plain(Task::regression, 200), options());
  const auto pool = make_executor(3);
  RunContext context;
  context.run_with = pool.get();
  expect_same_bits(distill(model), distill(model, context));
}

TEST(Distill, keeps_columns_monotone) {
  TrainOptions given = options();
  given.monotone = {{"a", -1}};  // against the data
  const AutoMLModel student = distill(train(tables::plain(Task::regression, 240), given));
  const Table others = tables::plain(Task::regression, 30, 7);
  for (std::uint32_t row = 0; row < 30; ++row) {
    std::vector<double> rising;
    for (int k = -40; k <= 40; ++k) rising.push_back(0.1 * k);
    const Table same = tables::rows_of(others, std::vector<std::uint32_t>(rising.size(), row));
    const std::vector<double> all = student.predict(tables::with(same, tables::number("a", rising))).raw().values;
    for (std::size_t k = 1; k < all.size(); ++k) EXPECT_LE(all[k], all[k - 1] + 1e-12);
  }
}

TEST(Distill, refit_distills_again) {
  const AutoMLModel student = distill(train(tables::plain(Task::regression, 200), options()));
  const AutoMLModel again = refit(load(student.bytes()), tables::plain(Task::regression, 220, 4), {.threads = 1});
  EXPECT_EQ(again.member_names(), std::vector<std::string>{"student"});
}

TEST(Distill, what_flatters_its_teachers_is_taken_off) {
  const Table data =
      tables::with(tables::plain(Task::regression, 300), tables::number("target", tables::noise_target(300, 5)));
  const AutoMLModel student = distill(train(data, options()));
  double squares = 0;
  for (std::size_t row = 0; row < 300; ++row) {
    const double error = student.out_of_fold().predictions.values[row] - data.column("target").number(row);
    squares += error * error / 300;
  }
  EXPECT_GT(student.validation_score().value, std::sqrt(squares));  // of noise every choice flatters
}

// Of a target that nothing tells the students know nothing either: the mean of error over that of the mean is 1 or
// more, with a standard error of 0.01 (as of the ensembles they learn from).
TEST(Distill, noise_is_scored_as_chance) {
  double sum = 0;
  constexpr std::uint64_t seeds = 8;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::vector<double> noise = tables::noise_target(150, seed);
    const Table table = tables::with(tables::plain(Task::regression, 150, seed), tables::number("target", noise));
    const AutoMLModel student =
        distill(train(table, {.target = "target", .max_trials = 3, .threads = 1, .folds = 4, .include = {"gbdt"}}));
    double mean = 0, squares = 0;
    for (double value : noise) mean += value / static_cast<double>(noise.size());
    for (double value : noise) squares += (value - mean) * (value - mean) / static_cast<double>(noise.size());
    sum += student.validation_score().value / std::sqrt(squares);
  }
  EXPECT_GT(sum / seeds, 0.98);
}

TEST(Distill, what_cannot_be_is_refused) {
  const Table data = tables::plain(Task::regression, 120);
  const AutoMLModel model = train(data, options());
  EXPECT_EQ(code_of([&] { distill(AutoMLModel(load(model.bytes()))); }), "model.no_training_data");
  EXPECT_EQ(code_of([&] { distill(collapse(model)); }), "model.not_distilled");
  const AutoMLModel student = distill(model);
  EXPECT_EQ(code_of([&] { distill(student); }), "model.not_distilled");
  EXPECT_EQ(code_of([&] { collapse(student); }), "model.distilled");
  EXPECT_EQ(code_of([&] { feature_importance(student, 1); }), "model.no_training_data");
  TrainOptions readable = options();
  readable.preset = "glass_box";
  EXPECT_EQ(code_of([&] { distill(train(data, readable)); }), "model.not_distilled");
}

TEST(NearRows, cells_are_those_of_near_rows) {
  std::vector<double> x, twin;
  std::vector<std::string> job;
  for (int i = 0; i < 60; ++i) {
    x.push_back(i < 30 ? 0.01 * i : 100 + 0.01 * i);  // two heaps far apart
    twin.push_back(i < 30 ? -1 : 1);
    job.push_back(i < 30 ? "left" : "right");
  }
  const Table table({tables::number("x", x), tables::number("twin", twin), tables::category("job", job)});
  std::vector<std::uint32_t> rows(60);
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<std::uint64_t> keys;
  for (std::uint32_t row : rows) keys.push_back(mix64(row));
  const Table made = near_rows(table, rows, keys, 200, 1);
  ASSERT_EQ(made.rows(), 200U);
  std::size_t fresh = 0;
  for (std::size_t i = 0; i < made.rows(); ++i) {
    const double value = made.column("x").number(i);
    EXPECT_NE(std::find(x.begin(), x.end(), value), x.end());
    EXPECT_EQ(made.column("twin").number(i), value < 50 ? -1 : 1);  // never of the other heap
    EXPECT_EQ(made.column("job").text(i), value < 50 ? "left" : "right");
    fresh += value != x[i % 60] ? 1 : 0;
  }
  EXPECT_GT(fresh, 50U);
  std::reverse(rows.begin(), rows.end());
  const Table again = near_rows(table, rows, keys, 200, 1);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(again.column("x").number(i), made.column("x").number(i));
  EXPECT_EQ(near_rows(table, {7}, keys, 3, 1).column("x").number(2), x[7]);
}

}  // namespace
}  // namespace automill
