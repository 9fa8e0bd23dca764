// tune: it finds what was planted, leaks nothing, obeys its limits, and refuses what makes no sense.

#include <gtest/gtest.h>

#include <automill/automl/tune.hpp>
#include <automill/ensemble/stacking.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/learners/naive_bayes.hpp>
#include <automill/preprocess/preprocess.hpp>
#include <set>
#include <thread>

#include "error_tools.hpp"

using namespace automill;
using namespace std::literals;

namespace {

/// Predicts one value for every row.
class ConstantModel final : public Model {
 public:
  explicit ConstantModel(double value) : value_(value) {}
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override {
    predict_by_rows(*this, rows, out, context);
  }
  std::unique_ptr<RowPredictor> row_predictor() const override {
    struct Rows final : RowPredictor {
      explicit Rows(double of) : value(of) {}
      void predict(const RowView&, std::span<double> out) noexcept override { out[0] = value; }
      double value;
    };
    return std::make_unique<Rows>(value_);
  }
  std::string type() const override { return "constant"; }
  void save(ArchiveWriter& out) const override { out.set("value", value_); }

 private:
  double value_;
};

struct PlantedParameters {
  double x = 0.9;
  std::string kind = "far";
  double fail_above = 2;
  double sleep = 0;
  static auto declare() {
    using P = PlantedParameters;
    return std::tuple{parameter("x", &P::x, "Where it is.").range(0, 1).search(0, 1),
                      parameter("kind", &P::kind, "How much is added.").choices({"far", "near", "odd"}).search(0, 1),
                      parameter("fail_above", &P::fail_above, "From here on it fails.").range(0, 2),
                      parameter("sleep", &P::sleep, "Seconds of a fit.").range(0, 100)};
  }
};

/// Predicts (x - 0.3)^2, and 1 more where kind is "far": of a target of zeros, that is the rmse of every fold.
class Planted final : public Learner<Planted, PlantedParameters> {
 public:
  static constexpr const char* registered_name = "planted";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.tasks = {Task::regression}}; }

 protected:
  FitResult fit_checked(const FitInput&, const RunContext& context) const override {
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(parameters_.sleep));
    while (Clock::now() < end) {
      context.stop.throw_if_requested();
      std::this_thread::sleep_for(1ms);
    }
    if (parameters_.x > parameters_.fail_above) throw Error("planted.failure", "x", "too large");
    const double apart = parameters_.x - 0.3;
    return {.model = std::make_unique<ConstantModel>(apart * apart + (parameters_.kind == "far" ? 1 : 0))};
  }
};

const Registry& planted_registry() {
  static const Registry registry = [] {
    Registry made(&builtin_registry());
    made.add_estimator<Planted>("A known optimum.");
    return made;
  }();
  return registry;
}

std::shared_ptr<const Dataset> zeros(std::size_t rows = 40) {
  std::vector<double> a;
  for (std::size_t i = 0; i < rows; ++i) a.push_back(static_cast<double>(i));
  Dataset dataset;
  dataset.features = Table({make_number_column({.name = "a"}, std::move(a))});
  dataset.target.values.assign(rows, 0.0);
  return make_dataset(std::move(dataset));
}

/// y = z1 + noise of five numbers, the numbers as exp(spread z).
std::shared_ptr<const Dataset> numbers(std::size_t rows, double spread = 0, Task task = Task::regression) {
  RandomStream random(3, purpose("tune test"));
  std::vector<std::vector<double>> columns(5);
  Dataset dataset;
  dataset.target.task = task;
  if (task == Task::binary) dataset.target.classes = {"no", "yes"};
  for (std::size_t i = 0; i < rows; ++i) {
    double y = 0.5 * random.normal();
    for (auto& column : columns) {
      const double z = random.normal();
      if (&column == columns.data()) y += z;
      column.push_back(spread > 0 ? std::exp(spread * z) : z);
    }
    if (task == Task::binary) dataset.target.labels.push_back(y > 0 ? 1 : 0);
    else dataset.target.values.push_back(y);
  }
  std::vector<ColumnPtr> made;
  for (std::size_t c = 0; c < columns.size(); ++c)
    made.push_back(make_number_column({.name = "f" + std::to_string(c)}, std::move(columns[c])));
  dataset.features = Table(std::move(made));
  return make_dataset(std::move(dataset));
}

