#pragma once
// A model within max_predict_time and max_model_size: what the ensemble gives up, in the order of what it costs in
// score. Fold models become one a member first (their mean is not what the score measured), then members go, each time
// the one that saves most for the least loss (hardware-aware selection, Maier et al. 2024, arXiv 2408.02280, without
// its search).

#include "automl/assemble.hpp"

namespace automill {

/// As assemble; where the options set limits, with fewer models, measured on this machine. `members`: context of fits
/// on all rows. Error train.serving_limits where not even the smallest candidate is within.
AutoMLModel assemble_within_limits(AssembleInput input, const RunContext& members);

/// Median of single rows, one after the other, by the model's row predictor; of at most 100 rows.
double microseconds_of_one_row(const Model& model, const TableView& rows);

}  // namespace automill
