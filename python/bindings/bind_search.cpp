// Search spaces as plain data, and the optimizer over them: python/automill/search.py wraps both.

#include <automill/search/minimize.hpp>

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
  all["scores"] = trial.scores;
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

/// Leaves minimize() for good: an exception of Python that is no failure of a trial.
struct PassedOn {
  std::exception_ptr raised;
};

/// The value of a Python function; where failures are recorded, its exceptions are told as Python shows them.
double value_of(const py::object& function, const Object& parameters, bool record) {
  const py::gil_scoped_acquire acquire;
  try {
    return py::float_(function(to_python(parameters))).cast<double>();
  } catch (const py::error_already_set& error) {
    if (!record || !error.matches(PyExc_Exception)) throw PassedOn{std::current_exception()};
    throw std::runtime_error(error.type().attr("__name__").cast<std::string>() + ": " +
                             py::str(error.value()).cast<std::string>());
  }
}

py::dict minimized(const py::object& space, const py::object& function, const py::dict& values) {
  MinimizeOptions options{.trials = values["trials"].cast<std::int64_t>(),
                          .strategy = values["strategy"].cast<std::string>(),
                          .seed = values["seed"].cast<std::uint64_t>(),
                          .initial_trials = values["initial_trials"].cast<std::optional<std::int64_t>>(),
                          .per_second = values["per_second"].cast<bool>()};
  const bool record = values["record"].cast<bool>();
  options.errors = record ? ObjectiveErrors::record : ObjectiveErrors::raise;
  for (const py::handle each : values["first"]) options.first.push_back(to_object(each, "first"));
  if (const auto limit = values["time_limit"].cast<std::optional<double>>())
    options.stop = StopToken().until(Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(*limit)));
  const SearchSpace checked = SearchSpace::from_value(to_value(space, "space"));
  MinimizeResult found;
  try {
    const py::gil_scoped_release release;
    found = minimize(
        checked, [&](const Object& parameters) { return value_of(function, parameters, record); }, options);
  } catch (const PassedOn& passed) {
    std::rethrow_exception(passed.raised);
  }
  py::list trials;
  for (const Trial& trial : found.trials) trials.append(describe_trial(trial));
  py::dict answer;
  answer["best"] = describe_trial(found.best);
  answer["trials"] = std::move(trials);
  return answer;
}

}  // namespace

void bind_search(py::module_& module) {
  module.def("search_strategies", [] { return search_strategies(); });
  module.def("minimize", &minimized);
  py::class_<Optimizer>(module, "SearchOptimizer")
      .def(py::init([](const py::object& space, const std::string& strategy, std::uint64_t seed,
                       const std::string& direction, const std::vector<std::string>& directions,
                       std::optional<double> reduction, std::int64_t first_rung,
                       std::optional<std::int64_t> initial_trials, bool per_second) {
        return Optimizer(SearchSpace::from_value(to_value(space, "space")), {.strategy = strategy,
                                                                             .seed = seed,
                                                                             .direction = direction,
                                                                             .directions = directions,
                                                                             .reduction = reduction,
                                                                             .first_rung = first_rung,
                                                                             .initial_trials = initial_trials,
                                                                             .per_second = per_second});
      }))
      .def("ask", [](Optimizer& self) { return asked([&] { return self.ask(); }); })
      .def("ask_for",
           [](Optimizer& self, const py::dict& parameters) {
             const Object values = to_object(parameters, "parameters");
             return asked([&] { return self.ask(values); });
           })
      .def("tell", py::overload_cast<std::int64_t, const std::vector<double>&, std::optional<double>>(&Optimizer::tell))
      .def("keeps_up", &Optimizer::keeps_up)
      .def("front",
           [](const Optimizer& self) {
             py::list all;
             for (const Trial& trial : self.front()) all.append(describe_trial(trial));
             return all;
           })
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
