#include <atomic>
#include <automill/automl/train.hpp>
#include <ctime>
#include <future>
#include <thread>

#include "automl/assemble.hpp"
#include "automl/concatenate.hpp"
#include "automl/cost_matrix.hpp"
#include "automl/data_warnings.hpp"
#include "automl/evaluator.hpp"
#include "automl/expected_gain.hpp"
#include "automl/held_out.hpp"
#include "automl/held_out_errors.hpp"
#include "automl/monotone.hpp"
#include "automl/option_check.hpp"
#include "automl/plan_estimate.hpp"
#include "automl/readable_choice.hpp"
#include "automl/row_sample.hpp"
#include "automl/run_journal.hpp"
#include "automl/run_record.hpp"
#include "automl/serving_limits.hpp"
#include "automl/validation_plan.hpp"
#include "data/platform.hpp"
#include "data/text_rule.hpp"

namespace automill {
namespace {

double process_core_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Other libraries obey the variable, so who has set it may expect it here.
std::optional<std::string> note_of_threads(const TrainOptions& options, int threads) {
  const char* others = std::getenv("OMP_NUM_THREADS");
  if (options.threads || others == nullptr || others == std::to_string(threads)) return std::nullopt;
  return "OMP_NUM_THREADS=" + std::string(others) + " is not obeyed: " + std::to_string(threads) +
         (threads == 1 ? " thread" : " threads") + ", as many as there are cores; the option threads says otherwise";
}

/// One call at a time, with the seconds since the start; what a callback throws stops the run.
class CallbackSink final : public EventSink {
 public:
  CallbackSink(std::function<void(const Event&)> callback, RunJournal* journal, Clock::time_point start,
               std::stop_source stop)
      : callback_(std::move(callback)), journal_(journal), start_(start), stop_(std::move(stop)) {}
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex_);
    Event timed = event;
    timed.seconds = Seconds(Clock::now() - start_).count();
    if (journal_ != nullptr) journal_->note(timed);
    if (!callback_ || thrown_ != nullptr) return;
    try {
      callback_(timed);
    } catch (...) {
      thrown_ = std::current_exception();
      stop_.request_stop();
    }
  }
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  std::function<void(const Event&)> callback_;
  RunJournal* journal_;
  Clock::time_point start_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::exception_ptr thrown_;
};

}  // namespace

struct Run::State {
  State(const Table& table, TrainOptions given)
      : data(table), options(std::move(given)), growth(*options.started), start(options.started->time) {
    phases.begin(start);
    allowed = seconds_allowed(options);
    journal = RunJournal::open(options);
    sink = std::make_unique<CallbackSink>(options.callback, journal.get(), start, stop);
    core_start = process_core_seconds();
  }

  AutoMLModel work();
  AutoMLModel train_model();
  RunPlan estimate();
  void prepare_all();
  void look_at_data();
  void make_evaluator();
  void plan_fits(const TimeBudget& budget);
  void keep_rows_that_fit(const TimeBudget& budget);
  AssembleInput assemble_input(std::vector<Candidate>& candidates, StopToken selection_stop, RunContext spread,
                               const Executor& selection_executor);
  double time_for_the_end(double limit) const;
  double time_for_spread(double limit) const;
  double seconds_to_select() const;
  std::optional<double> limit() const;
  RunContext spread_context() const;
  void require_memory_for_a_model() const;
  RunFigures figures() const { return {process_core_seconds() - core_start, evaluator->fit_seconds(), growth.most()}; }
  std::function<bool(const std::vector<Candidate*>&)> rule_of_enough() const;

  Table data;
  TrainOptions options;
  ResidentGrowth growth;
  Clock::time_point start;
  std::stop_source stop;
  std::unique_ptr<RunJournal> journal;  ///< null: none is kept
  std::unique_ptr<CallbackSink> sink;
  mutable std::mutex limit_mutex;
  std::optional<double> allowed;  ///< seconds from the start; extend() may add to them: read it by limit()
  std::unique_ptr<Executor> executor;
  std::unique_ptr<MemoryMeter> memory;
  std::unique_ptr<SharedCache> cache;
  RunContext context;
  Prepared prepared;
  ValidationPlan plan;
  Object record;  ///< of the recipe: what replay needs (run_record.hpp)
  std::unique_ptr<FoldedDataset> folded;
  std::unique_ptr<Scorer> scorer;
  std::unique_ptr<Portfolio> portfolio;
  std::unique_ptr<Evaluator> evaluator;
  std::atomic<bool> ready{false}, finished{false};  ///< ready: the evaluator exists
  std::size_t validation_rows = 0;
  Phases phases;
  double core_start = 0;

