#pragma once
// A small learner and a small transformer that do everything right, unless a flaw is planted: what the suite itself is
// tested with.

#include <automill/core/pipeline.hpp>

namespace automill::conformance {

/// What can be wrong with the small learner; the comment names the check that must say so.
enum class LearnerFlaw {
  none,
  none_but_narrow,             // takes no categories and no missing values: checked in a pipeline as well
  calls_itself_otherwise,      // description
  has_no_loader,               // description
  describes_nothing,           // description
  cannot_do_its_task,          // traits
  allows_any_order,            // traits
  forgets_a_parameter,         // parameters
  default_out_of_range,        // parameters
  ignores_unknown_parameters,  // parameter_errors
  clamps_parameters,           // parameter_errors
  does_not_normalise,          // outputs
  overflows,                   // outputs
  nan_where_missing,           // missing_and_unseen
  refuses_unseen,              // missing_and_unseen
  takes_what_it_cannot,        // missing_and_unseen
  forgets_a_column,            // prediction_columns
  other_single_rows,           // one_row
  saves_in_float,              // save_load
  trusts_the_file,             // save_load
  sums_by_thread,              // threads
  draws_from_a_counter,        // seed
  shares_scratch,              // concurrent
  cache_key_too_short,         // cache
  weighs_by_position,          // row_order
  ignores_weights,             // weights
  looks_at_held_out_targets,   // held_out_rows
  one_fit_for_all_folds,       // folds
  loses_a_fold,                // folds
  ignores_the_round,           // replay
  resumes_from_the_start,      // resume
  takes_any_state,             // resume
  fails_on_one_row,            // degenerate
  nan_for_extremes,            // degenerate
  costs_less_for_more,         // cost
  estimate_too_low,            // memory
  estimate_too_high,           // memory
  keeps_memory,                // memory
  ignores_stop,                // stop
  breaks_when_stopped          // stop
};

enum class TransformerFlaw {
  none,
  describes_nothing,           // description
  forgets_a_parameter,         // parameters
  ignores_unknown_parameters,  // parameter_errors
  uses_a_name_twice,           // schema
  loses_missing_rows,          // schema
  other_single_rows,           // one_row
  centres_on_the_first_row,    // row_order
  ignores_weights,             // weights
  saves_in_float,              // save_load
  loses_training_rows,         // training_rows
  looks_at_held_out_rows,      // held_out_rows
  one_fit_for_all_folds,       // folds
  sums_by_thread,              // threads
  shares_scratch,              // concurrent
  fails_on_no_rows,            // degenerate
  half_done_when_stopped       // stop
};

/// The registry of the parent with the small learner ("small") or transformer ("small_centre") in it.
Registry registry_with(LearnerFlaw flaw, const Registry& parent);
Registry registry_with(TransformerFlaw flaw, const Registry& parent);

}  // namespace automill::conformance
