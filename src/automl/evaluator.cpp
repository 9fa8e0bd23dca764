#include "automl/evaluator.hpp"

#include <automill/automl/train.hpp>
#include <automill/core/pipeline.hpp>

#include "automl/fit_shape.hpp"
#include "automl/held_out.hpp"
#include "automl/nested_rounds.hpp"
#include "automl/own_learners.hpp"
#include "automl/own_predictions.hpp"
#include "automl/plan_family.hpp"
#include "automl/predict_time.hpp"
#include "predict/model_file.hpp"

namespace automill {
namespace {

constexpr std::size_t trials_a_check = 4;  // of whether more are worth it
constexpr std::size_t unseen_trials = 2;   // as many as may be under way when a search goes on

/// Candidates that take alike for an operation: own learners have nothing in common.
const std::string& kind_of(const Candidate& candidate) { return candidate.own ? candidate.name : candidate.family; }

Archive component_archive(const Model& model) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(model, writer);
  return archive;
}

Event finished_event(const Candidate& candidate) {
  char text[160];
  std::snprintf(text, sizeof text, "%s  %s %.6g  (%.2f s)", candidate.name.c_str(), candidate.score.metric.c_str(),
                candidate.score.value, candidate.fit_seconds());
  return {"candidate.finished", text,
          Object{{"name", candidate.name}, {"score", candidate.score.value}, {"fit_seconds", candidate.fit_seconds()}}};
}

/// Of the rows that each fold holds out.
std::vector<std::vector<double>> predictions_by_fold(const Candidate& candidate, const FoldedDataset& folded) {
  std::vector<std::vector<double>> all(candidate.folds.size());
  for (std::size_t fold = 0; fold < all.size(); ++fold)
    for (const std::uint32_t row : folded.held_out(fold).row_numbers()) {
      const auto values = candidate.out_of_fold.row(row);
      all[fold].insert(all[fold].end(), values.begin(), values.end());
    }
  return all;
}

bool all_finite(const Predictions& predictions) {
  for (double value : predictions.values)
    if (!std::isfinite(value)) return false;
  return true;
}

}  // namespace

std::uint64_t array_bytes(const Model& model) { return array_bytes(component_archive(model)); }

std::uint64_t array_bytes(const Archive& archive) {
  std::uint64_t bytes = 0;
  for (const auto& array : archive.arrays) bytes += array.bytes.size();
  return bytes;
}

std::uint64_t bytes_to_finish(const Dataset& dataset) { return 4 * bytes_of_predictions(dataset); }

std::uint64_t reserved_bytes(std::uint64_t limit) { return limit / 8 + (8 << 20); }

Evaluator::Evaluator(EvaluatorInput input, RunContext context)
    : input_(std::move(input)), context_(std::move(context)), kept_(context_.memory, 0, "models") {}

void Evaluator::run() {
  keep(input_.growth->now() + reserved_bytes(context_.memory->limit()));
  const auto workers = static_cast<std::size_t>(context_.executor().width());
  context_.executor().run(workers, [this](std::size_t) { work(); });
  for (auto& candidate : candidates_) {  // what was begun and could not be finished
    if (candidate.state != CandidateState::running && candidate.state != CandidateState::waiting) continue;
    candidate.state = candidate.folds_done > 0 ? CandidateState::partial : CandidateState::skipped;
    if (candidate.reason.empty())
      candidate.reason = context_.stop.reason() == StopReason::user ? "the run was stopped" : "the time was over";
  }
  if (input_.journal == nullptr) return;
  for (const Candidate& candidate : candidates_)
    if (candidate.state != CandidateState::complete) input_.journal->trial_ended(candidate);
}

void Evaluator::work() {
  while (true) {
    std::unique_lock lock(mutex_);
    const std::optional<Job> job = next_job(lock);
    if (!job) {
      ending_ = true;
      return;
    }
    lock.unlock();
    const Clock::time_point begun = Clock::now();
    fit(*job);
    lock.lock();
    settle_memory();
    fit_seconds_ += Seconds(Clock::now() - begun).count();
    --candidates_[job->candidate].folds_running;
    fold_ended_.notify_all();
  }
}

