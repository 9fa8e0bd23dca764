#include <automill/core/transformer_pipeline.hpp>
#include <automill/ensemble/stacking.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/logistic.hpp>
#include <automill/learners/ridge.hpp>

#include "ensemble/stacking_model.hpp"

namespace automill {
namespace {

constexpr const char* final_name = "final_estimator";

std::vector<NamedEstimator> usual_estimators() { return {GradientBoosting{}, RandomForest{}}; }

/// The second of one name is called name_2.
std::vector<NamedEstimator> named(std::vector<NamedEstimator> given) {
  std::vector<NamedEstimator> all;
  for (NamedEstimator& each : given) {
    each.name = unique_step_name(all, each.name);
    all.push_back(std::move(each));
  }
  return all;
}

bool is_structure(const Value& value) {
  return value.is_object() && value.object().contains("type") && value.at("type").is_text();
}

/// Folds of the rows of a view; others are in none.
SplitPlan folds_of(const DatasetView& view, std::size_t folds, std::uint64_t seed) {
  const DatasetView own = view.with_features(Table::with_rows({}, view.rows()));
  SplitPlan some = make_folds(own.dataset(), std::min(folds, view.rows()), seed);
  SplitPlan plan = some;
  plan.fold_of.assign(view.dataset().rows(), SplitPlan::never_used);
  for (std::size_t i = 0; i < view.rows(); ++i) plan.fold_of[view.row_numbers()[i]] = some.fold_of[i];
  plan.finish();
  return plan;
}

/// Shares what is left of the time among phases of known weights.
class Phases {
 public:
  Phases(const RunContext& context, double weight) : context_(context), left_(weight) {}

  /// The context of the next phase.
  RunContext next(double weight) {
    RunContext phase = context_;
    if (const auto deadline = context_.stop.deadline()) {
      const auto time = std::max(Clock::duration::zero(), *deadline - Clock::now());
      phase.stop = context_.stop.until(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                          Seconds(time).count() * weight / left_ * Seconds(1)));
    }
    left_ -= weight;
    return phase;
  }

 private:
  const RunContext& context_;
  double left_;
};

class StackingRun {
 public:
  StackingRun(const Stacking& stacking, std::shared_ptr<const Estimator> last, const FitInput& input,
              const RunContext& context)
      : stacking_(stacking),
        last_(std::move(last)),
        input_(input),
        context_(context),
        folded_(input.train.shared(), folds_of(input.train, static_cast<std::size_t>(stacking.values().folds),
                                               combine_hashes(context.seed, purpose("stacking")))),
        columns_{output_of(input.train.target()),
                 stacking.values().passthrough ? input.train.dataset().features.schema() : nullptr},
        phases_(context, static_cast<double>(stacking.estimators().size() * (folded_.folds() + 1) + 1)) {}

  FitResult run() {
    for (const NamedEstimator& each : stacking_.estimators()) add(each);
    FitInput inner{.train = input_.train.with_features(columns_.table(std::move(held_out_), input_.train.features()))};
    inner.stop_at_round = input_.stop_at_round;
    const RunContext phase = phases_.next(1);
    std::optional<DatasetView> validation;
    if (input_.validation != nullptr)
      inner.validation = &validation.emplace(input_.validation->with_features(
          StackingModel::stack(members_, columns_, input_.validation->features(), phase)));
    FitResult result = last_->fit(inner, phase);
    result.out_of_bag = nullptr;
    result.report.checkpoints.clear();
    result.report.details["folds"] = static_cast<std::int64_t>(folded_.folds());
    if (cut_short_) result.report.stopped = context_.stop.reason() == StopReason::user ? "user" : "deadline";
    if (result.model == nullptr) return result;
    result.model =
        std::make_unique<StackingModel>(std::move(members_), std::move(result.model), columns_.passed != nullptr);
    return result;
  }

 private:
  /// Its out-of-fold predictions become columns, and a fit on all rows a member.
  void add(const NamedEstimator& each) {
    const RunContext phase = phases_.next(static_cast<double>(folded_.folds()));
    Predictions all_rows(input_.train.dataset().rows(), columns_.output.width);
    std::vector<std::uint8_t> fitted(folded_.folds(), 0), cut_short(folded_.folds(), 0);
    phase.executor().run(fitted.size(), [&](std::size_t fold) {
      // rows that are held out do not end the fit, either: it would end at the round that suits them
      const FitResult fit = each.estimator->fit({.train = folded_.train(fold), .validation = input_.validation}, phase);
      if (fit.model == nullptr) return;
      const DatasetView& rows = folded_.held_out(fold);
      Predictions part(rows.rows(), all_rows.width);
      fit.model->predict_aligned(rows.features(), part.view(), context_);
      all_rows.put(rows.row_numbers(), part);
      fitted[fold] = 1;
      cut_short[fold] = fit.report.cut_short() ? 1 : 0;
    });
    for (std::size_t fold = 0; fold < fitted.size(); ++fold) note(fitted[fold] != 0, cut_short[fold] != 0);
    Predictions own(input_.train.rows(), all_rows.width);
    for (std::size_t i = 0; i < own.rows(); ++i)
      std::copy_n(all_rows.row(input_.train.row_numbers()[i]).data(), own.width, own.view().row(i).data());
    columns_.add(each.name, own, held_out_);
    FitResult fit = each.estimator->fit({.train = input_.train, .validation = input_.validation}, phases_.next(1));
    note(fit.model != nullptr, fit.report.cut_short());
    members_.push_back({each.name, std::move(fit.model)});
  }

