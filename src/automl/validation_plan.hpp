#pragma once
// How candidates are validated: what the user asked for, or what the rows and the time allow.

#include "automl/prepare.hpp"

namespace automill {

struct TimeBudget {
  std::optional<double> seconds{};  ///< until the end of the fits; none: trials are counted instead
  int threads = 1;
};

struct ValidationPlan {
  SplitPlan split{};
  double learning_rate = 0.05;  ///< of boosters
  std::string note{};           ///< why, for people
};

ValidationPlan choose_validation(const Prepared& prepared, const TrainOptions& options, const TimeBudget& budget,
                                 std::size_t validation_rows);

}  // namespace automill
