#include "automl/option_check.hpp"

#include <automill/core/registry.hpp>
#include <automill/metrics/metrics.hpp>

#include "automl/own_learners.hpp"
#include "automl/plan_family.hpp"

namespace automill {
namespace {

constexpr std::uint64_t memory_floor = 32ULL << 20, smallest_model = 16ULL << 10, smallest_journal = 1ULL << 20;

void check_ranges(const TrainOptions& options, Faults& faults) {
  if (options.time_limit && !(options.time_limit->count() > 0))
    faults.add("option.out_of_range", "time_limit",
               param_detail::number_text(options.time_limit->count()) + " s is not allowed: it must be above 0",
               "leave it out to use the preset's cap");
  if (options.max_trials && *options.max_trials < 1)
    faults.add("option.out_of_range", "max_trials",
               std::to_string(*options.max_trials) + " is not allowed: it must be at least 1");
  if (options.threads && *options.threads < 1)
    faults.add("option.out_of_range", "threads",
               std::to_string(*options.threads) + " is not allowed: it must be at least 1");
  if (options.memory_limit && *options.memory_limit < memory_floor)
    faults.add("option.out_of_range", "memory_limit",
               std::to_string(*options.memory_limit) + " bytes are below the floor of 32 MiB",
               "give at least 32 MiB, better 512 MiB");
  if (options.max_predict_time && !(options.max_predict_time->count() > 0))
    faults.add("option.out_of_range", "max_predict_time",
               param_detail::number_text(options.max_predict_time->count()) + " s is not allowed: it must be above 0");
  if (options.max_model_size && *options.max_model_size < smallest_model)
    faults.add("option.out_of_range", "max_model_size",
               std::to_string(*options.max_model_size) + " bytes are below what any model takes",
               "give at least 16 KiB");
  if (options.holdout && !(*options.holdout > 0 && *options.holdout < 1))
    faults.add("option.out_of_range", "holdout",
               param_detail::number_text(*options.holdout) + " is not allowed: it must lie between 0 and 1");
  if (options.folds && (*options.folds < 2 || *options.folds > 1000))
    faults.add("option.out_of_range", "folds",
               std::to_string(*options.folds) + " is not allowed: it must be at least 2 and at most 1000");
}

void check_quantiles(const TrainOptions& options, Faults& faults) {
  for (const double level : options.quantiles)
    if (!(level > 0 && level < 1))
      faults.add("option.out_of_range", "quantiles",
                 param_detail::number_text(level) + " is not allowed: it must be above 0 and below 1");
}

void check_monotone(const TrainOptions& options, Faults& faults) {
  for (const auto& [name, sign] : options.monotone)
    if (sign < -1 || sign > 1)
      faults.add("option.out_of_range", "monotone",
                 "'" + name + "' has sign " + std::to_string(sign) + ": it must be 1 (only rise), -1 (only fall) or 0");
}

void check_search_spaces(const TrainOptions& options, Faults& faults) {
  for (const auto& [family, space] : options.search_space) {
    const std::vector<std::string>& known = family_names();
    if (std::find(known.begin(), known.end(), family) == known.end())
      faults.add("option.unknown_choice", "search_space", "'" + family + "' is not a family of learners",
                 name_hint(family, known));
    else check_search_space(family, space, builtin_registry().estimator(learner_of(family)), faults);
  }
}

void check_journal(const TrainOptions& options, Faults& faults) {
  if (options.journal_limit && *options.journal_limit < smallest_journal)
    faults.add("option.out_of_range", "journal_limit",
               std::to_string(*options.journal_limit) + " bytes are below the floor of 1 MiB", "give at least 1 MiB");
  if (options.journal.empty() && (options.resume || options.journal_limit))
    faults.add("option.contradiction", options.resume ? "resume" : "journal_limit", "no journal is given",
               "name the file with journal");
}

void check_choice(const std::string& value, const char* option, const std::vector<std::string>& choices,
                  Faults& faults) {
  if (std::find(choices.begin(), choices.end(), value) == choices.end())
    faults.add("option.unknown_choice", option, "'" + value + "' is not a choice", name_hint(value, choices));
}

}  // namespace

void check_options(const TrainOptions& options) {
  Faults faults;
  check_ranges(options, faults);
  check_quantiles(options, faults);
  check_monotone(options, faults);
  check_journal(options, faults);
  check_choice(options.preset, "preset", {"fast", "balanced", "best", "glass_box"}, faults);
  check_choice(options.refit, "refit", {"auto", "never", "always"}, faults);
  check_learner_names(options.include, "include", faults);
  check_learner_names(options.exclude, "exclude", faults);
  check_search_spaces(options, faults);
  check_own_learners(options, faults);
  const bool own_folds = options.folds || !options.fold_column.empty() || !options.fold_of.empty();
  if ((options.validation_data ? 1 : 0) + (options.holdout ? 1 : 0) + (own_folds ? 1 : 0) > 1)
    faults.add("option.contradiction", "validation_data, holdout, folds", "more than one of them was given",
               "give one");
  if (!options.time_column.empty() && (options.holdout || !options.groups.empty()))
    faults.add("option.contradiction", "time_column", "it cannot be combined with holdout or groups", "give one");
  if (!options.groups.empty() && !options.group_values.empty())
    faults.add("option.contradiction", "groups", "a column and an array were given", "give one");
  if (!options.sample_weight.empty() && !options.sample_weights.empty())
    faults.add("option.contradiction", "sample_weight", "a column and an array were given", "give one");
  if (options.preset == "glass_box" && options.refit == "never")
    faults.add("option.contradiction", "refit", "'never' keeps the models of all folds, and glass_box gives one model",
               "leave refit out");
  if (options.metric && options.own_metric)
    faults.add("option.contradiction", "metric", "a name and an own metric were given", "give one");
  if (!options.cost_matrix.empty() && (options.metric || options.own_metric))
    faults.add("option.contradiction", "cost_matrix", "the score is the mean cost, and a metric was given",
               "leave metric out; evaluate gives every metric");
  if (!options.cost_matrix.empty() && !std::holds_alternative<std::monostate>(options.class_weight))
    faults.add("option.contradiction", "cost_matrix",
               "class_weight changes the probabilities that costs are weighed by", "give one of them");
  if (options.metric) {
    try {
      metric_by_name(*options.metric);
    } catch (const Error& error) {
      for (const Fault& fault : error.faults()) faults.add(fault.code, fault.place, fault.message, fault.hint);
    }
  }
  faults.throw_if_any();
}

std::optional<double> seconds_allowed(const TrainOptions& options) {
  if (options.time_limit) return options.time_limit->count();
  if (options.max_trials) return std::nullopt;
  return options.preset == "fast" ? 30.0 : options.preset == "best" ? 3600.0 : 300.0;
}

}  // namespace automill
