#pragma once
// What the parts of the Python module share. Every bind_<area>.cpp adds its names to `automill._core`; the package in
// python/automill/ wraps them. Long calls run without the GIL and hear Ctrl-C (see interrupt.hpp).

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <automill/core/core.hpp>

namespace automill::python {

namespace py = pybind11;

void bind_errors(py::module_& module);
void bind_columns(py::module_& module);
void bind_tables(py::module_& module);
void bind_metrics(py::module_& module);
void bind_models(py::module_& module);
void bind_import(py::module_& module);
void bind_training(py::module_& module);
void bind_components(py::module_& module);
void bind_explanations(py::module_& module);
void bind_search(py::module_& module);
void bind_tune(py::module_& module);

/// Plain data both ways: None, bool, int, float, str, list and dict.
py::object to_python(const Value& value);
Value to_value(const py::handle& object, const std::string& place);
Object to_object(const py::handle& mapping, const std::string& place);

/// Kinds of columns by name.
std::map<std::string, ColumnKind> kinds_of(const std::map<std::string, std::string>& types);

/// Keeps a Python object alive from C++; it may be let go from any thread.
std::shared_ptr<const void> keep_alive(py::object object);

/// A vector as an array that owns it, without a copy.
template <class T>
py::array_t<T> to_numpy(std::vector<T> values, std::vector<py::ssize_t> shape = {}) {
  auto* owned = new std::vector<T>(std::move(values));
  py::capsule owner(owned, [](void* pointer) { delete static_cast<std::vector<T>*>(pointer); });
  if (shape.empty()) shape = {static_cast<py::ssize_t>(owned->size())};
  return py::array_t<T>(std::move(shape), owned->data(), owner);
}

}  // namespace automill::python
