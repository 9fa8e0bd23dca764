// Own learners in a run: candidates like others, and whatever they do wrong is a row of the leaderboard and nothing
// else.

#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/preprocess/preprocess.hpp>
#include <filesystem>

#include "automl/books.hpp"
#include "automl/option_record.hpp"
#include "automl/planted_learners.hpp"
#include "automl/tables.hpp"
#include "error_tools.hpp"

namespace automill {
namespace {

using own::Fails, own::Prior, own::Sum;

/// A plan of the floor model alone beside own learners.
TrainOptions options_with(std::vector<NamedEstimator> learners, int threads = 2) {
  return {.target = "target",
          .max_trials = 20,
          .threads = threads,
          .folds = 3,
          .include = {"baseline"},
          .learners = std::move(learners)};
}

/// Numbers with holes, categories, and a target.
Table table_of(Task task, std::size_t rows = 300) {
  Table table = tables::plain(task, rows);
  std::vector<double> holes(rows);
  for (std::size_t i = 0; i < rows; ++i)
    holes[i] = i % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(i % 5);
  return tables::with(table, tables::number("holes", holes));
}

LeaderboardRow row_of(const AutoMLModel& model, const std::string& name) {
  for (const LeaderboardRow& row : model.leaderboard())
    if (row.name == name) return row;
  ADD_FAILURE() << name << " is not on the leaderboard\n" << leaderboard_text(model.leaderboard(), false);
  return {};
}

TEST(OwnLearners, are_candidates_like_others) {
  const Table data = table_of(Task::regression);
  const Pipeline pipeline(Impute{}, OneHot{}, Scaler{}, Ridge{{.alpha = 0.1}});
  const AutoMLModel model =
      train(data, options_with({Sum{}, Ridge{}, pipeline, Ridge{{.alpha = 2.0}}, {"mine", GradientBoosting{}}}));
  expect_books_close(model, data, "target");
  double weight = 0;
  for (const char* name : {"own_sum_1", "own_ridge_1", "own_pipeline_1", "own_ridge_2", "mine"}) {
    const LeaderboardRow row = row_of(model, name);
    EXPECT_EQ(row.family, "own");
    EXPECT_EQ(row.folds_done, 3) << row.reason;
    weight += row.weight;
  }
  EXPECT_NEAR(weight, 1, 1e-12);  // the floor model has none where there is anything else
  EXPECT_LT(row_of(model, "own_pipeline_1").validation_score, row_of(model, "baseline").validation_score);
  for (const double value : model.predict(data).values()) EXPECT_TRUE(std::isfinite(value));
}

TEST(OwnLearners, come_behind_the_first_booster) {
  TrainOptions options = options_with({Prior{}});
  options.include = {};
  options.max_trials = 5;
  std::vector<std::string> begun;
  const AutoMLModel model = train(table_of(Task::binary), options);
  std::map<std::string, std::int64_t> folds;
  for (const LeaderboardRow& row : model.leaderboard()) folds[row.name] = row.folds_done;
  const std::map<std::string, std::int64_t> expected{
      {"baseline", 3}, {"logistic_1", 3}, {"gbdt_1", 3}, {"own_prior_1", 3}, {"random_forest_1", 3}};
  EXPECT_EQ(folds, expected);
}

TEST(OwnLearners, of_the_same_kind_as_the_floor_model_may_serve) {
  const AutoMLModel model = train(table_of(Task::multiclass), options_with({{"mine", Prior{}}}));
  EXPECT_EQ(model.member_names(), std::vector<std::string>{"mine"});
  EXPECT_EQ(model.predict(table_of(Task::multiclass, 10)).probabilities().row(0).size(), 3u);
}

TEST(OwnLearners, fail_alone) {
  const Table data = table_of(Task::binary);
  TrainOptions options = options_with({{"sound", Prior{}},
                                       {"throws", Prior{Fails::in_fit}},
                                       {"number", Prior{Fails::with_a_number}},
                                       {"nan", Prior{Fails::with_nan}},
                                       {"sums", Prior{Fails::no_probabilities}},
                                       {"memory", Prior{Fails::of_memory}},
                                       {"cost", Prior{Fails::in_cost}},
                                       {"task", Sum{}}});
  options.include = {"baseline", "logistic"};
  const AutoMLModel model = train(data, options);
  expect_books_close(model, data, "target");
  const std::map<std::string, std::string> reasons{{"throws", "planted failure"},
                                                   {"number", "threw something that is not an exception"},
                                                   {"nan", "gave predictions that are not finite"},
                                                   {"sums", "gave a probability of "},
                                                   {"memory", "there was no memory for what it wanted"},
                                                   {"cost", "nobody knows what it takes"},
                                                   {"task", "pipeline: cannot learn a binary target [fit.task]"}};
  for (const auto& [name, reason] : reasons) {
    const LeaderboardRow row = row_of(model, name);
    EXPECT_EQ(row.status, "failed") << name;
    EXPECT_TRUE(row.reason.starts_with(reason)) << name << ": " << row.reason;
  }
  EXPECT_EQ(row_of(model, "sound").folds_done, 3);
  EXPECT_EQ(row_of(model, "logistic_1").folds_done, 3);
}

TEST(OwnLearners, of_several_quantiles_are_no_candidates) {
  const Table data = table_of(Task::regression);
  const std::shared_ptr<const Estimator> quantiles =
      builtin_registry()
          .estimator("gradient_boosting")
          .make({{"objective", "quantile"}, {"quantiles", Array{0.1, 0.5, 0.9}}});
  const AutoMLModel model = train(data, options_with({{"", quantiles}, {"line", Sum{}}}));
  EXPECT_EQ(row_of(model, "own_gradient_boosting_1").reason, "gave 3 numbers a row, not 1");
  EXPECT_EQ(row_of(model, "line").weight, 1);
}

TEST(OwnLearners, that_fail_on_all_rows_keep_their_fold_models) {
  TrainOptions options = options_with({{"mine", Prior{Fails::on_all_rows}}});
  options.refit = "always";
  const AutoMLModel model = train(table_of(Task::binary), options);
  EXPECT_EQ(row_of(model, "mine").reason,
            "its fit on all rows failed: all rows are too many: its fold models are kept");
  EXPECT_EQ(row_of(model, "mine").weight, 1);
}

TEST(OwnLearners, give_the_same_bits_for_any_number_of_threads) {
  const Table data = table_of(Task::regression);
  const auto trained = [&](int threads) {
    TrainOptions options = options_with({Sum{}, {"boosted", GradientBoosting{}}}, threads);
    options.include = {"baseline", "ridge", "gbdt"};
    options.max_trials = 5;
    return train(data, options);
  };
  expect_same_bits(trained(1), trained(3));
}

TEST(OwnLearners, are_saved_and_loaded_with_their_registry) {
  const Table data = table_of(Task::regression);
  const AutoMLModel model = train(data, options_with({Sum{}}));
  const std::string path = (std::filesystem::temp_directory_path() / "own_learners.automill").string();
  model.save(path);
  Registry mine(&builtin_registry());
  mine.add_model_loader("own_sum", &own::SumModel::load);
  EXPECT_EQ(load(path, &mine).predict(data).raw().values, model.predict(data).raw().values);
  expect_error("model_file.unknown_component", "own_sum", [&] { load(path); });
}

TEST(OwnLearners, are_refitted_where_they_are_given_again) {
  const Table data = table_of(Task::regression);
  const AutoMLModel model = train(data, options_with({Sum{}}));
  const Table fewer = tables::first_rows(data, 200);
  const AutoMLModel again = refit(model, fewer, {.learners = {Sum{}}});
  EXPECT_EQ(again.member_names(), std::vector<std::string>{"own_sum_1"});
  EXPECT_NE(again.predict(data).raw().values, model.predict(data).raw().values);
  expect_error("recipe.own_learner", "own_sum_1", [&] { refit(model, fewer); });
  expect_error("recipe.own_learner", "own_sum_1", [&] { collapse(model); });
  const AutoMLModel ridge = train(data, options_with({Ridge{}}));
  EXPECT_EQ(refit(ridge, fewer).member_names(), std::vector<std::string>{"own_ridge_1"});
}

TEST(OwnLearners, that_cannot_be_are_refused_before_anything_is_done) {
  const auto refused = [](std::vector<NamedEstimator> learners, const std::function<void(TrainOptions&)>& change = {}) {
    TrainOptions options = options_with(std::move(learners));
    if (change) change(options);
    return code_of([&] { train(table_of(Task::binary), options); });
  };
  EXPECT_EQ(refused({NamedEstimator{}}), "option.invalid");
  EXPECT_EQ(refused({Prior{Fails::in_structure}}), "option.invalid");
  EXPECT_EQ(refused({{"mine", Prior{}}, {"mine", Prior{}}}), "option.invalid");
  EXPECT_EQ(refused({{"gbdt_7", Prior{}}}), "option.invalid");
  EXPECT_EQ(refused({{"mine.fold_0", Prior{}}}), "option.invalid");
  EXPECT_EQ(refused({Prior{}}, [](TrainOptions& o) { o.preset = "glass_box"; }), "option.contradiction");
  EXPECT_EQ(refused({Prior{}}, [](TrainOptions& o) { o.monotone = {{"a", 1}}; }), "option.contradiction");
  EXPECT_EQ(refused({{"gbdt", Prior{}}}), "none");
}

/// Events of a run that begins a journal, or goes on with it.
std::map<std::string, int> folds_of(TrainOptions options, const std::string& journal, bool resume) {
  std::map<std::string, int> seen;
  options.journal = journal;
  options.resume = resume;
  options.callback = [&](const Event& event) {
    if (event.kind == "fold.restored" || event.kind == "fold.recorded")
      ++seen[event.fields.find("name")->text() + " " + event.kind];
  };
  train(table_of(Task::regression), options);
  return seen;
}

TEST(OwnLearners, in_a_journal) {
  const std::string path = (std::filesystem::temp_directory_path() / "own_learners.journal").string();
  for (const char* end : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + end);
  const TrainOptions options = options_with({Sum{}, Ridge{}, {"throws", Prior{Fails::in_fit}}});
  // models of own classes cannot be read from a file: their folds are fitted again
  const std::map<std::string, int> first{{"baseline fold.recorded", 3}, {"own_ridge_1 fold.recorded", 3}};
  const std::map<std::string, int> second{{"baseline fold.restored", 3}, {"own_ridge_1 fold.restored", 3}};
  EXPECT_EQ(folds_of(options, path, false), first);
  EXPECT_EQ(folds_of(options, path, true), second);
  const TrainOptions other = options_with({Sum{}, Ridge{{.alpha = 5.0}}, {"throws", Prior{Fails::in_fit}}});
  expect_error("journal.other_options", "learners", [&] { folds_of(other, path, true); });
  expect_error("option.not_recorded", "learners", [&] { options_of_record(record_options(options)); });
}

}  // namespace
}  // namespace automill
