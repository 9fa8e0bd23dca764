// Built-in metrics: their list, other libraries' names for them, and their values.

#include <automill/metrics/metrics.hpp>

#include "bindings.hpp"

namespace automill::python {
namespace {

py::dict describe_metric(const Metric& metric) {
  constexpr const char* needs[] = {"labels", "probabilities", "values"};
  py::list tasks;
  for (Task task : metric.tasks) tasks.append(task_name(task));
  py::dict all;
  all["name"] = metric.name;
  all["higher_is_better"] = metric.higher_is_better();
  all["needs"] = needs[static_cast<std::size_t>(metric.needs)];
  all["tasks"] = tasks;
  all["description"] = metric.description;
  return all;
}

}  // namespace

void bind_metrics(py::module_& module) {
  module.def("metrics", [] {
    py::list all;
    for (const Metric& metric : builtin_metrics()) all.append(describe_metric(metric));
    return all;
  });
  module.def("metric", [](const std::string& name) { return describe_metric(metric_by_name(name)); });
  module.def("metric_aliases",
             [] { return std::map<std::string, std::string>(metric_aliases().begin(), metric_aliases().end()); });
}

}  // namespace automill::python
