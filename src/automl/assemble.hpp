#pragma once
// From candidates to the model that is given back: weights, members, scores, recipe, report.

#include "automl/candidate.hpp"
#include "automl/ensemble_weights.hpp"
#include "automl/prepare.hpp"
#include "automl/scoring.hpp"

namespace automill {

/// Wall seconds of each phase of a run; they sum to the whole.
struct Phases {
  std::vector<std::pair<std::string, double>> seconds{};
  Clock::time_point last{};
  void begin(Clock::time_point start) { last = start; }
  void end(const std::string& name) {
    const auto now = Clock::now();
    seconds.emplace_back(name, Seconds(now - last).count());
    last = now;
  }
  double total() const {
    double sum = 0;
    for (const auto& phase : seconds) sum += phase.second;
    return sum;
  }
};

struct AssembleInput {
  const Prepared* prepared = nullptr;
  const TrainOptions* options = nullptr;
  const FoldedDataset* folded = nullptr;
  const Scorer* scorer = nullptr;
  std::vector<Candidate>* candidates = nullptr;            ///< weights are written
  StopToken stop{};                                        ///< selection ends early when it asks
  const Executor* executor = &InlineExecutor::instance();  ///< of the selection
  bool interrupted = false;
  Object run_report{};  ///< limits, threads, learning rate: goes to the metadata as it is
  const RunContext* refit_with =
      nullptr;                  ///< set: members are fitted once more, on all rows, instead of keeping fold models
  bool keep_weights = false;    ///< refit: the candidates bring their weights
  double keep_temperature = 1;  ///< then that of the ensemble
  std::optional<EnsembleWeights> weights{};  ///< of usable_candidates; found where there are none
  std::vector<std::string> notes{};          ///< of the run, behind those of the preparation
  RunContext spread{};                       ///< of what intervals are made of: small fits on residuals
  bool learn_spread = true;                  ///< false: intervals are as wide everywhere
  Object run_record{};                       ///< run_record.hpp; empty: the recipe does not tell how to replay
  bool expect_gain = false;                  ///< the run's metadata say what twice the time would add, if there is time
  bool replayed = false;                     ///< candidates say what of a member is kept
};

/// Those that the ensemble is chosen from: not the prior, unless there is nothing else. Error train.no_model.
std::vector<Candidate*> usable_candidates(std::vector<Candidate>& candidates);

/// Weights of usable_candidates: found, or those that the candidates bring.
EnsembleWeights weights_of(const AssembleInput& input);

/// Chooses weights and builds the model. There must be a usable candidate. The phases are added by finish_report.
AutoMLModel assemble(const AssembleInput& input);

/// What the whole run took.
struct RunFigures {
  double core_seconds = 0;  ///< of processor time
  double fit_seconds = 0;   ///< by the clock, of all fits, each on one core
  std::uint64_t peak_bytes = 0;
};
/// The model with the phases and figures of the run in its metadata.
AutoMLModel with_run_figures(const AutoMLModel& model, const Phases& phases, const RunFigures& figures);

}  // namespace automill
