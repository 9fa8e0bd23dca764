#include "automl/run_record.hpp"

#include "automl/fingerprint.hpp"
#include "automl/option_record.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

/// A fold that a limit cut short is cut at the same round again.
Object record_of_fold(const FitReport& report) {
  Object fold{{"rounds", report.rounds}};
  if (!report.cut_short()) return fold;
  fold["stopped"] = report.stopped;
  if (report.rounds_tried > 0) fold["rounds_tried"] = report.rounds_tried;
  return fold;
}

Object record_of_blend(const std::vector<Candidate*>& usable, const Blend& blend) {
  Object weights;
  for (std::size_t j = 0; j < usable.size(); ++j)
    if (blend.weights[j] != 0) weights.append(usable[j]->name, blend.weights[j]);
  return Object{{"weights", weights}, {"temperature", blend.temperature}};
}

Blend recorded_blend(const Value& recorded, const std::vector<Candidate*>& usable) {
  Blend blend{.temperature = recorded.at("temperature").number()};
  const Object& weights = recorded.at("weights").object();
  for (const Candidate* candidate : usable) {
    const Value* weight = weights.find(candidate->name);
    blend.weights.push_back(weight != nullptr ? weight->number() : 0);
  }
  return blend;
}

}  // namespace

Object record_of_run(const TrainOptions& options, const Prepared& prepared, const ValidationPlan& plan,
                     const TimeBudget& budget) {
  Object record{{"options", record_options(options)},
                {"data", fingerprint_of(prepared, plan.split)},
                {"simd_level", simd_level()},
                {"threads", budget.threads}};
  if (budget.seconds) record["seconds"] = *budget.seconds;
  if (prepared.sampled_rows > 0) record["sampled_rows"] = static_cast<std::int64_t>(prepared.sampled_rows);
  return record;
}

Array record_of_trials(const std::vector<Candidate>& candidates) {
  Array trials;
  for (const Candidate& candidate : candidates) {
    Object trial{{"name", candidate.name},
                 {"family", candidate.family},
                 {"structure", candidate.estimator->structure()},
                 {"complexity", candidate.complexity},
                 {"status", state_name(candidate.state)},
                 {"folds_done", static_cast<std::int64_t>(candidate.folds_done)},
                 {"reason", candidate.reason}};
    if (candidate.state == CandidateState::complete) {
      Array folds;
      for (const FoldOutcome& fold : candidate.folds) folds.push_back(record_of_fold(fold.report));
      trial["folds"] = folds;
      trial["kept"] = candidate.kept;
    }
    trials.push_back(std::move(trial));
  }
  return trials;
}

Object record_of_weights(const std::vector<Candidate*>& usable, const EnsembleWeights& weights) {
  Object record{{"all", record_of_blend(usable, weights.all)}};
  Array parts;
  for (const Blend& blend : weights.without_part) parts.push_back(record_of_blend(usable, blend));
  record["without_part"] = parts;
  return record;
}

TimeBudget recorded_budget(const Value& run) {
  TimeBudget budget{.threads = static_cast<int>(run.at("threads").integer())};
  if (const Value* seconds = run.object().find("seconds")) budget.seconds = seconds->number();
  return budget;
}

std::optional<std::size_t> recorded_sample(const Value& run) {
  const Value* rows = run.object().find("sampled_rows");
  return rows == nullptr ? std::nullopt : std::optional(static_cast<std::size_t>(rows->integer()));
}

EnsembleWeights recorded_weights(const Value& weights, const std::vector<Candidate*>& usable,
                                 std::vector<std::int32_t> parts) {
  EnsembleWeights found{.all = recorded_blend(weights.at("all"), usable), .part = std::move(parts)};
  for (const Value& part : weights.at("without_part").array())
    found.without_part.push_back(recorded_blend(part, usable));
  return found;
}

}  // namespace automill
