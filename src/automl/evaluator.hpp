#pragma once
// Fits (candidate, fold) pairs side by side, each in one thread, until proposals or time run out.

#include <condition_variable>
#include <mutex>

#include "automl/candidate.hpp"
#include "automl/portfolio.hpp"
#include "automl/resident_growth.hpp"
#include "automl/run_journal.hpp"
#include "automl/scoring.hpp"

namespace automill {

struct EvaluatorInput {
  const FoldedDataset* folded = nullptr;
  const Portfolio* portfolio = nullptr;
  const Scorer* scorer = nullptr;  ///< on all rows that some fold holds out
  std::optional<std::int64_t> max_trials{};
  std::optional<Clock::time_point> end{};  ///< no fit runs past it; none: no decision depends on the clock
  double selection_seconds = 0;            ///< for each candidate: what choosing among them will take after the end
  const ResidentGrowth* growth = nullptr;
  RunJournal* journal = nullptr;  ///< null: none is kept
  /// Asked now and then before a searched candidate, with those that are complete, in their order: whether more of them
  /// are not worth it. Null: never asked.
  std::function<bool(const std::vector<Candidate*>&)> enough{};
};

/// Bytes of a candidate's predictions, and of what is made of them when the run ends: the blend, its scores, the copy
/// in the caller's order.
std::uint64_t bytes_to_finish(const Dataset& dataset);
/// Of the memory limit, for what no estimate knows: putting the model together, stacks, pages that the allocator cannot
/// reuse.
std::uint64_t reserved_bytes(std::uint64_t limit);

class Evaluator {
 public:
  Evaluator(EvaluatorInput input, RunContext context);
  /// Returns when all is done. Candidates stay readable through visit() meanwhile.
  void run();
  /// Moves the end; false when a thread has ended its work, or there is no end.
  bool extend(Seconds seconds);
  /// Calls body(candidates) under the lock.
  template <class Body>
  void visit(const Body& body) const {
    const std::lock_guard lock(mutex_);
    body(candidates_);
  }
  std::vector<Candidate>& candidates() { return candidates_; }  ///< after run()
  /// More was not worth it.
  bool ended_early() const {
    const std::lock_guard lock(mutex_);
    return ended_early_;
  }
  /// By the clock, of all fits that have ended, each on one core.
  double fit_seconds() const {
    const std::lock_guard lock(mutex_);
    return fit_seconds_;
  }

 private:
  struct Job {
    std::size_t candidate, fold;
    RunContext context;
    bool recorded = false;  ///< in the journal
  };
  void work();
  std::optional<Job> next_job(std::unique_lock<std::mutex>& lock);
  bool propose();
  bool is_enough();
  bool begin_shortened();
  void make_room_for_predictions(Candidate& candidate);
  std::vector<SeenTrial> seen_trials() const;
  bool waits_for_trials() const;
  bool find_cost(Candidate& candidate) const;
  bool fits_memory(Candidate& candidate) const;
  bool fits_time(Candidate& candidate) const;
  bool fits_shortened(Candidate& candidate, const Proposal& proposal);
  void take_recorded(Candidate& candidate);
  double seconds_left() const;
  double needed_seconds(const Candidate& candidate) const;
  std::uint64_t promised_bytes() const;
  std::uint64_t models_bytes() const;  ///< of all folds that have ended
  std::uint64_t free_bytes() const;
  void settle_memory();
  double expected_seconds(const Candidate& candidate) const;
  void keep(std::uint64_t bytes);
  void fit(const Job& job);
  bool take_from_journal(const Job& job, const Estimator& estimator);
  void record(const Job& job, const FoldOutcome& outcome, const Predictions& held_out, const Archive& archive);
  void record_trial(std::size_t candidate, const Event& event);
  TrialKey key_of(std::size_t candidate) const;
  void finish_fold(const Job& job, FoldOutcome outcome, Predictions held_out);
  bool is_own(const Job& job) const;
  bool is_recorded(const Job& job) const;
  void fail_fit(const Job& job, const std::string& reason);
  void fail(std::size_t candidate, const std::string& reason, CandidateState state = CandidateState::failed);
  Clock::time_point end_of_fits() const;
  StopToken fold_stop(const Candidate& candidate) const;

  EvaluatorInput input_;
  RunContext context_;
  mutable std::mutex mutex_;
  std::condition_variable fold_ended_;
  std::vector<Candidate> candidates_;
  std::size_t next_proposal_ = 0;
  int skipped_ = 0, too_large_in_a_row_ = 0;                ///< for want of time, of memory
  std::vector<std::pair<std::size_t, Proposal>> left_out_;  ///< candidates that were skipped, as they were proposed
  MemoryClaim kept_;                                        ///< the table, the models and predictions of ended fits
  std::uint64_t idle_growth_ = 0;                           ///< of the resident memory when no fit was under way
  bool exhausted_ = false;
  bool ended_early_ = false;
  double fit_seconds_ = 0;
  bool ending_ = false;                                  ///< a thread has ended its work
  std::map<std::string, double> seconds_per_operation_;  ///< by family, learned from what ran
};

}  // namespace automill