  std::jthread thread;
  std::future<AutoMLModel> result;
};

/// Seconds kept for ensemble selection and for building the model.
double Run::State::time_for_the_end(double limit) const {
  const double rows = static_cast<double>(prepared.dataset->rows()),
               width = static_cast<double>(prepared.dataset->target.width());
  const double cells = rows * static_cast<double>(prepared.dataset->features.size());
  const bool fits_again =
      options.refit == "always" || wants_readable_model(options) || options.max_predict_time || options.max_model_size;
  if (fits_again) return 0.3 * limit;                                          // every member is fitted once more
  const double least = is_classification(prepared.target.task) ? 0.05 : 0.03;  // ranks and thresholds of many resamples
  return std::min(0.3 * limit, least + 0.01 * limit + rows * width * 2e-7 + cells * 1.5e-8) + time_for_spread(limit);
}

/// Of that, what intervals take: six small boosters, measured as 0.2 us a cell each.
double Run::State::time_for_spread(double limit) const {
  if (prepared.target.task != Task::regression) return 0;
  const double cells = static_cast<double>(std::min(most_held_out_errors, prepared.dataset->rows()) *
                                           (1 + prepared.dataset->features.size()));
  return std::min(0.05 * limit, 0.01 + cells * 1.2e-6 / executor->width());
}

/// For each candidate. Without it the score would not be nested; as long as it is a small part of the time.
double Run::State::seconds_to_select() const {
  constexpr double most = 0.002;
  const std::size_t parts = std::max<std::size_t>(5, folded->folds());  // a single one is cut in five
  const double seconds = selection_seconds(*prepared.dataset, parts) / executor->width();
  return allowed ? std::min(seconds, most * *allowed) : seconds;
}

std::optional<double> Run::State::limit() const {
  const std::lock_guard lock(limit_mutex);
  return allowed;
}

/// A moment, also after a stop; its fits are no candidates and are not told.
RunContext Run::State::spread_context() const {
  RunContext own = context;
  own.stop = StopToken{};
  own.events = nullptr;
  return own;
}

void Run::State::prepare_all() {
  const int threads = options.threads.value_or(available_cores());
  executor = make_executor(threads);
  memory = std::make_unique<MemoryMeter>(options.memory_limit.value_or(available_memory()));
  cache = std::make_unique<SharedCache>(memory->limit() / 2, memory.get());
  if (options.validation_data) {
    validation_rows = options.validation_data->rows();
    data = concatenate(data, *options.validation_data);
  }
  phases.end("reading");
  sink->on_event({"phase.started", "looking at the table", Object{{"phase", "preparing"}}});
  prepared = prepare(data, options);
  if (auto note = note_of_threads(options, threads)) prepared.notes.push_back(std::move(*note));
  context = RunContext{.run_with = executor.get(),
                       .stop = StopToken(stop.get_token()).also(options.stop),
                       .seed = options.seed,
                       .memory = memory.get(),
                       .events = sink.get(),
                       .cache = cache.get()};
  look_at_data();
}

/// In a small part of the time.
void Run::State::look_at_data() {
  constexpr double most_of_limit = 0.03;
  RunContext looking = context;
  if (const std::optional<double> seconds = limit())
    looking.stop = looking.stop.until(Clock::now() +
                                      std::chrono::duration_cast<Clock::duration>(Seconds(most_of_limit * *seconds)));
  for (std::string& note : data_warnings(prepared, options, looking)) prepared.notes.push_back(std::move(note));
}

/// The table and its folds are there: is what the floor model takes left?
void Run::State::require_memory_for_a_model() const {
  const std::uint64_t used = growth.now(), needed = used + bytes_to_finish(*prepared.dataset);
  if (needed <= memory->limit()) return;
  throw Error("memory.limit", "memory_limit",
              "the table, its folds and a model without a learner take about " + std::to_string(needed >> 20) +
                  " MiB, " + std::to_string(memory->limit() >> 20) + " MiB are allowed",
              "give at least " + std::to_string((needed >> 19) + 32) + " MiB, or fewer rows");
}