std::vector<std::string> names_of_space(const SearchSpace& space) {
  std::vector<std::string> names;
  for (const auto& [name, parameter] : space.parameters()) names.push_back(name);
  return names;
}

const SearchParameter& parameter_of(const SearchSpace& space, const std::string& wanted) {
  for (const auto& [name, parameter] : space.parameters())
    if (name == wanted) return parameter;
  throw Error("test.no_parameter", wanted, "it is not in the space");
}

TEST(SearchSpaceOf, HasWhatStepsDeclareAtAnyDepth) {
  const Pipeline pipeline(
      ColumnTransformer({{"numbers", TransformerPipeline(Impute{}, Scaler{}), {"a", "b"}}, {"words", OneHot{}, {"c"}}}),
      TransformedTarget{std::make_shared<const Ridge>(), {}});
  EXPECT_EQ(
      names_of_space(search_space(pipeline)),
      (std::vector<std::string>{"column_transformer.numbers.impute.numeric", "column_transformer.numbers.scale.method",
                                "column_transformer.words.max_categories", "transformed_target.estimator.alpha"}));
  const SearchSpace space = search_space(pipeline);
  const SearchParameter& alpha = parameter_of(space, "transformed_target.estimator.alpha");
  EXPECT_EQ(alpha.kind, SearchParameter::Kind::number);
  EXPECT_EQ(alpha.scale, Scale::log);
  EXPECT_EQ(alpha.low, 1e-3);
  EXPECT_EQ(alpha.high, 1e5);
  EXPECT_EQ(parameter_of(space, "column_transformer.numbers.impute.numeric").choices, (Array{"median", "mean"}));
  const Stacking stacking{{.estimators = {{"first", Ridge{}}, {"second", Ridge{}}}, .final_estimator = Ridge{}}};
  EXPECT_EQ(names_of_space(search_space(stacking)),
            (std::vector<std::string>{"first.alpha", "second.alpha", "final_estimator.alpha"}));
}

TEST(SearchSpaceOf, KnowsWhatAParameterDependsOn) {
  const SearchSpace mixed = search_space(NaiveBayes{});
  const auto& conditions = parameter_of(mixed, "bins").conditions;
  ASSERT_EQ(conditions.size(), 1);
  EXPECT_EQ(conditions[0].parameter, "numbers");
  EXPECT_EQ(conditions[0].values, (std::vector<Value>{"bins"}));
  EXPECT_EQ(names_of_space(search_space(NaiveBayes{{.kind = "complement"}})), (std::vector<std::string>{"alpha"}));
}

TEST(SearchSpaceOf, EveryRangeOfABuiltInComponentIsOneThatItTakes) {
  const auto check = [](const auto& entry) {
    SCOPED_TRACE(entry.name);
    for (const ParameterDeclaration& declaration : entry.parameters) {
      if (!declaration.search) continue;
      SCOPED_TRACE(declaration.name);
      const auto& [low, high, scale] = *declaration.search;
      EXPECT_LT(low, high);
      if (declaration.type == "text") {
        ASSERT_LT(high, static_cast<double>(declaration.choices.size()));
        EXPECT_EQ(low, std::floor(low));
        continue;
      }
      EXPECT_TRUE(scale == Scale::linear || low > 0);
      if (declaration.type == "bool") continue;
      for (double end : {low, high}) {
        EXPECT_NO_THROW(entry.make({{declaration.name, end}}));
      }
    }
  };
  for (const auto& name : builtin_registry().estimator_names()) check(builtin_registry().estimator(name));
  for (const auto& name : builtin_registry().transformer_names()) check(builtin_registry().transformer(name));
}

