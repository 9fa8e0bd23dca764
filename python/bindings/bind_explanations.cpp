// Contributions of columns to scores, and their interactions.

#include <automill/explain/predict_contributions.hpp>

#include "models.hpp"

namespace automill::python {
namespace {

py::ssize_t size_of(std::size_t size) { return static_cast<py::ssize_t>(size); }

/// Rows x outputs x (columns and the bias), the columns in the order of the model's schema.
py::array_t<double> contributions_of(const AutoMLModel& model, const Table& rows, const Table* background) {
  ScoreContributions why = interruptible([&](std::stop_token stop) {
    const CallContext call(std::move(stop));
    return background != nullptr ? predict_contributions(model, rows, *background, call.context)
                                 : predict_contributions(model, rows, call.context);
  });
  const std::vector<py::ssize_t> shape{size_of(rows.rows()), size_of(why.outputs.size()),
                                       size_of(why.columns.size() + 1)};
  return to_numpy(std::move(why.values), shape);
}

/// Rows x outputs x columns x columns.
py::array_t<double> interactions_of(const AutoMLModel& model, const Table& rows) {
  ScoreInteractions why = interruptible(
      [&](std::stop_token stop) { return predict_interactions(model, rows, CallContext(std::move(stop)).context); });
  const py::ssize_t columns = size_of(why.columns.size());
  return to_numpy(std::move(why.values), {size_of(rows.rows()), size_of(why.outputs.size()), columns, columns});
}

}  // namespace

void bind_explanations(py::module_& module) {
  module.def("predict_contributions", &contributions_of, py::arg("model"), py::arg("rows"),
             py::arg("background").none(true));
  module.def("predict_interactions", &interactions_of);
}

}  // namespace automill::python