/// Nothing says how long to go on: until the gain that twice the time promises is within its noise, and small beside
/// that of the score.
std::function<bool(const std::vector<Candidate*>&)> Run::State::rule_of_enough() const {
  if (options.time_limit || options.max_trials || wants_readable_model(options)) return {};
  return [this](const std::vector<Candidate*>& complete) {
    constexpr double small = 0.05;
    const auto gain = gain_of_twice_the_time({.candidates = &complete,
                                              .folded = folded.get(),
                                              .scorer = scorer.get(),
                                              .seed = options.seed,
                                              .stop = context.stop});
    if (!gain) return false;
    return gain->low <= 0 && gain->value <= small * error_of_score(complete);
  };
}

/// Folds and candidates for the rows that are there.
void Run::State::plan_fits(const TimeBudget& budget) {
  plan = choose_validation(prepared, options, budget, validation_rows);
  folded = std::make_unique<FoldedDataset>(prepared.dataset, plan.split);
  const Table& features = prepared.dataset->features;
  const DataShape shape{.rows = prepared.dataset->rows(),
                        .columns = features.size(),
                        .categories = 0,
                        .classes = prepared.dataset->target.width(),
                        .nonzeros = features.kept_cells()};
  std::size_t texts = 0, strings = 0;
  for (std::size_t c = 0; c < features.size(); ++c)
    if (features[c].kind() == ColumnKind::text) ++(strings_repeat(features, c, {}, StopToken{}) ? strings : texts);
  portfolio = std::make_unique<Portfolio>(
      PortfolioInput{prepared.target.task, shape, plan.learning_rate, folded->folds(), options.seed, texts, strings,
                     budget, prepared.monotone,
                     wants_readable_model(options) ? PortfolioAim::readable : PortfolioAim::strong},
      PlanChoice{prepared.dataset->rows() == 1 ? std::vector<std::string>{"baseline"} : options.include,
                 options.exclude, options.search_space, options.learners});
}

/// A run that is resumed goes on with the rows it was begun with.
void Run::State::keep_rows_that_fit(const TimeBudget& budget) {
  const std::size_t all = prepared.dataset->rows();
  RowRoom room{.rows = all};
  if (journal != nullptr && journal->resumed()) room.rows = journal->recorded_sample().value_or(all);
  else room = room_for_rows(*folded, *portfolio, memory->limit(), growth.now());
  if (room.rows >= all) return;
  folded = nullptr;  // it holds all rows
  sample_rows(prepared, room.rows, options.seed);
  std::string note = "a sample of " + std::to_string(prepared.dataset->rows()) + " of " + std::to_string(all) +
                     " rows: memory_limit leaves no room for more";
  if (room.bytes_for_all > 0) note += " (all take about " + std::to_string(room.bytes_for_all >> 20) + " MiB)";
  prepared.notes.push_back(std::move(note));
  plan_fits(budget);
}

void Run::State::make_evaluator() {
  const std::lock_guard lock(limit_mutex);  // what extend() adds counts before or after it
  std::optional<double> fit_seconds;
  std::optional<Clock::time_point> end;
  if (allowed) {
    end = start + std::chrono::duration_cast<Clock::duration>(Seconds(*allowed));
    const auto fits_end = *end - std::chrono::duration_cast<Clock::duration>(Seconds(time_for_the_end(*allowed)));
    fit_seconds = std::max(0.05, Seconds(fits_end - Clock::now()).count());
    // reading alone may have taken the limit: the floor model still gets a moment
    end = std::max(fits_end, Clock::now() + std::chrono::milliseconds(50));
  }
  TimeBudget budget{fit_seconds, executor->width()};
  if (journal != nullptr) budget = journal->recorded_budget().value_or(budget);  // so that the folds are the same
  plan_fits(budget);
  keep_rows_that_fit(budget);
  require_memory_for_a_model();
  if (journal != nullptr) journal->begin(options, prepared, plan, budget, executor->width(), start);
  record = record_of_run(options, prepared, plan, budget);
  if (!plan.note.empty()) prepared.notes.push_back(plan.note);
  if (std::string note = copies_across_folds(*prepared.dataset, plan.split); !note.empty())
    prepared.notes.push_back(std::move(note));
  const Task task = prepared.target.task;
  const Metric metric = options.own_metric              ? *options.own_metric
                        : options.metric                ? metric_by_name(*options.metric)
                        : prepared.target.costs.empty() ? default_metric(task)
                                                        : mean_cost(prepared.target);
  if (!metric.supports(task))
    throw Error("option.contradiction", "metric", metric.name + " is not defined for a " + task_name(task) + " target",
                "leave it out for " + default_metric(task).name);
  scorer =
      std::make_unique<Scorer>(prepared.dataset->target, prepared.metric_weights, held_out_rows(plan.split), metric);
  if (std::string note = monotone_note(prepared.monotone, portfolio->left_out()); !note.empty())
    prepared.notes.push_back(std::move(note));
  evaluator =
      std::make_unique<Evaluator>(EvaluatorInput{folded.get(), portfolio.get(), scorer.get(), options.max_trials, end,
                                                 seconds_to_select(), &growth, journal.get(), rule_of_enough()},
                                  context);
  ready = true;
}

