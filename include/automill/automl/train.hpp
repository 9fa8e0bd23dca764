#pragma once
// Training: a table and a target in, a validated model out, inside the limits.
//
//   auto model = automill::train(rows, {.target = "income", .time_limit = 60s});
//   auto run = automill::start(rows, {.target = "income"});   run.best();   run.stop();   auto model = run.wait();

#include <automill/automl/automl_model.hpp>
#include <automill/automl/replay.hpp>
#include <automill/automl/run_plan.hpp>

namespace automill {

/// Progress of a run.
struct RunProgress {
  double seconds = 0, seconds_left = 0;  ///< infinity without a limit
  std::int64_t candidates_done = 0;
  std::string running{};  ///< what is being fitted now
  Score best{};
  bool finished = false;
};

/// A training run in the background. Destroying it requests a stop and waits.
class AUTOMILL_EXPORT Run {
 public:
  struct State;
  explicit Run(std::unique_ptr<State> state);
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();
  /// The best model so far; none before the floor model. max_predict_time and max_model_size hold for the last one
  /// only.
  std::optional<AutoMLModel> best() const;
  RunProgress progress() const;
  void stop();  ///< ends with the best model so far; wait() returns it
  /// That much more time, also from a callback. False where the fits have ended, or there is no time limit. An Error
  /// where it is not a number above 0.
  bool extend(Seconds seconds);
  AutoMLModel wait();  ///< rethrows what the run threw

 private:
  std::unique_ptr<State> state_;
};

/// Checks the options (all faults in one Error), then starts. With threads = 1 the work is done inside wait().
AUTOMILL_EXPORT Run start(const Table& data, TrainOptions options);

/// start(...).wait().
AUTOMILL_EXPORT AutoMLModel train(const Table& data, TrainOptions options);

struct CrossValidation {
  std::vector<double> fold_scores{};
  double mean = 0, low = 0, high = 0;  ///< 90 % interval from the folds
  std::string metric{};
  OutOfFold out_of_fold{};
};
struct CrossValidateOptions {
  std::size_t folds = 8;
  std::string metric{};  ///< empty: the task's default
  std::uint64_t seed = 0;
};
/// Fits an estimator or a pipeline on each fold and scores the rows held out. Whatever learns, learns inside the fold:
/// where early stopping looks at the rows held out, they are scored after the round that the other folds choose.
AUTOMILL_EXPORT CrossValidation cross_validate(const Estimator& estimator, std::shared_ptr<const Dataset> dataset,
                                               const CrossValidateOptions& options = {},
                                               const RunContext& context = {});

/// All built-in learners and transformers, with the fitted halves (src/builtin_learners.cpp).
AUTOMILL_EXPORT const Registry& builtin_registry();

/// An executor with a pool of `threads`; 1 gives one that starts no thread.
AUTOMILL_EXPORT std::unique_ptr<Executor> make_executor(int threads);

}  // namespace automill
