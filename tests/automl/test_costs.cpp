// cost_matrix: labels of the least expected cost in every layer, the score as mean cost, bad matrices refused.

#include "automl/cost_matrix.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

using Costs = std::vector<std::vector<double>>;

TrainOptions options(Costs costs) {
  return {.target = "target", .max_trials = 4, .threads = 1, .folds = 4, .cost_matrix = std::move(costs)};
}

/// Brute force: the cheapest label of a row, the first of equal ones.
std::size_t cheapest(const std::vector<double>& costs, std::span<const double> p) {
  std::vector<double> expected(p.size(), 0.0);
  for (std::size_t truth = 0; truth < p.size(); ++truth)
    for (std::size_t k = 0; k < p.size(); ++k) expected[k] += p[truth] * costs[truth * p.size() + k];
  return static_cast<std::size_t>(std::min_element(expected.begin(), expected.end()) - expected.begin());
}

double mean_cost_of(const ServedModel& model, const Table& rows) {
  const PredictionResult result = model.predict(rows);
  const auto& classes = model.classes();
  double sum = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const auto truth = static_cast<std::size_t>(
        std::find(classes.begin(), classes.end(), rows.column("target").text(i)) - classes.begin());
    sum += model.target().costs[truth * classes.size() + result.label_indices()[i]];
  }
  return sum / static_cast<double>(rows.rows());
}

TEST(CostMatrix, labels_are_the_cheapest_for_any_matrix) {
  // property: over random matrices and probabilities, decide is the brute-force minimum of the expected cost
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    RandomStream random(11, purpose("random costs"), trial);
    const std::size_t n = 2 + random.below(4);
    TrainOptions given;
    TargetInfo target{.name = "target", .task = n == 2 ? Task::binary : Task::multiclass, .positive = random.below(2)};
    for (std::size_t i = 0; i < n; ++i) {
      target.classes.push_back(std::string(1, static_cast<char>('a' + i)));
      given.cost_matrix.emplace_back();
      for (std::size_t k = 0; k < n; ++k)
        given.cost_matrix[i].push_back(i == k ? 0.1 * random.uniform() : 0.1 + random.uniform());
    }
    Faults faults;
    set_costs(given, target, faults);
    ASSERT_TRUE(faults.empty());
    for (int row = 0; row < 20; ++row) {
      std::vector<double> p(n);
      double sum = 0;
      for (double& value : p) sum += value = random.uniform();
      for (double& value : p) value /= sum;
      EXPECT_EQ(PredictionResult::decide(target, p), cheapest(target.costs, p));
    }
  }
}

TEST(CostMatrix, is_kept_in_every_layer_of_two_classes) {
  const AutoMLModel model = train(tables::plain(Task::binary, 400), options({{0, 1}, {5, 0}}));
  EXPECT_EQ(model.target().costs, (std::vector<double>{0, 1, 5, 0}));
  EXPECT_NEAR(model.decision_threshold(), 1.0 / 6, 1e-15);  // 'yes' where 5 p > 1 - p
  const Table fresh = tables::plain(Task::binary, 500, 2);
  const ServedModel again = load(model.bytes());
  const PredictionResult result = again.predict(fresh);
  for (std::size_t i = 0; i < fresh.rows(); ++i)
    EXPECT_EQ(result.label_indices()[i], cheapest(model.target().costs, result.probabilities().row(i)));
  EXPECT_EQ(again.predict(fresh).labels(), model.predict(fresh).labels());
  EXPECT_NEAR(evaluate(again, fresh, {"mean_cost"}).value("mean_cost"), mean_cost_of(again, fresh), 1e-12);
  // worth it: cheaper than the likeliest class, and than always the same
  const AutoMLModel plain =
      train(tables::plain(Task::binary, 400), {.target = "target", .max_trials = 4, .threads = 1, .folds = 4});
  auto likeliest = std::make_shared<ModelParts>(plain.parts());
  likeliest->target.costs = model.target().costs;
  EXPECT_LT(mean_cost_of(model, fresh), mean_cost_of(ServedModel(likeliest), fresh));
  EXPECT_EQ(text_of([&] { model.with_decision_threshold(0.5); }),
            "decision_threshold: this model was trained with a cost_matrix (its labels are those of the least expected "
            "cost) [model.no_threshold]");
}

