#pragma once
// A training run once more, bit for bit, from what its model knows of it: also a run that a time limit ended.
//
//   const auto model = automill::train(rows, {.target = "income", .time_limit = 60s});
//   const auto again = automill::replay(model, rows);        // the same predictions, scores and weights
//
// The recipe holds every candidate with its parameters, the round after which a limit ended each of its fits, and the
// weights: nothing is searched, and nothing depends on the clock, the memory or the number of threads. The same bits
// need the same rows and the same vector instructions (another level is noted, and may differ in the last bits).

#include <automill/automl/automl_model.hpp>
#include <map>

namespace automill {

struct ReplayOptions {
  std::optional<Table> validation_data{};       ///< where the run had some
  std::optional<int> threads{};                 ///< null: the container's cores
  std::optional<std::uint64_t> memory_limit{};  ///< bytes; a fit that needs more is an Error
  std::stop_token stop{};
};

/// Of a model that train gave, also one that was saved and loaded, or that was collapsed or distilled from one (then
/// the model before that). `data`: the rows of training. Takes the core seconds of the run's fits.
/// Errors: replay.no_run (refitted, imported or put together by hand), replay.other_data with every difference,
/// replay.other_version, option.not_recorded (arrays and own metrics), replay.differs where a fit does not end as
/// recorded.
AUTOMILL_EXPORT AutoMLModel replay(const ServedModel& model, const Table& data, const ReplayOptions& how = {});

/// The kinds that the run's option `types` named: to read the same file in the same way. Error replay.no_run.
AUTOMILL_EXPORT std::map<std::string, ColumnKind> types_of_run(const ServedModel& model);

}  // namespace automill
