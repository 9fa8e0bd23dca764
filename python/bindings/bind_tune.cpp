// Tuning of learners and pipelines: python/automill/tuning.py wraps it.

#include <automill/automl/serve.hpp>
#include <automill/automl/tune.hpp>

#include "problem.hpp"
#include "search/space_value.hpp"

namespace automill::python {
namespace {

py::dict describe_tune_trial(const TuneTrial& trial) {
  py::dict all;
  all["number"] = trial.number;
  all["parameters"] = to_python(trial.parameters);
  all["status"] = status_name(trial.status);
  all["score"] = trial.score;
  all["fold_scores"] = trial.fold_scores;
  all["seconds"] = trial.seconds;
  all["reason"] = trial.reason;
  return all;
}

/// `fold_of`: one a row of the input; `times` likewise, for folds that go forward in time.
std::optional<SplitPlan> given_plan(const Problem& problem, const py::dict& values, std::size_t folds) {
  const auto of_rows = [&](const auto& given) {
    std::decay_t<decltype(given)> used;
    for (std::size_t i = 0; i < problem.dataset->rows(); ++i)
      used.push_back(given.at(problem.input_row.empty() ? i : problem.input_row[i]));
    return used;
  };
  if (values.contains("fold_of")) return predefined_folds(of_rows(values["fold_of"].cast<std::vector<std::int32_t>>()));
  if (!values.contains("times")) return std::nullopt;
  if (folds < 1)
    throw Error("option.out_of_range", "folds", std::to_string(folds) + " is not allowed: it must be at least 1");
  Dataset dataset = *problem.dataset;
  dataset.times = of_rows(values["times"].cast<std::vector<double>>());
  return make_time_folds(dataset, folds);
}

TuneOptions tune_options(const Problem& problem, const py::object& space, const py::dict& values) {
  TuneOptions options;
  options.trials = values["trials"].cast<std::int64_t>();
  if (!values["time_limit"].is_none()) options.time_limit = Seconds(values["time_limit"].cast<double>());
  options.folds = values["folds"].cast<std::size_t>();
  options.plan = given_plan(problem, values, options.folds);
  options.metric = values["metric"].cast<std::string>();
  options.strategy = values["strategy"].cast<std::string>();
  options.seed = values["seed"].cast<std::uint64_t>();
  options.declared = values["declared"].cast<bool>();
  options.skip_hopeless = values["skip_hopeless"].cast<bool>();
  options.refit = values["refit"].cast<bool>();
  if (space.is_none()) return options;
  search::ReadSpace read = search::read_space(to_value(space, "space"));
  options.space = std::move(read.parameters);
  options.forbidden = std::move(read.forbidden);
  return options;
}

py::dict tuned(const py::dict& description, const Problem& problem, const py::object& space, const py::dict& values,
               std::optional<int> threads, const py::object& objective) {
  const auto estimator = make_learner(to_value(description, "structure"), objective);
  const TuneOptions options = tune_options(problem, space, values);
  TuneResult result = interruptible([&](std::stop_token stop) {
    return tune(*estimator, problem.dataset, options, CallContext(std::move(stop), threads, options.seed).context);
  });
  py::dict answer;
  py::list trials;
  for (const TuneTrial& trial : result.trials) trials.append(describe_tune_trial(trial));
  answer["trials"] = std::move(trials);
  answer["best"] = result.best.number;
  answer["score"] = describe_score(result.score);
  answer["nested_score"] = describe_score(result.nested_score);
  answer["structure"] = to_python(result.estimator->structure());
  answer["report"] = describe_report(result.fit.report);
  answer["model"] = py::none();
  if (result.fit.model == nullptr) return answer;
  const auto served = [&] {
    const py::gil_scoped_release release;
    return AutoMLModel(serve(std::move(result.fit), *problem.dataset, problem.target,
                             Object{{"structure", result.estimator->structure()}}));
  };
  answer["model"] = served();
  return answer;
}

}  // namespace

void bind_tune(py::module_& module) {
  module.def("tune", &tuned);
  module.def("search_space", [](const py::dict& description) {
    return to_python(search_space(*make_estimator(to_value(description, "structure"), builtin_registry())).to_value());
  });
}

}  // namespace automill::python
