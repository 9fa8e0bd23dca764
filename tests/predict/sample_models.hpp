#pragma once
// Small models made by hand from fitted halves: every kind of column, pipelines, trees and an ensemble, without a
// trainer whose numbers could change. The golden files are made of them too.

#include <automill/core/pipeline.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/learners/additive_model.hpp>
#include <automill/learners/baseline.hpp>
#include <automill/learners/gaussian_model.hpp>
#include <automill/learners/kernel_model.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/naive_bayes.hpp>
#include <automill/learners/neighbors.hpp>
#include <automill/learners/neural_model.hpp>
#include <automill/learners/quadratic_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <automill/predict/self_test.hpp>
#include <automill/preprocess/preprocess.hpp>

#include "ensemble/stacking_model.hpp"
#include "ensemble/transformed_target_model.hpp"
#include "learners/neural/network_model.hpp"
#include "predict/spread_inputs.hpp"

namespace automill::samples {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// age (whole numbers), income (missing values), member (boolean), job (category), joined (datetime), note (text).
inline Table people(std::size_t rows, std::uint64_t seed) {
  static constexpr std::array<std::string_view, 5> jobs{"clerk", "engineer", "nurse", "teacher", "caf\xc3\xa9 owner"};
  static constexpr std::array<std::string_view, 3> notes{"", "likes tea", "moved twice"};
  RandomStream random(seed, purpose("sample people"));
  std::vector<double> age, income, member, joined;
  std::vector<std::string_view> job, note;
  for (std::size_t i = 0; i < rows; ++i) {
    age.push_back(18 + static_cast<double>(random.below(60)));
    income.push_back(random.uniform() < 0.1 ? missing : 1000 * math::exp(random.normal()));
    member.push_back(random.uniform() < 0.3 ? 1 : 0);
    job.push_back(random.uniform() < 0.05 ? std::string_view() : jobs[random.below(jobs.size())]);
    joined.push_back(1.6e15 + 8.64e10 * static_cast<double>(random.below(1000)));
    note.push_back(notes[random.below(notes.size())]);
  }
  return Table({make_number_column({.name = "age", .integer = true}, std::move(age)),
                make_number_column({.name = "income"}, std::move(income)),
                make_number_column({.name = "member", .kind = ColumnKind::boolean}, std::move(member)),
                make_category_column("job", job),
                make_number_column({.name = "joined", .kind = ColumnKind::datetime}, std::move(joined)),
                make_text_column("note", note)});
}

/// Text dropped, dates in parts, imputed, one-hot, scaled.
inline TransformerPipeline wide_steps() {
  return TransformerPipeline(DropColumns{{.kinds = "text"}}, DatetimeParts{}, Impute{}, OneHot{}, Scaler{});
}
/// Column groups, one of them a pipeline; categories numbered; what no group takes is dropped or passed on.
inline TransformerPipeline grouped_steps() {
  const TransformerPipeline numbers(Impute{{.numeric = "mean"}}, Scaler{{.method = "robust"}});
  const ColumnTransformer rest({{"again", Scaler{{.method = "minmax"}}, {"member"}}}, Remainder::passthrough);
  return TransformerPipeline(ColumnTransformer({{"numbers", numbers, columns_of(ColumnKind::number)},
                                                {"jobs", Ordinal{}, {"job"}},
                                                {"flags", Impute{}, columns_of(ColumnKind::boolean)}},
                                               Remainder::drop),
                             rest);
}

/// The steps fitted, then linear scores with weights drawn from `seed`.
inline std::shared_ptr<const Model> linear_pipeline(const Table& train, const TargetInfo& target, Link link,
                                                    std::uint64_t seed, const TransformerPipeline& steps) {
  Dataset dataset;
  dataset.features = train;
  dataset.target.values.assign(train.rows(), 0.0);
  auto fitted = steps.fit_transform(DatasetView(make_dataset(std::move(dataset))), RunContext{});
  const std::size_t columns = fitted.transformer->output_schema()->size();
  const std::size_t scores = link == Link::softmax ? target.classes.size() : 1;
  RandomStream random(seed, purpose("sample weights"));
  LinearState state{.link = link};
  for (std::size_t i = 0; i < columns * scores; ++i) state.weights.push_back(random.normal() / 3);
  for (std::size_t k = 0; k < scores; ++k) state.intercepts.push_back(random.normal() / 3);
  state.centers.assign(columns, 0.0);
  state.lower.assign(columns, -6.0);
  state.upper.assign(columns, 6.0);
  auto linear = std::make_unique<LinearModel>(std::move(state));
  linear->set_context({fitted.transformer->output_schema(), output_of(target)});
  auto pipeline = std::make_shared<PipelineModel>(fitted.transformer, std::move(linear));
  pipeline->set_context({train.schema(), output_of(target)});
  return pipeline;
}

/// A model of trees whose nodes have made-up rows and gains.
inline std::shared_ptr<const Model> ensemble_of(TreeArrays arrays, const Table& train, const TargetInfo& target) {
  arrays.rows.assign(arrays.nodes.size(), 10);
  arrays.gains.assign(arrays.nodes.size(), 0.5F);
  auto model = std::make_shared<TreeEnsemble>(std::move(arrays));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// A bin a category, bin 0 for others and the last one for missing values.
inline CategoryTable table_of_categories(const Column& column) {
  const auto codes = static_cast<std::uint16_t>(column.schema().dictionary->size());
  CategoryTable table{.missing_bin = static_cast<std::uint16_t>(codes + 1), .bins = codes + 2U};
  for (std::uint16_t code = 0; code < codes; ++code) table.bin_of_code.push_back(static_cast<std::uint16_t>(code + 1));
  return table;
}

/// Trees of three leaves: age at a threshold, then job in a set.
inline std::shared_ptr<const Model> trees(const Table& train, const TargetInfo& target, ScoreTransform transform,
                                          std::uint64_t seed) {
  RandomStream random(seed, purpose("sample trees"));
  TreeArrays a{.transform = transform};
  const std::size_t scores = target.task == Task::binary ? 1 : target.width();
  for (std::size_t k = 0; k < scores; ++k) a.base.push_back(random.normal() / 4);
  const auto age = static_cast<std::uint32_t>(train.schema()->column("age"));
  const auto job = static_cast<std::uint32_t>(train.schema()->column("job"));
  a.columns = {age, job};
  a.categories = {CategoryTable{}, table_of_categories(train[job])};
  for (std::size_t t = 0; t < 6 * scores; ++t) {
    const auto root = static_cast<std::uint32_t>(a.nodes.size());
    a.roots.push_back(root);
    a.nodes.push_back(
        {20.0 + static_cast<double>(random.below(50)), root + 1, t % 2 == 0 ? TreeNode::missing_left : 0});
    a.nodes.push_back({random.normal(), 0, 0});
    a.nodes.push_back({static_cast<double>(a.sets.size()), root + 3, TreeNode::category | 1U});
    a.nodes.push_back({random.normal(), 0, 0});
    a.nodes.push_back({random.normal(), 0, 0});
    a.sets.push_back(random.next());
  }
  return ensemble_of(std::move(a), train, target);
}

/// Trees of vector leaves: age at a threshold, a share a class.
inline std::shared_ptr<const Model> votes(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample votes"));
  TreeArrays a{.transform = ScoreTransform::probability};
  a.base.assign(target.classes.size(), 0.0);
  a.columns = {static_cast<std::uint32_t>(train.schema()->column("age"))};
  a.categories.resize(1);
  for (std::size_t t = 0; t < 4; ++t) {
    const auto root = static_cast<std::uint32_t>(a.nodes.size());
    a.roots.push_back(root);
    a.nodes.push_back({20.0 + static_cast<double>(random.below(50)), root + 1, 0});
    for (std::size_t leaf = 0; leaf < 2; ++leaf) {
      a.nodes.push_back({static_cast<double>(2 * t + leaf), 0, 0});
      for (std::size_t k = 0; k < target.classes.size(); ++k)
        a.leaf_vectors.push_back(static_cast<float>(random.uniform()));
    }
  }
  return ensemble_of(std::move(a), train, target);
}

/// Trees that split a cross of job and member, a boolean that stands for two categories.
inline std::shared_ptr<const Model> crossed(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample crosses"));
  TreeArrays a;
  a.base = {random.normal()};
  const auto job = static_cast<std::uint32_t>(train.schema()->column("job"));
  a.columns = {job, static_cast<std::uint32_t>(train.schema()->column("member"))};
  a.categories = {table_of_categories(train[job]), {.bin_of_code = {1, 2}, .missing_bin = 0, .bins = 3}, {}};
  CategoryCross cross{.first = 0, .second = 1};
  for (std::uint32_t first = 1; first + 1 < a.categories[0].bins; ++first)
    for (std::uint32_t second = 1; second <= 2; ++second)
      if ((first + second) % 3 != 0) cross.keys.push_back(first * a.categories[1].bins + second);
  a.categories[2].bins = static_cast<std::uint32_t>(cross.keys.size() + 1);
  a.crosses.push_back(std::move(cross));
  for (std::size_t t = 0; t < 4; ++t) {
    const auto root = static_cast<std::uint32_t>(a.nodes.size());
    a.roots.push_back(root);
    a.nodes.push_back({static_cast<double>(a.sets.size()), root + 1, TreeNode::category | 2U});
    a.nodes.push_back({random.normal(), 0, 0});
    a.nodes.push_back({random.normal(), 0, 0});
    a.sets.push_back(random.next());
  }
  return ensemble_of(std::move(a), train, target);
}

/// Trees that split age; a leaf is a linear model of age and income, the other a plain value.
inline std::shared_ptr<const Model> linear_leaves(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample linear leaves"));
  TreeArrays a;
  a.base = {random.normal()};
  a.columns = {static_cast<std::uint32_t>(train.schema()->column("age")),
               static_cast<std::uint32_t>(train.schema()->column("income"))};
  a.categories.resize(2);
  for (std::size_t t = 0; t < 4; ++t) {
    const auto root = static_cast<std::uint32_t>(a.nodes.size());
    a.roots.push_back(root);
    a.nodes.push_back({20.0 + static_cast<double>(random.below(50)), root + 1, 0});
    a.nodes.push_back({random.normal(), 0, 0});
    a.nodes.push_back({random.normal(), 0, 0});
    const LinearLeaf leaf{.constant = random.normal(), .least = -2, .most = 2};
    const LinearTerm age{.coefficient = random.normal() / 40, .cell = 0, .mean = 45},
        income{.coefficient = random.normal() / 1000, .cell = 1, .mean = 1000};
    a.linear.add(root + 1 + t % 2, leaf, {age, income});
  }
  return ensemble_of(std::move(a), train, target);
}

inline std::vector<float> random_floats(RandomStream& random, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal() / 3);
  return values;
}

/// Cells of people as networks read them: every kind of input.
inline neural::NetworkInput network_input(const Table& train) {
  const auto column = [&](const char* name) { return static_cast<std::uint32_t>(train.schema()->column(name)); };
  const std::size_t jobs = train.column("job").schema().dictionary->size();
  neural::NetworkInput input;
  input.numbers = {{column("age"), false, 22.5, 0.05},
                   {column("income"), false, 500, 0.001},
                   {column("income"), true, 0, 2},
                   {column("joined"), false, 8.2e14, 1e-13}};
  neural::CategoryInput member{.column = column("member"), .boolean = true, .rows = 3, .table = {0, -1, 1}};
  neural::CategoryInput columns{.column = column("job"), .width = 2, .rows = 3, .table = {0, 0, 1, 0, 0, 1}};
  neural::CategoryInput learned{.column = column("job"), .width = 3, .rows = jobs + 1};
  for (std::uint32_t code = 0; code < jobs; ++code) {
    columns.row_of_code.push_back(code % 3);
    learned.row_of_code.push_back(code + 1);
  }
  input.categories = {member, columns, learned};
  return input;
}

/// Small networks with weights drawn from `seed`.
inline std::shared_ptr<const Model> networks(const Table& train, const TargetInfo& target, std::size_t members,
                                             std::uint64_t seed) {
  RandomStream random(seed, purpose("sample networks"));
  auto fitted = std::make_shared<neural::FittedNetworks>();
  fitted->input = network_input(train);
  const std::size_t numbers = fitted->input.numbers.size();
  for (std::size_t m = 0; m < members; ++m) {
    neural::Network network{.activation = static_cast<neural::Activation>(m % 3), .frequencies = 5, .number_width = 4};
    network.frequency = random_floats(random, numbers * 5);
    network.phase = random_floats(random, numbers * 5);
    network.embedding_weight = random_floats(random, numbers * 3 * 5);
    network.embedding_bias = random_floats(random, numbers * 3);
    const neural::CategoryInput& learned = fitted->input.categories.back();
    network.tables = {random_floats(random, learned.rows * learned.width)};
    std::size_t inputs = fitted->input.width(4);
    for (const std::size_t outputs : {std::size_t{7}, std::size_t{18}, target.width()}) {
      neural::DenseLayer layer{.inputs = inputs, .outputs = outputs};
      layer.weights.resize(neural::padded(outputs) * inputs);
      layer.bias.resize(neural::padded(outputs));
      if (network.layers.size() < 2) layer.slopes.resize(neural::padded(outputs));
      for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t k = 0; k < inputs; ++k)
          layer.weights[(o / neural::panel * inputs + k) * neural::panel + o % neural::panel] =
              static_cast<float>(random.normal() / 2);
        layer.bias[o] = static_cast<float>(random.normal());
        if (!layer.slopes.empty()) layer.slopes[o] = static_cast<float>(random.uniform());
      }
      network.layers.push_back(std::move(layer));
      inputs = outputs;
    }
    fitted->members.push_back(std::move(network));
  }
  if (target.task == Task::regression) fitted->scales = {{1000, 300, 100, 5000}};
  auto model = std::make_shared<NeuralModel>(std::move(fitted));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// One column of every kind: ages and dates of a normal distribution, incomes in bins, members by what is not 0.
