#pragma once
// The journal of a training run: what the evaluator has finished, on its way to the file and back. A write that fails
// in the middle of a run ends the journal, not the run: the model is worth more, and the file keeps what it has.

#include "automl/candidate.hpp"
#include "automl/validation_plan.hpp"
#include "journal/journal.hpp"

namespace automill {

/// What names a candidate in the journal.
struct TrialKey {
  std::int64_t number = 0;  ///< position among the proposals
  std::string name{}, family{};
  std::size_t folds = 1;
};

class RunJournal {
 public:
  /// Null where the options name no journal. Errors of Journal::open; journal.other_version.
  static std::unique_ptr<RunJournal> open(const TrainOptions& options);

  /// The time that a resumed run was planned for; null: the run is new, or has no plan of its own.
  std::optional<TimeBudget> recorded_budget() const;
  /// Whether the run was begun before.
  bool resumed() const { return resumed_; }
  /// Rows of the sample with which it was begun; none: it has all rows.
  std::optional<std::size_t> recorded_sample() const;
  /// Begins a new one, or makes sure that the recorded run is this one. Errors: journal.other_data,
  /// journal.other_options, each with every difference.
  void begin(const TrainOptions& options, const Prepared& prepared, const ValidationPlan& plan,
             const TimeBudget& budget, int threads, Clock::time_point start);

  /// The trial as it was begun, where that is not as planned: in less time, or from other trials' scores; null: there
  /// is nothing of it to keep.
  std::optional<Value> begun_otherwise(const TrialKey& trial, const Estimator& planned) const;
  /// Notes the trial. Which of its folds need no fit.
  std::vector<bool> propose(const TrialKey& trial, const Estimator& estimator);
  struct Recorded {
    FoldOutcome outcome{};
    Predictions predictions{};  ///< of the held-out rows
    std::string failure{};      ///< not empty: the fit failed, and there is nothing else
  };
  /// A fold that was finished before; null: it cannot be read, which is noted, and has to be fitted.
  std::optional<Recorded> recorded(const TrialKey& trial, std::size_t fold, const ModelContext& context,
                                   const RunContext& run);
  /// Returns when it is on the disk (or the journal has ended). The score is that of the fold's rows.
  void fold_finished(const TrialKey& trial, std::size_t fold, const FoldOutcome& outcome,
                     const Predictions& predictions, std::vector<std::byte> archive, double score,
                     const RunContext& run);
  void fold_failed(const TrialKey& trial, std::size_t fold, const std::string& reason, const RunContext& run);
  /// All folds are done and scored; held-out predictions by fold.
  void trial_finished(const TrialKey& trial, const Score& score, const std::vector<std::vector<double>>& predictions,
                      const Event& event);
  /// Failed, partial or skipped.
  void trial_ended(const Candidate& candidate);
  void note(const Event& event);
  void end(const AutoMLModel& model);
  /// Lets go of the file. Nothing is written or read after it.
  void close();

  /// Whether rows go to the file still.
  bool writes() const;
  bool scores_folds() const { return scores_folds_; }
  /// What users should know: what was resumed, what was left out, why it ended.
  std::vector<std::string> notes() const;
  double seconds_before() const { return seconds_before_; }

 private:
  explicit RunJournal(std::unique_ptr<Journal> journal) : journal_(std::move(journal)) {}
  std::vector<bool> recorded_folds(const TrialRow& row);
  void require_same_run(const Object& options, const Object& data);
  /// Runs body(journal); an Error in it ends the journal.
  template <class Body>
  void write(const Body& body);
  double seconds() const { return Seconds(Clock::now() - start_).count(); }

  struct KnownTrial {
    TrialRow row{};
    std::map<std::int64_t, std::string> folds{};
  };
  mutable std::mutex mutex_;
  std::unique_ptr<Journal> journal_;
  bool writes_ = true, scores_folds_ = true;
  Clock::time_point start_{};
  JournalHeader header_{};
  bool resumed_ = false;
  double seconds_before_ = 0, seconds_of_restored_ = 0;
  std::int64_t sessions_before_ = 0, restored_ = 0, left_out_ = 0;
  std::map<std::string, KnownTrial> known_;  ///< by name
  std::vector<std::string> notes_;
};

}  // namespace automill
