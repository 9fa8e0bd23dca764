#include "python_cells.hpp"

#include <automill/data/string_column.hpp>
#include <cmath>

namespace automill::python {
namespace {

enum class CellKind : std::uint8_t { missing, boolean, integer, number, datetime, text, other, refused };
constexpr std::size_t cell_kinds = 8;

std::string type_name(PyObject* cell) { return Py_TYPE(cell)->tp_name; }

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* each) { return name == each; });
}

/// A type is looked at once; values decide only where floats may be NaN.
CellKind kind_of_type(PyObject* cell) {
  if (cell == Py_None) return CellKind::missing;
  if (PyBool_Check(cell)) return CellKind::boolean;
  if (PyLong_Check(cell)) return CellKind::integer;
  if (PyFloat_Check(cell)) return CellKind::number;
  if (PyUnicode_Check(cell)) return CellKind::text;
  const std::string full = type_name(cell), name = full.substr(full.rfind('.') + 1);
  if (is_one_of(name, {"NAType", "NaTType"})) return CellKind::missing;
  if (is_one_of(name, {"bool_", "bool"})) return CellKind::boolean;
  if (is_one_of(name, {"datetime", "date", "Timestamp", "datetime64"})) return CellKind::datetime;
  if (is_one_of(name, {"Decimal", "Fraction"})) return CellKind::number;
  if (PyBytes_Check(cell) || PyByteArray_Check(cell) || PyDict_Check(cell) || PyList_Check(cell) ||
      PyTuple_Check(cell) || PyAnySet_Check(cell) || PyComplex_Check(cell))
    return CellKind::refused;
  if (is_one_of(name, {"ndarray", "DataFrame", "Series", "Index", "complex128", "complex64"})) return CellKind::refused;
  if (PyIndex_Check(cell)) return CellKind::integer;
  if (Py_TYPE(cell)->tp_as_number != nullptr && Py_TYPE(cell)->tp_as_number->nb_float != nullptr)
    return CellKind::number;
  return CellKind::other;
}

