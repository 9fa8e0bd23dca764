// automill::Error becomes automill.AutoMillError, with every fault.

#include "bindings.hpp"

namespace automill::python {
namespace {

void raise(const Error& error) {
  py::list faults;
  for (const Fault& fault : error.faults())
    faults.append(py::make_tuple(fault.code, fault.place, fault.message, fault.hint));
  const py::object instance = py::module_::import("automill.errors").attr("make_error")(error.what(), faults);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(instance.ptr())), instance.ptr());
}

}  // namespace

void bind_errors(py::module_& module) {
  py::register_local_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
  module.def("nearest_name", [](const std::string& wanted, const std::vector<std::string>& known) {
    return nearest_name(wanted, known);
  });
  module.def("name_hint",
             [](const std::string& wanted, const std::vector<std::string>& known) { return name_hint(wanted, known); });
}

}  // namespace automill::python