AssembleInput Run::State::assemble_input(std::vector<Candidate>& candidates, StopToken selection_stop,
                                         RunContext spread, const Executor& selection_executor) {
  Object report{{"threads", executor->width()},
                {"seed", static_cast<std::int64_t>(options.seed)},
                {"learning_rate", plan.learning_rate},
                {"memory_limit", static_cast<std::int64_t>(options.memory_limit.value_or(0))}};
  if (const std::optional<double> seconds = limit()) report["time_limit"] = *seconds;
  if (evaluator->ended_early()) report["ended"] = "the expected gain is within noise";
  if (journal != nullptr) report["seconds_before"] = journal->seconds_before();
  return {.prepared = &prepared,
          .options = &options,
          .folded = folded.get(),
          .scorer = scorer.get(),
          .candidates = &candidates,
          .stop = std::move(selection_stop),
          .executor = &selection_executor,
          .interrupted = context.stop.reason() == StopReason::user,
          .run_report = report,
          .notes = journal != nullptr ? journal->notes() : std::vector<std::string>{},
          .spread = std::move(spread),
          .run_record = record};
}

RunPlan Run::State::estimate() {
  prepare_all();
  make_evaluator();
  RunPlan planned{.target = prepared.target,
                  .metric = scorer->metric().name,
                  .protocol = plan.split.protocol,
                  .folds = static_cast<std::int64_t>(folded->folds()),
                  .rows = book_of_rows(prepared),
                  .columns = book_of_columns(prepared),
                  .notes = prepared.notes,
                  .threads = executor->width(),
                  .time_limit = allowed,
                  .memory_limit = memory->limit()};
  planned.preparing_seconds = Seconds(Clock::now() - start).count();
  planned.bytes = growth.now();
  EstimateInput input{.portfolio = portfolio.get(),
                      .folded = folded.get(),
                      .threads = planned.threads,
                      .max_trials = options.max_trials};
  double ending = time_for_spread(allowed.value_or(60));
  if (allowed) {
    ending = time_for_the_end(*allowed);
    input.fit_seconds = std::max(0.0, *allowed - ending - planned.preparing_seconds);
  }
  const std::uint64_t taken = planned.bytes + reserved_bytes(memory->limit());
  input.free_bytes = memory->limit() - std::min(memory->limit(), taken);
  planned.seconds = planned.preparing_seconds + ending;
  estimate_candidates(input, planned);
  return planned;
}

/// However it ends, the journal is free for another run then, also where somebody keeps this one.
AutoMLModel Run::State::work() {
  struct Closing {
    RunJournal* journal;
    ~Closing() {
      if (journal != nullptr) journal->close();
    }
  } const closing{journal.get()};
  return train_model();
}