TEST(Tune, FindsAPlantedOptimum) {
  for (const std::string strategy : {"bayesian", "tpe"}) {
    const TuneResult found =
        tune(Planted{}, zeros(), {.trials = 40, .strategy = strategy, .seed = 1, .registry = &planted_registry()});
    EXPECT_EQ(found.best.parameters.find("kind")->text(), "near");
    EXPECT_NEAR(found.best.parameters.find("x")->number(), 0.3, strategy == "bayesian" ? 0.02 : 0.1);
    EXPECT_EQ(found.trials.size(), 40);
    EXPECT_EQ(found.estimator->parameters().find("x")->number(), found.best.parameters.find("x")->number());
    EXPECT_EQ(found.score.metric, "rmse");
    ASSERT_NE(found.fit.model, nullptr);
    const double apart = found.best.parameters.find("x")->number() - 0.3;
    EXPECT_EQ(found.fit.model->predict(zeros()->features).values[0], apart * apart);
  }
}

TEST(Tune, BeginsWithTheEstimatorAsItIs) {
  const auto data = numbers(120);
  const Pipeline pipeline(Scaler{}, Ridge{{.alpha = 7.0}});
  const TuneResult found = tune(pipeline, data, {.trials = 3, .folds = 4, .seed = 5});
  const CrossValidation by_hand = cross_validate(pipeline, data, {.folds = 4, .seed = 5});
  EXPECT_EQ(found.trials[0].fold_scores, by_hand.fold_scores);
  EXPECT_EQ(found.trials[0].score, by_hand.mean);
  EXPECT_EQ(*found.trials[0].parameters.find("ridge.alpha"), Value(7.0));
  EXPECT_EQ(*found.trials[0].parameters.find("scale.method"), Value("standard"));
  // values beyond the searched range, and those that the data decide, stay as they are
  const TuneResult boosted = tune(GradientBoosting{}, data, {.trials = 1, .refit = false});
  EXPECT_EQ(*boosted.best.parameters.find("reg_lambda"), Value(0.0));
  EXPECT_EQ(boosted.estimator->parameters(), GradientBoosting{}.parameters());
  const TuneResult linear = tune(Ridge{}, data, {.trials = 1, .refit = false});
  EXPECT_TRUE(linear.best.parameters.find("alpha")->is_null());
}

TEST(Tune, IsTheSameForAnyNumberOfThreads) {
  const auto data = numbers(300, 0, Task::binary);
  const Pipeline pipeline(Scaler{}, GradientBoosting{{.n_estimators = 30}});
  std::optional<TuneResult> one;
  for (int threads : {1, 2, 5}) {
    TuneResult found = tune(pipeline, data, {.trials = 8, .seed = 2, .threads = threads});
    if (!one) {
      one = std::move(found);
      continue;
    }
    ASSERT_EQ(found.trials.size(), one->trials.size());
    for (std::size_t i = 0; i < found.trials.size(); ++i) {
      EXPECT_EQ(found.trials[i].parameters, one->trials[i].parameters);
      EXPECT_EQ(found.trials[i].fold_scores, one->trials[i].fold_scores);
      EXPECT_EQ(found.trials[i].status, one->trials[i].status);
    }
    EXPECT_EQ(found.fit.model->predict(data->features).values, one->fit.model->predict(data->features).values);
  }
}

