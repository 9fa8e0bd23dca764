#include "automl/assemble.hpp"

#include <automill/ensemble/weighted_ensemble.hpp>

#include "automl/expected_gain.hpp"
#include "automl/fit_on_all_rows.hpp"
#include "automl/held_out_errors.hpp"
#include "automl/model_checks.hpp"
#include "automl/predict_time.hpp"
#include "automl/readable_choice.hpp"
#include "automl/run_record.hpp"

namespace automill {
namespace {

/// The fold models of a candidate as one model.
std::shared_ptr<const Model> bag(const Candidate& candidate, const ModelContext& context) {
  if (candidate.folds.size() == 1) return candidate.folds[0].model;
  std::vector<WeightedEnsemble::Member> members;
  for (std::size_t fold = 0; fold < candidate.folds.size(); ++fold)
    members.push_back({"fold_" + std::to_string(fold), 1.0 / static_cast<double>(candidate.folds.size()),
                       candidate.folds[fold].model});
  auto bagged = std::make_shared<WeightedEnsemble>(std::move(members));
  bagged->set_context(context);
  return bagged;
}

std::vector<std::int64_t> rounds_of(const Candidate& candidate) {
  std::vector<std::int64_t> rounds;
  for (const FoldOutcome& fold : candidate.folds) rounds.push_back(fold.report.rounds);
  return rounds;
}

/// Bytes and time are those of the one model that is kept.
void keep_one_model(Candidate& candidate, const Model& model, const FoldedDataset& folded) {
  candidate.bytes = array_bytes(model);
  candidate.own_predict_us_per_row = microseconds_per_row(model, folded.held_out(0).features());
}

/// The model of a member of a replayed run.
std::shared_ptr<const Model> recorded_model(const AssembleInput& input, Candidate& candidate,
                                            const ModelContext& context) {
  if (candidate.kept == "folds") return bag(candidate, context);
  std::shared_ptr<const Model> model = candidate.folds[0].model;
  if (candidate.kept == "all_rows") {
    model = fit_on_all_rows(candidate.name, *candidate.estimator, rounds_of(candidate), input.prepared->dataset,
                            *input.refit_with);
    if (model == nullptr)
      throw Error("replay.differs", candidate.name, "it could not be fitted on all rows, as it was in the run",
                  "was the fit stopped, or is memory short?");
  }
  keep_one_model(candidate, *model, *input.folded);
  return model;
}

/// On all rows; null, with the reason, where the time did not suffice or a user's own learner failed.
std::shared_ptr<const Model> model_of_all_rows(Candidate& candidate, const std::shared_ptr<const Dataset>& dataset,
                                               const RunContext& context) {
  try {
    auto model = fit_on_all_rows(candidate.name, *candidate.estimator, rounds_of(candidate), dataset, context);
    if (model == nullptr) candidate.reason = "no time to fit it on all rows";
    return model;
  } catch (const std::exception& problem) {
    if (!candidate.own) throw;
    candidate.reason = std::string("its fit on all rows failed: ") + problem.what();
    return nullptr;
  }
}

/// The member models in the order of `usable`, null where the weight is 0.
std::vector<std::shared_ptr<const Model>> member_models(const AssembleInput& input,
                                                        const std::vector<Candidate*>& usable,
                                                        const ModelContext& context) {
  std::vector<std::shared_ptr<const Model>> models(usable.size());
  if (input.replayed) {
    for (std::size_t i = 0; i < usable.size(); ++i)
      if (usable[i]->weight > 0) models[i] = recorded_model(input, *usable[i], context);
    return models;
  }
  const bool readable = wants_readable_model(*input.options);
  if (readable && input.refit_with == nullptr)  // so far: there is no time to fit one on all rows
    for (std::size_t i = 0; i < usable.size(); ++i)
      if (usable[i]->weight > 0) {
        models[i] = usable[i]->folds[0].model;
        usable[i]->kept = "first_fold";
      }
  if (input.refit_with != nullptr) {
    RunContext fitting = *input.refit_with;
    const auto members =
        std::count_if(usable.begin(), usable.end(), [](const Candidate* candidate) { return candidate->weight > 0; });
    if (members > 1) fitting.run_with = nullptr;  // side by side
    input.refit_with->executor().run(usable.size(), [&](std::size_t i) {
      if (usable[i]->weight > 0) models[i] = model_of_all_rows(*usable[i], input.prepared->dataset, fitting);
    });
    const bool one_alone = readable || input.options->max_predict_time || input.options->max_model_size;
    for (std::size_t i = 0; i < usable.size(); ++i) {
      if (usable[i]->weight == 0) continue;
      const char* kept = one_alone ? "the model of its first fold is kept" : "its fold models are kept";
      usable[i]->kept = models[i] != nullptr ? "all_rows" : one_alone ? "first_fold" : "folds";
      if (models[i] == nullptr) usable[i]->reason += std::string(": ") + kept;
      if (models[i] == nullptr && one_alone) models[i] = usable[i]->folds[0].model;
      if (models[i] != nullptr) keep_one_model(*usable[i], *models[i], *input.folded);
    }
  }
  for (std::size_t i = 0; i < usable.size(); ++i)
    if (usable[i]->weight > 0 && models[i] == nullptr) models[i] = bag(*usable[i], context);
  return models;
}

Object score_object(const Score& score) {
  return Object{{"metric", score.metric},
                {"value", score.value},
                {"low", score.low},
                {"high", score.high},
                {"protocol", score.protocol}};
}

Value recipe_of(const AssembleInput& input, double temperature, const Object& run) {
  Array members;
  for (const Candidate& candidate : *input.candidates) {
    if (candidate.weight == 0) continue;
    const std::vector<std::int64_t> counts = rounds_of(candidate);
    const Array rounds(counts.begin(), counts.end());
    Object member{{"name", candidate.name},
                  {"family", candidate.family},
                  {"weight", candidate.weight},
                  {"rounds", rounds},
                  {"structure", candidate.estimator->structure()}};
    if (wants_readable_model(*input.options)) member.append("complexity", candidate.complexity);
    members.push_back(std::move(member));
  }
  const SplitPlan& plan = input.folded->plan();
  const TargetInfo& target = input.prepared->target;
  Object recipe{{"version", 1},
                {"automill", AUTOMILL_VERSION},
                {"target", target.name},
                {"task", task_name(target.task)},
                {"metric", input.scorer->metric().name},
                {"seed", static_cast<std::int64_t>(input.options->seed)},
                {"folds", static_cast<std::int64_t>(plan.folds)},
                {"protocol", plan.protocol},
                {"members", members},
                {"temperature", temperature}};
  const TrainOptions& options = *input.options;
  if (!options.quantiles.empty()) recipe["quantiles"] = Array(options.quantiles.begin(), options.quantiles.end());
  if (!options.cost_matrix.empty()) {
    Array costs;
    for (const auto& row : options.cost_matrix) costs.push_back(Array(row.begin(), row.end()));
    const auto& classes = options.cost_classes.empty() ? target.classes : options.cost_classes;
    recipe["cost_matrix"] = costs;
    recipe["cost_classes"] = Array(classes.begin(), classes.end());
  }
  if (!options.monotone.empty()) {
    Object signs;
    for (const auto& [name, sign] : options.monotone) signs[name] = static_cast<std::int64_t>(sign);
    recipe["monotone"] = signs;
  }
  if (wants_readable_model(options)) recipe["preset"] = options.preset;
  if (options.max_predict_time) recipe["max_predict_time"] = options.max_predict_time->count();
  if (options.max_model_size) recipe["max_model_size"] = static_cast<std::int64_t>(*options.max_model_size);
  if (target.task == Task::binary) recipe["positive_class"] = target.classes[target.positive];
  Array columns;
  for (const auto& name : input.prepared->dataset->features.schema()->names()) columns.push_back(name);
  recipe["columns"] = columns;
  if (!run.empty()) recipe["run"] = run;
  return recipe;
}

Object books(const AssembleInput& input) {
  const Prepared& prepared = *input.prepared;
  Array notes(prepared.notes.begin(), prepared.notes.end());
  notes.insert(notes.end(), input.notes.begin(), input.notes.end());
  std::map<std::string, std::int64_t> states{{"ok", 0}, {"partial", 0}, {"failed", 0}, {"skipped", 0}};
  for (const Candidate& candidate : *input.candidates) ++states[state_name(candidate.state)];
  return Object{{"rows", book_of_rows(prepared)},
                {"columns", book_of_columns(prepared)},
                {"candidates", Object{{"all", static_cast<std::int64_t>(input.candidates->size())},
                                      {"ok", states["ok"]},
                                      {"partial", states["partial"]},
                                      {"failed", states["failed"]},
                                      {"skipped", states["skipped"]}}},
                {"notes", notes},
                {"positive_reason", prepared.positive_reason}};
}

Array leaderboard_of(const AssembleInput& input) {
  std::vector<LeaderboardRow> rows;
  for (const Candidate& candidate : *input.candidates)
    rows.push_back(leaderboard_row(candidate, input.folded->folds()));
  const bool higher = input.scorer->metric().higher_is_better();
  std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    if (std::isnan(a.validation_score) || std::isnan(b.validation_score))
      return !std::isnan(a.validation_score) && std::isnan(b.validation_score);
    return higher ? a.validation_score > b.validation_score : a.validation_score < b.validation_score;
  });
  Array list;
  std::int64_t rank = 0;
  for (auto& row : rows) {
    if (!std::isnan(row.validation_score)) row.rank = ++rank;
    list.push_back(row.to_object());
  }
  return list;
}

