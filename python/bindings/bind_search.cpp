// Search spaces as plain data, and the optimizer over them: python/automill/search.py wraps both.

#include <automill/search/optimizer.hpp>

#include "bindings.hpp"

namespace automill::python {
namespace {

py::dict describe_trial(const Trial& trial) {
  py::list partial;
  for (const Trial::Partial& each : trial.partial) partial.append(py::make_tuple(each.step, each.score));
  py::dict all;
  all["number"] = trial.number;
  all["parameters"] = to_python(trial.parameters);
  all["state"] = state_name(trial.state);
  all["score"] = trial.state == Trial::State::finished ? py::object(py::float_(trial.score)) : py::object(py::none());
  all["seconds"] = trial.seconds;
  all["reason"] = trial.reason;
  all["partial"] = partial;
  return all;
}

/// Without the GIL: a proposal may take some milliseconds.
template <class Ask>
py::dict asked(const Ask& ask) {
  std::optional<Trial> trial;
  {
    const py::gil_scoped_release release;
    trial.emplace(ask());
  }
  return describe_trial(*trial);
}

}  // namespace

void bind_search(py::module_& module) {
  module.def("search_strategies", [] { return search_strategies(); });
  py::class_<Optimizer>(module, "SearchOptimizer")
      .def(py::init([](const py::object& space, const std::string& strategy, std::uint64_t seed,
                       const std::string& direction, std::optional<std::int64_t> initial_trials, bool per_second) {
        return Optimizer(SearchSpace::from_value(to_value(space, "space")), {.strategy = strategy,
                                                                             .seed = seed,
                                                                             .direction = direction,
                                                                             .initial_trials = initial_trials,
                                                                             .per_second = per_second});
      }))
      .def("ask", [](Optimizer& self) { return asked([&] { return self.ask(); }); })
      .def("ask_for",
           [](Optimizer& self, const py::dict& parameters) {
             const Object values = to_object(parameters, "parameters");
             return asked([&] { return self.ask(values); });
           })
      .def("tell", &Optimizer::tell)
      .def("tell_failed", &Optimizer::tell_failed)
      .def("tell_partial", &Optimizer::tell_partial)
      .def("add",
           [](Optimizer& self, const py::dict& parameters, double score, std::optional<double> seconds) {
             return self.add(to_object(parameters, "parameters"), score, seconds);
           })
      .def("trials",
           [](const Optimizer& self) {
             py::list all;
             for (const Trial& trial : self.trials()) all.append(describe_trial(trial));
             return all;
           })
      .def("trial", [](const Optimizer& self, std::int64_t number) { return describe_trial(self.trial(number)); })
      .def("best",
           [](const Optimizer& self) {
             const auto best = self.best();
             return best ? py::object(describe_trial(*best)) : py::object(py::none());
           })
      .def("space", [](const Optimizer& self) { return to_python(self.space().to_value()); });
}

}  // namespace automill::python