TEST(Tune, LeaksNothing) {
  RandomStream random(11, purpose("tune leak"));
  std::vector<std::string> names;
  Dataset dataset;
  dataset.target = {.task = Task::binary, .classes = {"no", "yes"}};
  constexpr std::size_t rows = 600;
  for (std::size_t i = 0; i < rows; ++i) {
    names.push_back("name " + std::to_string(random.below(200)));
    dataset.target.labels.push_back(random.below(2) == 1 ? 1 : 0);
  }
  std::vector<std::string_view> views(names.begin(), names.end());
  dataset.features = Table({make_category_column("name", views)});
  const auto noise = make_dataset(std::move(dataset));
  // encoded outside of the folds, or with rounds chosen by the rows that are scored, it would exceed this by far: the
  // mean of categories on their own rows has a roc_auc of 0.8
  for (const auto& pipeline :
       {Pipeline(TargetEncoder{{.smoothing = 1}}, Logistic{}), Pipeline(TargetEncoder{}, GradientBoosting{})}) {
    const TuneResult found = tune(pipeline, noise, {.trials = 6, .seed = 1, .skip_hopeless = false});
    for (const TuneTrial& trial : found.trials) EXPECT_NEAR(trial.score, 0.5, 0.075) << trial.number;
    EXPECT_NEAR(found.nested_score.value, 0.5, 0.075);
  }
}

TEST(Tune, ATrialThatFailsIsARow) {
  const TuneResult found = tune(Planted{{.fail_above = 0.5}}, zeros(),
                                {.trials = 25, .strategy = "random", .registry = &planted_registry()});
  std::size_t failed = 0;
  for (const TuneTrial& trial : found.trials) {
    const bool fails = trial.parameters.find("x")->number() > 0.5;
    failed += fails ? 1 : 0;
    EXPECT_EQ(trial.status == TuneTrial::Status::failed, fails);
    EXPECT_EQ(std::isnan(trial.score), fails);
    EXPECT_EQ(trial.reason.find("too large") != std::string::npos, fails);
  }
  EXPECT_GT(failed, 5);
  EXPECT_LT(failed, 20);
  EXPECT_LE(found.best.parameters.find("x")->number(), 0.5);
  expect_error("search.all_failed", "tune",
               [] { tune(Planted{{.fail_above = 0}}, zeros(), {.trials = 3, .registry = &planted_registry()}); });
}

TEST(Tune, ChoosesSteps) {
  const auto data = numbers(400, 4);  // of exp(4 z) only ranks are of use
  const Pipeline pipeline(Scaler{}, Ridge{{.alpha = 1.0}});
  const TuneResult found = tune(
      pipeline, data,
      {.trials = 30,
       .strategy = "random",
       .seed = 1,
       .space = {{"scale", Categories({nullptr, "scale", QuantileNormal{}.structure(), Winsorize{}.structure()})}}});
  EXPECT_EQ(found.best.parameters.find("scale")->text(), "quantile_normal");
  EXPECT_NE(found.estimator->describe().find("scale: quantile_normal"), std::string::npos)
      << found.estimator->describe();
  std::set<std::string> seen;
  for (const TuneTrial& trial : found.trials) {
    const std::string chosen = trial.parameters.find("scale")->text();
    seen.insert(chosen);
    EXPECT_EQ(trial.parameters.contains("scale.winsorize.lower"), chosen == "winsorize");
    EXPECT_EQ(trial.parameters.contains("scale.scale.method"), chosen == "scale");
    EXPECT_TRUE(trial.parameters.contains("ridge.alpha"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"none", "scale", "quantile_normal", "winsorize"}));
  EXPECT_EQ(found.trials[0].parameters.find("scale")->text(), "scale");
  // a trial is what the same pipeline by hand is
  for (const TuneTrial& trial : found.trials) {
    if (trial.parameters.find("scale")->text() != "none" || trial.status != TuneTrial::Status::ok) continue;
    const Ridge alone{{.alpha = trial.parameters.find("ridge.alpha")->number()}};
    EXPECT_NEAR(cross_validate(alone, data, {.folds = 5, .seed = 1}).mean, trial.score, 1e-9);
  }
}