std::shared_ptr<const OutOfFold> out_of_fold_of(const Predictions& blend, const AssembleInput& input) {
  auto result = std::make_shared<OutOfFold>();
  const Prepared& prepared = *input.prepared;
  result->predictions = Predictions(prepared.input_rows, blend.width);
  std::fill(result->predictions.values.begin(), result->predictions.values.end(),
            std::numeric_limits<double>::quiet_NaN());
  result->fold.assign(prepared.input_rows, -1);
  result->used_rows = prepared.input_row;
  result->weights = prepared.metric_weights;
  for (std::size_t i = 0; i < prepared.input_row.size(); ++i) {
    const std::int32_t fold = input.folded->plan().fold_of[i];
    if (fold < 0) continue;
    result->fold[prepared.input_row[i]] = fold;
    std::copy_n(blend.values.data() + i * blend.width, blend.width,
                result->predictions.values.data() + prepared.input_row[i] * blend.width);
  }
  return result;
}

}  // namespace

LeaderboardRow leaderboard_row(const Candidate& candidate, std::size_t folds) {
  LeaderboardRow row;
  row.name = candidate.name;
  row.family = candidate.family;
  row.validation_score = candidate.score.value;
  row.low = candidate.score.low;
  row.high = candidate.score.high;
  row.fit_seconds = row.cpu_seconds = candidate.fit_seconds();  // a fit runs in one thread
  if (candidate.folds_done > 0) row.predict_us_per_row = candidate.predict_us_per_row();
  row.bytes = candidate.bytes;
  for (const auto& fold : candidate.folds) row.peak_bytes = std::max(row.peak_bytes, fold.report.bytes);
  row.folds_done = static_cast<std::int64_t>(candidate.folds_done);
  row.weight = candidate.weight;
  row.reason = candidate.reason;
  row.parameters = candidate.estimator->parameters();
  switch (candidate.state) {
    case CandidateState::complete:
      row.status = candidate.weight > 0 ? "member" : candidate.cut_short() != nullptr ? "stopped" : "ok";
      break;
    case CandidateState::failed:
      row.status = "failed";
      break;
    case CandidateState::partial:
      row.status = "partial " + std::to_string(candidate.folds_done) + "/" + std::to_string(folds);
      break;
    default:
      row.status = "skipped";
  }
  if (const FitReport* report = candidate.cut_short(); report != nullptr && row.reason.empty())
    row.reason = report->stopped == "user"           ? "fits were stopped by request"
                 : report->stopped == "memory limit" ? "fits ended at the memory limit"
                                                     : "fits ended at the time limit";
  return row;
}

