#pragma once
// An estimator holds hyperparameters only; fitting gives a Model. It is constant and shared between threads without
// locks. An own learner takes about 20 lines: see examples/cpp/custom_learner.cpp.
//
//   struct MyLearner : Learner<MyLearner, MyParameters> {
//     static constexpr const char* registered_name = "my_learner";
//     using Learner::Learner;
//     EstimatorTraits traits() const override { return {}; }
//     FitResult fit_checked(const FitInput& input, const RunContext& context) const override { ... }
//   };

#include <automill/core/model.hpp>
#include <automill/core/param.hpp>
#include <automill/core/split.hpp>
#include <map>

namespace automill {

/// What a learner can take; what it cannot is refused by Estimator::fit with a message.
struct EstimatorTraits {
  std::vector<Task> tasks{Task::binary, Task::multiclass, Task::regression};
  bool missing = false;             ///< NaN in features
  bool categories = false;          ///< category columns as they are
  bool text = false;                ///< text columns as they are
  bool several_outputs = false;     ///< regression of several outputs
  bool weights = true;              ///< row weights
  bool weights_repeat_rows = true;  ///< weight 2 means the row twice; false where rows are counted (min_child_samples)
  bool early_stopping = false;      ///< uses FitInput::validation
  bool resumes = false;             ///< goes on from FitInput::resume
  bool deterministic = true;        ///< same bits for any thread count
  double row_order_tolerance =
      0;  ///< relative difference of predictions when rows are shuffled, or repeated instead of weighted; 0: same bits
};

/// What a row of predictions of such a target holds.
inline OutputSpec output_of(const Target& target) {
  return {target.task, target.width(), target.classes, target.positive, target.outputs};
}

/// Sizes of a problem, for cost estimates.
struct DataShape {
  std::size_t rows = 0, columns = 0, categories = 0, classes = 1;
  std::size_t outputs = 1;          ///< of regression
  std::size_t validation_rows = 0;  ///< of FitInput::validation
  std::size_t nonzeros =
      0;                  ///< cells of a row that are not 0, where most are (one-hot or sparse columns); 0: all of them
  std::size_t texts = 0;  ///< of the columns: those of text
  std::size_t text_bytes = 0;  ///< bytes of a row's texts, on average
  double filled() const { return static_cast<double>(nonzeros > 0 ? nonzeros : std::max<std::size_t>(1, columns)); }
};

/// Operations and bytes of one fit. Seconds are learned from what ran.
struct CostEstimate {
  double operations = 0, bytes = 0;
};

/// State to go on from: scores, optimizer moments, random counters. Its type is the learner's own.
class AUTOMILL_EXPORT TrainingState {
 public:
  virtual ~TrainingState() = default;
};

struct FitInput {
  DatasetView train;
  const DatasetView* validation = nullptr;      ///< for early stopping and learning curves
  const TrainingState* resume = nullptr;        ///< more rounds: where traits().resumes
  std::optional<std::int64_t> stop_at_round{};  ///< replay: end exactly where the recorded fit ended
  /// Replay of a fit with `validation` that a limit cut short: it ends after so many rounds (rounds_tried), as it did
  /// then. Learners that do not report rounds_tried do not see it.
  std::optional<std::int64_t> cut_at_round{};
  bool keep_state = false;  ///< fill FitResult::state
};

/// Held-out predictions after a number of rounds, and a learning curve: why a fit ended where it did.
struct FitReport {
  std::string stopped = "finished";  ///< "finished", "early stopping", "deadline", "user" or "memory limit"
  std::int64_t rounds = 0;           ///< rounds of the model; replay gives this as stop_at_round
  std::int64_t rounds_tried = 0;     ///< where the model may be that of an earlier round: all of them; replay of a fit
                                     ///< that was cut short gives this as cut_at_round
  double seconds = 0;
  std::uint64_t bytes = 0;               ///< most memory taken from the meter
  std::vector<double> learning_curve{};  ///< validation loss after each round
  /// Validation predictions at rounds about `rounds`, on a geometric grid. A learner that gives any also gives those of
  /// `rounds`: then they are what the model itself predicts for the validation rows, to the bit, and nobody needs to
  /// predict them again. With the curves of other folds they tell what a number of rounds chosen without these rows
  /// would have given.
  std::map<std::int64_t, Predictions> checkpoints{};
  Object details{};  ///< chosen penalty, ...; shown to users

  bool cut_short() const { return stopped == "deadline" || stopped == "user" || stopped == "memory limit"; }
};

struct FitResult {
  std::unique_ptr<Model> model;  ///< null: stopped before there was one
  FitReport report{};
  std::unique_ptr<Predictions> out_of_bag{};  ///< one a training row: forests, ridge (leave-one-out), neighbours
  std::unique_ptr<TrainingState> state{};

  /// The model; without one an Error that names `place`.
  const Model& require_model(const std::string& place) const {
    if (model == nullptr) throw Error("train.no_model", place, "it was stopped before it had a model");
    return *model;
  }
};

class AUTOMILL_EXPORT Estimator {
 public:
  virtual ~Estimator() = default;

