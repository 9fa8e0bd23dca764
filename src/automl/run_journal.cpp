#include "automl/run_journal.hpp"

#include <automill/automl/train.hpp>

#include "automl/fingerprint.hpp"
#include "automl/option_check.hpp"
#include "automl/option_record.hpp"
#include "automl/run_record.hpp"
#include "json.hpp"
#include "predict/manifest_values.hpp"
#include "predict/model_file.hpp"

namespace automill {
namespace {

Object report_object(const FitReport& report) {
  return Object{{"stopped", report.stopped}, {"rounds", report.rounds}, {"rounds_tried", report.rounds_tried},
                {"seconds", report.seconds}, {"bytes", report.bytes},   {"details", report.details}};
}

FitReport report_of(const FoldRow& row, std::size_t width) {
  FitReport report;
  const Value value = decode_from_manifest(from_json(row.report, "report"));
  report.stopped = value.at("stopped").text();
  report.rounds = value.at("rounds").integer();
  report.rounds_tried = value.at("rounds_tried").integer();
  report.seconds = value.at("seconds").number();
  report.bytes = static_cast<std::uint64_t>(value.at("bytes").integer());
  report.details = value.at("details").object();
  report.learning_curve = row.learning_curve;
  for (const auto& [round, values] : row.checkpoints) {
    Predictions predictions;
    predictions.width = width;
    predictions.values = values;
    report.checkpoints[round] = std::move(predictions);
  }
  return report;
}

FoldOutcome outcome_of(const FoldRow& row, const ModelContext& context, const std::string& place) {
  const Archive archive = read_container(row.archive, place);
  return {.model = builtin_registry().load_model(ArchiveReader(archive), context),
          .report = report_of(row, context.output.width),
          .seconds = row.seconds,
          .predict_us_per_row = row.predict_us_per_row,
          .bytes = static_cast<std::uint64_t>(row.model_bytes),
          .done = true};
}

Event fold_event(const char* kind, const TrialKey& trial, std::size_t fold, const char* what) {
  return {kind, trial.name + "  fold " + std::to_string(fold + 1) + " of " + std::to_string(trial.folds) + " " + what,
          Object{{"name", trial.name}, {"fold", static_cast<std::int64_t>(fold)}}};
}

EventRow row_of(const Event& event, double seconds) {
  return {seconds, event.kind, event.message, to_json(event.fields)};
}

std::string short_figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

std::unique_ptr<RunJournal> RunJournal::open(const TrainOptions& options) {
  if (options.journal.empty()) return nullptr;
  const auto start = options.resume ? Journal::Start::resume : Journal::Start::anew;
  std::unique_ptr<RunJournal> own(new RunJournal(Journal::open(options.journal, start, options.journal_limit)));
  Journal& journal = *own->journal_;
  own->resumed_ = !journal.empty();
  if (!own->resumed_) {
    if (options.resume) own->notes_.push_back("there was no journal " + options.journal + ": the run begins anew");
    return own;
  }
  own->header_ = journal.header();
  if (own->header_.automill != AUTOMILL_VERSION)
    throw Error("journal.other_version", journal.path(),
                "the run was begun by AutoMill " + own->header_.automill + "; this is " AUTOMILL_VERSION,
                "resume it with that version, or start anew with another path");
  for (TrialRow& row : journal.trials()) {
    KnownTrial known{row, journal.folds(row.trial)};
    own->known_[row.name] = std::move(known);
  }
  return own;
}

std::optional<TimeBudget> RunJournal::recorded_budget() const {
  if (!resumed_) return std::nullopt;
  const Value plan = from_json(header_.plan, "plan");
  TimeBudget budget;
  budget.threads = static_cast<int>(plan.at("threads").integer());
  if (const Value& seconds = plan.at("seconds"); seconds.is_number()) budget.seconds = seconds.number();
  return budget;
}

std::optional<std::size_t> RunJournal::recorded_sample() const {
  return resumed_ ? automill::recorded_sample(from_json(header_.plan, "plan")) : std::nullopt;
}

void RunJournal::require_same_run(const Object& options, const Object& data) {
  Faults faults;
  const auto recorded_object = [](const std::string& text) { return from_json(text, "journal").object(); };
  compare_records(recorded_object(header_.options), recorded_object(to_json(options)), "journal.other_options", faults);
  compare_fingerprints(recorded_object(header_.data), recorded_object(to_json(data)),
                       {"journal.other_data", "when the journal was begun",
                        "resume with the same rows and columns, or give another journal"},
                       faults);
  faults.throw_if_any();
}

void RunJournal::begin(const TrainOptions& options, const Prepared& prepared, const ValidationPlan& plan,
                       const TimeBudget& budget, int threads, Clock::time_point start) {
  start_ = start;
  scores_folds_ = !options.own_metric;
  const Object recorded = record_options(options), data = fingerprint_of(prepared, plan.split);
  SessionRow session{
      .automill = AUTOMILL_VERSION, .simd_level = simd_level(), .threads = threads, .max_trials = options.max_trials};
  session.time_limit = seconds_allowed(options);
  if (resumed_) {
    require_same_run(recorded, data);
    if (header_.simd_level != session.simd_level)
      notes_.push_back("the journal was begun with " + header_.simd_level + " instructions, and this processor has " +
                       session.simd_level + ": what is fitted now may differ in the last bits");
    journal_->go_on(session);
  } else {
    Object planned{{"seconds", Value{}},
                   {"threads", budget.threads},
                   {"folds", static_cast<std::int64_t>(plan.split.folds)},
                   {"protocol", plan.split.protocol},
                   {"learning_rate", plan.learning_rate}};
    if (budget.seconds) planned["seconds"] = *budget.seconds;
    if (prepared.sampled_rows > 0) planned["sampled_rows"] = static_cast<std::int64_t>(prepared.sampled_rows);
    header_ = {AUTOMILL_VERSION, session.simd_level, to_json(recorded),
               to_json(data),    to_json(planned),   to_json(options.journal_source)};
    journal_->begin(header_, session);
  }
  seconds_before_ = journal_->seconds_before();
  sessions_before_ = journal_->sessions_before();
}

template <class Body>
void RunJournal::write(const Body& body) {
  const auto ended = [&](const std::string& why) {
    const std::lock_guard lock(mutex_);
    if (!writes_) return;
    writes_ = false;
    notes_.push_back("the journal ends here, training went on without it: " + why);
  };
  if (!writes()) return;
  try {
    body(*journal_);
  } catch (const Error& error) {
    ended(error.what());
  } catch (const std::bad_alloc&) {
    ended("no memory for what was to be written");
  }
}

bool RunJournal::writes() const {
  const std::lock_guard lock(mutex_);
  return writes_;
}

std::optional<Value> RunJournal::begun_otherwise(const TrialKey& trial, const Estimator& planned) const {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(trial.name);
  if (known == known_.end() || known->second.folds.empty()) return std::nullopt;
  const std::string& then = known->second.row.parameters;
  if (then == to_json(planned.structure())) return std::nullopt;
  return from_json(then, "parameters");
}

std::vector<bool> RunJournal::propose(const TrialKey& trial, const Estimator& estimator) {
  TrialRow row{trial.number, trial.name, trial.family, to_json(estimator.structure()),
               static_cast<std::int64_t>(trial.folds)};
  const std::vector<bool> recorded = recorded_folds(row);
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(trial.name);
    const bool all = std::find(recorded.begin(), recorded.end(), false) == recorded.end();
    if (all && known->second.row.status == "ok") return recorded;  // nothing is to be added
    if (known != known_.end()) known->second.row.status = "running";
  }
  write([&](Journal& journal) { journal.add_trial(row); });
  return recorded;
}

std::vector<bool> RunJournal::recorded_folds(const TrialRow& row) {
  const std::lock_guard lock(mutex_);
  std::vector<bool> recorded(static_cast<std::size_t>(row.folds), false);
  const auto known = known_.find(row.name);
  if (known == known_.end()) return recorded;
  const TrialRow& then = known->second.row;
  if (then.parameters != row.parameters || then.trial != row.trial || then.folds != row.folds) {
    notes_.push_back(row.name + " stands in the journal with other parameters: it is fitted again");
    return recorded;
  }
  for (const auto& [fold, status] : known->second.folds)
    if (status != "interrupted" && fold >= 0 && fold < row.folds) recorded[static_cast<std::size_t>(fold)] = true;
  return recorded;
}

std::optional<RunJournal::Recorded> RunJournal::recorded(const TrialKey& trial, std::size_t fold,
                                                         const ModelContext& context, const RunContext& run) {
  Recorded recorded;
  FoldRow row;
  try {
    row = journal_->fold(trial.number, static_cast<std::int64_t>(fold));
    if (row.status == "failed") recorded.failure = row.reason;
    else recorded.outcome = outcome_of(row, context, journal_->path());
  } catch (const Error& error) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(trial.name + ", fold " + std::to_string(fold + 1) + " is fitted again: " + error.what());
    return std::nullopt;
  }
  recorded.predictions.width = context.output.width;
  recorded.predictions.values = std::move(row.predictions);
  {
    const std::lock_guard lock(mutex_);
    ++restored_;
    seconds_of_restored_ += row.seconds;
  }
  run.emit(fold_event("fold.restored", trial, fold, "from the journal"));
  return recorded;
}

