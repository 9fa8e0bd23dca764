#include <automill/automl/tune.hpp>

#include "automl/trial_folds.hpp"
#include "automl/tuned_space.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

constexpr double hopeless_errors = 3;  ///< standard errors that a trial would have to gain
constexpr std::size_t trials_before_skipping = 3;

void check_tune_options(const TuneOptions& options, const Dataset& dataset) {
  Faults faults;
  if (options.trials < 1)
    faults.add("option.out_of_range", "trials",
               std::to_string(options.trials) + " is not allowed: it must be at least 1");
  if (options.time_limit && !(options.time_limit->count() > 0))
    faults.add("option.out_of_range", "time_limit",
               param_detail::number_text(options.time_limit->count()) + " s are not allowed: it must be above 0");
  if (options.threads && *options.threads < 1)
    faults.add("option.out_of_range", "threads",
               std::to_string(*options.threads) + " is not allowed: it must be at least 1");
  if (options.plan && options.plan->fold_of.size() != dataset.rows())
    faults.add("option.invalid", "folds",
               std::to_string(options.plan->fold_of.size()) + " rows have a fold, and the data have " +
                   std::to_string(dataset.rows()),
               "make the folds of this dataset");
  faults.throw_if_any();
}

/// The folds, each of which trains and holds out rows.
SplitPlan plan_of(const TuneOptions& options, const Dataset& dataset) {
  SplitPlan plan = options.plan ? *options.plan : make_folds(dataset, options.folds, options.seed);
  std::vector<std::size_t> held_out(plan.folds, 0), trained(plan.folds, 0);
  for (std::size_t row = 0; row < plan.fold_of.size(); ++row)
    for (std::size_t fold = 0; fold < plan.folds; ++fold) {
      if (plan.fold_of[row] == static_cast<std::int32_t>(fold)) ++held_out[fold];
      else if (plan.trains(row, fold)) ++trained[fold];
    }
  for (std::size_t fold = 0; fold < plan.folds; ++fold)
    if (held_out[fold] == 0 || trained[fold] == 0)
      throw Error("option.invalid", "folds",
                  "fold " + std::to_string(fold) + (held_out[fold] == 0 ? " holds out no row" : " trains on no row"),
                  "use fewer folds");
  return plan;
}