bool Evaluator::extend(Seconds seconds) {
  const std::lock_guard lock(mutex_);
  if (!input_.end || ending_) return false;
  *input_.end += std::chrono::duration_cast<Clock::duration>(seconds);
  return true;
}

/// The next fold of a candidate that is under way, else the first fold of a new one. Where memory is too tight for
/// another fit, it waits for the end of one.
std::optional<Evaluator::Job> Evaluator::next_job(std::unique_lock<std::mutex>& lock) {
  while (true) {
    bool tight = false;
    const bool over = context_.stop.stop_requested() || (input_.end && Clock::now() >= end_of_fits());
    for (std::size_t c = 0; c < candidates_.size(); ++c) {
      Candidate& candidate = candidates_[c];
      if (candidate.state != CandidateState::running && candidate.state != CandidateState::waiting) continue;
      if (candidate.folds_started == candidate.folds.size()) continue;
      const bool floor = candidate.family == "baseline";  // fits at once: there is a model in every case
      if (!floor && over) continue;
      if (candidate.folds_running >= candidate.folds_at_once) {
        tight = true;
        continue;
      }
      Job job{c, candidate.folds_started, context_};
      job.recorded = !candidate.recorded.empty() && candidate.recorded[job.fold];
      job.context.run_with = nullptr;
      job.context.stop = floor ? StopToken{} : fold_stop(candidate);
      job.context.seed = seed_of_candidate(context_.seed, candidate.name);
      candidate.state = CandidateState::running;
      ++candidate.folds_started;
      ++candidate.folds_running;
      return job;
    }
    if (tight || waits_for_trials()) fold_ended_.wait(lock);
    else if (!propose()) return std::nullopt;
  }
}

/// Choosing takes time for each candidate. Building the model copies its arrays and predicts some rows; both follow its
/// size, as the time for a row does (90 us for each us a row of the slowest candidate and a third more, measured on
/// members of 30,000 trees).
Clock::time_point Evaluator::end_of_fits() const {
  double slowest = 0, complete = 0;
  for (const Candidate& candidate : candidates_) {
    if (candidate.folds_done > 0)
      slowest = std::max(slowest, candidate.predict_us_per_row() * static_cast<double>(candidate.folds.size()) /
                                      static_cast<double>(candidate.folds_done));
    complete += candidate.folds_started > 0 ? 1 : 0;
  }
  const double building = 120e-6 * slowest, choosing = input_.selection_seconds * complete;
  return *input_.end - std::chrono::duration_cast<Clock::duration>(Seconds(building + choosing));
}

/// The fold's share of the time that is left, so that the folds after it get theirs.
StopToken Evaluator::fold_stop(const Candidate& candidate) const {
  if (!input_.end) return context_.stop;
  const Clock::time_point end = end_of_fits();
  const double left = Seconds(end - Clock::now()).count();
  const double folds_left = static_cast<double>(candidate.folds.size() - candidate.folds_started);
  const double waves = std::ceil(folds_left / static_cast<double>(candidate.folds_at_once));
  const auto share = std::chrono::duration_cast<Clock::duration>(Seconds(candidate.time_share * left / waves));
  return context_.stop.until(std::min(end, Clock::now() + share));
}

/// A searched proposal sees the trials but for the last few, whether or not these have ended: the same for any number
/// of threads.
std::vector<SeenTrial> Evaluator::seen_trials() const {
  const double sign = input_.scorer->metric().higher_is_better() ? -1 : 1;
  std::vector<SeenTrial> seen;
  for (std::size_t c = 0; c < candidates_.size(); ++c) {
    const Candidate& candidate = candidates_[c];
    SeenTrial trial{.family = candidate.family, .parameters = candidate.parameters};
    trial.running = c + unseen_trials >= candidates_.size();
    trial.running = trial.running || candidate.shortened;  // its score is not that of these parameters
    if (!trial.running && candidate.usable()) trial.loss = sign * candidate.score.value;
    seen.push_back(std::move(trial));
  }
  return seen;
}

bool Evaluator::waits_for_trials() const {
  if (exhausted_ || !input_.portfolio->is_searched(next_proposal_)) return false;
  for (std::size_t c = 0; c + unseen_trials < candidates_.size(); ++c)
    if (candidates_[c].folds_running > 0) return true;
  return false;
}

