// Options, and runs in the background: start, progress, best, stop, extend, wait.

#include <atomic>
#include <thread>

#include "models.hpp"
#include "python_callbacks.hpp"
#include "python_learner.hpp"

namespace automill::python {
namespace {

/// A value of the dict, when it is there and not None.
template <class T>
std::optional<T> value_of(const py::dict& values, const char* name) {
  if (!values.contains(name) || values[name].is_none()) return {};
  return values[name].cast<T>();
}

template <class T>
void set(T& member, const py::dict& values, const char* name) {
  if (auto value = value_of<T>(values, name)) member = std::move(*value);
}
template <class T>
void set(std::optional<T>& member, const py::dict& values, const char* name) {
  if (auto value = value_of<T>(values, name)) member = std::move(*value);
}

void set_class_weight(TrainOptions& options, const py::dict& values) {
  if (!values.contains("class_weight") || values["class_weight"].is_none()) return;
  const py::handle given = values["class_weight"];
  if (py::isinstance<py::str>(given)) options.class_weight = given.cast<std::string>();
  else options.class_weight = given.cast<std::map<std::string, double>>();
}

}  // namespace

TrainOptions make_options(const py::dict& values) {
  TrainOptions options;
  set(options.target, values, "target");
  set(options.task, values, "task");
  set(options.metric, values, "metric");
  set(options.positive_class, values, "positive_class");
  set(options.preset, values, "preset");
  if (const auto seconds = value_of<double>(values, "time_limit")) options.time_limit = Seconds(*seconds);
  set(options.max_trials, values, "max_trials");
  if (const auto seconds = value_of<double>(values, "max_predict_time")) options.max_predict_time = Seconds(*seconds);
  set(options.max_model_size, values, "max_model_size");
  set(options.memory_limit, values, "memory_limit");
  set(options.threads, values, "threads");
  set(options.seed, values, "seed");
  if (const auto table = value_of<Table>(values, "validation_data")) options.validation_data = *table;
  set(options.holdout, values, "holdout");
  set(options.folds, values, "folds");
  set(options.fold_column, values, "fold_column");
  set(options.fold_of, values, "fold_of");
  set(options.groups, values, "groups");
  set(options.group_values, values, "group_values");
  set(options.time_column, values, "time_column");
  set(options.sample_weight, values, "sample_weight");
  set(options.sample_weights, values, "sample_weights");
  set_class_weight(options, values);
  set(options.ignore, values, "ignore");
  if (const auto types = value_of<std::map<std::string, std::string>>(values, "types"))
    options.types = kinds_of(*types);
  set(options.quantiles, values, "quantiles");
  set(options.cost_matrix, values, "cost_matrix");
  set(options.cost_classes, values, "cost_classes");
  set(options.monotone, values, "monotone");
  if (values.contains("search_space"))
    options.search_space = search_spaces_from(to_value(values["search_space"], "search_space"));
  if (values.contains("learners")) options.learners = own_learners(values["learners"]);
  set(options.include, values, "include");
  set(options.exclude, values, "exclude");
  set(options.refit, values, "refit");
  set(options.journal, values, "journal");
  set(options.journal_limit, values, "journal_limit");
  set(options.resume, values, "resume");
  if (const auto source = value_of<py::dict>(values, "journal_source"))
    options.journal_source = to_object(*source, "journal_source");
  if (const auto started = value_of<CallStart>(values, "started")) options.started = *started;
  return options;
}

namespace {

void set_own_metric(TrainOptions& options, const py::object& metric, const std::shared_ptr<UserFailure>& failure) {
  if (metric.is_none()) return;
  options.own_metric =
      python_metric(metric.attr("name").cast<std::string>(), metric.attr("call"),
                    metric.attr("higher_is_better").cast<bool>(), metric.attr("needs").cast<std::string>(), failure);
}

/// What a run and those who wait for it share. It outlives the Python object when a second Ctrl-C leaves it behind.
struct RunState {
  std::optional<Run> run;
  std::shared_ptr<UserFailure> failure = std::make_shared<UserFailure>();
  Completion done;
  std::optional<AutoMLModel> model;
  std::exception_ptr error;
  bool left_behind = false;          ///< the Python object no longer waits
  std::atomic<bool> settled{false};  ///< set by whoever is first: the waiting thread when it ends, or who leaves it
};

/// Runs that nobody waits for any more, but which still stop: the interpreter waits for them before it ends.
std::atomic<int>& runs_left_behind() {
  static std::atomic<int> count{0};
  return count;
}

class PythonRun {
 public:
  PythonRun(const Table& data, const py::dict& values, const py::object& metric, const py::object& receive)
      : state_(std::make_shared<RunState>()) {
    TrainOptions options = make_options(values);
    set_own_metric(options, metric, state_->failure);
    if (!receive.is_none()) options.callback = python_callback(receive, state_->failure);
    const py::gil_scoped_release release;
    state_->run.emplace(automill::start(data, std::move(options)));
  }
  PythonRun(PythonRun&&) = default;
  ~PythonRun() {
    if (state_ == nullptr || state_->left_behind) return;
    const py::gil_scoped_release release;
    state_->run->stop();
    if (waiter_.joinable()) waiter_.join();
    state_.reset();  // joins the run
  }

