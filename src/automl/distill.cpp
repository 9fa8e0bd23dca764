#include <automill/automl/train.hpp>
#include <automill/ensemble/temperature.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <automill/predict/self_test.hpp>

#include "automl/candidate.hpp"
#include "automl/cost_matrix.hpp"
#include "automl/held_out.hpp"
#include "automl/held_out_errors.hpp"
#include "automl/near_rows.hpp"
#include "automl/predict_time.hpp"
#include "automl/raw_columns.hpp"
#include "automl/scoring.hpp"
#include "data/bottom_sample.hpp"

namespace automill {
namespace {

constexpr std::size_t most_taught_rows = 40'000;  // of training that a student sees
constexpr std::size_t most_near_rows = 20'000;    // that are made beside them
constexpr std::size_t near_rows_of_each = 9;      // where there are few
constexpr double least_share = 1e-3;              // of a class that a row counts for
constexpr std::int64_t student_trees = 300, student_leaves = 31;
constexpr double most_tree_bytes = 700e3;  // of the trees: the file holds more

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Error("model.not_distilled", "distill", what, hint);
}

/// The members as they are for one fold, or as a whole.
class Teacher {
 public:
  /// `fold`: negative for the whole. Error where a member has no model of its own for each fold.
  Teacher(const WeightedEnsemble& ensemble, std::int32_t fold, std::size_t folds)
      : temperature_(ensemble.temperature()) {
    for (const auto& member : ensemble.members()) {
      const auto* bag = dynamic_cast<const WeightedEnsemble*>(member.model.get());
      if (fold >= 0 && folds > 1 && (bag == nullptr || bag->members().size() != folds))
        refuse("'" + member.name +
                   "' was fitted on all rows: no row is new to it, so that a student's score would not be "
                   "honest",
               "distill the model that train gives before it is collapsed, without refit='always'");
      members_.emplace_back(member.weight, fold >= 0 && folds > 1
                                               ? bag->members()[static_cast<std::size_t>(fold)].model.get()
                                               : member.model.get());
    }
  }

  Predictions predict(const TableView& rows, std::size_t width, const RunContext& context) const {
    Predictions all(rows.rows(), width), one(rows.rows(), width);
    for (const auto& [weight, model] : members_) {
      model->predict_aligned(rows, one.view(), context);
      context.stop.throw_if_requested();
      for (std::size_t i = 0; i < all.values.size(); ++i) all.values[i] += weight * one.values[i];
    }
    apply_temperature_to_rows(temperature_, all.view());
    return all;
  }

 private:
  std::vector<std::pair<double, const Model*>> members_;
  double temperature_;
};

/// Rows with what the teacher predicts as target. Of classes a row stands there once for each likely one, with the
/// probability as weight: its log-loss is the cross-entropy to the teacher's probabilities.
class Lesson {
 public:
  explicit Lesson(const Dataset& dataset) : dataset_(dataset) {
    soft_.target = {.task = dataset.target.task,
                    .name = dataset.target.name,
                    .classes = dataset.target.classes,
                    .positive = dataset.target.positive};
  }

  /// `weights`: of the rows, or empty.
  void add(const Table& rows, const Predictions& taught, std::span<const double> weights) {
    std::vector<std::uint32_t> copies;
    for (std::uint32_t i = 0; i < rows.rows(); ++i) {
      const double weight = weights.empty() ? 1.0 : weights[i];
      if (!is_classification(dataset_.target.task)) {
        copies.push_back(i);
        soft_.target.values.push_back(taught.row(i)[0]);
        soft_.weights.push_back(weight);
        continue;
      }
      for (std::size_t k = 0; k < taught.width; ++k) {
        const double share = weight * taught.row(i)[k];
        if (!(taught.row(i)[k] > least_share) || !(share > 0)) continue;
        copies.push_back(i);
        soft_.target.labels.push_back(static_cast<std::int32_t>(k));
        soft_.weights.push_back(share);
      }
    }
    std::vector<ColumnPtr> columns;
    const TableView view(rows, copies);
    for (std::size_t c = 0; c < rows.size(); ++c) columns.push_back(copy_column(view, c));
    parts_.push_back(Table::with_rows(std::move(columns), copies.size()));
  }

  std::shared_ptr<const Dataset> finish() {
    soft_.features = parts_.size() == 1 ? parts_.front() : joined();
    return make_dataset(std::move(soft_));
  }