AutoMLModel Run::State::train_model() {
  const auto at = [&](double seconds) { return start + std::chrono::duration_cast<Clock::duration>(Seconds(seconds)); };
  check_options(options);
  prepare_all();
  make_evaluator();
  phases.end("preparing");
  evaluator->run();
  sink->rethrow();
  phases.end("fitting");
  StopToken selection;
  RunContext refitting = context, spread = spread_context();
  if (const std::optional<double> seconds = limit()) {
    const double end_seconds = time_for_the_end(*seconds);
    selection = selection.until(std::max(at(*seconds - end_seconds), Clock::now()) +
                                std::chrono::duration_cast<Clock::duration>(Seconds(0.4 * end_seconds)));
    refitting.stop = refitting.stop.until(at(*seconds - time_for_spread(*seconds)));
    spread.stop = spread.stop.until(at(*seconds));
  }
  AssembleInput input = assemble_input(evaluator->candidates(), selection, spread, *executor);
  input.expect_gain = !wants_readable_model(options);
  if (options.refit == "always" || wants_readable_model(options)) input.refit_with = &refitting;
  AutoMLModel model = assemble_within_limits(std::move(input), refitting);
  phases.end("ensembling");
  model = with_run_figures(model, phases, figures());
  sink->on_event({"run.finished", "finished", Object{{"score", model.validation_score().value}}});
  if (journal != nullptr) journal->end(model);
  sink->rethrow();
  finished = true;
  return model;
}

CallStart CallStart::now() { return {Clock::now(), automill::resident_bytes(), automill::peak_resident_bytes()}; }

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() {
  if (state_ != nullptr) state_->stop.request_stop();  // the thread joins when the state goes
}

Run start(const Table& data, TrainOptions options) {
  if (!options.started) options.started = CallStart::now();
  check_options(options);
  auto state = std::make_unique<Run::State>(data, std::move(options));
  Run::State* shared = state.get();
  std::packaged_task<AutoMLModel()> task([shared] { return shared->work(); });
  state->result = task.get_future();
  if (state->options.threads != 1) {
    state->thread = std::jthread(std::move(task));
  } else {
    state->result = std::async(std::launch::deferred, [shared] { return shared->work(); });
  }
  return Run(std::move(state));
}

RunPlan plan(const Table& data, TrainOptions options) {
  if (!options.started) options.started = CallStart::now();
  check_options(options);
  options.journal.clear();
  options.resume = false;
  return std::make_unique<Run::State>(data, std::move(options))->estimate();
}

AutoMLModel train(const Table& data, TrainOptions options) { return start(data, std::move(options)).wait(); }

AutoMLModel Run::wait() { return state_->result.get(); }

void Run::stop() { state_->stop.request_stop(); }

bool Run::extend(Seconds seconds) {
  if (!(seconds.count() > 0 && std::isfinite(seconds.count())))
    throw Error("option.out_of_range", "extend",
                param_detail::number_text(seconds.count()) + " s is not allowed: it must be above 0");
  const std::lock_guard lock(state_->limit_mutex);
  if (!state_->allowed) return false;
  if (state_->ready && !state_->evaluator->extend(seconds)) return false;
  *state_->allowed += seconds.count();
  return true;
}

std::optional<AutoMLModel> Run::best() const {
  if (!state_->ready) return std::nullopt;
  std::vector<Candidate> done;
  state_->evaluator->visit([&](const std::vector<Candidate>& candidates) {
    for (const Candidate& candidate : candidates)
      if (candidate.state == CandidateState::complete) done.push_back(candidate);
  });
  if (done.empty()) return std::nullopt;
  // in the caller's thread: the run's own threads have work
  RunContext spread = state_->spread_context();
  spread.run_with = nullptr;
  const AutoMLModel model = assemble(state_->assemble_input(done, StopToken{}, spread, InlineExecutor::instance()));
  Phases so_far;
  so_far.begin(state_->start);
  so_far.end("so far");
  return with_run_figures(model, so_far, state_->figures());
}

RunProgress Run::progress() const {
  RunProgress progress;
  progress.seconds = Seconds(Clock::now() - state_->start).count();
  progress.seconds_left = std::numeric_limits<double>::infinity();
  progress.finished = state_->finished;
  if (const std::optional<double> limit = state_->limit())
    progress.seconds_left = std::max(0.0, *limit - progress.seconds);
  if (!state_->ready) return progress;
  const bool higher = state_->scorer->metric().higher_is_better();
  state_->evaluator->visit([&](const std::vector<Candidate>& candidates) {
    for (const Candidate& candidate : candidates) {
      if (candidate.state == CandidateState::running && progress.running.empty()) progress.running = candidate.name;
      if (candidate.state != CandidateState::complete) continue;
      ++progress.candidates_done;
      const double value = candidate.score.value;
      if (std::isnan(progress.best.value) || (higher ? value > progress.best.value : value < progress.best.value))
        progress.best = candidate.score;
    }
  });
  return progress;
}

}  // namespace automill