  bool extend(double seconds) {
    const py::gil_scoped_release free;
    return state_->run->extend(Seconds(seconds));
  }
  void stop() {
    const py::gil_scoped_release release;
    state_->run->stop();
  }

  py::object best() {
    if (state_->model) return py::cast(*state_->model);
    std::optional<AutoMLModel> found = interruptible([&](std::stop_token) { return state_->run->best(); });
    return found ? py::cast(std::move(*found)) : py::none();
  }

  py::dict progress() {
    RunProgress now;
    {
      const py::gil_scoped_release release;
      now = state_->run->progress();
    }
    py::dict all;
    all["seconds"] = now.seconds;
    all["seconds_left"] = now.seconds_left;
    all["candidates_done"] = now.candidates_done;
    all["running"] = now.running;
    all["best"] = describe_score(now.best);
    all["finished"] = now.finished || state_->model.has_value();
    return all;
  }

  /// Waits, calling `tick()` every 100 ms. Ctrl-C: the first one stops the run, whose best model is returned; the
  /// second one raises and leaves the run to end by itself. Any other exception of a signal handler stops the run and
  /// is raised.
  AutoMLModel wait(const py::object& tick) {
    start_waiting();
    const bool signals = hears_signals();
    int interrupts = 0;
    while (!wait_a_moment()) {
      if (signals && PyErr_CheckSignals() != 0) {
        py::error_already_set interrupt;
        stop();
        if (!interrupt.matches(PyExc_KeyboardInterrupt) || ++interrupts > 1) {
          leave_behind();
          throw interrupt;
        }
      }
      if (!tick.is_none()) tick();
    }
    return result();
  }

 private:
  void start_waiting() {
    if (waiting_) return;
    waiting_ = true;
    waiter_ = std::thread([state = state_] {
      try {
        state->model = state->run->wait();
      } catch (...) {
        state->error = std::current_exception();
      }
      state->done.finish();
      if (state->settled.exchange(true)) --runs_left_behind();
    });
  }
  bool wait_a_moment() {
    const py::gil_scoped_release release;
    return state_->done.wait_for(std::chrono::milliseconds(100));
  }
  void leave_behind() {
    ++runs_left_behind();
    state_->left_behind = true;
    waiter_.detach();
    if (state_->settled.exchange(true)) --runs_left_behind();
  }
  AutoMLModel result() {
    if (state_->model) return *state_->model;
    try {
      std::rethrow_exception(state_->error);
    } catch (const Error& error) {
      if (!state_->failure->empty()) state_->failure->raise();
      throw;
    }
  }

  std::shared_ptr<RunState> state_;
  std::thread waiter_;
  bool waiting_ = false;
};

/// Called when the interpreter ends: a run that still calls Python must not outlive it.
void wait_for_runs_left_behind() {
  const py::gil_scoped_release release;
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (runs_left_behind() > 0 && Clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

/// Its values, and the printed text.
py::tuple plan_values(const Table& data, const py::dict& values, const py::object& metric) {
  TrainOptions options = make_options(values);
  set_own_metric(options, metric, std::make_shared<UserFailure>());
  const RunPlan planned = interruptible([&](std::stop_token stop) {
    options.stop = std::move(stop);
    return automill::plan(data, std::move(options));
  });
  return py::make_tuple(to_python(planned.to_object()), planned.summary());
}

py::list option_list() {
  py::list all;
  for (const OptionInfo& option : train_option_list()) {
    py::dict one;
    one["name"] = option.name;
    one["type"] = option.type;
    one["description"] = option.description;
    one["delivered"] = option.delivered;
    all.append(one);
  }
  return all;
}

}  // namespace

void bind_training(py::module_& module) {
  py::class_<CallStart>(module, "CallStart").def(py::init(&CallStart::now));
  py::class_<PythonRun>(module, "Run")
      .def(py::init<const Table&, const py::dict&, const py::object&, const py::object&>())
      .def("best", &PythonRun::best)
      .def("progress", &PythonRun::progress)
      .def("stop", &PythonRun::stop)
      .def("extend", &PythonRun::extend)
      .def("wait", &PythonRun::wait);
  module.def("plan", &plan_values);
  module.def("train_options", &option_list);
  module.def("raise_unknown_option", [](const std::string& name) { throw unknown_option(name); });
  py::module_::import("atexit").attr("register")(py::cpp_function(&wait_for_runs_left_behind));
}

}  // namespace automill::python