 private:
  Table joined() const {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < parts_.front().size(); ++c) {
      std::vector<double> numbers;
      std::vector<std::string_view> texts;
      const ColumnSchema& schema = dataset_.features[c].schema();
      for (const Table& part : parts_) {
        const std::size_t first = numbers.size();
        if (schema.kind != ColumnKind::text) {
          numbers.resize(first + part.rows());
          part[c].numbers(0, part.rows(), numbers.data() + first);
        } else {
          for (std::size_t i = 0; i < part.rows(); ++i)
            texts.push_back(part[c].missing(i) ? std::string_view() : part[c].text(i));
        }
      }
      columns.push_back(schema.kind == ColumnKind::text ? make_text_column(schema.name, texts)
                                                        : make_number_column(schema, std::move(numbers)));
    }
    return Table::with_rows(std::move(columns), soft_.target.rows());
  }

  const Dataset& dataset_;
  Dataset soft_;
  std::vector<Table> parts_;
};

std::shared_ptr<const Estimator> student_of(const Dataset& dataset, const Value& recipe) {
  const auto classes = static_cast<double>(dataset.target.width());
  const bool vectors = dataset.target.task == Task::multiclass;
  const double of_leaf = 48 + (vectors ? 4 * classes : 0);
  const double trees =
      std::min(static_cast<double>(student_trees), most_tree_bytes / (static_cast<double>(student_leaves) * of_leaf));
  Object parameters{{"n_estimators", static_cast<std::int64_t>(std::max(1.0, std::floor(trees)))},
                    {"num_leaves", student_leaves},
                    {"learning_rate", 0.1},
                    {"min_child_samples", 5},
                    {"reg_lambda", 1.0}};
  if (vectors) parameters["multi_strategy"] = "multi_output_tree";
  const Value* monotone = recipe.object().find("monotone");
  Object signs;
  if (monotone != nullptr)
    for (const auto& [name, sign] : monotone->object().entries())
      if (dataset.features.contains(name)) signs[name] = sign;
  if (!signs.empty()) parameters["monotone_constraints"] = signs;
  bool text = false;
  for (const auto& column : dataset.features.columns()) text = text || column->kind() == ColumnKind::text;
  return learner_of_raw_columns({.text = text, .monotone = !signs.empty()}, "gradient_boosting", parameters);
}

/// Fits students of one model.
class Distillation {
 public:
  Distillation(const AutoMLModel& model, const RunContext& context)
      : model_(model), dataset_(*model.training_data()), context_(context) {
    ensemble_ = dynamic_cast<const WeightedEnsemble*>(model.parts().model.get());
    if (ensemble_ == nullptr) refuse("the model has no members", "train gives a model that has");
    context_.seed = static_cast<std::uint64_t>(model.recipe().at("seed").integer());
    for (std::uint32_t row : model.training_rows()) fold_.push_back(model.out_of_fold().fold[row]);
    folds_ = static_cast<std::size_t>(1 + *std::max_element(fold_.begin(), fold_.end()));
    if (folds_ == 0) refuse("no row was held out in training: a student could not be scored", "give more rows");
    estimator_ = student_of(dataset_, model.recipe());
  }

  /// Of the teacher of a fold, on the rows that this one learned from; negative: of the whole, on all rows.
  std::shared_ptr<const Model> student(std::int32_t fold, const RunContext& context) const {
    const Teacher teacher(*ensemble_, fold, folds_);
    std::vector<std::uint32_t> rows;
    const bool forward = !dataset_.times.empty();  // later rows are not known
    for (std::uint32_t row = 0; row < fold_.size(); ++row)
      if (fold < 0 || (forward ? fold_[row] < fold : fold_[row] != fold)) rows.push_back(row);
    rows = sample(std::move(rows));
    Lesson lesson(dataset_);
    std::vector<double> weights;
    for (std::uint32_t row : rows)
      if (!dataset_.weights.empty()) weights.push_back(dataset_.weights[row]);
    const Table known = FittedTransformerPipeline::copy_rows(TableView(dataset_.features, rows));
    lesson.add(known, teacher.predict(TableView(known), dataset_.target.width(), context), weights);
    const std::size_t count = std::min(near_rows_of_each * rows.size(), most_near_rows);
    if (rows.size() > 1) {
      const Table near = near_rows(dataset_.features, rows, dataset_.keys, count, context.seed);
      const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(rows.size());
      if (!weights.empty()) weights.assign(count, mean);
      lesson.add(near, teacher.predict(TableView(near), dataset_.target.width(), context), weights);
    }
    RunContext fitting = context;
    fitting.cache = nullptr;  // nobody sees these columns again
    FitResult fit = estimator_->fit(FitInput{.train = DatasetView(lesson.finish())}, fitting);
    if (fit.report.cut_short()) throw Stopped();
    fit.require_model("student");
    return std::shared_ptr<const Model>(std::move(fit.model));
  }