TEST(Tune, ChoosesLearnersWithParametersOfTheirOwn) {
  const auto data = numbers(200);
  const Pipeline pipeline(Scaler{}, Ridge{});
  const TuneResult found =
      tune(pipeline, data,
           {.trials = 10,
            .strategy = "random",
            .space = {{"ridge", Categories({"ridge", GradientBoosting{{.n_estimators = 20}}.structure()})},
                      {"ridge.gradient_boosting.n_estimators", Fixed(20)},
                      {"ridge.gradient_boosting.num_leaves", Int(2, 8)},
                      {"scale.method", Fixed("robust")}}});
  EXPECT_EQ(found.best.parameters.find("ridge")->text(), "ridge");  // the target is linear
  for (const TuneTrial& trial : found.trials) {
    EXPECT_EQ(*trial.parameters.find("scale.method"), Value("robust"));
    const Value* leaves = trial.parameters.find("ridge.gradient_boosting.num_leaves");
    EXPECT_EQ(leaves != nullptr, trial.parameters.find("ridge")->text() == "gradient_boosting");
    if (leaves != nullptr) {
      EXPECT_LE(leaves->integer(), 8);
    }
  }
}

TEST(Tune, KeepsAnOwnObjectiveWhereAnotherStepIsChosen) {
  const OwnObjective own{
      .name = "squares",
      .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          gradients[i] = rows.scores[i] - rows.targets[i];
          hessians[i] = 1;
        }
      }};
  const Pipeline pipeline(Scaler{}, GradientBoosting{{.n_estimators = 10}}.with_objective(own));
  const TuneResult found =
      tune(pipeline, numbers(100),
           {.trials = 4, .space = {{"scale", Categories({nullptr, "quantile_normal"})}}, .declared = false});
  for (const TuneTrial& trial : found.trials) EXPECT_EQ(trial.status, TuneTrial::Status::ok) << trial.reason;
  EXPECT_LE(found.trials.size(), 2);
}

TEST(Tune, SkipsHopelessTrialsAndFindsTheSame) {
  const auto data = numbers(200);
  const GradientBoosting boosting{{.n_estimators = 20}};
  const TuneOptions options{.trials = 20,
                            .folds = 6,
                            .strategy = "random",
                            .space = {{"learning_rate", Float(1e-4, 0.3, {.log = true})}},
                            .declared = false,
                            .refit = false};
  TuneOptions all = options;
  all.skip_hopeless = false;
  const TuneResult some = tune(boosting, data, options), every = tune(boosting, data, all);
  EXPECT_EQ(some.best.number, every.best.number);
  EXPECT_EQ(some.score.value, every.score.value);
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < some.trials.size(); ++i) {
    const TuneTrial& trial = some.trials[i];
    EXPECT_EQ(trial.parameters, every.trials[i].parameters);
    EXPECT_EQ(every.trials[i].status, TuneTrial::Status::ok);
    if (trial.status == TuneTrial::Status::ok) continue;
    ++skipped;
    EXPECT_EQ(trial.fold_scores.size(), 2);
    EXPECT_GT(trial.score, some.score.value);
    EXPECT_NE(trial.reason.find("hopeless after 2 of 6 folds"), std::string::npos) << trial.reason;
  }
  EXPECT_GT(skipped, 3);
}

TEST(Tune, NestedScoreIsThatOfChoosingOnTheOtherFolds) {
  const TuneResult found = tune(Ridge{}, numbers(60), {.trials = 10, .skip_hopeless = false});
  double sum = 0;
  for (std::size_t fold = 0; fold < 5; ++fold) {
    const auto best = std::min_element(found.trials.begin(), found.trials.end(), [&](const auto& a, const auto& b) {
      const auto others = [&](const TuneTrial& trial) {
        double total = 0;
        for (std::size_t k = 0; k < 5; ++k) total += k != fold ? trial.fold_scores[k] : 0;
        return total;
      };
      return others(a) < others(b);
    });
    sum += best->fold_scores[fold];
  }
  EXPECT_NEAR(found.nested_score.value, sum / 5, 1e-12);
  EXPECT_GE(found.nested_score.value, found.score.value);
  EXPECT_LT(found.score.low, found.score.value);
  EXPECT_GT(found.score.high, found.score.value);
}