std::vector<Candidate*> usable_candidates(std::vector<Candidate>& candidates) {
  std::vector<Candidate*> usable;
  for (Candidate& candidate : candidates)
    if (candidate.usable() && candidate.family != "baseline") usable.push_back(&candidate);
  for (Candidate& candidate : candidates)  // the prior alone serves only where nothing else does
    if (candidate.usable() && usable.empty()) usable.push_back(&candidate);
  if (usable.empty()) {  // the metric may be undefined for every candidate (one class only): the first complete one
                         // serves
    for (Candidate& candidate : candidates)
      if (candidate.state == CandidateState::complete && usable.empty()) usable.push_back(&candidate);
    if (usable.empty())
      throw Error("train.no_model", "",
                  "no candidate could be fitted: " +
                      (candidates.empty() ? std::string("none was tried") : candidates.front().reason));
  }
  return usable;
}

namespace {

WeightsInput weights_input(const AssembleInput& input, const std::vector<Candidate*>& usable) {
  return {.candidates = &usable,
          .folded = input.folded,
          .scorer = input.scorer,
          .seed = input.options->seed,
          .stop = input.stop,
          .executor = input.executor};
}

}  // namespace

EnsembleWeights weights_of(const AssembleInput& input) {
  const std::vector<Candidate*> usable = usable_candidates(*input.candidates);
  if (input.keep_weights) {
    EnsembleWeights weights{.part = input.folded->plan().fold_of};
    for (const Candidate* candidate : usable) weights.all.weights.push_back(candidate->weight);
    weights.all.temperature = input.keep_temperature;
    return weights;
  }
  const WeightsInput of_candidates = weights_input(input, usable);
  return wants_readable_model(*input.options) ? readable_weights(of_candidates) : find_weights(of_candidates);
}

