// Tables: made of columns, of Arrow streams or of CSV files; looked at; given out as an Arrow stream.

#include <automill/data/arrow.hpp>
#include <automill/data/csv.hpp>

#include "automl/concatenate.hpp"
#include "data/convert_column.hpp"
#include "interrupt.hpp"

namespace automill::python {

ArrowArrayStream* stream_of(const py::capsule& capsule);

namespace {

ColumnKind kind_named(const std::string& name, const std::string& place) {
  const auto& names = column_kind_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Error("option.unknown_choice", place, "'" + name + "' is not a kind of column", name_hint(name, names));
  return static_cast<ColumnKind>(found - names.begin());
}

}  // namespace

std::map<std::string, ColumnKind> kinds_of(const std::map<std::string, std::string>& types) {
  std::map<std::string, ColumnKind> kinds;
  for (const auto& [column, kind] : types) kinds.emplace(column, kind_named(kind, "types"));
  return kinds;
}

namespace {

using SharedColumn = std::shared_ptr<Column>;

py::dict describe_column(const ColumnSchema& column) {
  py::dict all;
  all["name"] = column.name;
  all["kind"] = column_kind_name(column.kind);
  all["integer"] = column.integer;
  all["categories"] = column.dictionary != nullptr ? py::cast(column.dictionary->names()) : py::none();
  all["missing_markers"] = column.missing_markers;
  all["format"] = column.format;
  return all;
}

Table make_table(const std::vector<SharedColumn>& columns, std::size_t rows) {
  std::vector<ColumnPtr> parts(columns.begin(), columns.end());
  const Table checked(parts);  // lengths and names
  if (!columns.empty() && checked.rows() != rows)
    throw Error("data.length_mismatch", columns[0]->name(),
                std::to_string(checked.rows()) + " values for " + std::to_string(rows) + " rows");
  return Table::with_rows(std::move(parts), rows);
}

/// Kinds and missing markers of the options on a table that did not come from text.
Table with_types(const Table& table, const std::map<std::string, std::string>& types,
                 const std::vector<std::string>& missing) {
  const auto kinds = kinds_of(types);
  Faults faults;
  for (const auto& [name, kind] : kinds)
    if (!table.contains(name))
      faults.add("data.column_unknown", name, "the column named by types is not in the data",
                 name_hint(name, table.schema()->names()));
  faults.throw_if_any();
  std::vector<ColumnPtr> columns = table.columns();
  for (ColumnPtr& column : columns) {
    column = mark_missing(column, missing);
    const auto found = kinds.find(column->name());
    if (found != kinds.end()) column = convert_column(column, found->second, missing);
  }
  return Table::with_rows(std::move(columns), table.rows());
}

py::object report_of(const CsvReport& report) {
  py::dict all;
  all["delimiter"] = std::string(1, report.delimiter);
  all["delimiter_detected"] = report.delimiter_detected;
  all["byte_order_mark"] = report.byte_order_mark;
  all["gzip"] = report.gzip;
  all["bytes"] = report.bytes;
  all["rows"] = report.rows;
  all["seconds"] = report.seconds;
  all["skipped"] = report.skipped;
  py::list columns;
  for (const auto& column : report.columns) {
    py::dict one;
    one["name"] = column.name;
    one["kind"] = column_kind_name(column.kind);
    one["reason"] = column.reason;
    one["missing"] = column.missing;
    py::dict spellings;
    for (const auto& [spelling, count] : column.missing_as) spellings[py::str(spelling)] = count;
    one["missing_as"] = spellings;
    columns.append(one);
  }
  all["columns"] = columns;
  return all;
}

/// Options of reading; `extra` columns (a target, a slicing column) are read beside those of a schema, as text.
struct Reading {
  std::string path;
  std::optional<std::string> delimiter;
  std::map<std::string, std::string> types;
  std::vector<std::string> missing;
  int threads = 0;

