#include <automill/automl/replay.hpp>
#include <automill/automl/train.hpp>

#include "automl/assemble.hpp"
#include "automl/concatenate.hpp"
#include "automl/cost_matrix.hpp"
#include "automl/fingerprint.hpp"
#include "automl/held_out.hpp"
#include "automl/nested_rounds.hpp"
#include "automl/option_check.hpp"
#include "automl/option_record.hpp"
#include "automl/predict_time.hpp"
#include "automl/readable_choice.hpp"
#include "automl/row_sample.hpp"
#include "automl/run_record.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

const Value& recorded_run(const AutoMLModel& model) {
  const Value* recipe = model.metadata().find("recipe");
  const Value* run = recipe != nullptr && recipe->is_object() ? recipe->object().find("run") : nullptr;
  if (run == nullptr)
    throw Error("replay.no_run", "", "the model holds no run that could be repeated",
                "models of train do; refit does a recipe again on other rows");
  if (const std::string& version = recipe->at("automill").text(); version != AUTOMILL_VERSION)
    throw Error("replay.other_version", "",
                "the model was trained by AutoMill " + version + "; this is " AUTOMILL_VERSION,
                "replay it with that version; refit works with any");
  return *run;
}

TrainOptions options_of_run(const Value& run, const ReplayOptions& how) {
  TrainOptions options = options_of_record(run.at("options").object());
  options.threads = how.threads;
  options.memory_limit = how.memory_limit;
  if (run.at("options").object().contains("validation_data") != how.validation_data.has_value())
    throw Error("replay.other_data", "validation_data",
                how.validation_data ? "the run had none" : "the run was validated on rows of its own",
                how.validation_data ? "leave it out" : "give them again");
  options.validation_data = how.validation_data;
  check_options(options);
  return options;
}

/// Fits what a run has fitted, fold by fold.
class Replay {
 public:
  Replay(const Value& run, const FoldedDataset& folded, const Scorer& scorer, const RunContext& context)
      : run_(run), folded_(folded), scorer_(scorer), context_(context) {
    for (const Value& trial : run.at("trials").array()) candidates_.push_back(candidate_of(trial));
  }

  std::vector<Candidate>& fit_all() {
    std::vector<std::pair<std::size_t, std::size_t>> jobs;
    for (std::size_t c = 0; c < candidates_.size(); ++c)
      if (candidates_[c].state == CandidateState::complete)
        for (std::size_t fold = 0; fold < folded_.folds(); ++fold) jobs.emplace_back(c, fold);
    context_.executor().run(jobs.size(), [&](std::size_t job) { fit(jobs[job].first, jobs[job].second); });
    for (Candidate& candidate : candidates_) {
      if (candidate.state != CandidateState::complete) continue;
      candidate.folds_started = candidate.folds_done = folded_.folds();
      for (const FoldOutcome& fold : candidate.folds) candidate.bytes += fold.bytes;
      put_rounds_of_other_folds(candidate, folded_);
      candidate.score =
          scorer_.score(scorer_.gather(candidate.out_of_fold).values, folded_.plan().protocol, context_.seed);
    }
    return candidates_;
  }

 private:
  Candidate candidate_of(const Value& trial) const {
    Candidate candidate;
    candidate.name = trial.at("name").text();
    candidate.family = trial.at("family").text();
    candidate.complexity = static_cast<int>(trial.at("complexity").integer());
    candidate.reason = trial.at("reason").text();
    candidate.estimator = make_estimator(trial.at("structure"), builtin_registry());
    candidate.folds.resize(folded_.folds());
    candidate.state = state_named(trial.at("status").text());
    candidate.folds_done = static_cast<std::size_t>(trial.at("folds_done").integer());
    if (candidate.state != CandidateState::complete) return candidate;
    candidate.kept = trial.at("kept").text();
    candidate.out_of_fold = no_predictions(*folded_.dataset());
    return candidate;
  }

