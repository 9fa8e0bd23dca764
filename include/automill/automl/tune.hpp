#pragma once
// The parameters of an estimator or of a whole pipeline with the best cross-validated score.
//
//   Pipeline pipeline(Impute{}, OneHot{}, Scaler{}, Ridge{});
//   auto found = tune(pipeline, dataset, {.trials = 30, .time_limit = 60s});   // what its steps declare
//   auto other = tune(pipeline, dataset,
//                     {.space = {{"ridge.alpha", Float(0.1, 100, {.log = true})},         // another range
//                                {"one_hot.max_categories", Fixed(50)},                    // not searched
//                                {"scale", Categories({nullptr, Scaler{}.structure(),
//                                QuantileNormal{}.structure()})}}});
//   found.best.parameters;  found.score.value;  found.trials;  found.estimator->describe();  *found.fit.model;

#include <automill/automl/train.hpp>
#include <automill/search/optimizer.hpp>

namespace automill {

/// What can be searched of an estimator: the search ranges that the parameters of its components declare, of steps at
/// any depth as `step.parameter`, each with the conditions under which it counts. Components that the registry does not
/// know declare nothing. Error search.nothing_to_search when nothing is declared.
AUTOMILL_EXPORT SearchSpace search_space(const Estimator& estimator, const Registry& registry = builtin_registry());

/// One configuration and what became of it.
struct TuneTrial {
  enum class Status {
    ok,
    stopped,  ///< before all folds were done: hopeless, out of time, or by request
    failed
  };
  std::int64_t number = 0;
  Object parameters{};  ///< of everything that is searched and active; a chosen step by the name of its type, or "none"
  Status status = Status::ok;
  /// Mean over the folds. Of a hopeless trial: what its differences to the best one on the folds done lead to expect.
  /// NaN where it failed.
  double score = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> fold_scores{};  ///< of the folds done
  double seconds = 0;
  std::string reason{};  ///< why it was stopped or failed
};

/// "ok", "stopped" or "failed".
AUTOMILL_EXPORT const char* status_name(TuneTrial::Status status);

struct TuneOptions {
  std::int64_t trials = 30;             ///< at most; a finite space ends earlier
  std::optional<Seconds> time_limit{};  ///< a ceiling, the last fit on all rows included; null: no limit
  std::size_t folds = 5;                ///< by group, where the dataset has groups
  /// Other folds: make_holdout, make_time_folds or predefined_folds of this dataset; `folds` does not count then.
  std::optional<SplitPlan> plan{};
  std::string metric{};  ///< empty: the task's default
  std::string strategy = "bayesian";
  std::uint64_t seed = 0;  ///< of the folds and of the search
  /// Parameters by name, in the place of what is declared: another range, categories, Fixed. The name of a step (at any
  /// depth) with categories of structures, type names or null chooses the step itself; parameters of the choices are
  /// named `step.type.parameter`.
  std::vector<SearchSpace::Entry> space{};
  std::vector<Object> forbidden{};  ///< combinations that are not tried, as SearchSpace takes them
  bool declared = true;             ///< whether declared parameters that `space` does not name are searched, too
  bool skip_hopeless = true;        ///< whether a trial far behind the best one ends after the first folds
  bool refit = true;                ///< whether the best estimator is fitted on all rows
  std::optional<int> threads{};     ///< null: what the context has
  std::stop_token stop{};           ///< ends with the best so far
  std::function<void(const TuneTrial&)> on_trial{};  ///< after each trial, from the calling thread
  const Registry* registry = nullptr;                ///< null: builtin_registry()
};

struct TuneResult {
  TuneTrial best{};
  /// Mean of the best trial's folds, with a 90 % interval. The best of many is chosen by this number, so it flatters.
  Score score{};
  /// What choosing gives: each fold is scored by the trial that is the best of the other folds. NaN with one fold.
  Score nested_score{};
  std::vector<TuneTrial> trials{};               ///< all, in order; the first is the estimator as it was given
  std::shared_ptr<const Estimator> estimator{};  ///< with the best parameters, not fitted
  /// On all rows, to the mean rounds of the folds where the learner has rounds. Without a model where refit is off or
  /// the time was up.
  FitResult fit{};
};

/// Cross-validates the estimator as it was given, then what a search proposes; whatever learns, learns inside the fold.
/// All trials have the same folds and random streams. Rounds of early stopping are scored as the other folds choose
/// them. A trial that throws, or whose score is not finite, is a row with its reason.
///
/// A trial is hopeless when, after a third of the folds (two at least, of four or more), it would have to gain over
/// three standard errors on the others to become the best; the standard deviation is the larger one of its own paired
/// differences and of those of the trials before.
///
/// Without a time limit the result depends on data, options and seed alone, for any number of threads. Errors:
/// search.unknown_parameter, search.value, search.never_active, search.nothing_to_search and what SearchSpace and
/// Optimizer refuse; search.all_failed; tune.no_trial when time or a request ended the first trial without a score.
/// Cost: trials x folds fits, and one on all rows.
AUTOMILL_EXPORT TuneResult tune(const Estimator& estimator, std::shared_ptr<const Dataset> dataset,
                                const TuneOptions& options = {}, const RunContext& context = {});

}  // namespace automill