  void note(bool fitted, bool cut_short) {
    if (!fitted) throw Stopped();
    cut_short_ = cut_short_ || cut_short;
  }

  const Stacking& stacking_;
  std::shared_ptr<const Estimator> last_;
  const FitInput& input_;
  const RunContext& context_;
  FoldedDataset folded_;
  StackedColumns columns_;
  Phases phases_;
  std::vector<ColumnPtr> held_out_{};
  std::vector<StackingModel::Member> members_{};
  bool cut_short_ = false;
};

}  // namespace

Stacking::Stacking() : estimators_(named(usual_estimators())) {}

Stacking::Stacking(StackingOptions options)
    : Learner(StackingParameters{.folds = options.folds, .passthrough = options.passthrough}) {
  if (options.estimators.empty()) estimators_ = named(usual_estimators());
  else set_estimators(std::move(options.estimators));
  final_ = std::move(options.final_estimator.estimator);
  if (final_ != nullptr) parameters_.final_estimator = final_->structure();
}

Stacking::Stacking(Maker maker) : Stacking() { maker_ = std::move(maker); }

/// Also as data.
void Stacking::set_estimators(std::vector<NamedEstimator> given) {
  estimators_ = named(std::move(given));
  Array structures;
  for (const NamedEstimator& each : estimators_)
    structures.push_back(Object{{"name", each.name}, {"component", each.estimator->structure()}});
  parameters_.estimators = std::move(structures);
}

EstimatorTraits Stacking::traits() const {
  EstimatorTraits all{.missing = true, .categories = true, .text = true, .several_outputs = true};
  const auto limit = [&](const EstimatorTraits& one, bool sees_columns) {
    if (sees_columns) {
      all.missing = all.missing && one.missing;
      all.categories = all.categories && one.categories;
      all.text = all.text && one.text;
    }
    all.several_outputs = all.several_outputs && one.several_outputs;
    all.weights = all.weights && one.weights;
    all.deterministic = all.deterministic && one.deterministic;
    all.row_order_tolerance = std::max(all.row_order_tolerance, one.row_order_tolerance);
  };
  for (const NamedEstimator& each : estimators_) limit(each.estimator->traits(), true);
  if (final_ != nullptr) limit(final_->traits(), parameters_.passthrough);
  else limit(Ridge{}.traits(), parameters_.passthrough);
  all.weights_repeat_rows = false;  // copies of a row go to folds by themselves
  all.row_order_tolerance *= 100;   // the final estimator learns from predictions that differ already
  return all;
}

CostEstimate Stacking::cost(const DataShape& shape) const {
  CostEstimate all;
  const auto folds = static_cast<double>(parameters_.folds);
  for (const NamedEstimator& each : estimators_) {
    const CostEstimate one = each.estimator->cost(shape);
    all.operations += (folds + 1) * one.operations;
    all.bytes = std::max(all.bytes, 2 * one.bytes);
  }
  const std::size_t width = std::max<std::size_t>({1, shape.outputs, shape.classes > 2 ? shape.classes : 1});
  DataShape stacked = shape;
  stacked.columns = estimators_.size() * width + (parameters_.passthrough ? shape.columns : 0);
  if (!parameters_.passthrough) stacked.categories = stacked.nonzeros = stacked.texts = 0;
  const CostEstimate last = final_ != nullptr ? final_->cost(stacked) : Ridge{}.cost(stacked);
  all.operations += last.operations;
  all.bytes += last.bytes + 8.0 * static_cast<double>(shape.rows * stacked.columns);
  return all;
}

std::unique_ptr<Estimator> Stacking::with_parameters(const Object& values) const {
  Object own;
  std::vector<std::pair<std::string, Object>> inner;  // of each estimator
  for (const auto& [key, value] : values.entries()) {
    const std::size_t dot = key.find('.');
    if (dot == std::string::npos) {
      own.append(key, value);
      continue;
    }
    const std::string name = key.substr(0, dot);
    auto found = std::find_if(inner.begin(), inner.end(), [&](const auto& each) { return each.first == name; });
    if (found == inner.end()) found = inner.insert(inner.end(), {name, Object{}});
    found->second.append(key.substr(dot + 1), value);
  }
  auto copy = std::make_unique<Stacking>(*this);
  assign_parameters(copy->parameters_, own, registered_name);
  if (own.contains("estimators")) copy->read_estimators();
  if (own.contains(final_name)) copy->read_final_estimator();
  for (const auto& [name, some] : inner) copy->change(name, some);
  return copy;
}