  virtual std::string name() const = 0;  ///< registered name
  virtual EstimatorTraits traits() const = 0;
  /// What its models give for a row. Learners of several quantiles give more than the target has.
  virtual OutputSpec output_spec(const Target& target) const { return output_of(target); }
  virtual CostEstimate cost(const DataShape& shape) const {
    return {50.0 * static_cast<double>(shape.rows * std::max<std::size_t>(1, shape.columns)),
            16.0 * static_cast<double>(shape.rows * std::max<std::size_t>(1, shape.columns))};
  }
  virtual Object parameters() const = 0;
  /// The whole configuration as data, from which the registry makes it again: {"type", "parameters"}; containers nest.
  virtual Value structure() const { return Object{{"type", name()}, {"parameters", parameters()}}; }
  /// A copy with some parameters changed; unknown names and bad values are Errors.
  virtual std::unique_ptr<Estimator> with_parameters(const Object& values) const = 0;
  /// For people: one line; a pipeline prints a tree.
  virtual std::string describe(int indent = 0) const {
    return std::string(static_cast<std::size_t>(indent), ' ') + name() + "\n";
  }

  /// Checks the input against the traits, fits, and gives the model its schema and output. A fit that is stopped before
  /// it has a model returns none.
  FitResult fit(const FitInput& input, const RunContext& context = {}) const {
    return fit_by(input, context, [&] { return fit_checked(input, context); });
  }
  FitResult fit(const DatasetView& train, const RunContext& context = {}) const {
    return fit(FitInput{.train = train}, context);
  }
  FitResult fit(std::shared_ptr<const Dataset> dataset, const RunContext& context = {}) const {
    return fit(FitInput{.train = DatasetView(std::move(dataset))}, context);
  }

  /// One fit a fold, the held-out rows as validation. The default is a loop; learners that share work between folds
  /// override it.
  virtual std::vector<FitResult> fit_folds(const FoldedDataset& folded, const RunContext& context) const {
    std::vector<FitResult> results(folded.folds());
    context.executor().run(folded.folds(), [&](std::size_t fold) {
      results[fold] = fit(FitInput{.train = folded.train(fold), .validation = &folded.held_out(fold)}, context);
    });
    return results;
  }

 protected:
  /// The learner itself. The input fits the traits. A stopped fit returns the valid model that it has so far; Stopped
  /// (StopToken::throw_if_requested) may leave it when there is none.
  virtual FitResult fit_checked(const FitInput& input, const RunContext& context) const = 0;

  /// What fit does around fit_checked, around `body`: checks, a stop, schema and output, seconds.
  template <class Body>
  FitResult fit_by(const FitInput& input, const RunContext& context, const Body& body) const {
    check_input(input);
    const auto start = Clock::now();
    FitResult result;
    try {
      result = body();
    } catch (const Stopped&) {
      result = {};
      result.report.stopped = context.stop.stopped_by();
    }
    if (result.model != nullptr)
      result.model->set_context({input.train.dataset().features.schema(), output_spec(input.train.target())});
    result.report.seconds = Seconds(Clock::now() - start).count();
    return result;
  }
  void check_input(const FitInput& input) const {
    const EstimatorTraits can = traits();
    const Dataset& dataset = input.train.dataset();
    Faults faults;
    if (input.train.rows() == 0) faults.add("fit.no_rows", name(), "there are no rows to fit on");
    if (std::find(can.tasks.begin(), can.tasks.end(), dataset.target.task) == can.tasks.end())
      faults.add("fit.task", name(), "cannot learn a " + task_name(dataset.target.task) + " target");
    if (!can.several_outputs && !dataset.target.outputs.empty())
      faults.add("fit.several_outputs", name(),
                 "cannot learn the " + std::to_string(dataset.target.width()) + " outputs " + dataset.target.name +
                     " together",
                 "fit one model an output, or use gradient_boosting or a forest");
    if (!can.weights && !dataset.weights.empty()) faults.add("fit.weights", name(), "does not take row weights");
    for (const auto& column : dataset.features.columns()) {
      if (!can.categories && column->kind() == ColumnKind::category)
        faults.add("fit.categories", column->name(), name() + " does not take category columns",
                   "put OneHot before it");
      if (!can.text && column->kind() == ColumnKind::text)
        faults.add("fit.text", column->name(), name() + " does not take text columns", "drop the column or encode it");
    }
    faults.throw_if_any();
  }
};

/// Base of learners with declared parameters: `L` is the learner itself (with `registered_name`), `P` its parameter
/// struct.
template <class L, Declared P>
class Learner : public Estimator {
 public:
  using Parameters = P;
  Learner() = default;
  explicit Learner(P parameters) : parameters_(std::move(parameters)) {
    check_parameters(parameters_, L::registered_name);
  }

  std::string name() const override { return L::registered_name; }
  const P& values() const { return parameters_; }
  Object parameters() const override { return parameter_values(parameters_); }
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override {
    auto copy = std::make_unique<L>(static_cast<const L&>(*this));
    assign_parameters(copy->parameters_, values, L::registered_name);
    return copy;
  }

 protected:
  P parameters_{};
};

}  // namespace automill
