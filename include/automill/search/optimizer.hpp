#pragma once
// Ask for a configuration, evaluate it, tell its score: black-box optimisation over a SearchSpace.
//
//   Optimizer optimizer(space, {.strategy = "bayesian", .seed = 1});
//   for (int i = 0; i < 50; ++i) {
//     const Trial trial = optimizer.ask();
//     optimizer.tell(trial.number, loss_of(trial.parameters));
//   }
//   optimizer.best()->parameters;
//
// Several trials may run at once and end in any order; a trial that failed, or whose score is not finite, keeps the
// search away from its neighbourhood. The same seed and the same calls give the same configurations on every machine.

#include <automill/search/space.hpp>
#include <memory>

namespace automill {

/// How configurations are proposed.
///   random    independent draws
///   sobol     a scrambled Sobol sequence: evenly spread
///   bayesian  Gaussian process (Matern 5/2, one length scale a parameter), logarithm of expected improvement; in many
///             dimensions inside a trust region (docs/search.md)
///   evolution the best of a few young trials, changed (regularised evolution): for many cheap trials
///   tpe       densities of good and of other trials over all parameters jointly (tree-structured Parzen estimator)
AUTOMILL_EXPORT const std::vector<std::string>& search_strategies();

struct OptimizerOptions {
  std::string strategy = "bayesian";
  std::uint64_t seed = 0;
  std::string direction = "minimize";     ///< or "maximize": whether lower or higher scores are better
  std::vector<std::string> directions{};  ///< of several objectives, one each; empty: there is one, `direction`
  std::optional<double> reduction{};  ///< successive halving: of the trials that reach a rung the best 1 / reduction
                                      ///< keep up; rungs lie at the steps first_rung x reduction^k
  std::int64_t first_rung = 1;
  std::optional<std::int64_t>
      initial_trials{};     ///< evenly spread ones before a model is asked; default: from the space
  bool per_second = false;  ///< bayesian: expected improvement for each second that a trial is expected to take
};

/// One evaluation of a configuration.
struct Trial {
  enum class State { running, finished, failed };
  struct Partial {
    std::int64_t step;
    double score;
  };
  std::int64_t number = 0;  ///< 0, 1, 2, ... in the order of asking
  Object parameters{};
  State state = State::running;
  double score = 0;                 ///< of a finished trial; of several objectives the first
  std::vector<double> scores{};     ///< of several objectives: all
  std::optional<double> seconds{};  ///< what it took, where told
  std::string reason{};             ///< why it failed
  std::vector<Partial> partial{};   ///< scores on the way, in the order told
};

/// "running", "finished" or "failed".
AUTOMILL_EXPORT const char* state_name(Trial::State state);

/// Calls may come from several threads; each waits for the others.
class AUTOMILL_EXPORT Optimizer {
 public:
  explicit Optimizer(SearchSpace space, OptimizerOptions options = {});
  ~Optimizer();
  Optimizer(Optimizer&&) noexcept;
  Optimizer& operator=(Optimizer&&) noexcept;

  /// A configuration that was not asked before. Error search.exhausted when a finite space has no other.
  Trial ask();
  /// This configuration, as one that is known to be good; Error search.asked_twice when a trial of it is running.
  Trial ask(const Object& parameters);

  /// The end of a running trial. A score that is not finite is a failure. Errors: search.trial, search.told_twice.
  void tell(std::int64_t number, double score, std::optional<double> seconds = {});
  /// The same where there are several objectives, a score for each.
  void tell(std::int64_t number, const std::vector<double>& scores, std::optional<double> seconds = {});
  void tell_failed(std::int64_t number, std::string reason = {});
  /// A score on the way: until the end is told, the trial is expected to end there.
  void tell_partial(std::int64_t number, std::int64_t step, double score);
  /// Whether a trial is worth going on with, by the score it told at the last rung that it reached and those of all
  /// others there (asynchronous successive halving, Li et al., MLSys 2020). True before the first rung. Where it is
  /// not, tell its score so far as its end. Error option.contradiction without `reduction`.
  bool keeps_up(std::int64_t number) const;
  /// A trial from elsewhere (warm start), finished with this score; gives its number.
  std::int64_t add(const Object& parameters, double score, std::optional<double> seconds = {});

  std::vector<Trial> trials() const;
  Trial trial(std::int64_t number) const;
  /// The finished trial with the best score (the first of equal ones), or nothing. Error search.objectives where there
  /// are several objectives.
  std::optional<Trial> best() const;
  /// The finished trials that no other is better than, in the order of their numbers: as good in all objectives and
  /// better in one. Of one objective the best.
  std::vector<Trial> front() const;
  const SearchSpace& space() const;
  const OptimizerOptions& options() const;

 private:
  class Search;
  std::unique_ptr<Search> search_;
};

}  // namespace automill