  /// What students predict for the rows that their teachers had not seen.
  Predictions held_out() const {
    Predictions all = no_predictions(dataset_);
    std::vector<std::shared_ptr<const Model>> students(folds_);
    RunContext inner = context_;
    if (folds_ > 1) inner.run_with = nullptr;
    context_.executor().run(
        folds_, [&](std::size_t fold) { students[fold] = student(static_cast<std::int32_t>(fold), inner); });
    for (std::size_t fold = 0; fold < folds_; ++fold) {
      const std::vector<std::uint32_t> rows = rows_of(fold);
      Predictions part(rows.size(), all.width);
      students[fold]->predict_aligned(TableView(dataset_.features, rows), part.view(), context_);
      all.put(rows, part);
    }
    return all;
  }

  /// What the teachers themselves predict for these rows. They were not fitted on them, but ended their rounds and
  /// weighed members by them.
  Predictions held_out_by_teachers() const {
    Predictions all = no_predictions(dataset_);
    for (std::size_t fold = 0; fold < folds_; ++fold) {
      const std::vector<std::uint32_t> rows = rows_of(fold);
      const Teacher teacher(*ensemble_, static_cast<std::int32_t>(fold), folds_);
      all.put(rows, teacher.predict(TableView(dataset_.features, rows), all.width, context_));
    }
    return all;
  }

  std::vector<std::uint32_t> rows_held_out() const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < fold_.size(); ++row)
      if (fold_[row] >= 0) rows.push_back(row);
    return rows;
  }

  const RunContext& context() const { return context_; }
  const Estimator& estimator() const { return *estimator_; }

 private:
  std::vector<std::uint32_t> rows_of(std::size_t fold) const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < fold_.size(); ++row)
      if (fold_[row] == static_cast<std::int32_t>(fold)) rows.push_back(row);
    return rows;
  }

  std::vector<std::uint32_t> sample(std::vector<std::uint32_t> rows) const {
    if (rows.size() <= most_taught_rows) return rows;
    std::vector<std::uint64_t> keys;
    for (std::uint32_t row : rows) keys.push_back(dataset_.keys[row]);
    std::vector<std::uint32_t> some;
    for (std::uint32_t i :
         bottom_sample(keys, most_taught_rows, combine_hashes(context_.seed, purpose("distilled rows"))))
      some.push_back(rows[i]);
    std::sort(some.begin(), some.end());
    return some;
  }

  const AutoMLModel& model_;
  const Dataset& dataset_;
  RunContext context_;
  const WeightedEnsemble* ensemble_ = nullptr;
  std::vector<std::int32_t> fold_;  ///< of each training row
  std::size_t folds_ = 0;
  std::shared_ptr<const Estimator> estimator_;
};

/// How much better the teachers look on the rows that they ended their rounds by than on rows that are new to them, as
/// the score of the ensemble is: a student looks better by about as much. Not below 0.
double flattery_of(const Predictions& by_teachers, const Scorer& scorer, const Score& nested) {
  const double seen = scorer.value(scorer.gather(by_teachers).values);
  const double better = scorer.metric().higher_is_better() ? seen - nested.value : nested.value - seen;
  return better > 0 ? better : 0;  // NaN too
}

Score without_flattery(Score score, double flattery, bool higher) {
  for (double* value : {&score.value, &score.low, &score.high}) *value += higher ? -flattery : flattery;
  return score;
}

std::vector<double> quantiles_of(const Value& recipe) {
  std::vector<double> levels;
  if (const Value* quantiles = recipe.object().find("quantiles"))
    for (const Value& level : quantiles->array()) levels.push_back(level.number());
  return levels;
}

/// The rows as they were, none of them a member, and the student in its place.
Array leaderboard_with(const AutoMLModel& model, LeaderboardRow student, bool higher) {
  std::vector<LeaderboardRow> rows = model.leaderboard();
  for (LeaderboardRow& row : rows) {
    if (row.status == "member") row.status = "ok";
    row.weight = 0;
  }
  const auto place = std::find_if(rows.begin(), rows.end(), [&](const LeaderboardRow& row) {
    return std::isnan(row.validation_score) ||
           (higher ? student.validation_score > row.validation_score : student.validation_score < row.validation_score);
  });
  rows.insert(place, std::move(student));
  Array list;
  std::int64_t rank = 0;
  for (LeaderboardRow& row : rows) {
    row.rank = std::isnan(row.validation_score) ? 0 : ++rank;
    list.push_back(row.to_object());
  }
  return list;
}