namespace {

/// Where the time is enough for another selection; `seconds`: that of the first.
void add_expected_gain(const AssembleInput& input, const std::vector<Candidate*>& usable,
                       const EnsembleWeights& weights, double seconds, Object& run_report) {
  if (!input.expect_gain || input.stop.seconds_left() < seconds) return;
  const auto gain = gain_of_twice_the_time(weights_input(input, usable), &weights);
  if (!gain) return;
  const bool higher = input.scorer->metric().higher_is_better();  // as a change of the score
  run_report["gain_of_twice_the_time"] = Object{{"value", higher ? gain->value : -gain->value},
                                                {"low", higher ? gain->low : -gain->high},
                                                {"high", higher ? gain->high : -gain->low}};
}

}  // namespace

AutoMLModel assemble(const AssembleInput& input) {
  const std::vector<Candidate*> usable = usable_candidates(*input.candidates);
  const auto start = Clock::now();
  const EnsembleWeights weights = input.weights ? *input.weights : weights_of(input);
  Object run_report = input.run_report;
  add_expected_gain(input, usable, weights, Seconds(Clock::now() - start).count(), run_report);
  for (Candidate& candidate : *input.candidates) candidate.weight = 0;
  for (std::size_t i = 0; i < usable.size(); ++i) usable[i]->weight = weights.all.weights[i];

  const Prepared& prepared = *input.prepared;
  const Dataset& dataset = *prepared.dataset;
  auto parts = std::make_shared<ModelParts>();
  parts->schema = dataset.features.schema();
  parts->target = prepared.target;
  const ModelContext context{parts->schema, output_of(dataset.target)};
  std::vector<WeightedEnsemble::Member> members;
  const auto models = member_models(input, usable, context);
  for (std::size_t i = 0; i < usable.size(); ++i) {
    if (models[i] == nullptr) continue;
    members.push_back({usable[i]->name, usable[i]->weight, models[i]});
  }
  auto ensemble = std::make_shared<WeightedEnsemble>(std::move(members), weights.all.temperature);
  ensemble->set_context(context);
  parts->model = ensemble;

  const Predictions blend = blend_out_of_fold(usable, weights);
  const Predictions scored = input.scorer->gather(blend);
  Scorer scorer = *input.scorer;
  if (parts->target.costs.empty()) parts->target.decision_threshold = scorer.best_threshold(scored.values);
  scorer.set_threshold(parts->target.decision_threshold);
  std::string protocol = input.folded->plan().protocol;
  if (!weights.without_part.empty()) protocol += ", nested";
  const Score score = scorer.score(scored.values, protocol, input.options->seed);
  add_checks(dataset, *parts);
  parts->uncertainty = learn_uncertainty({.dataset = &dataset,
                                          .rows = input.scorer->rows(),
                                          .predictions = &blend,
                                          .quantiles = input.options->quantiles,
                                          .learn_spread = input.learn_spread,
                                          .context = input.spread});
  Object run = input.run_record;
  if (!run.empty()) {
    run["trials"] = record_of_trials(*input.candidates);
    run["weights"] = record_of_weights(usable, weights);
    run["spread"] = parts->uncertainty != nullptr && parts->uncertainty->spread != nullptr;
  }
  parts->metadata = Object{{"automill", AUTOMILL_VERSION},
                           {"validation_score", score_object(score)},
                           {"interrupted", input.interrupted},
                           {"books", books(input)},
                           {"run", run_report},
                           {"leaderboard", leaderboard_of(input)},
                           {"recipe", recipe_of(input, weights.all.temperature, run)}};
  const bool one_model_each = std::all_of(
      usable.begin(), usable.end(), [](const Candidate* c) { return c->weight == 0 || c->own_predict_us_per_row; });
  const bool readable = wants_readable_model(*input.options);
  if (one_model_each || readable) parts->metadata["collapsed"] = true;
  if (readable) parts->metadata["glass_box"] = describe_choice(weights_input(input, usable), !input.keep_weights);
  return {ServedModel(parts), out_of_fold_of(blend, input), prepared.dataset};
}

AutoMLModel with_run_figures(const AutoMLModel& model, const Phases& phases, const RunFigures& figures) {
  auto parts = std::make_shared<ModelParts>(model.parts());
  Object seconds;
  for (const auto& [name, value] : phases.seconds) seconds.append(name, value);
  Object run = parts->metadata["run"].object();
  run["phases"] = seconds;
  run["wall_seconds"] = phases.total();
  run["core_seconds"] = figures.core_seconds;
  run["fit_seconds"] = figures.fit_seconds;
  run["peak_bytes"] = static_cast<std::int64_t>(figures.peak_bytes);
  parts->metadata["run"] = run;
  return {ServedModel(parts), model.shared_out_of_fold(), model.training_data()};
}

}  // namespace automill