void RunJournal::fold_finished(const TrialKey& trial, std::size_t fold, const FoldOutcome& outcome,
                               const Predictions& predictions, std::vector<std::byte> archive, double score,
                               const RunContext& run) {
  const Event event = fold_event("fold.recorded", trial, fold, "is in the journal");
  bool done = false;
  write([&](Journal& journal) {
    const FitReport& report = outcome.report;
    FoldRow row{.trial = trial.number, .fold = static_cast<std::int64_t>(fold)};
    row.status = report.stopped == "user" ? "interrupted" : report.cut_short() ? "stopped" : "ok";
    row.reason = report.cut_short() ? report.stopped : "";
    row.score = score;
    row.seconds = outcome.seconds;
    row.predict_us_per_row = outcome.predict_us_per_row;
    row.rounds = report.rounds;
    row.model_bytes = static_cast<std::int64_t>(outcome.bytes);
    row.report = to_json(encode_for_manifest(report_object(report)));
    row.learning_curve = report.learning_curve;
    row.predictions = predictions.values;
    for (const auto& [round, at] : report.checkpoints) row.checkpoints[round] = at.values;
    row.archive = std::move(archive);
    const bool left_out = !journal.add_fold(std::move(row), row_of(event, seconds())).empty();
    const std::lock_guard lock(mutex_);
    left_out_ += left_out ? 1 : 0;
    done = true;
  });
  if (done) run.emit(event);
}

