#pragma once
// Functions of a Python user that C++ calls: metrics, objectives and event callbacks. They run one at a time under the
// GIL.

#include <automill/learners/own_objective.hpp>
#include <mutex>

#include "bindings.hpp"

namespace automill::python {

/// The first exception that a user's function raised, kept so that the user sees it and not only its text.
class UserFailure {
 public:
  /// Call inside a catch block, with the GIL.
  [[noreturn]] void keep(py::error_already_set& error, const std::string& place);
  bool empty() const { return exception_ == nullptr; }
  /// Raises the kept exception. Needs the GIL.
  [[noreturn]] void raise();

 private:
  std::shared_ptr<const void> exception_;
};

/// A metric whose function is `call(truth, predictions, weights, task, positive, threshold)`: see
/// python/automill/metric.py. An exception in it becomes the Error metric.failed and is kept in `failure`.
Metric python_metric(const std::string& name, py::object call, bool higher_is_better, const std::string& needs,
                     const std::shared_ptr<UserFailure>& failure);

/// An objective whose functions are those of `call`: see ObjectiveCall in python/automill/own_objective.py. What they
/// raise leaves the fit as it is.
OwnObjective python_objective(const py::object& call);

/// Calls `receive(kind, message, fields, seconds)`; what it raises is kept in `failure`, and an Error stops the run.
std::function<void(const Event&)> python_callback(py::object receive, const std::shared_ptr<UserFailure>& failure);

}  // namespace automill::python