TEST(Tune, TakesFoldsOfAllKinds) {
  Dataset dataset = *numbers(60);
  for (std::size_t i = 0; i < 60; ++i) {
    dataset.groups.push_back(i / 6);
    dataset.times.push_back(static_cast<double>(i));
  }
  const auto data = make_dataset(std::move(dataset));
  const auto of = [&](TuneOptions options) {
    options.trials = 2;
    return tune(Ridge{}, data, options);
  };
  EXPECT_EQ(of({.folds = 5}).score.protocol, "5-fold by group");
  const TuneResult forward = of({.plan = make_time_folds(*data, 3)});
  EXPECT_EQ(forward.score.protocol, "3-fold forward in time");
  EXPECT_EQ(forward.best.fold_scores.size(), 3);
  std::vector<std::int32_t> fold_of(60, SplitPlan::never_held_out);
  std::fill(fold_of.begin() + 40, fold_of.end(), 0);
  const TuneResult one = of({.plan = predefined_folds(fold_of)});
  EXPECT_EQ(one.best.fold_scores.size(), 1);
  EXPECT_TRUE(std::isnan(one.score.low));
  EXPECT_TRUE(std::isnan(one.nested_score.value));
  EXPECT_TRUE(std::isfinite(one.score.value));
  expect_error("option.invalid", "folds", [&] { of({.plan = predefined_folds({0, 1, 0})}); });
  fold_of.assign(60, 0);
  expect_error("option.invalid", "folds", [&] { of({.plan = predefined_folds(fold_of)}); });
}

TEST(Tune, EndsInTime) {
  const auto start = Clock::now();
  const TuneResult found =
      tune(Planted{{.sleep = 0.02}}, zeros(), {.trials = 100000, .time_limit = 1s, .registry = &planted_registry()});
  const double seconds = Seconds(Clock::now() - start).count();
  EXPECT_LT(seconds, 1.5);
  EXPECT_GT(found.trials.size(), 2);
  EXPECT_LT(found.trials.size(), 12);  // five fits of 0.02 s a trial, the last one cut short
  EXPECT_NE(found.fit.model, nullptr);
  EXPECT_EQ(found.best.status, TuneTrial::Status::ok);
  expect_error("tune.no_trial", "tune",
               [] { tune(Planted{{.sleep = 50}}, zeros(), {.time_limit = 100ms, .registry = &planted_registry()}); });
}

TEST(Tune, EndsOnRequestWithTheBestSoFar) {
  std::stop_source source;
  std::vector<std::int64_t> seen;
  TuneOptions options{.trials = 50, .stop = source.get_token(), .registry = &planted_registry()};
  options.on_trial = [&](const TuneTrial& trial) {
    seen.push_back(trial.number);
    if (seen.size() == 4) source.request_stop();
  };
  const TuneResult found = tune(Planted{}, zeros(), options);
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(found.trials.size(), 4);
  EXPECT_NE(found.estimator, nullptr);
  options.on_trial = [](const TuneTrial&) { throw std::runtime_error("of the caller"); };
  options.stop = {};
  EXPECT_THROW(tune(Planted{}, zeros(), options), std::runtime_error);
}

TEST(Tune, EndsWithASmallSpace) {
  const TuneResult found = tune(Planted{}, zeros(),
                                {.trials = 50,
                                 .space = {{"kind", Categories({"far", "near", "odd"})}, {"x", Fixed(0.4)}},
                                 .registry = &planted_registry()});
  EXPECT_EQ(found.trials.size(), 3);
  EXPECT_NEAR(found.score.value, 0.01, 1e-12);
}