Object books_with_student(const Object& metadata) {
  Object books = metadata.find("books")->object(), candidates = books.find("candidates")->object();
  for (const char* count : {"all", "ok"}) candidates[count] = candidates.find(count)->integer() + 1;
  books["candidates"] = candidates;
  return books;
}

std::shared_ptr<const OutOfFold> out_of_fold_with(const AutoMLModel& model, const Predictions& held_out) {
  auto result = std::make_shared<OutOfFold>(model.out_of_fold());
  for (std::size_t i = 0; i < result->used_rows.size(); ++i)
    if (result->fold[result->used_rows[i]] >= 0)
      std::copy_n(held_out.values.data() + i * held_out.width, held_out.width,
                  result->predictions.values.data() + result->used_rows[i] * held_out.width);
  return result;
}

}  // namespace

AutoMLModel distill(const AutoMLModel& model, const RunContext& context) {
  const auto& dataset = model.training_data();
  if (dataset == nullptr || model.shared_out_of_fold() == nullptr)
    throw Error("model.no_training_data", "distill", "the model does not hold its training rows",
                "distill it before it is saved");
  if (model.metadata().contains("glass_box") || model.metadata().contains("distilled"))
    refuse("it is one small model already", "distill the ensemble of another preset");
  const auto start = Clock::now();
  const Distillation distillation(model, context);
  const Predictions held_out = distillation.held_out();
  const std::shared_ptr<const Model> student = distillation.student(-1, distillation.context());
  const Score before = model.validation_score();
  const std::vector<std::uint32_t> rows = distillation.rows_held_out();
  Scorer scorer(dataset->target, model.out_of_fold().weights, rows, metric_of(model.target(), before.metric));
  auto parts = std::make_shared<ModelParts>(model.parts());
  scorer.set_threshold(parts->target.decision_threshold);
  const double flattery = flattery_of(distillation.held_out_by_teachers(), scorer, before);
  const bool higher = scorer.metric().higher_is_better();
  const Predictions scored = scorer.gather(held_out);
  if (parts->target.costs.empty()) parts->target.decision_threshold = scorer.best_threshold(scored.values);
  scorer.set_threshold(parts->target.decision_threshold);
  const Value& recipe = model.recipe();
  const Score score = without_flattery(
      scorer.score(scored.values, recipe.at("protocol").text() + ", a student a fold", distillation.context().seed),
      flattery, higher);
  auto alone = std::make_shared<WeightedEnsemble>(std::vector<WeightedEnsemble::Member>{{"student", 1.0, student}});
  alone->set_context(model.parts().model->context());
  parts->model = alone;
  RunContext spread = distillation.context();
  spread.cache = nullptr;
  parts->uncertainty = learn_uncertainty({.dataset = dataset.get(),
                                          .rows = rows,
                                          .predictions = &held_out,
                                          .quantiles = quantiles_of(recipe),
                                          .context = spread});
  LeaderboardRow row;
  row.name = "student";
  row.family = "gbdt";
  row.validation_score = score.value;
  row.low = score.low;
  row.high = score.high;
  row.fit_seconds = row.cpu_seconds = Seconds(Clock::now() - start).count();
  row.predict_us_per_row = microseconds_per_row(*student, dataset->features);
  row.bytes = array_bytes(*student);
  row.folds_done = 1 + *std::max_element(model.out_of_fold().fold.begin(), model.out_of_fold().fold.end());
  row.weight = 1;
  row.status = "member";
  row.reason = "learned what the ensemble predicts";
  row.parameters = distillation.estimator().parameters();
  Object changed = recipe.object();
  changed["distilled"] = true;
  parts->metadata["books"] = books_with_student(parts->metadata);
  parts->metadata["leaderboard"] = leaderboard_with(model, row, higher);
  parts->metadata["recipe"] = changed;
  parts->metadata["validation_score"] = Object{{"metric", score.metric},
                                               {"value", score.value},
                                               {"low", score.low},
                                               {"high", score.high},
                                               {"protocol", score.protocol}};
  parts->metadata["distilled"] = Object{{"ensemble", before.value}};
  parts->metadata["collapsed"] = true;
  std::tie(parts->self_test_cells, parts->self_test_outputs) = make_self_test(*parts);
  return {ServedModel(parts), out_of_fold_with(model, held_out), dataset};
}

}  // namespace automill