TEST(CostMatrix, the_score_is_the_mean_cost_of_out_of_fold_labels) {
  const Table data = tables::plain(Task::multiclass, 400);
  const AutoMLModel model = train(data, options({{0, 2, 1}, {1, 0, 1}, {4, 3, 0}}));
  const Score score = model.validation_score();
  EXPECT_EQ(score.metric, "mean_cost");
  double sum = 0;
  const auto& classes = model.classes();
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const auto truth = static_cast<std::size_t>(
        std::find(classes.begin(), classes.end(), data.column("target").text(i)) - classes.begin());
    sum += model.target().costs[3 * truth + cheapest(model.target().costs, model.out_of_fold().predictions.row(i))];
  }
  EXPECT_NEAR(score.value, sum / static_cast<double>(data.rows()), 1e-12);
  EXPECT_LE(score.low, score.value);
  const std::string shown = model.summary();
  EXPECT_NE(shown.find("labels of the least expected cost: 'high' as 'low' 2, 'high' as 'middle' 1"), std::string::npos)
      << shown;
  for (const auto& row : model.leaderboard())
    if (row.family == "baseline") EXPECT_GT(row.validation_score, score.value);
  // label metrics see the labels that predict gives
  const Table fresh = tables::plain(Task::multiclass, 500, 2);
  double right = 0;
  const auto labels = model.predict(fresh).labels();
  for (std::size_t i = 0; i < fresh.rows(); ++i) right += labels[i] == fresh.column("target").text(i) ? 1.0 / 500 : 0;
  EXPECT_NEAR(evaluate(model, fresh).value("accuracy"), right, 1e-12);
  EXPECT_NEAR(evaluate(model, fresh).value("mean_cost"), mean_cost_of(model, fresh), 1e-12);
  EXPECT_GT(feature_importance(model, fresh, 2)[0].importance, 0);
  EXPECT_GT(feature_importance(model, 1)[0].importance, 0);
}

TEST(CostMatrix, refit_keeps_it_by_the_names_of_classes) {
  TrainOptions given = options({{0, 5}, {1, 0}});
  given.cost_classes = {"yes", "no"};  // not their order
  const AutoMLModel model = train(tables::plain(Task::binary, 300), given);
  EXPECT_EQ(model.target().costs, (std::vector<double>{0, 1, 5, 0}));
  const AutoMLModel again = refit(load(model.bytes()), tables::plain(Task::binary, 350, 3), {.threads = 1});
  EXPECT_EQ(again.target().costs, model.target().costs);
  EXPECT_EQ(again.decision_threshold(), model.decision_threshold());
  EXPECT_EQ(again.validation_score().metric, "mean_cost");
  EXPECT_EQ(Value(again.recipe()).at("cost_matrix"), Value(model.recipe()).at("cost_matrix"));
}

TEST(CostMatrix, what_cannot_be_meant_is_refused) {
  const Table data = tables::plain(Task::binary, 60);
  const auto refused = [&](Costs costs) { return text_of([&] { train(data, options(std::move(costs))); }); };
  EXPECT_EQ(
      refused({{0, 1, 2}, {1, 0, 2}, {1, 2, 0}}),
      "cost_matrix: 3 x 3 costs for 2 classes (give a row for each true class and in it a cost for each predicted "
      "one) [option.invalid]");
  EXPECT_NE(refused({{0, 1}, {1}}).find("[option.invalid]"), std::string::npos);
  EXPECT_EQ(refused({{0, -1}, {1, 0}}),
            "cost_matrix: 'no' predicted as 'yes' costs -1: it must be finite and at least 0 [option.out_of_range]");
  EXPECT_NE(refused({{0, 1}, {std::numeric_limits<double>::infinity(), 0}}).find("[option.out_of_range]"),
            std::string::npos);
  EXPECT_EQ(refused({{1, 0}, {0, 1}}),
            "cost_matrix: 'no' predicted as 'yes' costs 0, less than predicted right, 1 (rows are truths, columns "
            "predictions) [option.invalid]");
  EXPECT_EQ(refused({{1, 1}, {2, 2}}), "cost_matrix: no wrong prediction costs more than a right one [option.invalid]");
  TrainOptions given = options({{0, 1}, {5, 0}});
  given.cost_classes = {"no", "yess"};
  EXPECT_NE(text_of([&] { train(data, given); }).find("'yess' is not a class (did you mean 'yes'?)"),
            std::string::npos);
  given = options({{0, 1}, {5, 0}});
  given.metric = "accuracy";
  EXPECT_NE(text_of([&] { train(data, given); }).find("[option.contradiction]"), std::string::npos);
  given = options({{0, 1}, {5, 0}});
  given.class_weight = "balanced";
  EXPECT_NE(text_of([&] { train(data, given); }).find("[option.contradiction]"), std::string::npos);
  EXPECT_EQ(text_of([&] {
              train(tables::plain(Task::regression, 60), options({{0, 1}, {5, 0}}));
            }),
            "cost_matrix: a regression target has no classes [option.contradiction]");
}

}  // namespace
}  // namespace automill