bool Evaluator::propose() {
  if (promised_bytes() == 0) idle_growth_ = input_.growth->now();
  while (true) {
    // a stop before the first candidate: the floor model is fitted all the same, so that there is a model
    if (next_proposal_ > 0 && context_.stop.stop_requested()) return false;
    if (exhausted_) return begin_shortened();
    if (input_.max_trials && static_cast<std::int64_t>(next_proposal_) >= *input_.max_trials) exhausted_ = true;
    if (is_enough()) exhausted_ = ended_early_ = true;
    if (exhausted_) continue;
    auto proposal = input_.portfolio->proposal(
        next_proposal_, input_.portfolio->is_searched(next_proposal_) ? seen_trials() : std::vector<SeenTrial>{});
    if (!proposal) {
      exhausted_ = true;
      continue;
    }
    ++next_proposal_;
    Candidate candidate;
    candidate.name = proposal->name;
    candidate.family = proposal->family;
    candidate.parameters = proposal->parameters;
    candidate.estimator = proposal->estimator;
    candidate.time_share = proposal->time_share;
    candidate.seconds_per_operation = proposal->seconds_per_operation;
    candidate.complexity = proposal->complexity;
    candidate.own = proposal->family == own_family;
    candidate.number = static_cast<std::int64_t>(next_proposal_) - 1;
    candidate.folds.resize(input_.folded->folds());
    take_recorded(candidate);
    if (!find_cost(candidate)) {
      candidates_.push_back(std::move(candidate));
      continue;
    }
    if (candidate.folds_to_fit() == 0)
      candidate.folds_at_once = std::min(candidate.folds.size(), static_cast<std::size_t>(context_.executor().width()));
    const bool asked = candidate.family != "baseline" && candidate.folds_to_fit() > 0;
    const bool too_large = asked && !fits_memory(candidate);
    too_large_in_a_row_ = too_large ? too_large_in_a_row_ + 1 : 0;
    if (too_large || (asked && !fits_time(candidate))) {
      candidate.state = CandidateState::skipped;
      // time only gets less; of memory the next one may want less
      exhausted_ = (too_large ? too_large_in_a_row_ : ++skipped_) >= most_skipped;
      left_out_.emplace_back(candidates_.size(), *std::move(proposal));
      candidates_.push_back(std::move(candidate));
      continue;
    }
    make_room_for_predictions(candidate);
    candidates_.push_back(std::move(candidate));
    return true;
  }
}

/// From the trials but the last few, as the search itself: the same for any number of threads.
bool Evaluator::is_enough() {
  if (!input_.enough || !input_.portfolio->is_searched(next_proposal_) || next_proposal_ % trials_a_check != 0)
    return false;
  std::vector<Candidate*> complete;
  for (std::size_t c = 0; c + unseen_trials < candidates_.size(); ++c)
    if (candidates_[c].usable() && candidates_[c].family != "baseline") complete.push_back(&candidates_[c]);
  return input_.enough(complete);
}

void Evaluator::make_room_for_predictions(Candidate& candidate) {
  const Dataset& dataset = *input_.folded->dataset();
  keep(bytes_of_predictions(dataset));
  candidate.out_of_fold = no_predictions(dataset);
}

/// Nothing more fits as it is planned. What is left is better spent on less than planned than on nothing: the first of
/// those that were left out which can do with it.
bool Evaluator::begin_shortened() {
  if (!input_.end) return false;
  for (auto place = left_out_.begin(); place != left_out_.end(); ++place) {
    Candidate& candidate = candidates_[place->first];
    if (!fits_memory(candidate) || !fits_shortened(candidate, place->second)) continue;
    candidate.state = CandidateState::waiting;
    make_room_for_predictions(candidate);
    left_out_.erase(place);
    return true;
  }
  return false;
}

/// What the journal has of the candidate; a built-in one goes on as it was begun.
void Evaluator::take_recorded(Candidate& candidate) {
  if (input_.journal == nullptr) return;
  const TrialKey key{candidate.number, candidate.name, candidate.family, candidate.folds.size()};
  if (const auto structure = input_.journal->begun_otherwise(key, *candidate.estimator)) {
    candidate.estimator = make_estimator(*structure, builtin_registry());
    candidate.shortened = true;
  }
  candidate.recorded = input_.journal->propose(key, *candidate.estimator);
}

