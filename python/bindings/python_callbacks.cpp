#include "python_callbacks.hpp"

namespace automill::python {
namespace {

/// A Python object that may be copied and let go without the GIL.
std::shared_ptr<const void> shared(py::object object) { return keep_alive(std::move(object)); }
py::handle handle_of(const std::shared_ptr<const void>& object) {
  return static_cast<PyObject*>(const_cast<void*>(object.get()));
}

template <class T>
py::array_t<T> copy_of(std::span<const T> values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

py::array_t<double> prediction_matrix(const MetricInput& in) {
  py::array_t<double> all({static_cast<py::ssize_t>(in.rows()), static_cast<py::ssize_t>(in.width)});
  std::copy(in.predictions.begin(), in.predictions.end(), all.mutable_data());
  return all;
}

double call_metric(const py::handle& call, const MetricInput& in) {
  const py::object truth = is_classification(in.task) ? py::object(copy_of(in.labels)) : py::object(copy_of(in.values));
  const py::object weights = in.weights.empty() ? py::object(py::none()) : py::object(copy_of(in.weights));
  return call(truth, prediction_matrix(in), weights, task_name(in.task), in.positive, in.threshold).cast<double>();
}

/// (rows,) where there is one number a row, else (rows, outputs).
py::array_t<double> array_of(const ObjectiveRows& rows, std::span<const double> numbers) {
  std::vector<py::ssize_t> shape{static_cast<py::ssize_t>(rows.size())};
  if (numbers.size() > rows.size()) shape.push_back(static_cast<py::ssize_t>(rows.outputs));
  return py::array_t<double>(std::move(shape), numbers.data());
}

/// An array that ObjectiveCall has given the right shape.
void copy_to(std::span<double> to, const py::handle& from) {
  const auto array = from.cast<py::array_t<double, py::array::c_style>>();
  std::copy_n(array.data(), to.size(), to.begin());
}

}  // namespace

void UserFailure::keep(py::error_already_set& error, const std::string& place) {
  const std::string text = error.what();
  if (empty()) exception_ = keep_alive(error.value());
  throw Error(place == "metric" ? "metric.failed" : "callback.failed", place, text.substr(0, text.find('\n')));
}

void UserFailure::raise() {
  const py::handle exception = handle_of(exception_);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw py::error_already_set();
}

Metric python_metric(const std::string& name, py::object call, bool higher_is_better, const std::string& needs,
                     const std::shared_ptr<UserFailure>& failure) {
  const auto owned = shared(std::move(call));
  const auto one_at_a_time = std::make_shared<std::mutex>();
  Metric metric{.name = name,
                .compute = {},
                .direction = higher_is_better ? Direction::higher_is_better : Direction::lower_is_better,
                .needs = MetricNeeds::probabilities,
                .tasks = {}};
  if (needs == "labels") metric.needs = MetricNeeds::labels;
  if (needs == "values") metric.needs = MetricNeeds::values;
  metric.tasks = needs == "values" ? std::vector{Task::regression} : std::vector{Task::binary, Task::multiclass};
  metric.compute = [owned, one_at_a_time, failure](const MetricInput& in) {
    const std::lock_guard lock(*one_at_a_time);
    const py::gil_scoped_acquire acquire;
    try {
      return call_metric(handle_of(owned), in);
    } catch (py::error_already_set& error) {
      failure->keep(error, "metric");
    } catch (const py::cast_error&) {
      throw Error("metric.failed", "metric", "the function gave something that is not a number", "return a float");
    }
  };
  return metric;
}

OwnObjective python_objective(const py::object& call) {
  const auto owned = shared(call);
  const auto one_at_a_time = std::make_shared<std::mutex>();
  OwnObjective objective{.name = call.attr("name").cast<std::string>(),
                         .base_score = call.attr("base_score").cast<std::optional<double>>(),
                         .weighted = call.attr("weighted").cast<bool>()};
  objective.derivatives = [owned, one_at_a_time](const ObjectiveRows& rows, std::span<double> gradients,
                                                 std::span<double> hessians) {
    const std::lock_guard lock(*one_at_a_time);
    const py::gil_scoped_acquire acquire;
    const py::object weights = rows.weights.empty() ? py::object(py::none()) : py::object(copy_of(rows.weights));
    const py::tuple both =
        handle_of(owned).attr("derivatives")(array_of(rows, rows.targets), array_of(rows, rows.scores), weights);
    copy_to(gradients, both[0]);
    copy_to(hessians, both[1]);
  };
  if (!call.attr("has_loss").cast<bool>()) return objective;
  objective.loss = [owned, one_at_a_time](const ObjectiveRows& rows, std::span<double> losses) {
    const std::lock_guard lock(*one_at_a_time);
    const py::gil_scoped_acquire acquire;
    copy_to(losses, handle_of(owned).attr("losses")(array_of(rows, rows.targets), array_of(rows, rows.scores)));
  };
  return objective;
}

std::function<void(const Event&)> python_callback(py::object receive, const std::shared_ptr<UserFailure>& failure) {
  const auto owned = shared(std::move(receive));
  return [owned, failure](const Event& event) {
    const py::gil_scoped_acquire acquire;
    try {
      handle_of(owned)(event.kind, event.message, to_python(event.fields), event.seconds);
    } catch (py::error_already_set& error) {
      failure->keep(error, "callbacks");
    }
  };
}

}  // namespace automill::python