/// Parameters of one of the estimators.
void Stacking::change(const std::string& name, const Object& values) {
  if (name == final_name && final_ != nullptr) {
    final_ = final_->with_parameters(values);
    parameters_.final_estimator = final_->structure();
    return;
  }
  std::vector<NamedEstimator> changed = estimators_;
  std::vector<std::string> names{final_name};
  for (NamedEstimator& each : changed) {
    names.push_back(each.name);
    if (each.name != name) continue;
    each.estimator = each.estimator->with_parameters(values);
    set_estimators(std::move(changed));
    return;
  }
  throw Error("parameter.unknown", std::string(registered_name) + "." + name,
              name == final_name ? "there is none of its own" : "there is no such estimator",
              name == final_name ? "give a final_estimator first" : name_hint(name, names));
}

/// From the parameter; what is no structure leaves none, which a fit refuses.
void Stacking::read_estimators() {
  const Value given = parameters_.estimators;
  estimators_.clear();
  if (given.is_null() || (given.is_array() && given.array().empty())) {
    estimators_ = named(usual_estimators());
    return;
  }
  if (!given.is_array() || !maker_) return;
  std::vector<NamedEstimator> all;
  for (const Value& each : given.array()) {
    const bool has_name = each.is_object() && each.object().contains("name") && each.object().contains("component");
    const Value& structure = has_name ? each.at("component") : each;
    if (!is_structure(structure)) return;
    std::shared_ptr<const Estimator> estimator = maker_(structure);
    const std::string name = has_name ? each.at("name").text() : estimator->name();
    const std::string place = std::string(registered_name) + ".estimators";
    if (name.empty() || name == final_name || name.find('.') != std::string::npos)
      throw Error("parameter.name", place, "'" + name + "' cannot be the name of an estimator",
                  "without dots, and not final_estimator: parameters are named name.parameter");
    if (has_name && std::any_of(all.begin(), all.end(), [&](const auto& other) { return other.name == name; }))
      throw Error("parameter.name", place, "two estimators are called '" + name + "'", "give them different names");
    all.emplace_back(name, std::move(estimator));
  }
  set_estimators(std::move(all));
}

void Stacking::read_final_estimator() {
  const Value& given = parameters_.final_estimator;
  final_ = is_structure(given) && maker_ ? maker_(given) : nullptr;
}

std::shared_ptr<const Estimator> Stacking::final_estimator_of(const Target& target) const {
  if (final_ != nullptr) return final_;
  if (!parameters_.final_estimator.is_null()) refuse(final_name);
  if (is_classification(target.task)) return std::make_shared<const Logistic>();
  return std::make_shared<const Ridge>();
}

void Stacking::refuse(const char* parameter) const {
  throw Error("parameter.wrong_type", std::string(registered_name) + "." + parameter,
              std::string("it describes no ") + (parameter == std::string_view(final_name) ? "learner" : "learners"),
              "give {\"type\": \"ridge\", \"parameters\": {}}, or what structure() of a learner gives");
}

/// Every estimator can learn the target, and predicts what the target has.
void Stacking::check(const Target& target, const Estimator& final_estimator) const {
  Faults faults;
  const auto check_one = [&](const std::string& name, const Estimator& one) {
    const std::string place = std::string(registered_name) + "." + name;
    const auto tasks = one.traits().tasks;
    if (std::find(tasks.begin(), tasks.end(), target.task) == tasks.end())
      faults.add("fit.task", place, one.name() + " cannot learn a " + task_name(target.task) + " target");
    else if (one.output_spec(target).width != target.width())
      faults.add("fit.stacking_output", place,
                 one.name() + " predicts " + std::to_string(one.output_spec(target).width) + " values of a target of " +
                     std::to_string(target.width()),
                 "stack learners of the target itself, one level at a time");
  };
  for (const NamedEstimator& each : estimators_) check_one(each.name, *each.estimator);
  check_one(final_name, final_estimator);
  faults.throw_if_any();
}

std::string Stacking::describe(int indent) const {
  const std::string start(static_cast<std::size_t>(indent), ' ');
  std::string text = start + "stacking, " + std::to_string(parameters_.folds) + "-fold" +
                     (parameters_.passthrough ? ", columns passed through" : "") + "\n";
  for (const NamedEstimator& each : estimators_) text += describe_step(each.name, *each.estimator, indent + 2);
  return text + (final_ != nullptr ? describe_step(final_name, *final_, indent + 2)
                                   : start + "  final_estimator: ridge, or logistic for classes\n");
}

FitResult Stacking::fit_checked(const FitInput& input, const RunContext& context) const {
  if (estimators_.empty()) refuse("estimators");
  const std::shared_ptr<const Estimator> last = final_estimator_of(input.train.target());
  check(input.train.target(), *last);
  return StackingRun(*this, last, input, context).run();
}

}  // namespace automill