/// False: an own learner cannot say what it takes, and has failed.
bool Evaluator::find_cost(Candidate& candidate) const {
  try {
    candidate.fold_cost = candidate.estimator->cost(shape_of_fold(*input_.folded, 0));
    return true;
  } catch (const std::exception& problem) {
    if (!candidate.own) throw;
    candidate.state = CandidateState::failed;
    candidate.reason = problem.what();
    return false;
  }
}

double Evaluator::expected_seconds(const Candidate& candidate) const {
  const auto known = seconds_per_operation_.find(kind_of(candidate));
  const double rate = known != seconds_per_operation_.end() ? known->second : candidate.seconds_per_operation;
  return rate * candidate.fold_cost.operations;
}

/// Each thread's allocator keeps what its fits have freed, and no estimate knows all that stays: where memory is short,
/// the one is given back and the other counts from now on.
void Evaluator::settle_memory() {
  const std::uint64_t used = context_.memory->used(), limit = context_.memory->limit();
  const std::uint64_t growth = input_.growth->now();
  std::uint64_t taken = growth + reserved_bytes(limit);
  if (taken <= used || growth <= limit / 2) return;
  give_freed_memory_back();
  taken = input_.growth->now() + reserved_bytes(limit);
  if (taken > used) keep(taken - used);
}

/// What the fits that are under way will have taken when they are at their largest.
std::uint64_t Evaluator::promised_bytes() const {
  std::uint64_t bytes = 0;
  for (const Candidate& candidate : candidates_)
    if (candidate.folds_running > 0)
      bytes += bytes_of_predictions(*input_.folded->dataset()) + candidate.fit_bytes() * candidate.folds_running;
  return bytes;
}

/// Counts memory that stays taken, so that fits under way are granted no more than what is left.
void Evaluator::keep(std::uint64_t bytes) { kept_.try_grow(kept_.bytes() + std::min(bytes, context_.memory->free())); }

std::uint64_t Evaluator::models_bytes() const {
  std::uint64_t bytes = 0;
  for (const Candidate& candidate : candidates_) bytes += candidate.bytes;
  return bytes;
}

/// What the limit leaves beside the memory in use, or the memory that will be in use.
std::uint64_t Evaluator::free_bytes() const {
  const std::uint64_t limit = context_.memory->limit(),
                      fits = std::max(input_.growth->now(), idle_growth_ + promised_bytes()),
                      used = fits + models_bytes() + reserved_bytes(limit);
  return std::min(context_.memory->free(), std::max(limit, used) - used);
}

/// Whether a fold fits into memory, and how many at once; sets the reason when it does not.
bool Evaluator::fits_memory(Candidate& candidate) const {
  const std::uint64_t kept = bytes_of_predictions(*input_.folded->dataset());
  const std::uint64_t needed = kept + std::max(candidate.fit_bytes(), bytes_to_finish(*input_.folded->dataset()));
  std::uint64_t free = free_bytes();
  if (needed > free) {  // some of what looks used may be memory that ended fits have freed
    give_freed_memory_back();
    free = free_bytes();
  }
  if (needed > free) {
    candidate.reason =
        "needs about " + std::to_string(needed >> 20) + " MiB of memory, " + std::to_string(free >> 20) + " are free";
    return false;
  }
  candidate.folds_at_once =
      std::min({candidate.folds.size(), static_cast<std::size_t>(context_.executor().width()),
                static_cast<std::size_t>((free - kept) / std::max<std::uint64_t>(1, candidate.fit_bytes()))});
  return true;
}

double Evaluator::seconds_left() const { return Seconds(end_of_fits() - Clock::now()).count(); }

/// Of all folds, so many at once.
double Evaluator::needed_seconds(const Candidate& candidate) const {
  const double waves =
      std::ceil(static_cast<double>(candidate.folds_to_fit()) / static_cast<double>(candidate.folds_at_once));
  return expected_seconds(candidate) * waves;
}

