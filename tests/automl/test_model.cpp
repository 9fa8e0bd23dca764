// A trained model: score, leaderboard, members, thresholds, refit, and what a loaded model still knows.

#include <automill/metrics/metrics.hpp>

#include "automl/books.hpp"
#include "automl/tables.hpp"
#include "error_tools.hpp"

namespace automill {
namespace {

/// Trained once for all tests of this file: three candidates, four folds.
const Table& binary_data() {
  static const Table data = tables::plain(Task::binary, 300);
  return data;
}
const AutoMLModel& binary_model() {
  static const AutoMLModel model =
      train(binary_data(), {.target = "target", .max_trials = 4, .threads = 1, .folds = 4});
  return model;
}
/// A binary model of several members: the first seed that makes one.
const AutoMLModel& ensemble_model() {
  static const AutoMLModel model = [] {
    for (std::uint64_t seed = 0;; ++seed) {
      AutoMLModel trained = train(tables::plain(Task::multiclass, 250, seed),
                                  {.target = "target", .max_trials = 4, .threads = 1, .seed = seed, .folds = 4});
      if (trained.member_names().size() > 1 || seed == 20) return trained;
    }
  }();
  return model;
}
const Table& regression_data() {
  static const Table data = tables::plain(Task::regression, 300);
  return data;
}
const AutoMLModel& regression_model() {
  static const AutoMLModel model =
      train(regression_data(), {.target = "target", .max_trials = 4, .threads = 1, .folds = 4});
  return model;
}

TEST(AutoMLModel, validation_score_is_the_metric_of_the_out_of_fold_predictions) {
  const OutOfFold& out = regression_model().out_of_fold();
  double sum = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    const double error = out.predictions.values[i] - regression_data().column("target").number(i);
    sum += error * error;
  }
  const Score score = regression_model().validation_score();
  EXPECT_EQ(score.metric, "rmse");
  EXPECT_NEAR(score.value, std::sqrt(sum / 300), 1e-12);
  EXPECT_LE(score.low, score.value);
  EXPECT_GE(score.high, score.value);
  EXPECT_EQ(score.protocol, "4-fold, nested");
}

TEST(AutoMLModel, learns_something) {
  // the target has a noise of 0.5 (standard deviation) and a spread of about 1.5
  EXPECT_LT(regression_model().validation_score().value, 0.65);
  EXPECT_GT(regression_model().validation_score().value, 0.4);
  EXPECT_GT(binary_model().validation_score().value, 0.93);
}

TEST(Leaderboard, is_sorted_and_ranked) {
  const auto rows = binary_model().leaderboard();
  ASSERT_EQ(rows.size(), 4U);
  std::int64_t rank = 0;
  double before = 2;
  for (const auto& row : rows) {
    EXPECT_EQ(row.rank, ++rank);
    EXPECT_LE(row.validation_score, before);
    before = row.validation_score;
    EXPECT_EQ(row.folds_done, 4);
    EXPECT_GT(row.fit_seconds, 0);
    EXPECT_LE(row.low, row.validation_score);
    EXPECT_GE(row.high, row.validation_score);
    EXPECT_TRUE(std::isnan(row.test_score));
  }
  EXPECT_EQ(rows.back().family, "baseline");
  EXPECT_NEAR(rows.back().validation_score, 0.5, 0.02);  // the prior knows nothing
}

TEST(Leaderboard, rows_survive_the_way_through_data) {
  for (const auto& row : binary_model().leaderboard())
    EXPECT_TRUE(Value(LeaderboardRow::from_object(row.to_object()).to_object()) == Value(row.to_object()) ||
                std::isnan(row.test_score));
  EXPECT_EQ(LeaderboardRow::column_names().size(),
            binary_model().leaderboard()[0].to_object().size() - 1);  // all but the parameters
}

TEST(Leaderboard, with_data_scores_every_member) {
  const Table test = tables::plain(Task::binary, 200, 2);
  for (const auto& row : binary_model().leaderboard(test)) {
    EXPECT_EQ(std::isfinite(row.test_score), row.weight > 0) << row.name;
    if (row.weight == 0) continue;
    EXPECT_EQ(row.test_score, evaluate(binary_model().member(row.name), test, {"roc_auc"}).value("roc_auc"));
  }
}

TEST(Members, one_by_itself) {
  for (const std::string& name : regression_model().member_names()) {
    const AutoMLModel single = regression_model().member(name);
    EXPECT_EQ(single.member_names(), std::vector<std::string>{name});
    for (const auto& row : single.leaderboard()) EXPECT_EQ(row.weight, row.name == name ? 1.0 : 0.0);
    for (const auto& row : regression_model().leaderboard()) {
      if (row.name != name) continue;
      EXPECT_EQ(single.validation_score().value, row.validation_score);
    }
    EXPECT_TRUE(single.verify().ok);
  }
}

TEST(Members, the_model_is_their_weighted_sum) {
  std::vector<double> sum(300, 0.0);
  for (const auto& row : regression_model().leaderboard()) {
    if (row.weight == 0) continue;
    const auto result = regression_model().member(row.name).predict(regression_data());
    for (std::size_t i = 0; i < 300; ++i) sum[i] += row.weight * result.values()[i];
  }
  const auto all = regression_model().predict(regression_data());
  for (std::size_t i = 0; i < 300; ++i) EXPECT_NEAR(all.values()[i], sum[i], 1e-12);
}

TEST(Members, without_one_the_others_share_its_weight) {
  const auto names = ensemble_model().member_names();
  ASSERT_GE(names.size(), 2U);
  const AutoMLModel rest = ensemble_model().without(names[0]);
  double weights = 0;
  for (const auto& row : rest.leaderboard()) weights += row.weight;
  EXPECT_NEAR(weights, 1.0, 1e-12);
  EXPECT_EQ(rest.member_names().size(), names.size() - 1);
  EXPECT_TRUE(std::isnan(rest.validation_score().value) || rest.member_names().size() == 1);
  EXPECT_TRUE(rest.verify().ok);
  EXPECT_EQ(rest.recipe().at("members").array().size(), names.size() - 1);
}

TEST(Members, unknown_and_last_ones_are_errors) {
  EXPECT_EQ(code_of([] { binary_model().member("gbtd_1"); }), "model.unknown_member");
  EXPECT_EQ(code_of([] { binary_model().without("nobody"); }), "model.unknown_member");
  const std::string name = binary_model().member_names()[0];
  EXPECT_EQ(code_of([&] { binary_model().member(name).without(name); }), "model.last_member");
}

TEST(Threshold, decides_labels_and_nothing_else) {
  const auto share = [](const ServedModel& model) {
    const auto labels = model.predict(binary_data()).label_indices();
    return std::count(labels.begin(), labels.end(), model.target().positive);
  };
  EXPECT_EQ(share(binary_model().with_decision_threshold(0.0)), 300);
  EXPECT_LT(share(binary_model().with_decision_threshold(0.9)), share(binary_model().with_decision_threshold(0.1)));
  EXPECT_EQ(binary_model().with_decision_threshold(0.3).decision_threshold(), 0.3);
  EXPECT_EQ(binary_model().with_decision_threshold(0.3).predict(binary_data()).raw().values,
            binary_model().predict(binary_data()).raw().values);
  EXPECT_NE(code_of([] { binary_model().with_decision_threshold(1.5); }), "none");
  EXPECT_NE(code_of([] { binary_model().with_decision_threshold(std::nan("")); }), "none");
  EXPECT_NE(code_of([] { regression_model().with_decision_threshold(0.5); }), "none");
}

TEST(Threshold, is_chosen_for_label_metrics_and_half_otherwise) {
  EXPECT_EQ(binary_model().decision_threshold(), 0.5);
  std::vector<std::string> labels;  // a rare class: F1 wants a lower threshold than 0.5
  const Table data = tables::plain(Task::regression, 400);
  for (std::size_t i = 0; i < 400; ++i) labels.push_back(data.column("target").number(i) > 1.6 ? "rare" : "usual");
  const Table rare = tables::with(data, tables::category("target", labels));
  const AutoMLModel model =
      train(rare, {.target = "target", .metric = "f1", .max_trials = 2, .threads = 1, .folds = 4});
  EXPECT_EQ(model.classes()[model.target().positive], "rare");
  const OutOfFold& out = model.out_of_fold();
  const auto f1_at = [&](double threshold) {
    std::vector<std::int32_t> truth;
    for (const auto& label : labels) truth.push_back(label == "rare" ? 0 : 1);  // "rare" < "usual"
    return metric_by_name("f1").compute({.task = Task::binary,
                                         .labels = truth,
                                         .predictions = out.predictions.values,
                                         .width = 2,
                                         .positive = 0,
                                         .threshold = threshold});
  };
  EXPECT_GE(f1_at(model.decision_threshold()), f1_at(0.5));
  EXPECT_NEAR(f1_at(model.decision_threshold()), model.validation_score().value, 1e-12);
}

TEST(Loaded, keeps_everything_but_the_training_rows) {
  const auto bytes = binary_model().bytes();
  const AutoMLModel loaded{load(std::span<const std::byte>(bytes))};
  EXPECT_EQ(loaded.predict(binary_data()).raw().values, binary_model().predict(binary_data()).raw().values);
  EXPECT_EQ(loaded.validation_score().value, binary_model().validation_score().value);
  EXPECT_EQ(loaded.leaderboard().size(), binary_model().leaderboard().size());
  EXPECT_EQ(loaded.summary(), binary_model().summary());
  EXPECT_TRUE(loaded.recipe() == binary_model().recipe());
  EXPECT_EQ(loaded.member_names(), binary_model().member_names());
  EXPECT_EQ(code_of([&] { loaded.out_of_fold(); }), "model.no_out_of_fold");
  EXPECT_EQ(code_of([&] { feature_importance(loaded); }), "model.no_training_data");
  EXPECT_TRUE(loaded.verify().ok);
}

TEST(AutoMLModel, a_file_holds_out_of_fold_predictions_where_it_is_asked_to) {
  const auto bytes = binary_model().bytes({.out_of_fold = true});
  const AutoMLModel loaded{load(std::span<const std::byte>(bytes))};
  const OutOfFold &saved = binary_model().out_of_fold(), &read = loaded.out_of_fold();
  EXPECT_EQ(read.fold, saved.fold);
  EXPECT_EQ(read.used_rows, saved.used_rows);
  EXPECT_EQ(std::memcmp(read.predictions.values.data(), saved.predictions.values.data(),
                        saved.predictions.values.size() * sizeof(double)),
            0);
  EXPECT_EQ(loaded.bytes(), binary_model().bytes());  // not again without being asked
  EXPECT_EQ(loaded.bytes({.out_of_fold = true}), bytes);
  const AutoMLModel member = loaded.member(loaded.member_names().front());
  EXPECT_EQ(code_of([&] { member.out_of_fold(); }), "model.no_out_of_fold");
  EXPECT_EQ(code_of([&] { member.bytes({.out_of_fold = true}); }), "model.no_out_of_fold");
  EXPECT_EQ(code_of([&] { feature_importance(loaded); }), "model.no_training_data");
  EXPECT_EQ(code_of([&] { loaded.suspicious_rows(); }), "model.no_out_of_fold");
  EXPECT_TRUE(evaluate(loaded, binary_data()).warnings.empty());
}

TEST(Refit, on_the_same_rows_gives_the_same_model) {
  const AutoMLModel again = refit(regression_model(), regression_data(), {.threads = 1});
  EXPECT_EQ(again.predict(regression_data()).raw().values, regression_model().predict(regression_data()).raw().values);
  // weights and rounds are given, and were found on these rows: the score is not nested, and flattered a little
  EXPECT_LE(again.validation_score().value, regression_model().validation_score().value);
  EXPECT_NEAR(again.validation_score().value, regression_model().validation_score().value, 0.01);
  EXPECT_EQ(again.member_names(), regression_model().member_names());
  expect_rows_and_columns_close(again, regression_data(), "target");
  expect_candidates_and_weights_close(again);
  expect_time_closes(again);
}

TEST(Refit, keeps_weights_positive_class_and_members_on_new_rows) {
  const Table more = tables::plain(Task::binary, 350, 5);
  const AutoMLModel again = refit(binary_model(), more, {.threads = 1});
  EXPECT_EQ(again.classes()[again.target().positive], binary_model().classes()[binary_model().target().positive]);
  std::map<std::string, double> before, after;
  for (const auto& row : binary_model().leaderboard())
    if (row.weight > 0) before[row.name] = row.weight;
  for (const auto& row : again.leaderboard())
    if (row.weight > 0) after[row.name] = row.weight;
  EXPECT_EQ(after, before);
  expect_valid_predictions(again, more);
  const auto bytes = binary_model().bytes();
  const AutoMLModel from_file = refit(load(std::span<const std::byte>(bytes)), more, {.threads = 1});
  EXPECT_EQ(from_file.predict(more).raw().values, again.predict(more).raw().values);
}

TEST(Refit, does_not_depend_on_threads) {
  const Table more = tables::plain(Task::regression, 200, 5);
  EXPECT_EQ(refit(regression_model(), more, {.threads = 1}).predict(more).raw().values,
            refit(regression_model(), more, {.threads = 3}).predict(more).raw().values);
}

TEST(Refit, without_the_columns_of_the_recipe_is_an_error) {
  EXPECT_NE(code_of([] { refit(regression_model(), regression_data().without({"a"}), {.threads = 1}); }), "none");
  EXPECT_NE(code_of([] { refit(regression_model(), regression_data().without({"target"}), {.threads = 1}); }), "none");
}

TEST(Refit, ignores_columns_that_the_recipe_does_not_know) {
  const Table wider = tables::with(regression_data(), tables::number("more", std::vector<double>(300, 0.5)));
  const AutoMLModel again = refit(regression_model(), wider, {.threads = 1});
  EXPECT_EQ(again.schema().names(), regression_model().schema().names());
}

}  // namespace
}  // namespace automill