  CsvOptions options(CsvReport& report, std::stop_token stop) const {
    CsvOptions csv{.types = kinds_of(types),
                   .missing = missing,
                   .threads = threads,
                   .stop = StopToken(std::move(stop)),
                   .report = &report};
    if (delimiter && delimiter->size() != 1)
      throw Error("option.out_of_range", "delimiter", "'" + *delimiter + "' is not allowed: it must be one character");
    if (delimiter) csv.delimiter = delimiter->front();
    return csv;
  }
};

Schema extended(const Schema& schema, const std::vector<std::string>& extra) {
  std::vector<ColumnSchema> columns = schema.columns();
  for (const auto& name : extra)
    if (!schema.contains(name)) columns.push_back({.name = name, .kind = ColumnKind::text});
  return Schema(std::move(columns));
}

py::tuple read_file(const Reading& reading) {
  CsvReport report;
  Table table = interruptible(
      [&](std::stop_token stop) { return read_csv(reading.path, reading.options(report, std::move(stop))); });
  return py::make_tuple(std::move(table), report_of(report));
}

Table read_file_as(const std::string& path, const Schema& schema, const std::vector<std::string>& extra) {
  CsvReport report;
  const Reading reading{.path = path, .delimiter = {}, .types = {}, .missing = {}};
  return interruptible([&](std::stop_token stop) {
    return read_csv(path, extended(schema, extra), reading.options(report, std::move(stop)));
  });
}

py::object text_or_none(const Column& column, std::size_t row, double value) {
  if (std::isnan(value)) return py::none();
  return py::str(std::string(column.text(row)));
}

/// The cells for people and tests: floats with NaN, or a list of str and None.
py::object cells(const Column& column) {
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  if (column.kind() != ColumnKind::category && column.kind() != ColumnKind::text) return to_numpy(std::move(values));
  py::list list(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) list[i] = text_or_none(column, i, values[i]);
  return list;
}

/// Whether the cells are bytes of 0 and 1 as they lie in memory, none of them missing.
bool plain_flags(const Column& column) {
  if (column.kind() != ColumnKind::boolean || column.chunks().size() != 1) return false;
  const ColumnChunk& chunk = column.chunks()[0];
  return chunk.storage == Storage::uint8 && chunk.stride == 0 && chunk.validity == nullptr && chunk.scale == 1 &&
         chunk.shift == 0;
}

/// Numbers and booleans in the type that holds them: bool, int64, or float64 where cells are missing or no such.
py::object exact_cells(const Column& column) {
  const std::size_t rows = column.size();
  if (plain_flags(column)) {
    const ColumnChunk& chunk = column.chunks()[0];
    py::array_t<bool> flags(static_cast<py::ssize_t>(rows));
    const auto* from = static_cast<const std::uint8_t*>(chunk.data) + chunk.first;
    std::transform(from, from + rows, flags.mutable_data(), [](std::uint8_t flag) { return flag != 0; });
    return flags;
  }
  std::vector<double> values(rows);
  column.numbers(0, rows, values.data());
  const bool exact = column.kind() == ColumnKind::boolean || column.schema().integer;
  if (!exact || std::any_of(values.begin(), values.end(), [](double value) { return !(std::abs(value) < 0x1p63); }))
    return to_numpy(std::move(values));
  if (column.kind() == ColumnKind::boolean) {
    py::array_t<bool> flags(static_cast<py::ssize_t>(rows));
    std::transform(values.begin(), values.end(), flags.mutable_data(), [](double value) { return value != 0; });
    return flags;
  }
  py::array_t<std::int64_t> whole(static_cast<py::ssize_t>(rows));
  std::transform(values.begin(), values.end(), whole.mutable_data(),
                 [](double value) { return static_cast<std::int64_t>(value); });
  return whole;
}

/// The cells that are not 0, column by column: first cell of each column and the end, rows, values.
py::tuple cells_by_column(const Table& table) {
  std::vector<std::int64_t> starts{0};
  std::vector<std::int32_t> rows;
  std::vector<double> values, dense;
  const auto add = [&](std::size_t row, double value) {
    if (value == 0) return;
    rows.push_back(static_cast<std::int32_t>(row));
    values.push_back(value);
  };
  for (const ColumnPtr& column : table.columns()) {
    if (column->kind() == ColumnKind::text || column->kind() == ColumnKind::category)
      throw Error("fit.categories", column->name(),
                  "a matrix does not take " + column_kind_name(column->kind()) + " columns",
                  "leave it out, or encode it first");
    if (column->sparse()) {
      column->for_each_stored(add);
    } else {
      dense.resize(column->size());
      column->numbers(0, dense.size(), dense.data());
      for (std::size_t row = 0; row < dense.size(); ++row) add(row, dense[row]);
    }
    starts.push_back(static_cast<std::int64_t>(values.size()));
  }
  return py::make_tuple(to_numpy(std::move(starts)), to_numpy(std::move(rows)), to_numpy(std::move(values)));
}

bool any_sparse(const Table& table) {
  return std::any_of(table.columns().begin(), table.columns().end(),
                     [](const auto& column) { return column->sparse(); });
}

/// Every value as text, for groups; missing ones share a text of their own.
std::vector<std::string> texts(const Column& column) {
  const ColumnPtr strings = to_string_column(column, StringKind::text);
  std::vector<std::string> all;
  all.reserve(strings->size());
  for (std::size_t i = 0; i < strings->size(); ++i)
    all.emplace_back(strings->missing(i) ? std::string_view("(missing)") : strings->text(i));
  return all;
}

py::capsule export_capsule(const Table& table) {
  auto* stream = new ArrowArrayStream{};
  export_arrow_stream(table, stream);
  return py::capsule(stream, "arrow_array_stream", [](PyObject* object) {
    auto* owned = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(object, "arrow_array_stream"));
    if (owned == nullptr) return PyErr_Clear();
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
}

SharedColumn renamed(const Column& column, const std::string& name) {
  ColumnSchema schema = column.schema();
  schema.name = name;
  return std::make_shared<Column>(std::move(schema), column.chunks());
}

}  // namespace

void bind_tables(py::module_& module) {
  py::class_<Schema, std::shared_ptr<Schema>>(module, "Schema")
      .def_property_readonly("names", &Schema::names)
      .def("columns", [](const Schema& schema) {
        py::list all;
        for (const auto& column : schema.columns()) all.append(describe_column(column));
        return all;
      });
  py::class_<Table>(module, "Table")
      .def(py::init(&make_table))
      .def_property_readonly("rows", &Table::rows)
      .def_property_readonly("names", [](const Table& table) { return table.schema()->names(); })
      .def_property_readonly("schema",
                             [](const Table& table) { return std::const_pointer_cast<Schema>(table.schema()); })
      .def("column",
           [](const Table& table, const std::string& name) {
             return std::const_pointer_cast<Column>(table.columns()[table.schema()->column(name)]);
           })
      .def("contains", [](const Table& table, const std::string& name) { return table.contains(name); })
      .def_property_readonly("sparse", &any_sparse)
      .def("cells_by_column", &cells_by_column)
      .def("without", &Table::without)
      .def("with_column",
           [](const Table& table, const SharedColumn& column) {
             std::vector<ColumnPtr> columns = table.columns();
             columns.push_back(column);
             return Table(std::move(columns));
           })
      .def("with_types", &with_types)
      .def(
          "conform", [](const Table& table, const Schema& schema) { return conform(table, schema); },
          py::call_guard<py::gil_scoped_release>())
      .def("cells", [](const Table& table, const std::string& name) { return cells(table.column(name)); })
      .def("exact_cells", [](const Table& table, const std::string& name) { return exact_cells(table.column(name)); })
      .def(
          "texts", [](const Table& table, const std::string& name) { return texts(table.column(name)); },
          py::call_guard<py::gil_scoped_release>())
      .def(
          "__arrow_c_stream__", [](const Table& table, const py::object&) { return export_capsule(table); },
          py::arg("requested_schema") = py::none());
  module.def("import_stream", [](const py::capsule& capsule, bool as_text) {
    ArrowArrayStream* stream = stream_of(capsule);
    return interruptible(
        [&](std::stop_token) { return import_arrow_stream(stream, as_text ? StringKind::text : StringKind::infer); });
  });
  module.def("read_csv", [](const std::string& path, std::optional<std::string> delimiter,
                            std::map<std::string, std::string> types, std::vector<std::string> missing, int threads) {
    return read_file({path, std::move(delimiter), std::move(types), std::move(missing), threads});
  });
  module.def("read_csv_as", [](const std::string& path, const Schema& schema, const std::vector<std::string>& extra) {
    return read_file_as(path, schema, extra);
  });
  module.def("convert_column", [](const SharedColumn& column, const std::string& kind) {
    return std::const_pointer_cast<Column>(convert_column(column, kind_named(kind, "kind")));
  });
  module.def("renamed_column", &renamed);
  module.def("concatenate", &concatenate, py::call_guard<py::gil_scoped_release>());
  module.def("column_kinds", [] { return column_kind_names(); });
}

}  // namespace automill::python
