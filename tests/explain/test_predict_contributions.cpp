// Contributions of served models: they sum to the score, derived columns go back to the columns that they come from.
// What is no sum is sampled (test_sample_contributions.cpp); its interactions are refused.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/explain/predict_contributions.hpp>
#include <automill/features/generate_features.hpp>
#include <automill/features/table_preparer.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/tree/contributions.hpp>

#include "automl/tables.hpp"
#include "error_tools.hpp"
#include "predict/sample_models.hpp"
#include "served.hpp"

namespace automill {
namespace {

/// People with a target of each task that follows from their columns.
std::shared_ptr<const Dataset> people(Task task, std::size_t positive = 1, std::size_t rows = 300) {
  Dataset dataset;
  dataset.features = samples::people(rows, 3);
  dataset.target.task = task;
  dataset.target.name = "target";
  dataset.target.positive = positive;
  if (task == Task::binary) dataset.target.classes = {"no", "yes"};
  if (task == Task::multiclass) dataset.target.classes = {"a", "b", "c"};
  for (std::size_t i = 0; i < rows; ++i) {
    const double age = dataset.features[0].number(i), income = dataset.features[1].number(i);
    const double job = dataset.features[3].number(i), joined = dataset.features[4].number(i);
    const double signal = age / 30 + (income > 1500 ? 1.0 : 0.0) + (job == 2 ? 1.0 : 0.0) * (age > 40 ? 1.0 : -1.0) +
                          std::fmod(joined / 8.64e10, 7) / 7;
    dataset.target.values.push_back(signal + 1);
    if (task != Task::regression)
      dataset.target.labels.push_back(signal < 1.7 ? 0 : task == Task::multiclass && signal > 2.4 ? 2 : 1);
  }
  if (task != Task::regression) dataset.target.values.clear();
  return make_dataset(std::move(dataset));
}

template <class E>
ServedModel fitted(const std::shared_ptr<const Dataset>& dataset, const E& estimator) {
  return served(dataset, std::shared_ptr<const Model>(estimator.fit(dataset).model));
}

const GradientBoosting& small_booster() {
  static const GradientBoosting booster({.n_estimators = 20, .num_leaves = 8, .min_child_samples = 5});
  return booster;
}

/// The sum of a row's values and the score that its predictions say; class scores are known up to a number a row.
void expect_sums(const ScoreContributions& why, const Predictions& predictions, const TargetInfo& target) {
  ASSERT_EQ(why.rows(), predictions.rows());
  for (std::size_t row = 0; row < why.rows(); ++row) {
    std::vector<double> sums;
    for (std::size_t k = 0; k < why.outputs.size(); ++k) {
      const auto values = why.of(row, k);
      sums.push_back(std::accumulate(values.begin(), values.end(), 0.0));
    }
    const auto predicted = predictions.row(row);
    const double first = target.task == Task::binary ? predicted[target.positive] : predicted[0];
    const auto near = [&](double expected, double sum) {
      EXPECT_NEAR(sum, expected, 1e-9 * std::max(1.0, std::abs(expected))) << "row " << row;
    };
    if (why.scale == "log_odds") near(std::log(first / predicted[1 - target.positive]), sums[0]);
    else if (why.scale == "log_probability")
      for (std::size_t k = 1; k < sums.size(); ++k) near(std::log(predicted[k] / first), sums[k] - sums[0]);
    else if (why.scale == "log_rate") near(std::log(first), sums[0]);
    else
      for (std::size_t k = 0; k < sums.size(); ++k) near(sums.size() == 1 ? first : predicted[k], sums[k]);
  }
}

void expect_explained(const ServedModel& model, const Table& rows, const std::string& scale) {
  const Predictions predictions = model.predict(rows).raw();
  const ScoreContributions why = predict_contributions(model, rows);
  EXPECT_EQ(why.scale, scale);
  EXPECT_EQ(why.columns, model.schema().names());
  expect_sums(why, predictions, model.target());

  const Table usual = tables::first_rows(rows, 30);
  const ScoreContributions against = predict_contributions(model, rows, usual);
  expect_sums(against, predictions, model.target());
  for (std::size_t k = 0; k < against.outputs.size(); ++k) {  // the bias is the mean score of the background
    double mean = 0;
    for (std::size_t row = 0; row < 30; ++row) {
      const auto values = against.of(row, k);
      mean += std::accumulate(values.begin(), values.end(), 0.0) / 30;
    }
    EXPECT_NEAR(against.of(0, k).back(), mean, 1e-9 * std::max(1.0, std::abs(mean)));
  }

  const ScoreInteractions pairs = predict_interactions(model, tables::first_rows(rows, 20));
  const std::size_t columns = why.columns.size();
  for (std::size_t row = 0; row < 20; ++row)
    for (std::size_t k = 0; k < why.outputs.size(); ++k)
      for (std::size_t i = 0; i < columns; ++i) {
        double line = 0;
        for (std::size_t j = 0; j < columns; ++j) {
          line += pairs.of(row, k, i, j);
          EXPECT_NEAR(pairs.of(row, k, i, j), pairs.of(row, k, j, i), 1e-12);
        }
        EXPECT_NEAR(line, why.of(row, k)[i], 1e-10);
      }
}

TEST(PredictContributions, SumToTheScoreOfBoostersBehindTransformers) {
  for (const TransformerPipeline& steps : {samples::wide_steps(), samples::grouped_steps()}) {
    const Pipeline pipeline(std::make_shared<const TransformerPipeline>(steps), "gradient_boosting",
                            std::make_shared<const GradientBoosting>(small_booster()));
    const std::map<Task, std::string> scales{
        {Task::regression, "value"}, {Task::binary, "log_odds"}, {Task::multiclass, "log_probability"}};
    for (const auto& [task, scale] : scales) {
      const auto dataset = people(task, task == Task::binary ? 0 : 1);
      expect_explained(fitted(dataset, pipeline), dataset->features, scale);
    }
  }
  const auto dataset = people(Task::regression);
  const Pipeline rates(DropColumns{{.kinds = "text"}}, GradientBoosting({.n_estimators = 20, .objective = "poisson"}));
  expect_explained(fitted(dataset, rates), dataset->features, "log_rate");
}

TEST(PredictContributions, OfDerivedColumnsGoToTheirColumns) {
  const auto dataset = people(Task::regression);
  const Pipeline pipeline(DropColumns{{.kinds = "text"}}, DatetimeParts{{.keep = true}}, OneHot{}, small_booster());
  const ServedModel model = fitted(dataset, pipeline);
  const auto& fitted_pipeline = dynamic_cast<const PipelineModel&>(*model.parts().model);
  const Table made = fitted_pipeline.transformer().transform(dataset->features);
  const auto& trees = dynamic_cast<const TreeEnsemble&>(fitted_pipeline.model());
  const Contributions inner = contributions(trees, TableView(made));
  const ScoreContributions why = predict_contributions(model, dataset->features);
  for (std::size_t row = 0; row < why.rows(); ++row) {
    std::map<std::string, double> expected;
    for (std::size_t c = 0; c < inner.columns; ++c) {
      const std::string name = made[c].name();
      expected[name.starts_with("job=") ? "job" : name.starts_with("joined") ? "joined" : name] += inner.of(row, 0)[c];
    }
    for (std::size_t c = 0; c < why.columns.size(); ++c)
      EXPECT_NEAR(why.of(row)[c], expected[why.columns[c]], 1e-12) << why.columns[c];
    EXPECT_EQ(why.of(row).back(), inner.of(row, 0).back());
  }
}

/// Three numbers, of which the product of two and a ratio tell the target, a category and two datetimes; cells missing.
std::shared_ptr<const Dataset> made_of_several(Task task) {
  RandomStream random(8, purpose("columns made of several"));
  std::vector<std::vector<double>> numbers(3), dates(2);
  std::vector<std::string_view> kinds;
  Dataset dataset;
  dataset.target.task = task;
  if (task == Task::binary) dataset.target.classes = {"no", "yes"};
  if (task == Task::multiclass) dataset.target.classes = {"a", "b", "c"};
  for (std::size_t i = 0; i < 400; ++i) {
    for (auto& column : numbers) column.push_back(1 + 4 * random.uniform());
    for (auto& column : dates) column.push_back(1.6e15 + 8.64e10 * static_cast<double>(random.below(300)));
    kinds.push_back(random.uniform() < 0.5 ? "left" : "right");
    const double days = (dates[1].back() - dates[0].back()) / 8.64e10;
    const double signal = numbers[0].back() * numbers[1].back() + numbers[2].back() / numbers[0].back() + days / 100;
    if (random.uniform() < 0.1) numbers[1].back() = std::numeric_limits<double>::quiet_NaN();
    dataset.target.values.push_back(signal);
    dataset.target.labels.push_back(signal < 8 ? 0 : task == Task::multiclass && signal > 12 ? 2 : 1);
  }
  if (task == Task::regression) dataset.target.labels.clear();
  else dataset.target.values.clear();
  dataset.features =
      Table({make_number_column({.name = "x"}, numbers[0]), make_number_column({.name = "y"}, numbers[1]),
             make_number_column({.name = "z"}, numbers[2]), make_category_column("kind", kinds),
             make_number_column({.name = "begin", .kind = ColumnKind::datetime}, dates[0]),
             make_number_column({.name = "end", .kind = ColumnKind::datetime}, dates[1])});
  return make_dataset(std::move(dataset));
}

TEST(PredictContributions, SumToTheScoreBehindColumnsThatAreMadeOfSeveral) {
  const std::map<Task, std::string> scales{
      {Task::regression, "value"}, {Task::binary, "log_odds"}, {Task::multiclass, "log_probability"}};
  const TransformerPipeline differences(DatetimeDifferences{}, DatetimeParts{}), statistics(RowStatistics{}, OneHot{}),
      imputed(IterativeImpute{}, OneHot{}), generated(GenerateFeatures{{.validate = false}}, DatetimeParts{}),
      all(DatetimeDifferences{}, DatetimeParts{}, IterativeImpute{}, GenerateFeatures{{.validate = false}},
          RowStatistics{});
  for (const auto& [task, scale] : scales) {
    const auto dataset = made_of_several(task);
    for (const TransformerPipeline& steps : {differences, statistics, imputed, generated, all}) {
      const Pipeline pipeline(std::make_shared<const TransformerPipeline>(steps), "gradient_boosting",
                              std::make_shared<const GradientBoosting>(small_booster()));
      expect_explained(fitted(dataset, pipeline), dataset->features, scale);
    }
  }
  const auto dataset = made_of_several(Task::regression);
  expect_explained(fitted(dataset, Pipeline(TablePreparer{}, small_booster())), dataset->features, "value");
  expect_explained(fitted(dataset, Pipeline(TablePreparer{{.for_family = "linear"}}, Ridge{})), dataset->features,
                   "value");
}

TEST(PredictContributions, OfColumnsMadeOfSeveralAreSharedInEqualParts) {
  const auto dataset = made_of_several(Task::regression);
  const Pipeline pipeline(DropColumns{{.columns = "kind,z,x,y"}}, DatetimeDifferences{}, small_booster());
  const ServedModel model = fitted(dataset, pipeline);
  const auto& inside = dynamic_cast<const PipelineModel&>(*model.parts().model);
  const Table made = inside.transformer().transform(dataset->features);
  ASSERT_EQ(made.schema()->names(), (std::vector<std::string>{"begin", "end", "days_from_begin_to_end"}));
  const Contributions own = contributions(dynamic_cast<const TreeEnsemble&>(inside.model()), made, {});
  const ScoreContributions why = predict_contributions(model, dataset->features);
  double shared = 0;
  for (std::size_t row = 0; row < dataset->rows(); ++row) {
    const auto given = own.of(row, 0);
    shared += std::abs(given[2]);
    EXPECT_EQ(why.of(row)[0], 0);  // dropped
    EXPECT_NEAR(why.of(row)[4], given[0] + given[2] / 2, 1e-12);
    EXPECT_NEAR(why.of(row)[5], given[1] + given[2] / 2, 1e-12);
  }
  EXPECT_GT(shared, 1);  // the difference is what the trees use
}

TEST(PredictContributions, OfTransformedTargetsAreOnTheTransformedScale) {
  const auto dataset = made_of_several(Task::regression);
  const TransformedTarget log_target(small_booster(), {.method = "log1p", .smearing = false});
  const ServedModel model = fitted(dataset, Pipeline(DropColumns{{.columns = "kind"}}, log_target));
  const ScoreContributions why = predict_contributions(model, dataset->features);
  EXPECT_EQ(why.scale, "transformed_value");
  const auto& outer = dynamic_cast<const PipelineModel&>(*model.parts().model);
  const auto& transformed = dynamic_cast<const TransformedTargetModel&>(outer.model());
  const Predictions inner = transformed.model().predict(outer.transformer().transform(dataset->features));
  for (std::size_t row = 0; row < dataset->rows(); ++row) {
    const auto values = why.of(row);
    EXPECT_NEAR(std::accumulate(values.begin(), values.end(), 0.0), inner.values[row], 1e-9);
  }
  const Pipeline whole(
      DropColumns{{.columns = "kind"}},
      TransformedTarget(GradientBoosting({.n_estimators = 10, .objective = "poisson"}), {.method = "log1p"}));
  // a score of a rate is a logarithm of what was transformed
  EXPECT_EQ(predict_contributions(fitted(dataset, whole), dataset->features).scale, "transformed_log_rate");
}

TEST(PredictContributions, MeansWithTransformedTargetsAreNoSum) {
  const auto dataset = made_of_several(Task::regression);
  std::vector<WeightedEnsemble::Member> members;
  const DropColumns numbers{{.columns = "kind"}};
  members.push_back(
      {"plain", 0.5, std::shared_ptr<const Model>(Pipeline(numbers, small_booster()).fit(dataset).model)});
  members.push_back(
      {"logs", 0.5,
       std::shared_ptr<const Model>(Pipeline(numbers, TransformedTarget(small_booster())).fit(dataset).model)});
  auto ensemble = std::make_shared<WeightedEnsemble>(std::move(members));
  ensemble->set_context({dataset->features.schema(), output_of(dataset->target)});
  EXPECT_EQ(code_of([&] { predict_interactions(served(dataset, ensemble), dataset->features); }),
            "explain.not_additive");
}

TEST(PredictContributions, OfLinearModelsAreTheirTerms) {
  const auto numbers = [] {
    return Pipeline(DropColumns{{.kinds = "text"}}, DatetimeParts{}, Impute{}, OneHot{}, Scaler{}, Ridge{});
  };
  const auto dataset = people(Task::regression);
  expect_explained(fitted(dataset, numbers()), dataset->features, "value");
  for (std::size_t positive : {0U, 1U}) {
    const auto binary = people(Task::binary, positive);
    const Pipeline logistic(samples::wide_steps(), Logistic{});
    expect_explained(fitted(binary, logistic), binary->features, "log_odds");
  }
  const auto classes = people(Task::multiclass);
  const Pipeline softmax(samples::wide_steps(), Logistic{});
  expect_explained(fitted(classes, softmax), classes->features, "log_probability");

  // closed form: weight times the distance from the mean
  LinearState state{
      .weights = {2, -3}, .intercepts = {5}, .centers = {1, 10}, .lower = {-100, -100}, .upper = {100, 20}};
  auto model = std::make_shared<LinearModel>(state);
  const Table rows({tables::number("a", {3, samples::missing}), tables::number("b", {8, 50})});
  model->set_context({rows.schema(), {}});
  auto parts = std::make_shared<ModelParts>();
  parts->schema = rows.schema();
  parts->target.name = "y";
  parts->model = model;
  const ServedModel whole(parts);
  const ScoreContributions why = predict_contributions(whole, rows);
  EXPECT_EQ(why.values, (std::vector<double>{4, 6, 5, 0, -30, 5}));
  EXPECT_EQ(why.outputs, std::vector<std::string>{"y"});
  const ScoreContributions against = predict_contributions(whole, rows, rows);  // means of the distances: 1 and 4
  EXPECT_EQ(against.values, (std::vector<double>{2, 18, -5, -2, -18, -5}));
  EXPECT_EQ(predict_interactions(whole, rows).values, (std::vector<double>{4, 0, 0, 6, 0, 0, 0, -30}));
}

TEST(PredictContributions, OfMeansOfValuesAndOfForestsAdd) {
  const auto dataset = people(Task::regression);
  const auto booster =
      std::shared_ptr<const Model>(Pipeline(DropColumns{{.kinds = "text"}}, small_booster()).fit(dataset).model);
  const auto ridge = std::shared_ptr<const Model>(Pipeline(samples::wide_steps(), Ridge{}).fit(dataset).model);
  const auto constant = std::shared_ptr<const Model>(Baseline{}.fit(dataset).model);
  const auto bag = [&](std::vector<WeightedEnsemble::Member> members) {
    auto ensemble = std::make_shared<WeightedEnsemble>(std::move(members));
    ensemble->set_context(booster->context());
    return ensemble;
  };
  const auto folds = bag({{"fold_0", 0.5, booster}, {"fold_1", 0.5, constant}});
  expect_explained(served(dataset, bag({{"gbdt_1", 0.25, folds}, {"ridge_1", 0.75, ridge}})), dataset->features,
                   "value");
  const auto lines = std::shared_ptr<const Model>(
      Pipeline(DropColumns{{.kinds = "text"}}, GradientBoosting({.n_estimators = 10, .linear_tree = true}))
          .fit(dataset)
          .model);
  expect_explained(served(dataset, bag({{"gbdt_2", 0.5, lines}, {"gbdt_1", 0.5, folds}})), dataset->features, "value");

  for (const Task task : {Task::binary, Task::multiclass}) {  // scores that are probabilities
    const auto labelled = people(task);
    TreeArrays arrays;
    const bool two = task == Task::binary;
    arrays.transform = two ? ScoreTransform::probability : ScoreTransform::identity;
    arrays.base.assign(two ? 1 : 3, 0.0);
    arrays.columns = {0};
    arrays.categories.resize(1);
    arrays.roots = {0};
    arrays.nodes = {{40, 1, 0}, {0, 0, 0}, {1, 0, 0}};
    arrays.rows = {10, 4, 6};
    arrays.gains.assign(3, 0.0F);
    arrays.leaf_vectors =
        two ? std::vector<float>{0.25F, 0.75F} : std::vector<float>{0.5F, 0.25F, 0.25F, 0, 0.5F, 0.5F};
    const auto forest = std::make_shared<TreeEnsemble>(arrays);
    forest->set_context({labelled->features.schema(), output_of(labelled->target)});
    const auto prior = std::shared_ptr<const Model>(Baseline{}.fit(labelled).model);
    auto ensemble = std::make_shared<WeightedEnsemble>(
        std::vector<WeightedEnsemble::Member>{{"forest_1", 0.5, forest}, {"baseline", 0.5, prior}});
    ensemble->set_context(forest->context());
    expect_explained(served(labelled, ensemble), labelled->features, "probability");
  }
}

TEST(PredictContributions, WhatIsNoSumIsSampledAndInteractionsNameWhatCanBeAsked) {
  const Table data = tables::plain(Task::binary, 300);
  const AutoMLModel model =
      train(data, {.target = "target", .max_trials = 4, .threads = 1, .folds = 3, .include = {"gbdt"}});
  const Table rows = data.without({"target"});
  const std::string member = model.member_names().front();
  try {
    predict_interactions(model.member(member), rows);
    FAIL() << "a mean of probabilities was explained";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "explain.not_additive");
    EXPECT_EQ(error.hint(), "explain one of them: member(\"" + member + ".fold_0\")");
  }
  const ScoreContributions sampled = predict_contributions(model.member(member), tables::first_rows(rows, 5));
  EXPECT_EQ(sampled.scale, "probability");
  EXPECT_EQ(sampled.standard_errors.size(), sampled.values.size());
  const AutoMLModel fold = model.member(member + ".fold_0");
  EXPECT_EQ(fold.member_names(), std::vector<std::string>{member + ".fold_0"});
  EXPECT_EQ(fold.recipe().at("members").array().size(), 1U);  // refit makes the member
  expect_explained(fold, rows, "log_odds");
  EXPECT_EQ(fold.member(member + ".fold_0").predict(rows).raw().values, fold.predict(rows).raw().values);
  EXPECT_EQ(code_of([&] { model.member(member + ".fold_7"); }), "model.unknown_member");
  EXPECT_EQ(code_of([&] { predict_contributions(fold, rows, tables::first_rows(rows, 0)); }), "explain.background");
}

class Mystery final : public Model {
 public:
  void predict_aligned(const TableView&, PredictionsView, const RunContext&) const override {}
  std::string type() const override { return "mystery"; }
  void save(ArchiveWriter&) const override {}
};
class Shuffle final : public FittedTransformer {
 public:
  std::unique_ptr<RowTransformer> row_transformer() const override { return nullptr; }
  std::string type() const override { return "shuffle"; }
  void save(ArchiveWriter&) const override {}