inline std::shared_ptr<const Model> naive_bayes(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  using Kind = NaiveBayesColumn::Kind;
  RandomStream random(seed, purpose("sample shares"));
  const std::size_t classes = target.classes.size();
  const auto drawn = [&](std::size_t size) {
    std::vector<double> terms(size);
    for (double& term : terms) term = random.normal();
    return terms;
  };
  std::vector<NaiveBayesColumn> columns(train.size());
  const auto set = [&](const char* name, NaiveBayesColumn column) {
    columns[train.schema()->column(name)] = std::move(column);
  };
  for (const auto& [name, center, scale] : {std::tuple{"age", 45.0, 17.0}, {"joined", 1.6e15, 2.5e13}}) {
    NaiveBayesColumn column{.kind = Kind::gaussian, .terms = drawn(3 * classes)};
    column.numbers = {center, scale, center - 3 * scale, center + 3 * scale};
    for (std::size_t k = 0; k < classes; ++k) column.terms[classes + k] = 0.4 + 0.1 * static_cast<double>(k);
    set(name, std::move(column));
  }
  set("income", {.kind = Kind::bins, .numbers = {400, 1500}, .terms = drawn(3 * classes)});
  set("member", {.kind = Kind::bins, .mostly_zero = true, .numbers = {0}, .terms = drawn(2 * classes)});
  set("job", {.kind = Kind::categories, .terms = drawn(train.column("job").schema().dictionary->size() * classes)});
  auto model = std::make_shared<NaiveBayesModel>(drawn(classes), std::move(columns));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// Normal distributions of ages and incomes (a missing one is at the center) in each class.
inline std::shared_ptr<const Model> quadratic(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample covariances"));
  const auto at = [&](const char* name) { return static_cast<std::uint32_t>(train.schema()->column(name)); };
  QuadraticState state{.used = {at("age"), at("income")},
                       .centers = {45, 1600},
                       .factors = {1 / 17.0, 1 / 2000.0},
                       .lower = {0, -1e5},
                       .upper = {140, 1e5}};
  for (std::size_t k = 0; k < target.classes.size(); ++k) {
    state.offsets.push_back(random.normal());
    for (double element : {1 + random.uniform(), random.normal(), 1 + random.uniform()})
      state.triangles.push_back(element);
    for (std::size_t j = 0; j < 2; ++j) state.images.push_back(random.normal());
  }
  auto model = std::make_shared<QuadraticModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// Similarities of ages and incomes to six landmarks.
inline std::shared_ptr<const Model> kernel(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample landmarks"));
  const auto at = [&](const char* name) { return static_cast<std::uint32_t>(train.schema()->column(name)); };
  KernelState state{.kernel = Kernel::matern,
                    .link = Link::softmax,
                    .length = 1.5,
                    .used = {at("age"), at("income")},
                    .centers = {45, 1600},
                    .factors = {1 / 17.0, 1 / 2000.0},
                    .lower = {0, -1e5},
                    .upper = {140, 1e5}};
  for (int i = 0; i < 12; ++i) state.landmarks.push_back(random.normal());
  for (std::size_t i = 0; i < 6 * target.classes.size(); ++i) state.weights.push_back(random.normal());
  for (std::size_t k = 0; k < target.classes.size(); ++k) state.offsets.push_back(random.normal());
  auto model = std::make_shared<KernelModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// A function of ages and incomes for each class, with what is not known of it, from five rows.
inline std::shared_ptr<const Model> gaussian(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample functions"));
  const auto at = [&](const char* name) { return static_cast<std::uint32_t>(train.schema()->column(name)); };
  GaussianState state{.used = {at("age"), at("income")},
                      .centers = {45, 1600},
                      .factors = {1 / 17.0, 1 / 2000.0},
                      .lower = {0, -1e5},
                      .upper = {140, 1e5}};
  for (int i = 0; i < 10; ++i) state.landmarks.push_back(random.normal());
  for (std::size_t k = 0; k < target.classes.size(); ++k) {
    for (int j = 0; j < 2; ++j) state.inverse_lengths.push_back(0.5 + random.uniform());
    for (int i = 0; i < 5; ++i) state.weights.push_back(random.normal());
    for (int i = 0; i < 15; ++i) state.triangles.push_back(0.2 * random.normal());
    state.signals.push_back(1 + random.uniform());
    state.offsets.push_back(random.normal());
  }
  auto model = std::make_shared<GaussianModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// A line through the logarithm of a price.
inline std::shared_ptr<const Model> log_line(const Table& train, const TargetInfo& target) {
  const std::size_t columns = train.size(), age = train.schema()->column("age");
  LinearState state{.link = Link::log,
                    .weights = std::vector<double>(columns, 0.0),
                    .intercepts = {5.5},
                    .centers = std::vector<double>(columns, 0.0),
                    .lower = std::vector<double>(columns, 0.0),
                    .upper = std::vector<double>(columns, 0.0)};
  state.weights[age] = 0.02;
  state.centers[age] = 45;
  state.upper[age] = 140;
  auto model = std::make_shared<LinearModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// Lines of three quantiles of a price, which cross at an age of 51.
inline std::shared_ptr<const Model> quantile_lines(const Table& train, const TargetInfo& target) {
  LinearState state{.link = Link::ascending,
                    .weights = std::vector<double>(3 * train.size(), 0.0),
                    .intercepts = {300, 330, 360},
                    .centers = std::vector<double>(train.size(), 0.0),
                    .lower = std::vector<double>(train.size(), 0.0),
                    .upper = std::vector<double>(train.size(), 0.0)};
  const std::size_t age = train.schema()->column("age");
  for (std::size_t k = 0; k < 3; ++k) state.weights[3 * age + k] = 4 - 5 * static_cast<double>(k);
  state.centers[age] = 45;
  state.upper[age] = 140;
  auto model = std::make_shared<LinearModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

/// Twenty points of ages, incomes (a mark where they are missing) and jobs.
inline std::shared_ptr<const Model> neighbors(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  using Kind = NeighborColumn::Kind;
  RandomStream random(seed, purpose("sample points"));
  NeighborsState state{.columns = std::vector<NeighborColumn>(train.size())};
  const auto set = [&](const char* name, NeighborColumn column) {
    state.columns[train.schema()->column(name)] = column;
  };
  set("age", {.kind = Kind::number, .center = 45, .scale = 17, .lower = 0, .upper = 140});
  set("income",
      {.kind = Kind::number, .marks_missing = true, .center = 1600, .scale = 2000, .lower = -1e5, .upper = 1e5});
  set("job", {.kind = Kind::category, .weight = 0.5});
  state.points = {.size = 20, .coordinates = 3, .code_weights = {1.0}};
  for (std::size_t i = 0; i < state.points.size; ++i) {
    const bool missing_income = random.uniform() < 0.2;
    state.points.numbers.insert(state.points.numbers.end(),
                                {random.normal(), missing_income ? 0 : random.normal(), missing_income ? 1.0 : 0.0});
    state.points.codes.push_back(static_cast<std::int32_t>(random.below(6)) - 1);
    state.labels.push_back(static_cast<std::int32_t>(random.below(target.classes.size())));
    state.weights.push_back(0.5 + random.uniform());
  }
  state.prior.assign(target.classes.size(), 1 / static_cast<double>(target.classes.size()));
  state.n_neighbors = 4;
  state.by_distance = true;
  state.prior_weight = 0.5;
  auto model = std::make_shared<NeighborsModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

inline ModelParts parts_of_model(const Table& train, TargetInfo target, std::shared_ptr<const Model> model) {
  ModelParts parts{.schema = train.schema(), .target = std::move(target), .model = std::move(model)};
  for (const ColumnPtr& column : train.columns()) parts.sketches.push_back(make_sketch(*column));
  std::tie(parts.self_test_cells, parts.self_test_outputs) = make_self_test(parts);
  return parts;
}

inline ModelParts ensemble_parts(TargetInfo target, Link link, ScoreTransform transform) {
  const Table train = people(500, 1);
  auto ensemble = std::make_shared<WeightedEnsemble>(std::vector<WeightedEnsemble::Member>{
      {"linear_1", 0.5, linear_pipeline(train, target, link, 1, wide_steps())},
      {"trees_1", 0.3, trees(train, target, transform, 2)},
      {"linear_2", 0.2, linear_pipeline(train, target, link, 3, grouped_steps())}});
  ensemble->set_context({train.schema(), output_of(target)});
  ModelParts parts = parts_of_model(train, std::move(target), std::move(ensemble));
  parts.metadata = Object{{"made_by", "tests/predict/sample_models.hpp"}};
  return parts;
}

inline TargetInfo income_target() {
  return {.name = "rich", .task = Task::binary, .classes = {"no", "yes"}, .positive = 1, .decision_threshold = 0.375};
}
inline TargetInfo color_target() {
  return {.name = "color", .task = Task::multiclass, .classes = {"blue", "green", "red"}, .label_type = "text"};
}
inline TargetInfo price_target() { return {.name = "price", .task = Task::regression}; }

inline ServedModel share(ModelParts parts) { return ServedModel(std::make_shared<const ModelParts>(std::move(parts))); }
inline ServedModel binary() { return share(ensemble_parts(income_target(), Link::logistic, ScoreTransform::logistic)); }
/// With predictions of its training rows: the third was dropped, the fifth in no fold.
inline ServedModel judged() {
  ModelParts parts = ensemble_parts(income_target(), Link::logistic, ScoreTransform::logistic);
  auto known = std::make_shared<OutOfFold>();
  known->predictions = Predictions(6, 2);
  known->predictions.values = {0.25, 0.75, 0.5, 0.5, missing, missing, 1, 0, missing, missing, 0.125, 0.875};
  known->fold = {0, 1, -1, 1, -1, 0};
  known->used_rows = {0, 1, 3, 4, 5};
  known->weights = {1, 2, 1, 0.5, 1};
  parts.out_of_fold = std::move(known);
  return share(std::move(parts));
}
inline ServedModel multiclass() {
  return share(ensemble_parts(color_target(), Link::softmax, ScoreTransform::softmax));
}
inline ServedModel regression() {
  return share(ensemble_parts(price_target(), Link::identity, ScoreTransform::identity));
}

inline ServedModel votes() {
  const Table train = people(200, 3);
  return share(parts_of_model(train, color_target(), votes(train, color_target(), 4)));
}
inline ServedModel crossed() {
  const Table train = people(200, 5);
  return share(parts_of_model(train, price_target(), crossed(train, price_target(), 6)));
}
/// Functions of age, income and job, and one of age and job together.
inline std::shared_ptr<const Model> additive(const Table& train, const TargetInfo& target, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample functions"));
  const auto numbers = [&](std::size_t count) {
    std::vector<double> all(count);
    for (double& value : all) value = random.normal();
    return all;
  };
  const auto column = [&](const char* name) { return static_cast<std::uint32_t>(train.schema()->column(name)); };
  const CategoryTable jobs = table_of_categories(train.column("job"));
  AdditiveState state{.transform = ScoreTransform::logistic, .intercepts = {random.normal()}};
  state.columns = {{.column = column("age"), .edges = {25, 40.5, 60}, .bins = 5},
                   {.column = column("income"), .edges = {700, 1500}, .bins = 4},
                   {.column = column("job"),
                    .categorical = true,
                    .bin_of_code = jobs.bin_of_code,
                    .missing_bin = jobs.missing_bin,
                    .bins = jobs.bins}};
  for (const AdditiveBins& bins : state.columns)
    state.mains.push_back({numbers(bins.bins), numbers(bins.bins), std::vector<double>(bins.bins, 8.0)});
  AdditivePair pair{.first = 0, .second = 2, .first_group = {0, 1, 1, 2, 2}, .first_groups = 3, .second_groups = 3};
  for (std::uint32_t bin = 0; bin < jobs.bins; ++bin) pair.second_group.push_back(bin == 0 ? 0 : bin % 2 == 0 ? 1 : 2);
  pair.values = numbers(9);
  pair.errors = numbers(9);
  pair.weights.assign(9, 4.0);
  state.pairs = {std::move(pair)};
  auto model = std::make_shared<AdditiveModel>(std::move(state));
  model->set_context({train.schema(), output_of(target)});
  return model;
}

inline ServedModel linear_leaves() {
  const Table train = people(200, 11);
  return share(parts_of_model(train, price_target(), linear_leaves(train, price_target(), 12)));
}
inline ServedModel additive() {
  const Table train = people(60, 7);
  return share(parts_of_model(train, income_target(), additive(train, income_target(), 21)));
}
inline ServedModel naive_bayes() {
  const Table train = people(200, 14);
  return share(parts_of_model(train, color_target(), naive_bayes(train, color_target(), 15)));
}
inline ServedModel neighbors() {
  const Table train = people(200, 16);
  return share(parts_of_model(train, color_target(), neighbors(train, color_target(), 17)));
}
inline ServedModel quadratic() {
  const Table train = people(200, 18).without({"note"});
  return share(parts_of_model(train, color_target(), quadratic(train, color_target(), 19)));
}
inline ServedModel kernel() {
  const Table train = people(200, 22).without({"note"});
  return share(parts_of_model(train, color_target(), kernel(train, color_target(), 23)));
}
inline ServedModel gaussian() {
  const Table train = people(200, 24).without({"note"});
  return share(parts_of_model(train, color_target(), gaussian(train, color_target(), 25)));
}
inline ServedModel log_line() {
  const Table train = people(200, 20).without({"note", "job"});
  return share(parts_of_model(train, price_target(), log_line(train, price_target())));
}
inline ServedModel quantile_lines() {
  const Table train = people(200, 20).without({"note", "job"});
  TargetInfo target = price_target();
  target.outputs = {"0.1", "0.5", "0.9"};
  return share(parts_of_model(train, target, quantile_lines(train, target)));
}
/// Three quantiles of a price; the trees are those of a model of several scores.
inline ServedModel quantiles() {
  const Table train = people(200, 8);
  TargetInfo target = price_target();
  target.outputs = {"0.1", "0.5", "0.9"};
  return share(parts_of_model(train, target, trees(train, target, ScoreTransform::ascending, 9)));
}

/// A linear score of age, by the normal scores of a price, the mean over three residuals.
inline ServedModel transformed() {
  const Table train = people(200, 13).without({"income", "member", "job", "joined", "note"});
  LinearState state{.weights = {0.03}, .intercepts = {-1.5}, .centers = {0}, .lower = {18}, .upper = {78}};
  auto linear = std::make_unique<LinearModel>(std::move(state));
  linear->set_context({train.schema(), output_of(price_target())});
  TargetCurve curve{
      .method = TargetMethod::quantile_normal, .targets = {100, 900, 1100, 5000}, .scores = {-5.2, -0.5, 0.25, 5.2}};
  auto model = std::make_shared<TransformedTargetModel>(
      std::move(linear), std::move(curve), std::vector<ResidualGroup>{{-0.5, 0.25}, {0, 0.5}, {0.75, 0.25}});
  model->set_context({train.schema(), output_of(price_target())});
  return share(parts_of_model(train, price_target(), std::move(model)));
}

/// Trees and neighbours of colors behind a linear model of their probabilities and of the columns.
inline ServedModel stacked() {
  const Table train = people(200, 19);
  const TargetInfo target = color_target();
  std::vector<StackingModel::Member> members{{"trees", trees(train, target, ScoreTransform::softmax, 20)},
                                             {"near", neighbors(train, target, 21)}};
  const Table stacked = StackingModel::stack(members, {output_of(target), train.schema()}, train, {});
  auto last = linear_pipeline(stacked, target, Link::softmax, 22, wide_steps());
  auto model = std::make_shared<StackingModel>(std::move(members), std::move(last), true);
  model->set_context({train.schema(), output_of(target)});
  return share(parts_of_model(train, target, std::move(model)));
}

inline ServedModel network() {
  const Table train = people(200, 15);
  return share(parts_of_model(train, color_target(), networks(train, color_target(), 3, 16)));
}
inline ServedModel network_of_numbers() {
  const Table train = people(200, 17);
  return share(parts_of_model(train, price_target(), networks(train, price_target(), 1, 18)));
}

/// Trees of the spread: by age and by the prediction.
inline std::shared_ptr<const Model> spread(const Table& train, std::uint64_t seed) {
  RandomStream random(seed, purpose("sample spread"));
  const auto schema = spread_schema(*train.schema());
  TreeArrays a{.transform = ScoreTransform::exponential};
  a.base = {random.normal()};
  a.columns = {static_cast<std::uint32_t>(schema->column("age")),
               static_cast<std::uint32_t>(schema->column("prediction"))};
  a.categories.resize(2);
  for (std::size_t t = 0; t < 6; ++t) {
    const auto root = static_cast<std::uint32_t>(a.nodes.size());
    a.roots.push_back(root);
    a.nodes.push_back({t % 2 == 0 ? 20.0 + static_cast<double>(random.below(50)) : random.normal(), root + 1,
                       static_cast<std::uint32_t>(t % 2)});
    a.nodes.push_back({random.normal() / 4, 0, 0});
    a.nodes.push_back({random.normal() / 4, 0, 0});
  }
  a.rows.assign(a.nodes.size(), 10);
  a.gains.assign(a.nodes.size(), 0.5F);
  auto model = std::make_shared<TreeEnsemble>(std::move(a));
  model->set_context({schema, OutputSpec{}});
  return model;
}
/// Prices with intervals from 99 residuals, and colours with sets from as many scores.
inline ServedModel intervals() {
  ModelParts parts = regression().parts();
  auto known = std::make_shared<Uncertainty>();
  known->scores.rows = 99;
  for (std::uint32_t rank = 1; rank <= 99; ++rank) {
    known->scores.ranks.push_back(rank);
    known->scores.scores.push_back((static_cast<double>(rank) - 40) / 16);
  }
  known->spread = spread(people(200, 19), 20);
  known->least = -2;
  known->quantiles = {0.25, 0.75};
  parts.uncertainty = std::move(known);
  return share(std::move(parts));
}
inline ServedModel sets() {
  ModelParts parts = multiclass().parts();
  parts.target.costs = {0, 1, 2, 4, 0, 1, 1, 1, 0};
  auto known = std::make_shared<Uncertainty>();
  known->scores = {.rows = 99, .ranks = {1, 60, 99}, .scores = {0, 0.25, 0.95}};
  parts.uncertainty = std::move(known);
  return share(std::move(parts));
}

/// The smallest model there is: a constant of no columns.
inline ServedModel constant() {
  auto model = std::make_shared<ConstantModel>(std::vector<double>{0.25, 0.75});
  const Table train = people(40, 7).without({"income", "member", "joined", "note"});
  model->set_context({train.schema(), output_of(income_target())});
  return share(parts_of_model(train, income_target(), std::move(model)));
}

}  // namespace automill::samples