TEST(Tune, RefusesWhatMakesNoSense) {
  const auto data = numbers(50);
  const Pipeline pipeline(Scaler{}, GradientBoosting{});
  const auto with = [&](std::vector<SearchSpace::Entry> space) {
    return [&, space] { tune(pipeline, data, {.trials = 1, .space = space}); };
  };
  expect_error("search.unknown_parameter", "gradient_boosting.num_leafs",
               with({{"gradient_boosting.num_leafs", Int(2, 4)}}));
  EXPECT_NE(
      text_of(with({{"gradient_boosting.num_leafs", Int(2, 4)}})).find("did you mean 'gradient_boosting.num_leaves'?"),
      std::string::npos);
  expect_error("search.unknown_parameter", "scaler", with({{"scaler", Categories({nullptr, "scale"})}}));
  expect_error("search.parameter", "gradient_boosting.num_leaves",
               with({{"gradient_boosting.num_leaves", Int(40, 4)}}));
  expect_error("search.value", "gradient_boosting.num_leaves", with({{"gradient_boosting.num_leaves", Float(2, 9)}}));
  expect_error("parameter.out_of_range", "gradient_boosting.num_leaves",
               with({{"gradient_boosting.num_leaves", Int(1, 9)}}));
  expect_error("parameter.unknown_choice", "gradient_boosting.growth",
               with({{"gradient_boosting.growth", Categories({"leaf_wise", "leafwise"})}}));
  expect_error("search.never_active", "gradient_boosting.top_rate",
               with({{"gradient_boosting.top_rate", Float(0.1, 0.3)}}));
  expect_error("search.value", "scale", with({{"scale", Float(0, 1)}}));
  expect_error("registry.unknown", "scale", with({{"scale", Categories({nullptr, "skale"})}}));
  expect_error("search.value", "gradient_boosting", with({{"gradient_boosting", Categories({nullptr, "ridge"})}}));
  expect_error("parameter.out_of_range", "scale.winsorize.lower",
               with({{"scale", Categories({nullptr, "winsorize"})}, {"scale.winsorize.lower", Float(0, 0.9)}}));
  expect_error("search.unknown_parameter", "scale.method",
               with({{"scale", Categories({nullptr, "winsorize"})}, {"scale.method", Fixed("robust")}}));
  EXPECT_EQ(code_of(with({{"gradient_boosting.data_sample_strategy", Fixed("goss")},
                          {"gradient_boosting.top_rate", Float(0.1, 0.3)}})),
            "none");
  expect_error("search.nothing_to_search", "pipeline", [&] { tune(pipeline, data, {.declared = false}); });
  expect_error("search.nothing_to_search", "ridge", [&] { tune(Ridge{}, data, {.space = {{"alpha", Fixed(1.0)}}}); });
  expect_error("search.nothing_to_search", "baseline",
               [&] { search_space(*builtin_registry().estimator("baseline").make({})); });
  expect_error("search.nothing_allowed", "space", [&] {
    tune(Planted{}, zeros(),
         {.space = {{"kind", Categories({"far", "near"})}},
          .forbidden = {Object{{"kind", Array{"far", "near"}}}},
          .registry = &planted_registry()});
  });
  expect_error("option.out_of_range", "trials", [&] { tune(pipeline, data, {.trials = 0}); });
  expect_error("option.out_of_range", "time_limit", [&] { tune(pipeline, data, {.time_limit = 0s}); });
  expect_error("option.out_of_range", "folds", [&] { tune(pipeline, data, {.folds = 1}); });
  expect_error("option.contradiction", "metric", [&] { tune(pipeline, data, {.metric = "roc_auc"}); });
  expect_error("metric.unknown", "metric", [&] { tune(pipeline, data, {.metric = "rsme"}); });
  expect_error("option.unknown_choice", "strategy", [&] { tune(pipeline, data, {.strategy = "bayes"}); });
}

TEST(Tune, WhatIsForbiddenIsNotTried) {
  const TuneResult found =
      tune(Planted{}, zeros(), {.trials = 10, .forbidden = {Object{{"kind", "far"}}}, .registry = &planted_registry()});
  for (const TuneTrial& trial : found.trials) EXPECT_EQ(trial.parameters.find("kind")->text(), "near");
}

}  // namespace