 protected:
  Schema make_output_schema(const Schema& input) const override { return input; }
};

TEST(PredictInteractions, UnknownComponentsAreRefusedByName) {
  const auto dataset = people(Task::regression);
  const auto refused = [&](const ServedModel& model) {
    try {
      predict_interactions(model, dataset->features);
    } catch (const Error& error) {
      return error.code() + " " + error.place();
    }
    return std::string("explained");
  };
  auto mystery = std::make_shared<Mystery>();
  mystery->set_context({dataset->features.schema(), {}});
  EXPECT_EQ(refused(served(dataset, mystery)), "explain.model mystery");
  auto shuffle = std::make_shared<Shuffle>();
  shuffle->set_input(dataset->features.schema());
  EXPECT_EQ(refused(served(dataset, std::make_shared<PipelineModel>(shuffle, Baseline{}.fit(dataset).model))),
            "explain.transformer shuffle");
}

TEST(PredictContributions, RowsAndThreads) {
  const auto dataset = people(Task::regression);
  const ServedModel model = fitted(dataset, Pipeline(samples::wide_steps(), small_booster()));
  EXPECT_EQ(predict_contributions(model, tables::first_rows(dataset->features, 0)).rows(), 0U);
  EXPECT_EQ(code_of([&] { predict_contributions(model, dataset->features.without({"age"})); }), "data.column_missing");
  const auto threads = make_executor(3);
  RunContext context;
  context.run_with = threads.get();
  EXPECT_EQ(predict_contributions(model, dataset->features, context).values,
            predict_contributions(model, dataset->features).values);
}

}  // namespace
}  // namespace automill
