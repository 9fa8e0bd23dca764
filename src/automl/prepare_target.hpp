#pragma once
// The target column: task, classes, positive class, and its values.

#include "automl/prepare.hpp"

namespace automill {

/// One entry a row of the table.
struct TrainingTarget {
  std::vector<double> values{};        ///< NaN where the target is missing
  std::vector<std::int32_t> labels{};  ///< classification
  std::vector<char> present{};
};

/// Sets `result.target`, `positive_reason` and notes. Where there are faults, the cells are not complete.
TrainingTarget read_training_target(const Table& data, const TrainOptions& options, Prepared& result, Faults& faults);

}  // namespace automill
