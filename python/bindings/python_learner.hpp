#pragma once
// Own learners that exist only in Python: fitted in child processes, predicting in this one under the GIL. See
// python/automill/own_learners.py.

#include <automill/core/named_estimator.hpp>
#include <automill/predict/served_model.hpp>

#include "bindings.hpp"

namespace automill::python {

/// `given`: what learner_data of own_learners.py makes.
std::vector<NamedEstimator> own_learners(const py::handle& given);

/// Loads models whose members are pickled Python objects; for who allows that alone.
const Registry& pickle_registry();

/// Raises what an own learner raised for these rows, where one gave no number: single rows are predicted without
/// exceptions.
void require_predictions(const Predictions& predictions, const ServedModel& model, const Table& rows);

}  // namespace automill::python