double float_of(PyObject* cell) {
  const double value = PyFloat_Check(cell) ? PyFloat_AS_DOUBLE(cell) : PyFloat_AsDouble(cell);
  if (value == -1.0 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return value;
}

/// The cells with the kind of each.
class Cells {
 public:
  Cells(const std::string& name, const py::sequence& cells)
      : name_(name), fast_(py::reinterpret_steal<py::object>(PySequence_Fast(cells.ptr(), "a sequence is needed"))) {
    if (!fast_) throw py::error_already_set();
    size_ = static_cast<std::size_t>(PySequence_Fast_GET_SIZE(fast_.ptr()));
    items_ = PySequence_Fast_ITEMS(fast_.ptr());
    kinds_.reserve(size_);
    for (std::size_t i = 0; i < size_; ++i) add(items_[i]);
    report_refused();
  }

  ColumnPtr column() {
    if (only({CellKind::boolean})) return numbers(ColumnKind::boolean);
    if (only({CellKind::boolean, CellKind::integer, CellKind::number}))
      return count(CellKind::integer) > 0 && has_huge_integer() ? texts(true) : numbers(ColumnKind::number);
    if (only({CellKind::datetime})) return datetimes();
    return texts(false);
  }

 private:
  void add(PyObject* cell) {
    if (Py_TYPE(cell) != last_type_) {
      last_type_ = Py_TYPE(cell);
      last_kind_ = kind_of_type(cell);
    }
    CellKind kind = last_kind_;
    if (kind == CellKind::number && std::isnan(float_of(cell))) kind = CellKind::missing;
    if (kind == CellKind::refused && count(CellKind::refused) == 0) first_refused_ = kinds_.size();
    ++counts_[static_cast<std::size_t>(kind)];
    kinds_.push_back(kind);
  }
  void report_refused() const {
    if (count(CellKind::refused) == 0) return;
    throw Error("data.cell_type", name_,
                std::to_string(count(CellKind::refused)) + " values are of a type that is not taken, first " +
                    type_name(items_[first_refused_]) + " in row " + std::to_string(first_refused_ + 1),
                "leave the column out, or turn it into numbers or strings");
  }
  std::size_t count(CellKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  bool only(std::initializer_list<CellKind> kinds) const {
    std::size_t sum = count(CellKind::missing);
    for (CellKind kind : kinds) sum += count(kind);
    return sum == size_;
  }
  /// Whole numbers that a double cannot hold exactly.
  bool has_huge_integer() const {
    if (count(CellKind::number) > 0) return false;
    for (std::size_t i = 0; i < size_; ++i)
      if (kinds_[i] == CellKind::integer && std::abs(integer_of(items_[i])) > 9007199254740992.0) return true;
    return false;
  }
  static double integer_of(PyObject* cell) {
    const py::object number = py::reinterpret_steal<py::object>(PyNumber_Index(cell));
    if (!number) throw py::error_already_set();
    const double value = PyLong_AsDouble(number.ptr());
    if (value != -1.0 || PyErr_Occurred() == nullptr) return value;
    PyErr_Clear();  // beyond the largest double
    return std::numeric_limits<double>::infinity();
  }
  ColumnPtr numbers(ColumnKind kind) const {
    std::vector<double> values(size_, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < size_; ++i) {
      if (kinds_[i] == CellKind::missing) continue;
      values[i] = kinds_[i] == CellKind::boolean   ? static_cast<double>(PyObject_IsTrue(items_[i]))
                  : kinds_[i] == CellKind::integer ? integer_of(items_[i])
                                                   : float_of(items_[i]);
    }
    const bool whole = count(CellKind::integer) > 0 && count(CellKind::number) == 0;
    return make_number_column({.name = name_, .kind = kind, .integer = kind == ColumnKind::number && whole},
                              std::move(values));
  }
  /// numpy.datetime64 does the calendar; zones are brought to UTC first.
  ColumnPtr datetimes() const {
    const auto to_microseconds = py::module_::import("automill.columns").attr("microseconds_of");
    std::vector<double> values(size_, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < size_; ++i)
      if (kinds_[i] != CellKind::missing) values[i] = to_microseconds(py::handle(items_[i])).cast<double>();
    return make_number_column({.name = name_, .kind = ColumnKind::datetime}, std::move(values));
  }
  /// Strings are read where they lie; other cells are written by str() (kept until the column is made).
  ColumnPtr texts(bool whole_numbers) {
    std::vector<py::object> written;
    std::vector<std::string_view> views(size_);
    for (std::size_t i = 0; i < size_; ++i) {
      if (kinds_[i] == CellKind::missing) continue;
      PyObject* text = items_[i];
      if (kinds_[i] != CellKind::text) {
        written.push_back(py::reinterpret_steal<py::object>(PyObject_Str(text)));
        if (!written.back()) throw py::error_already_set();
        text = written.back().ptr();
      }
      Py_ssize_t length = 0;
      const char* bytes = PyUnicode_AsUTF8AndSize(text, &length);
      if (bytes == nullptr) {
        PyErr_Clear();
        throw Error("data.not_utf8", name_, "row " + std::to_string(i + 1) + " holds text that is not valid Unicode",
                    "clean the column first");
      }
      views[i] = {bytes, static_cast<std::size_t>(length)};
    }
    const ColumnChunk chunk{.storage = Storage::text_view, .length = size_, .data = views.data()};
    ColumnPtr column = make_string_column(name_, {chunk}, whole_numbers ? StringKind::category : StringKind::infer);
    if (column->kind() == ColumnKind::text) return make_text_column(name_, views);
    if (!whole_numbers) return column;
    ColumnSchema schema = column->schema();
    schema.integer = true;
    return std::make_shared<const Column>(std::move(schema), column->chunks());
  }

  std::string name_;
  py::object fast_;
  PyObject** items_ = nullptr;
  std::size_t size_ = 0, first_refused_ = 0;
  std::vector<CellKind> kinds_;
  std::size_t counts_[cell_kinds] = {};
  PyTypeObject* last_type_ = nullptr;
  CellKind last_kind_ = CellKind::missing;
};

}  // namespace

ColumnPtr column_from_cells(const std::string& name, const py::sequence& cells) { return Cells(name, cells).column(); }

}  // namespace automill::python