/// Sum of the squares around the mean.
double fold_squares(const std::vector<double>& values) {
  const double mean = fold_mean(values);
  double sum = 0;
  for (double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

class TuneRun {
 public:
  TuneRun(const Estimator& estimator, std::shared_ptr<const Dataset> dataset, const TuneOptions& options,
          const RunContext& context)
      : options_(options),
        end_(options.time_limit
                 ? std::optional(Clock::now() + std::chrono::duration_cast<Clock::duration>(*options.time_limit))
                 : std::nullopt),
        space_(estimator, options.space, options.forbidden, options.declared,
               options.registry != nullptr ? *options.registry : builtin_registry()),
        folded_(dataset, plan_of(options, *dataset)),
        scores_(*dataset, estimator, options.metric),
        executor_(options.threads ? make_executor(*options.threads) : nullptr),
        cache_(available_memory() / 4, context.memory),
        context_(context),
        optimizer_(space_.space(), {.strategy = options.strategy,
                                    .seed = options.seed,
                                    .direction = scores_.metric().higher_is_better() ? "maximize" : "minimize"}) {
    context_.stop = context.stop.also(options.stop);
    if (end_) context_.stop = context_.stop.until(*end_);
    if (executor_) context_.run_with = executor_.get();
    if (context_.cache == nullptr) context_.cache = &cache_;
  }

  TuneResult run() {
    if (const auto first = space_.first()) run_first(*first);
    while (has_time() && run_next()) {
    }
    choose();
    if (options_.refit) refit();
    return std::move(result_);
  }

 private:
  double loss(double score) const { return scores_.metric().higher_is_better() ? -score : score; }
  bool is_last_trial() const { return result_.trials.size() >= static_cast<std::size_t>(options_.trials); }

  /// Whether another trial may begin: less time than the quickest one took suffices for none.
  bool has_time() const {
    if (is_last_trial() || context_.stop.stop_requested()) return false;
    return !end_ || result_.trials.empty() || Seconds(trial_end() - Clock::now()).count() > quickest_;
  }

  /// Time is left for a fit on all rows: as much as the longest fit of a fold of the best trial took, and what it has
  /// more rows. Before any is known, one part of as many as there are fits.
  Clock::time_point trial_end() const {
    const double limit = options_.time_limit->count(), folds = static_cast<double>(folded_.folds());
    double kept = 0;
    if (options_.refit) kept = best_ ? 1.2 * longest_of_best_ * folds / std::max(1.0, folds - 1) : limit / (folds + 1);
    return *end_ - std::chrono::duration_cast<Clock::duration>(Seconds(std::min(kept, limit / 2)));
  }

  /// The estimator as it was given.
  void run_first(const FirstConfiguration& first) {
    std::optional<std::int64_t> ticket;
    if (first.told) ticket = optimizer_.ask(*first.told).number;
    run_trial(first.shown, first.set, ticket);
  }
  /// False when a finite space has no other configuration.
  bool run_next() {
    std::optional<Trial> asked;
    try {
      asked = optimizer_.ask();
    } catch (const Error& error) {
      if (error.code() != "search.exhausted") throw;
      return false;
    }
    run_trial(asked->parameters, asked->parameters, asked->number);
    return true;
  }

  void run_trial(const Object& shown, const Object& set, std::optional<std::int64_t> ticket) {
    TuneTrial trial{.number = static_cast<std::int64_t>(result_.trials.size()), .parameters = shown};
    const auto start = Clock::now();
    std::shared_ptr<const Estimator> estimator;
    std::vector<std::int64_t> rounds;
    double longest = 0;
    try {
      estimator = space_.configured(set);
      RunContext context = context_;
      if (end_) context.stop = context.stop.until(trial_end());
      TrialFolds folds(*estimator, folded_, scores_, context, context_.stop);
      judge(trial, folds);
      rounds = folds.rounds();
      longest = folds.longest_fit();
    } catch (const std::exception& error) {
      trial.status = TuneTrial::Status::failed;
      trial.reason = error.what();
    }
    trial.seconds = Seconds(Clock::now() - start).count();
    tell(trial, ticket);
    if (trial.status == TuneTrial::Status::ok) {
      quickest_ = std::min(quickest_, trial.seconds);
      note_differences(trial);
    }
    if (is_better(trial)) {
      best_ = result_.trials.size();
      result_.estimator = std::move(estimator);
      rounds_ = std::move(rounds);
      longest_of_best_ = longest;
    }
    result_.trials.push_back(std::move(trial));
    if (options_.on_trial) options_.on_trial(result_.trials.back());
  }

  /// Fits and scores the folds, the first ones by themselves where the trial may turn out to be hopeless.
  void judge(TuneTrial& trial, TrialFolds& folds) {
    const std::size_t all = folded_.folds(), first = first_folds();
    if (first < all) {
      folds.fit_until(first);
      if (ended_early(trial, folds)) return;
      if (folds.done() < all && is_hopeless(trial, folds.scores())) return;
    }
    folds.fit_until(all);
    if (ended_early(trial, folds)) return;
    trial.fold_scores = folds.scores();
    trial.score = fold_mean(trial.fold_scores);
    if (std::isfinite(trial.score)) return;
    trial.status = TuneTrial::Status::failed;
    trial.reason = "the score is " + param_detail::number_text(trial.score);
  }

  std::size_t first_folds() const {
    const std::size_t folds = folded_.folds();
    if (!options_.skip_hopeless || folds < 4 || compared_ < trials_before_skipping) return folds;
    return std::max<std::size_t>(2, (folds + 2) / 3);
  }

  /// Notes a trial whose fits were cut short; its score counts only where there is no other.
  bool ended_early(TuneTrial& trial, const TrialFolds& folds) {
    if (!folds.cut_short() && !folds.lacks_model()) return false;
    trial.status = TuneTrial::Status::stopped;
    trial.reason = context_.stop.reason() == StopReason::user ? "by request"
                   : folds.memory_ended()                     ? "the memory limit ended a fit"
                                                              : "the time limit ended a fit";
    if (folds.lacks_model() || folds.done() < folded_.folds()) return true;
    trial.fold_scores = folds.scores();
    trial.score = fold_mean(trial.fold_scores);
    return true;
  }

  /// Differences of losses to those of the best trial on the same folds.
  std::vector<double> differences(const std::vector<double>& fold_scores) const {
    const std::vector<double>& best = result_.trials[*best_].fold_scores;
    std::vector<double> all;
    for (std::size_t fold = 0; fold < fold_scores.size(); ++fold)
      all.push_back(loss(fold_scores[fold]) - loss(best[fold]));
    return all;
  }

  /// The gap on the folds done must be made good on the others, whose mean difference varies with both numbers of
  /// folds.
  bool is_hopeless(TuneTrial& trial, std::vector<double> fold_scores) const {
    const std::vector<double> behind = differences(fold_scores);
    const double done = static_cast<double>(behind.size()), all = static_cast<double>(folded_.folds());
    const double gap = fold_mean(behind);
    const double variance =
        std::max(fold_squares(behind) / (done - 1), squares_ / static_cast<double>(compared_ * (folded_.folds() - 1)));
    const double to_gain = gap * all / (all - done), error = std::sqrt(variance * (1 / done + 1 / (all - done)));
    if (!std::isfinite(gap) || !(to_gain > hopeless_errors * error)) return false;
    trial.status = TuneTrial::Status::stopped;
    trial.score = result_.trials[*best_].score + (scores_.metric().higher_is_better() ? -gap : gap);
    trial.reason = "hopeless after " + std::to_string(behind.size()) + " of " + std::to_string(folded_.folds()) +
                   " folds: behind trial " + std::to_string(*best_) + " by " + param_detail::number_text(gap);
    trial.fold_scores = std::move(fold_scores);
    return true;
  }
  void note_differences(const TuneTrial& trial) {
    if (!best_ || result_.trials[*best_].status != TuneTrial::Status::ok) return;
    squares_ += fold_squares(differences(trial.fold_scores));
    ++compared_;
  }

  bool is_better(const TuneTrial& trial) const {
    if (trial.fold_scores.size() < folded_.folds() || !std::isfinite(trial.score)) return false;
    if (!best_) return true;
    const TuneTrial& best = result_.trials[*best_];
    if (trial.status != best.status) return trial.status == TuneTrial::Status::ok;
    return loss(trial.score) < loss(best.score);
  }

  void tell(const TuneTrial& trial, std::optional<std::int64_t> ticket) {
    if (!ticket) return;
    const bool by_limit = trial.status == TuneTrial::Status::stopped && trial.fold_scores.size() == folded_.folds();
    if (by_limit || !std::isfinite(trial.score)) optimizer_.tell_failed(*ticket, trial.reason);
    else optimizer_.tell(*ticket, trial.score, trial.seconds);
  }

  void choose() {
    if (!best_) refuse();
    const std::string& protocol = folded_.plan().protocol;
    result_.best = result_.trials[*best_];
    result_.score = scores_.mean(result_.best.fold_scores, protocol);
    result_.nested_score = nested(protocol + ", nested");
  }

  /// Each fold scored by the trial that is the best one on the others.
  Score nested(const std::string& protocol) const {
    const std::size_t folds = folded_.folds();
    Score none{.metric = scores_.metric().name, .protocol = protocol};
    if (folds < 2 || result_.best.status != TuneTrial::Status::ok) return none;
    std::vector<double> chosen;
    for (std::size_t fold = 0; fold < folds; ++fold) {
      double least = std::numeric_limits<double>::infinity(), score = 0;
      for (const TuneTrial& trial : result_.trials) {
        if (trial.status != TuneTrial::Status::ok) continue;
        double others = 0;
        for (std::size_t other = 0; other < folds; ++other)
          if (other != fold) others += loss(trial.fold_scores[other]);
        if (!(others < least)) continue;
        least = others;
        score = trial.fold_scores[fold];
      }
      chosen.push_back(score);
    }
    return scores_.mean(chosen, protocol);
  }

  [[noreturn]] void refuse() const {
    const auto& trials = result_.trials;
    const auto failed = std::find_if(trials.begin(), trials.end(),
                                     [](const auto& trial) { return trial.status == TuneTrial::Status::failed; });
    if (failed != trials.end())
      throw Error("search.all_failed", "tune",
                  "none of " + std::to_string(trials.size()) + " trials has a finite score: " + failed->reason);
    throw Error("tune.no_trial", "tune",
                "no trial was done before " +
                    std::string(context_.stop.reason() == StopReason::user ? "it was stopped" : "the time was up"),
                "give it more time, fewer folds or fewer rows");
  }

  void refit() {
    FitInput input{.train = DatasetView(folded_.dataset())};
    const std::int64_t sum = std::accumulate(rounds_.begin(), rounds_.end(), std::int64_t{0});
    if (sum > 0) input.stop_at_round = std::max<std::int64_t>(1, sum / static_cast<std::int64_t>(rounds_.size()));
    result_.fit = result_.estimator->fit(input, context_);
  }

  const TuneOptions& options_;
  std::optional<Clock::time_point> end_;
  TunedSpace space_;
  FoldedDataset folded_;
  FoldScores scores_;
  std::unique_ptr<Executor> executor_;
  SharedCache cache_;
  RunContext context_;
  Optimizer optimizer_;
  TuneResult result_{};
  std::optional<std::size_t> best_{};
  std::vector<std::int64_t> rounds_{};
  double longest_of_best_ = 0, quickest_ = std::numeric_limits<double>::infinity();
  double squares_ = 0;        ///< of paired differences around their means
  std::size_t compared_ = 0;  ///< trials that gave them
};

}  // namespace

const char* status_name(TuneTrial::Status status) {
  constexpr const char* names[] = {"ok", "stopped", "failed"};
  return names[static_cast<std::size_t>(status)];
}

SearchSpace search_space(const Estimator& estimator, const Registry& registry) {
  return TunedSpace(estimator, {}, {}, true, registry).space();
}

TuneResult tune(const Estimator& estimator, std::shared_ptr<const Dataset> dataset, const TuneOptions& options,
                const RunContext& context) {
  check_tune_options(options, *dataset);
  return TuneRun(estimator, std::move(dataset), options, context).run();
}

}  // namespace automill
