#pragma once
// A configuration under trial, and what came of each of its folds.

#include <automill/automl/automl_model.hpp>

namespace automill {

struct FoldOutcome {
  std::shared_ptr<const Model> model{};
  FitReport report{};
  double seconds = 0;
  double predict_us_per_row = 0;
  std::uint64_t bytes = 0;  ///< of the model's arrays
  bool done = false;
};

enum class CandidateState { waiting, running, complete, partial, failed, skipped };

/// "ok", "partial", "failed" or "skipped": how one ended, in books, journals and recipes.
inline const char* state_name(CandidateState state) {
  return state == CandidateState::complete  ? "ok"
         : state == CandidateState::failed  ? "failed"
         : state == CandidateState::partial ? "partial"
                                            : "skipped";
}
inline CandidateState state_named(const std::string& name) {
  for (const auto state : {CandidateState::complete, CandidateState::failed, CandidateState::partial})
    if (name == state_name(state)) return state;
  return CandidateState::skipped;
}

struct Candidate {
  std::string name, family;
  Object parameters{};      ///< of the family's learner
  std::int64_t number = 0;  ///< position among the proposals
  std::shared_ptr<const Estimator> estimator{};
  bool own = false;                  ///< a user's learner, of which nothing is taken for granted
  std::vector<bool> recorded{};      ///< by fold: stands in the journal and needs no fit; empty: none does
  double time_share = 1;             ///< most of the time that is left when it starts
  double seconds_per_operation = 0;  ///< as long as none of its family has run; 0: unknown
  int complexity = 0;                ///< of what people read; less is simpler (readable_choice.hpp)
  bool shortened = false;            ///< in less time than its parameters take (plan_family.hpp)
  CandidateState state = CandidateState::waiting;
  std::string reason{};
  std::vector<FoldOutcome> folds{};
  std::size_t folds_started = 0, folds_running = 0, folds_done = 0;
  CostEstimate fold_cost{};       ///< of the fit of a fold
  std::size_t folds_at_once = 1;  ///< as many as memory and threads allow
  Predictions out_of_fold{};      ///< rows x width; NaN where no fold held the row out
  Score score{};                  ///< on rows that were held out
  double weight = 0;
  std::string kept = "folds";  ///< what stands for a member: "folds", "all_rows" (fitted once more) or "first_fold"
  std::uint64_t bytes = 0;     ///< of the models' arrays
  std::optional<double> own_predict_us_per_row{};  ///< of one model that stands for those of the folds

  std::size_t folds_to_fit() const {
    return folds.size() - static_cast<std::size_t>(std::count(recorded.begin(), recorded.end(), true));
  }
  std::uint64_t fit_bytes() const { return static_cast<std::uint64_t>(fold_cost.bytes); }
  double fit_seconds() const {
    double sum = 0;
    for (const auto& fold : folds) sum += fold.seconds;
    return sum;
  }
  /// Of all fold models together, or of the one in their place: what a prediction of this member costs.
  double predict_us_per_row() const {
    if (own_predict_us_per_row) return *own_predict_us_per_row;
    double sum = 0;
    for (const auto& fold : folds) sum += fold.predict_us_per_row;
    return sum;
  }
  /// Of a fold that ended at a limit or by request; null: none did.
  const FitReport* cut_short() const {
    for (const auto& fold : folds)
      if (fold.done && fold.report.cut_short()) return &fold.report;
    return nullptr;
  }
  bool usable() const { return state == CandidateState::complete && std::isfinite(score.value); }
};

/// Of the arrays that a model file would hold.
std::uint64_t array_bytes(const Model& model);
std::uint64_t array_bytes(const Archive& archive);

LeaderboardRow leaderboard_row(const Candidate& candidate, std::size_t folds);

}  // namespace automill