void RunJournal::fold_failed(const TrialKey& trial, std::size_t fold, const std::string& reason,
                             const RunContext& run) {
  const Event event = fold_event("fold.recorded", trial, fold, "failed: that is in the journal");
  bool done = false;
  write([&](Journal& journal) {
    FoldRow row{.trial = trial.number, .fold = static_cast<std::int64_t>(fold)};
    row.status = "failed";
    row.reason = reason;
    row.score = std::numeric_limits<double>::quiet_NaN();
    journal.add_fold(std::move(row), row_of(event, seconds()));
    done = true;
  });
  if (done) run.emit(event);
}

void RunJournal::trial_finished(const TrialKey& trial, const Score& score,
                                const std::vector<std::vector<double>>& predictions, const Event& event) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(trial.name);
    if (known != known_.end() && known->second.row.status == "ok") return;  // it says so already
  }
  write([&](Journal& journal) {
    journal.finish_trial(trial.number, {score.metric, score.value, score.low, score.high}, predictions,
                         row_of(event, seconds()));
  });
}

void RunJournal::trial_ended(const Candidate& candidate) {
  write([&](Journal& journal) { journal.end_trial(candidate.number, state_name(candidate.state), candidate.reason); });
}

void RunJournal::note(const Event& event) {
  if (event.kind.starts_with("fold.") || event.kind == "candidate.finished") return;  // written with what they tell of
  write([&](Journal& journal) { journal.add_event(row_of(event, event.seconds)); });
}

void RunJournal::end(const AutoMLModel& model) {
  write([&](Journal& journal) {
    const Score score = model.validation_score();
    journal.end(model.interrupted() ? "stopped" : "finished", {score.metric, score.value, score.low, score.high},
                seconds());
  });
}

void RunJournal::close() {
  const std::lock_guard lock(mutex_);
  writes_ = false;
  journal_.reset();
}

std::vector<std::string> RunJournal::notes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  if (resumed_)
    all.push_back("resumed: " + std::to_string(restored_) + " folds come from the journal (" +
                  short_figure(seconds_of_restored_) + " s of fits); " + short_figure(seconds_before_) +
                  " s were spent before in " + std::to_string(sessions_before_) +
                  (sessions_before_ == 1 ? " session" : " sessions"));
  all.insert(all.end(), notes_.begin(), notes_.end());
  if (left_out_ > 0)
    all.push_back("journal_limit: the models of " + std::to_string(left_out_) +
                  " folds are left out of the journal; resume would fit these again");
  return all;
}

}  // namespace automill
