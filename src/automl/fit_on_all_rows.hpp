#pragma once
// One model of a configuration on all rows, in the place of its fold models.

#include <automill/core/estimator.hpp>

namespace automill {

/// To the mean of `rounds`, those of the folds, where the learner has rounds. Null when the time did not suffice. The
/// same name, estimator, rows and seed of the context give the same model. In the threads of the context.
std::shared_ptr<const Model> fit_on_all_rows(const std::string& name, const Estimator& estimator,
                                             const std::vector<std::int64_t>& rounds,
                                             const std::shared_ptr<const Dataset>& dataset, const RunContext& context);

}  // namespace automill