/// Whether the folds fit into the time that is left; sets the reason when they do not.
bool Evaluator::fits_time(Candidate& candidate) const {
  if (!input_.end) return true;
  const double left = candidate.time_share * seconds_left(), needed = needed_seconds(candidate);
  if (left > 0 && needed <= left) return true;
  char text[96];
  std::snprintf(text, sizeof text, "needs about %.2g s, %.2g s are left", needed, std::max(0.0, left));
  candidate.reason = text;
  return false;
}

/// Whether the folds fit when less is done than planned.
bool Evaluator::fits_shortened(Candidate& candidate, const Proposal& proposal) {
  const double left = share_of_shortened * seconds_left();
  if (!(left > 0)) return false;
  const double factor = std::max(1.0, needed_seconds(candidate) / left);
  const std::optional<Proposal> shorter = input_.portfolio->shorter(proposal, factor);
  if (!shorter) return false;
  candidate.estimator = shorter->estimator;
  candidate.reason = shorter->shortened;
  candidate.shortened = factor > 1;
  candidate.time_share = 1;
  candidate.fold_cost.operations /= factor;
  take_recorded(candidate);  // notes it with these parameters
  return true;
}

void Evaluator::fit(const Job& job) {
  std::shared_ptr<const Estimator> estimator;
  {
    const std::lock_guard lock(mutex_);
    estimator = candidates_[job.candidate].estimator;
  }
  if (job.recorded && take_from_journal(job, *estimator)) return;
  try {
    const auto start = Clock::now();
    const DatasetView& held_out = input_.folded->held_out(job.fold);
    FitResult result =
        estimator->fit(FitInput{.train = input_.folded->train(job.fold), .validation = &held_out}, job.context);
    if (result.model == nullptr) return fail(job.candidate, "stopped before it had a model", CandidateState::partial);
    if (result.model->output_spec().width != held_out.target().width())
      return fail_fit(job, wrong_width(result.model->output_spec().width, held_out.target().width()));
    RunContext predicting = job.context;
    predicting.stop = StopToken{};
    const double microseconds = microseconds_per_row(*result.model, held_out.features());
    Predictions predictions = held_out_predictions(result, held_out, predicting);
    if (!all_finite(predictions)) return fail_fit(job, "gave predictions that are not finite");
    if (const std::string fault = is_own(job) ? fault_of(predictions, result.report, held_out) : ""; !fault.empty())
      return fail_fit(job, fault);
    const Archive archive = component_archive(*result.model);
    FoldOutcome outcome{.model = std::move(result.model),
                        .report = std::move(result.report),
                        .seconds = Seconds(Clock::now() - start).count(),
                        .predict_us_per_row = microseconds,
                        .bytes = array_bytes(archive),
                        .done = true};
    drop_large_checkpoints(outcome.report, input_.folded->folds());
    if (is_recorded(job)) record(job, outcome, predictions, archive);
    finish_fold(job, std::move(outcome), std::move(predictions));
  } catch (const std::bad_alloc&) {
    fail_fit(job, "there was no memory for what it wanted");
  } catch (const std::exception& error) {  // a failed trial is a row of the leaderboard
    fail_fit(job, error.what());
  } catch (...) {
    fail_fit(job, "threw something that is not an exception");
  }
}

bool Evaluator::is_own(const Job& job) const {
  const std::lock_guard lock(mutex_);
  return candidates_[job.candidate].own;
}

/// Folds of own classes are fitted again by who resumes: a journal cannot read their models.
bool Evaluator::is_recorded(const Job& job) const {
  if (input_.journal == nullptr) return false;
  const std::lock_guard lock(mutex_);
  const Candidate& of = candidates_[job.candidate];
  return !of.own || is_registered(*of.estimator);
}

void Evaluator::fail_fit(const Job& job, const std::string& reason) {
  if (is_recorded(job)) input_.journal->fold_failed(key_of(job.candidate), job.fold, reason, job.context);
  fail(job.candidate, reason);
}

TrialKey Evaluator::key_of(std::size_t candidate) const {
  const std::lock_guard lock(mutex_);
  const Candidate& of = candidates_[candidate];
  return {of.number, of.name, of.family, of.folds.size()};
}