  void fit(std::size_t index, std::size_t fold) {
    Candidate& candidate = candidates_[index];
    const Value& recorded = run_.at("trials").array()[index].at("folds").array()[fold];
    const Value* tried = recorded.object().find("rounds_tried");
    const Value* stopped = recorded.object().find("stopped");
    const DatasetView& held_out = folded_.held_out(fold);
    FitInput input{.train = folded_.train(fold), .validation = &held_out};
    if (tried != nullptr) input.cut_at_round = tried->integer();
    else if (stopped != nullptr) input.stop_at_round = recorded.at("rounds").integer();
    RunContext inner = context_;
    inner.run_with = nullptr;
    inner.seed = seed_of_candidate(context_.seed, candidate.name);
    const auto start = Clock::now();
    FitResult result = candidate.estimator->fit(input, inner);
    result.require_model(candidate.name);
    require_as_recorded(candidate, fold, recorded, result.report);
    if (stopped != nullptr) result.report.stopped = stopped->text();
    const Predictions predictions = held_out_predictions(result, held_out, inner);
    drop_large_checkpoints(result.report, folded_.folds());
    const std::lock_guard lock(mutex_);
    candidate.out_of_fold.put(held_out.row_numbers(), predictions);
    FoldOutcome& outcome = candidate.folds[fold];
    outcome.predict_us_per_row = microseconds_per_row(*result.model, held_out.features());
    outcome.bytes = array_bytes(*result.model);
    outcome.model = std::move(result.model);
    outcome.report = std::move(result.report);
    outcome.seconds = Seconds(Clock::now() - start).count();
    outcome.done = true;
  }

  void require_as_recorded(const Candidate& candidate, std::size_t fold, const Value& recorded,
                           const FitReport& report) const {
    const std::int64_t then = recorded.at("rounds").integer();
    if (report.rounds == then || run_.at("simd_level").text() != simd_level()) return;
    throw Error("replay.differs", candidate.name,
                "fold " + std::to_string(fold + 1) + " ended after " + std::to_string(report.rounds) +
                    " rounds, and the recorded one after " + std::to_string(then),
                "was the fit stopped, or is memory short?");
  }

  const Value& run_;
  const FoldedDataset& folded_;
  const Scorer& scorer_;
  const RunContext& context_;
  std::vector<Candidate> candidates_;
  std::mutex mutex_;
};

}  // namespace

std::map<std::string, ColumnKind> types_of_run(const ServedModel& model) {
  return options_of_record(recorded_run(AutoMLModel(model)).at("options").object()).types;
}

AutoMLModel replay(const ServedModel& served, const Table& data, const ReplayOptions& how) {
  Phases phases;
  phases.begin(Clock::now());
  const AutoMLModel model(served);
  const Value& run = recorded_run(model);
  const TrainOptions options = options_of_run(run, how);
  const auto executor = make_executor(options.threads.value_or(available_cores()));
  MemoryMeter memory(options.memory_limit.value_or(available_memory()));
  SharedCache cache(memory.limit() / 2, &memory);
  const RunContext context{.run_with = executor.get(),
                           .stop = StopToken(how.stop),
                           .seed = options.seed,
                           .memory = &memory,
                           .cache = &cache};
  const std::size_t validation_rows = how.validation_data ? how.validation_data->rows() : 0;
  Prepared prepared = prepare(how.validation_data ? concatenate(data, *how.validation_data) : data, options);
  if (const auto rows = recorded_sample(run)) sample_rows(prepared, *rows, options.seed);
  const ValidationPlan plan = choose_validation(prepared, options, recorded_budget(run), validation_rows);
  Faults faults;
  compare_fingerprints(run.at("data").object(), fingerprint_of(prepared, plan.split),
                       {"replay.other_data", "in the run", "give the rows and columns of the run"}, faults);
  faults.throw_if_any();
  const FoldedDataset folded(prepared.dataset, plan.split);
  const Scorer scorer(prepared.dataset->target, prepared.metric_weights, held_out_rows(plan.split),
                      metric_of(prepared.target, model.recipe().at("metric").text()));
  phases.end("preparing");
  Replay fits(run, folded, scorer, context);
  std::vector<Candidate>& candidates = fits.fit_all();
  phases.end("fitting");
  AssembleInput input{
      .prepared = &prepared,
      .options = &options,
      .folded = &folded,
      .scorer = &scorer,
      .candidates = &candidates,
      .executor = executor.get(),
      .interrupted = model.interrupted(),
      .run_report =
          Object{{"threads", executor->width()}, {"seed", static_cast<std::int64_t>(options.seed)}, {"replayed", true}},
      .refit_with = &context,
      .replayed = true};
  input.weights =
      recorded_weights(run.at("weights"), usable_candidates(candidates), parts_of_rows(folded, options.seed));
  input.run_record = record_of_run(options, prepared, plan, recorded_budget(run));
  input.spread = context;
  input.learn_spread = run.at("spread").boolean();
  if (run.at("simd_level").text() != simd_level())
    input.notes.push_back("replayed with " + simd_level() + " instructions, the run had " +
                          run.at("simd_level").text() + ": the last bits may differ");
  const AutoMLModel again = assemble(input);
  phases.end("ensembling");
  return with_run_figures(again, phases, {});
}

}  // namespace automill
