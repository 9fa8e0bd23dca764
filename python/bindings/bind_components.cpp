// Learners, transformers and pipelines by themselves. A component is given as its structure: the dict that
// Estimator::structure() writes, {"type": "ridge", "parameters": {"alpha": 1.0}}.

#include <automill/automl/serve.hpp>
#include <automill/features/table_preparer.hpp>
#include <automill/learners/gradient_boosting.hpp>

#include "automl/prepare.hpp"
#include "models.hpp"
#include "problem.hpp"
#include "python_callbacks.hpp"

namespace automill::python {
namespace {

template <class Entry>
py::dict describe_entry(const Entry& entry, const char* role) {
  py::list parameters;
  for (const ParameterDeclaration& parameter : entry.parameters) {
    py::dict one;
    one["name"] = parameter.name;
    one["description"] = parameter.description;
    one["type"] = parameter.type;
    one["default"] = to_python(parameter.default_value);
    one["optional"] = parameter.optional;
    one["minimum"] = parameter.minimum;
    one["maximum"] = parameter.maximum;
    one["choices"] = parameter.choices;
    parameters.append(one);
  }
  py::dict all;
  all["name"] = entry.name;
  all["role"] = role;
  all["description"] = entry.description;
  all["parameters"] = parameters;
  return all;
}

py::list components() {
  py::list all;
  const Registry& registry = builtin_registry();
  for (const auto& name : registry.estimator_names()) all.append(describe_entry(registry.estimator(name), "learner"));
  for (const auto& name : registry.transformer_names())
    all.append(describe_entry(registry.transformer(name), "transformer"));
  return all;
}

bool is_learner(const Value& structure) {
  const std::string& type = structure.at("type").text();
  const auto names = builtin_registry().estimator_names();
  return type == Pipeline::registered_name || std::find(names.begin(), names.end(), type) != names.end();
}

/// Calls body(component) with the estimator or the transformer that the structure describes.
template <class Body>
auto with_component(const py::dict& description, const Body& body) {
  const Value structure = to_value(description, "structure");
  return is_learner(structure) ? body(*make_estimator(structure, builtin_registry()))
                               : body(*make_transformer(structure, builtin_registry()));
}

/// The target is read as train reads it (task, classes, positive class; rows without one are left out); every other
/// column stays, since a pipeline by hand decides about columns itself.
Problem labelled_problem(const Table& table, const py::dict& values) {
  TrainOptions options = make_options(values);
  const py::gil_scoped_release release;
  const ColumnPtr target = table.columns()[table.schema()->column(options.target)];
  Prepared prepared = prepare(Table({target}), options);
  Problem problem{
      .dataset = {}, .target = prepared.target, .input_row = prepared.input_row, .input_rows = table.rows()};
  Dataset dataset = *prepared.dataset;
  const Table features = table.without({options.target});
  dataset.features = prepared.input_row.size() == table.rows()
                         ? features
                         : FittedTransformerPipeline::copy_rows(TableView(features, prepared.input_row));
  dataset.keys.clear();
  problem.dataset = make_dataset(std::move(dataset));
  return problem;
}

/// Several columns of numbers that are predicted together; rows without one of them are left out.
Problem problem_of_outputs(const Table& table, const py::dict& values, const std::vector<std::string>& outputs) {
  TrainOptions options = make_options(values);
  const py::gil_scoped_release release;
  Dataset dataset;
  TargetInfo target;
  target.task = Task::regression;
  target.outputs = outputs;
  std::vector<double> cells(table.rows() * outputs.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<std::size_t> present(table.rows(), 0);
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    options.target = outputs[k];
    const Prepared prepared = prepare(Table({table.columns()[table.schema()->column(outputs[k])]}), options);
    for (std::size_t i = 0; i < prepared.input_row.size(); ++i) {
      cells[prepared.input_row[i] * outputs.size() + k] = prepared.dataset->target.values[i];
      ++present[prepared.input_row[i]];
    }
    const std::vector<std::uint64_t>& groups = prepared.dataset->groups;
    if (k == 0 && !groups.empty()) dataset.groups.resize(table.rows());
    for (std::size_t i = 0; k == 0 && i < groups.size(); ++i) dataset.groups[prepared.input_row[i]] = groups[i];
    target.name += (k == 0 ? "" : ", ") + outputs[k];
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < table.rows(); ++i)
    if (present[i] == outputs.size()) rows.push_back(i);
  if (rows.empty()) throw Error("data.target_all_missing", target.name, "no row has all of these targets");
  dataset.features = table.without(outputs);
  dataset.target = {.task = Task::regression, .name = target.name, .values = std::move(cells), .outputs = outputs};
  dataset.weights = options.sample_weights;
  Problem problem{.dataset = {}, .target = std::move(target), .input_row = rows, .input_rows = table.rows()};
  const RowSet complete{std::make_shared<const std::vector<std::uint32_t>>(std::move(rows)), 1};
  const DatasetView view(std::make_shared<const Dataset>(std::move(dataset)), complete);
  problem.dataset = view.with_features(FittedTransformerPipeline::copy_rows(view.features())).shared();
  return problem;
}

/// What train makes of a target column, without looking at the others.
py::dict target_of(const Table& table, const py::dict& values) {
  const TrainOptions options = make_options(values);
  TargetInfo target;
  {
    const py::gil_scoped_release release;
    target = prepare(Table({table.columns()[table.schema()->column(options.target)]}), options).target;
  }
  return describe_target(target);
}

/// Transformers do not need a target.
Problem unlabelled_problem(const Table& table) {
  Dataset dataset;
  dataset.features = table;
  dataset.target.values.assign(table.rows(), 0.0);
  Problem problem{
      .dataset = make_dataset(std::move(dataset)), .target = {}, .input_row = {}, .input_rows = table.rows()};
  return problem;
}

/// A fitted estimator as a model that predicts labels and can be saved.
py::tuple fit(const py::dict& description, const Problem& problem, std::optional<int> threads, std::uint64_t seed,
              const py::object& objective) {
  const auto estimator = make_learner(to_value(description, "structure"), objective);
  FitResult result = interruptible([&](std::stop_token stop) {
    return estimator->fit(problem.dataset, CallContext(std::move(stop), threads, seed).context);
  });
  const py::dict report = describe_report(result.report);
  const auto served = [&] {
    const py::gil_scoped_release release;
    return AutoMLModel(
        serve(std::move(result), *problem.dataset, problem.target, Object{{"structure", estimator->structure()}}));
  };
  return py::make_tuple(served(), report);
}

struct FittedPart {
  std::shared_ptr<const FittedTransformer> transformer;
  Table train;
};

FittedPart fit_transformer(const py::dict& description, const Problem& problem, std::optional<int> threads,
                           std::uint64_t seed) {
  const auto transformer = make_transformer(to_value(description, "structure"), builtin_registry());
  return interruptible([&](std::stop_token stop) {
    const CallContext call(std::move(stop), threads, seed);
    Transformer::Fitted fitted = transformer->fit_transform(DatasetView(problem.dataset), call.context);
    return FittedPart{std::move(fitted.transformer), std::move(fitted.train)};
  });
}

/// What became of the columns behind a table preparer, and the seconds of its steps.
py::dict report_of(const FittedTransformer& transformer) {
  const PreparationReport& report = preparation_report(transformer);
  py::list columns, steps;
  for (const PreparedColumn& column : report.columns) {
    py::dict line;
    line["column"] = column.column;
    line["action"] = column.action;
    line["step"] = column.step;
    line["reason"] = column.reason;
    columns.append(std::move(line));
  }
  for (const PreparationStep& step : report.steps) {
    py::dict line;
    line["step"] = step.name;
    line["seconds"] = step.seconds;
    steps.append(std::move(line));
  }
  py::dict answer;
  answer["columns"] = std::move(columns);
  answer["steps"] = std::move(steps);
  return answer;
}

/// One tuple a fold: the fitted part, held-out rows transformed, and the row numbers of both in the input.
py::list fit_transformer_folds(const py::dict& description, const Problem& problem, std::size_t folds,
                               std::optional<int> threads, std::uint64_t seed) {
  struct Fold {
    FittedPart part;
    Table held_out;
    std::vector<std::int64_t> train_rows, held_out_rows;
  };
  const auto transformer = make_transformer(to_value(description, "structure"), builtin_registry());
  std::vector<Fold> made = interruptible([&](std::stop_token stop) {
    const CallContext call(std::move(stop), threads, seed);
    const FoldedDataset folded(problem.dataset, make_folds(*problem.dataset, folds, seed));
    auto fitted = transformer->fit_transform_folds(folded, call.context);
    const auto input_rows = [&](const DatasetView& view) {
      std::vector<std::int64_t> rows;
      for (std::uint32_t row : view.row_numbers()) rows.push_back(static_cast<std::int64_t>(problem.input_row[row]));
      return rows;
    };
    std::vector<Fold> all;
    for (std::size_t fold = 0; fold < fitted.size(); ++fold) {
      Table held_out = fitted[fold].transformer->transform_aligned(folded.held_out(fold).features(), call.context);
      all.push_back({FittedPart{std::move(fitted[fold].transformer), std::move(fitted[fold].train)},
                     std::move(held_out), input_rows(folded.train(fold)), input_rows(folded.held_out(fold))});
    }
    return all;
  });
  py::list answer;
  for (Fold& fold : made)
    answer.append(py::make_tuple(std::move(fold.part), std::move(fold.held_out), to_numpy(std::move(fold.train_rows)),
                                 to_numpy(std::move(fold.held_out_rows))));
  return answer;
}

py::dict cross_validated(const py::dict& description, const Problem& problem, std::size_t folds,
                         const std::string& metric, std::optional<int> threads, std::uint64_t seed,
                         const py::object& objective) {
  const auto estimator = make_learner(to_value(description, "structure"), objective);
  const CrossValidation result = interruptible([&](std::stop_token stop) {
    return cross_validate(*estimator, problem.dataset, {.folds = folds, .metric = metric, .seed = seed},
                          CallContext(std::move(stop), threads, seed).context);
  });
  const Predictions& inner = result.out_of_fold.predictions;
  Predictions all(problem.input_rows, inner.width);
  std::fill(all.values.begin(), all.values.end(), std::numeric_limits<double>::quiet_NaN());
  std::vector<std::int32_t> fold(problem.input_rows, SplitPlan::never_held_out);
  for (std::size_t i = 0; i < problem.input_row.size(); ++i) {
    std::copy_n(inner.values.data() + i * inner.width, inner.width,
                all.values.data() + problem.input_row[i] * inner.width);
    fold[problem.input_row[i]] = result.out_of_fold.fold[i];
  }
  py::dict answer;
  answer["fold_scores"] = result.fold_scores;
  answer["mean"] = result.mean;
  answer["low"] = result.low;
  answer["high"] = result.high;
  answer["metric"] = result.metric;
  answer["predictions"] = to_numpy(
      std::move(all.values), {static_cast<py::ssize_t>(problem.input_rows), static_cast<py::ssize_t>(inner.width)});
  answer["fold"] = to_numpy(std::move(fold));
  return answer;
}

}  // namespace

std::shared_ptr<const Estimator> make_learner(const Value& structure, const py::object& objective) {
  auto made = make_estimator(structure, builtin_registry());
  if (objective.is_none()) return made;
  if (const auto* pipeline = dynamic_cast<const Pipeline*>(made.get())) {
    const Value& last = structure.at("estimator");
    return std::make_shared<const Pipeline>(std::make_shared<const TransformerPipeline>(pipeline->transformers()),
                                            last.at("name").text(), make_learner(last.at("component"), objective));
  }
  const auto& boosting = dynamic_cast<const GradientBoosting&>(*made);
  return std::make_shared<const GradientBoosting>(boosting.with_objective(python_objective(objective)));
}

py::dict describe_report(const FitReport& report) {
  py::dict all;
  all["stopped"] = report.stopped;
  all["rounds"] = report.rounds;
  all["seconds"] = report.seconds;
  all["bytes"] = report.bytes;
  all["learning_curve"] = report.learning_curve;
  all["details"] = to_python(report.details);
  return all;
}

void bind_components(py::module_& module) {
  py::class_<Problem>(module, "Problem")
      .def_property_readonly("target", [](const Problem& problem) { return describe_target(problem.target); })
      .def_property_readonly("rows", [](const Problem& problem) { return problem.dataset->rows(); });
  py::class_<FittedPart>(module, "FittedTransformer")
      .def_readonly("train", &FittedPart::train)
      .def("describe", [](const FittedPart& part) { return part.transformer->describe(); })
      .def("report", [](const FittedPart& part) { return report_of(*part.transformer); })
      .def("transform",
           [](const FittedPart& part, const Table& table) {
             return interruptible([&](std::stop_token stop) {
               return part.transformer->transform(table, CallContext(std::move(stop)).context);
             });
           })
      .def_property_readonly(
          "input_schema",
          [](const FittedPart& part) { return std::const_pointer_cast<Schema>(part.transformer->input_schema()); })
      .def_property_readonly("output_schema", [](const FittedPart& part) {
        return std::const_pointer_cast<Schema>(part.transformer->output_schema());
      });
  module.def("components", &components);
  module.def("labelled_problem", &labelled_problem);
  module.def("problem_of_outputs", &problem_of_outputs);
  module.def("target_of", &target_of);
  module.def("unlabelled_problem", &unlabelled_problem, py::call_guard<py::gil_scoped_release>());
  module.def("symmetric_boosting", [] { return to_python(parameter_values(GradientBoostingParameters::symmetric())); });
  module.def("objective_label", [](const std::string& name) { return OwnObjective{.name = name}.label(); });
  module.def("component_parameters", [](const py::dict& description) {
    return with_component(description, [](const auto& component) { return to_python(component.parameters()); });
  });
  module.def("component_description", [](const py::dict& description) {
    return with_component(description, [](const auto& component) { return component.describe(); });
  });
  module.def("component_with", [](const py::dict& description, const py::dict& changes) {
    const Object values = to_object(changes, "parameters");
    return with_component(
        description, [&](const auto& component) { return to_python(component.with_parameters(values)->structure()); });
  });
  module.def("component_structure", [](const py::dict& description) {
    return with_component(description, [](const auto& component) { return to_python(component.structure()); });
  });
  module.def("fit", &fit);
  module.def("fit_transformer", &fit_transformer);
  module.def("fit_transformer_folds", &fit_transformer_folds);
  module.def("cross_validate", &cross_validated);
}

}  // namespace automill::python