/// Puts a recorded fold in place of a fit; false: it cannot be read.
bool Evaluator::take_from_journal(const Job& job, const Estimator& estimator) {
  const DatasetView& train = input_.folded->train(job.fold);
  auto recorded =
      input_.journal->recorded(key_of(job.candidate), job.fold,
                               {train.dataset().features.schema(), estimator.output_spec(train.target())}, job.context);
  if (!recorded) return false;
  if (recorded->failure.empty()) finish_fold(job, std::move(recorded->outcome), std::move(recorded->predictions));
  else fail(job.candidate, recorded->failure);
  return true;
}

void Evaluator::record(const Job& job, const FoldOutcome& outcome, const Predictions& held_out,
                       const Archive& archive) {
  if (!input_.journal->writes()) return;
  double score = std::numeric_limits<double>::quiet_NaN();  // a user's metric is asked for whole candidates alone
  if (input_.journal->scores_folds()) {
    const auto& fold_of = input_.folded->plan().fold_of;
    const Scorer rows =
        input_.scorer->where([&](std::uint32_t row) { return fold_of[row] == static_cast<std::int32_t>(job.fold); });
    score = rows.value(held_out.values);
  }
  input_.journal->fold_finished(key_of(job.candidate), job.fold, outcome, held_out, write_container(archive).bytes(),
                                score, job.context);
}

/// Precondition: all folds are done and scored.
void Evaluator::record_trial(std::size_t index, const Event& event) {
  Score score;
  std::vector<std::vector<double>> predictions;
  {
    const std::lock_guard lock(mutex_);
    score = candidates_[index].score;
    predictions = predictions_by_fold(candidates_[index], *input_.folded);
  }
  input_.journal->trial_finished(key_of(index), score, predictions, event);
}

void Evaluator::fail(std::size_t index, const std::string& reason, CandidateState state) {
  const std::lock_guard lock(mutex_);
  Candidate& candidate = candidates_[index];
  candidate.state = state == CandidateState::partial && candidate.folds_done == 0 ? CandidateState::skipped : state;
  candidate.reason = reason;
  candidate.out_of_fold = {};
  for (FoldOutcome& fold : candidate.folds) fold.model = nullptr;
}

void Evaluator::finish_fold(const Job& job, FoldOutcome outcome, Predictions held_out) {
  bool complete = false;
  {
    const std::lock_guard lock(mutex_);
    Candidate& candidate = candidates_[job.candidate];
    if (candidate.state == CandidateState::running)  // else another fold of it failed meanwhile
      candidate.out_of_fold.put(input_.folded->held_out(job.fold).row_numbers(), held_out);
    keep(2 * outcome.bytes);  // what predicts single rows is made of it in the end, and takes as much again
    candidate.bytes += outcome.bytes;
    double& rate = seconds_per_operation_[kind_of(candidate)];
    const double seen = outcome.seconds / std::max(1.0, candidate.fold_cost.operations);
    rate = rate == 0 ? seen : 0.5 * (rate + seen);
    candidate.folds[job.fold] = std::move(outcome);
    ++candidate.folds_done;
    complete = candidate.folds_done == candidate.folds.size() && candidate.state == CandidateState::running;
  }
  if (!complete) return;
  // scoring happens outside the lock: nobody else touches the predictions of a candidate whose folds are done
  const Predictions scored = [&] {
    const std::lock_guard lock(mutex_);
    put_rounds_of_other_folds(candidates_[job.candidate], *input_.folded);
    return input_.scorer->gather(candidates_[job.candidate].out_of_fold);
  }();
  Score score = input_.scorer->score(scored.values, input_.folded->plan().protocol, context_.seed);
  Event event;
  {
    const std::lock_guard lock(mutex_);
    candidates_[job.candidate].score = std::move(score);
    event = finished_event(candidates_[job.candidate]);
  }
  if (input_.journal != nullptr) record_trial(job.candidate, event);
  {
    const std::lock_guard lock(mutex_);
    Candidate& done = candidates_[job.candidate];
    done.state = CandidateState::complete;
    if (!std::isfinite(done.score.value)) done.reason = "the metric is not defined on these rows";
  }
  context_.emit(event);  // outside the lock: a callback may ask the run how it stands
}

}  // namespace automill
