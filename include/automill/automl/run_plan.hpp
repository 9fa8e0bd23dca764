#pragma once
// What a run would do, without training: rows and columns that are used, candidates in order with what they take, what
// will be left out and why.
//
//   const automill::RunPlan planned = automill::plan(rows, {.target = "income", .time_limit = 60s});
//   std::cout << planned;
//   planned.seconds;                       // of the whole run, by the clock
//   planned.candidates[1].core_seconds;    // of all folds of the second candidate
//
// The table is looked at as in a run (types, target, folds); nothing is fitted. Seconds are estimates: what operations
// of each family took on a processor of about 3 GHz; a run learns the rates of its machine from its own fits.

#include <automill/automl/options.hpp>
#include <automill/predict/prediction_result.hpp>
#include <iosfwd>

namespace automill {

/// A candidate of the fixed order.
struct PlannedCandidate {
  std::string name{}, family{};
  Object parameters{};             ///< of the family's learner
  double seconds = 0;              ///< by the clock, all folds
  double core_seconds = 0;         ///< of all folds
  std::uint64_t bytes = 0;         ///< memory of the fits that run side by side
  std::string status = "planned";  ///< "planned" or "skipped"
  std::string reason{};            ///< why it is skipped, or what is less than planned for want of time
};

/// What is searched after the fixed order.
struct PlannedSearch {
  std::string family{};
  std::int64_t candidates = 0;  ///< as many as there seems to be time for
  double seconds_each = 0;      ///< by the clock, all folds
};

struct AUTOMILL_EXPORT RunPlan {
  TargetInfo target{};
  std::string metric{}, protocol{};    ///< protocol: "8-fold", "holdout", ...
  std::int64_t folds = 1;              ///< models a candidate
  Object rows{}, columns{};            ///< "input", "used", "dropped": each with its reason
  std::vector<std::string> notes{};    ///< decisions that users should see
  int threads = 1;                     ///< fits side by side
  std::optional<double> time_limit{};  ///< seconds from the call; the preset's cap where none was given
  std::uint64_t memory_limit = 0;      ///< bytes
  double preparing_seconds = 0;        ///< measured: from the call to the first fit
  std::vector<PlannedCandidate> candidates{};
  std::vector<PlannedSearch> searches{};
  double seconds = 0;       ///< of the whole run, by the clock: preparing, fits, ensemble
  std::uint64_t bytes = 0;  ///< most memory at once

  Object to_object() const;
  std::string summary() const;  ///< as printed
};
AUTOMILL_EXPORT std::ostream& operator<<(std::ostream& out, const RunPlan& plan);

/// The plan of `train(data, options)`. Errors as train's own that come before the first fit. No file is written, and a
/// journal is not opened.
AUTOMILL_EXPORT RunPlan plan(const Table& data, TrainOptions options);

}  // namespace automill
