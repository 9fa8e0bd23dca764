// Plain data between C++ and Python.

#include "bindings.hpp"

namespace automill::python {

py::object to_python(const Value& value) {
  if (value.is_bool()) return py::bool_(value.boolean());
  if (value.is_integer()) return py::int_(value.integer());
  if (value.is_number()) return py::float_(value.number());
  if (value.is_text()) return py::str(value.text());
  if (value.is_array()) {
    py::list list;
    for (const Value& element : value.array()) list.append(to_python(element));
    return list;
  }
  if (value.is_object()) {
    py::dict dict;
    for (const auto& [key, member] : value.object().entries()) dict[py::str(key)] = to_python(member);
    return dict;
  }
  return py::none();
}

Object to_object(const py::handle& mapping, const std::string& place) {
  Object object;
  for (const auto& item : py::reinterpret_borrow<py::dict>(mapping)) {
    if (!py::isinstance<py::str>(item.first)) throw Error("value.wrong_type", place, "keys must be text");
    const auto key = item.first.cast<std::string>();
    object.append(key, to_value(item.second, place + "." + key));
  }
  return object;
}

Value to_value(const py::handle& object, const std::string& place) {
  if (object.is_none()) return {};
  if (py::isinstance<py::bool_>(object)) return object.cast<bool>();
  if (py::isinstance<py::str>(object)) return object.cast<std::string>();
  if (py::isinstance<py::dict>(object)) return to_object(object, place);
  if (py::isinstance<py::list>(object) || py::isinstance<py::tuple>(object)) {
    Array array;
    for (const auto& element : object) array.push_back(to_value(element, place));
    return array;
  }
  if (py::hasattr(object, "dtype") && py::hasattr(object, "item")) return to_value(object.attr("item")(), place);
  if (PyFloat_Check(object.ptr())) return object.cast<double>();
  if (PyIndex_Check(object.ptr())) {
    const py::object number = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
    int overflow = 0;
    const long long whole = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
    return overflow == 0 ? Value(static_cast<std::int64_t>(whole)) : Value(number.cast<double>());
  }
  throw Error("value.wrong_type", place,
              "a value of type " + py::str(py::type::handle_of(object).attr("__name__")).cast<std::string>() +
                  " is not allowed: it must be None, a bool, a number, text, a list or a dict");
}

std::shared_ptr<const void> keep_alive(py::object object) {
  PyObject* pointer = object.release().ptr();
  return {pointer, [](const void* constant) {
            if (Py_IsInitialized() == 0) return;  // the interpreter is gone, and its objects with it
            const py::gil_scoped_acquire acquire;
            Py_DECREF(static_cast<PyObject*>(const_cast<void*>(constant)));
          }};
}

}  // namespace automill::python
