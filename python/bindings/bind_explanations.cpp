// Contributions of columns to scores, and their interactions.

#include <automill/explain/coefficients.hpp>
#include <automill/explain/predict_contributions.hpp>
#include <automill/explain/rules.hpp>
#include <automill/explain/shapes.hpp>

#include "models.hpp"

namespace automill::python {
namespace {

py::ssize_t size_of(std::size_t size) { return static_cast<py::ssize_t>(size); }

/// Values and, where they are sampled, their standard errors (None: exact), rows x outputs x (columns and the bias),
/// the columns in the order of the model's schema; and of what they are. `pairs`: of walks to sample; None: exact where
/// that is possible.
py::tuple contributions_of(const AutoMLModel& model, const Table& rows, const Table* background,
                           std::optional<std::size_t> pairs) {
  ScoreContributions why = interruptible([&](std::stop_token stop) {
    const CallContext call(std::move(stop));
    if (pairs) return sample_contributions(model, rows, {.background = background, .pairs = *pairs}, call.context);
    return background != nullptr ? predict_contributions(model, rows, *background, call.context)
                                 : predict_contributions(model, rows, call.context);
  });
  const std::vector<py::ssize_t> shape{size_of(rows.rows()), size_of(why.outputs.size()),
                                       size_of(why.columns.size() + 1)};
  py::object errors = py::none();
  if (!why.standard_errors.empty()) errors = to_numpy(std::move(why.standard_errors), shape);
  return py::make_tuple(to_numpy(std::move(why.values), shape), errors, why.scale);
}

/// Rows x outputs x columns x columns.
py::array_t<double> interactions_of(const AutoMLModel& model, const Table& rows) {
  ScoreInteractions why = interruptible(
      [&](std::stop_token stop) { return predict_interactions(model, rows, CallContext(std::move(stop)).context); });
  const py::ssize_t columns = size_of(why.columns.size());
  return to_numpy(std::move(why.values), {size_of(rows.rows()), size_of(why.outputs.size()), columns, columns});
}

/// Values of a function: its axes, then the scores where there are several.
py::array_t<double> array_of(const AdditiveTerm& term, std::vector<double> values, bool of_scores) {
  std::vector<py::ssize_t> shape;
  for (const auto& axis : term.axes) shape.push_back(size_of(axis.labels.size()));
  if (of_scores && term.scores > 1) shape.push_back(size_of(term.scores));
  return to_numpy(std::move(values), shape);
}

/// Functions of an additive model: columns, kinds, edges and labels of their axes, and arrays of values.
py::list shapes_of(const AutoMLModel& model) {
  py::list all;
  for (const AdditiveTerm& term : shapes(model)) {
    py::list axes;
    for (const auto& axis : term.axes) {
      py::dict one;
      one["column"] = axis.column;
      one["categorical"] = axis.categorical;
      one["edges"] = to_numpy(std::vector<double>(axis.edges), {size_of(axis.edges.size())});
      one["labels"] = axis.labels;
      axes.append(one);
    }
    py::dict own;
    own["axes"] = axes;
    own["values"] = array_of(term, term.values, true);
    own["standard_errors"] = array_of(term, term.standard_errors, true);
    own["weights"] = array_of(term, term.weights, false);
    own["importance"] = term.importance;
    all.append(own);
  }
  return all;
}

py::dict coefficients_of(const AutoMLModel& model) {
  const Coefficients found = coefficients(model);
  py::list features;
  for (const Coefficient& each : found.features) {
    py::dict one;
    one["feature"] = each.feature;
    one["column"] = each.column;
    one["values"] = each.values;
    one["effect"] = each.effect;
    features.append(one);
  }
  py::dict all;
  all["scale"] = found.scale;
  all["outputs"] = found.outputs;
  all["intercepts"] = found.intercepts;
  all["features"] = features;
  return all;
}

py::dict rules_of(const AutoMLModel& model) {
  const TreeRules found = rules(model);
  py::list leaves;
  for (const TreeRule& each : found.rules) {
    py::dict one;
    one["conditions"] = each.conditions;
    one["prediction"] = each.prediction;
    one["rows"] = each.rows;
    leaves.append(one);
  }
  py::dict all;
  all["outputs"] = found.outputs;
  all["rules"] = leaves;
  all["text"] = found.text;
  return all;
}

}  // namespace

void bind_explanations(py::module_& module) {
  module.def("predict_contributions", &contributions_of, py::arg("model"), py::arg("rows"),
             py::arg("background").none(true), py::arg("pairs").none(true));
  module.def("predict_interactions", &interactions_of);
  module.def("shapes", &shapes_of);
  module.def("coefficients", &coefficients_of);
  module.def("rules", &rules_of);
}

}  // namespace automill::python
