// automill._core: the compiled half of the Python package.

#include "bindings.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The compiled half of automill; use the package, whose names are stable.";
  module.attr("version") = AUTOMILL_VERSION;
  automill::python::bind_errors(module);
  automill::python::bind_columns(module);
  automill::python::bind_tables(module);
  automill::python::bind_metrics(module);
  automill::python::bind_models(module);
  automill::python::bind_import(module);
  automill::python::bind_training(module);
  automill::python::bind_components(module);
  automill::python::bind_explanations(module);
  automill::python::bind_search(module);
  automill::python::bind_tune(module);
}
