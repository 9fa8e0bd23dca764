// Columns from NumPy arrays, Python objects and Arrow streams. Numbers stay in the memory of the array.

#include <automill/data/arrow.hpp>

#include "python_cells.hpp"

namespace automill::python {
namespace {

Storage storage_of(const py::array& values) {
  const char kind = values.dtype().kind();
  const auto size = values.itemsize();
  if (kind == 'b') return Storage::uint8;
  if (kind == 'f' && size == 8) return Storage::float64;
  if (kind == 'f' && size == 4) return Storage::float32;
  if (kind == 'i')
    return size == 8 ? Storage::int64 : size == 4 ? Storage::int32 : size == 2 ? Storage::int16 : Storage::int8;
  if (kind == 'u')
    return size == 8 ? Storage::uint64 : size == 4 ? Storage::uint32 : size == 2 ? Storage::uint16 : Storage::uint8;
  throw Error("data.column_type", "",
              "arrays of type " + py::str(values.dtype()).cast<std::string>() + " are not taken");
}

/// The first `size` values of a one-dimensional array where they lie.
ColumnChunk chunk_of(const py::array& values) {
  ColumnChunk chunk{
      .storage = storage_of(values), .length = static_cast<std::size_t>(values.size()), .data = values.data()};
  if (values.ndim() != 1) throw Error("data.column_type", "", "a column must have one dimension");
  if (values.strides(0) == values.itemsize() || values.size() < 2) {
    chunk.owner = keep_alive(values);
  } else if (values.strides(0) != 0) {
    chunk.stride = values.strides(0);
    chunk.owner = keep_alive(values);
  } else {  // one value for all rows (broadcast): a stride of 0 means packed here, so it is repeated
    auto repeated = std::make_shared<std::vector<char>>();
    for (std::size_t i = 0; i < chunk.length; ++i)
      repeated->insert(repeated->end(), static_cast<const char*>(values.data()),
                       static_cast<const char*>(values.data()) + values.itemsize());
    chunk.data = repeated->data();
    chunk.owner = repeated;
  }
  return chunk;
}

/// Bits of the values that are there; both the data and the bits are kept.
void set_validity(ColumnChunk& chunk, std::vector<std::uint8_t> bits) {
  struct Both {
    std::vector<std::uint8_t> bits;
    std::shared_ptr<const void> data;
  };
  auto both = std::make_shared<Both>(Both{std::move(bits), chunk.owner});
  chunk.validity = both->bits.data();
  chunk.owner = both;
}

std::vector<std::uint8_t> bits_of_mask(const py::array_t<bool>& missing) {
  const auto at = missing.unchecked<1>();
  std::vector<std::uint8_t> bits((static_cast<std::size_t>(at.shape(0)) + 7) / 8, 0);
  for (py::ssize_t i = 0; i < at.shape(0); ++i)
    if (!at(i))
      bits[static_cast<std::size_t>(i / 8)] =
          static_cast<std::uint8_t>(bits[static_cast<std::size_t>(i / 8)] | 1 << (i % 8));
  return bits;
}

/// NumPy's NaT is the smallest int64. None of them: no bits are needed.
void mark_nat(ColumnChunk& chunk) {
  const std::ptrdiff_t stride = chunk.stride != 0 ? chunk.stride : 8;
  std::vector<std::uint8_t> bits((chunk.length + 7) / 8, 0xff);
  bool any = false;
  for (std::size_t i = 0; i < chunk.length; ++i) {
    std::int64_t value;
    std::memcpy(&value, static_cast<const char*>(chunk.data) + static_cast<std::ptrdiff_t>(i) * stride, sizeof value);
    if (value != std::numeric_limits<std::int64_t>::min()) continue;
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] & ~(1 << (i % 8)));
    any = true;
  }
  if (any) set_validity(chunk, std::move(bits));
}

ColumnPtr number_column(const std::string& name, const py::array& values,
                        const std::optional<py::array_t<bool>>& missing) {
  ColumnChunk chunk = chunk_of(values);
  if (missing) set_validity(chunk, bits_of_mask(*missing));
  const bool boolean = values.dtype().kind() == 'b',
             whole = values.dtype().kind() == 'i' || values.dtype().kind() == 'u';
  const ColumnSchema schema{.name = name, .kind = boolean ? ColumnKind::boolean : ColumnKind::number, .integer = whole};
  const py::gil_scoped_release release;
  return keep_integers_exact(std::make_shared<const Column>(schema, std::vector<ColumnChunk>{std::move(chunk)}));
}

/// `values`: int64 ticks with NaT; `scale`: microseconds (datetime) or seconds (number) a tick.
ColumnPtr time_column(const std::string& name, const py::array& values, double scale, bool duration) {
  ColumnChunk chunk = chunk_of(values);
  mark_nat(chunk);
  chunk.scale = scale;
  const ColumnSchema schema{.name = name, .kind = duration ? ColumnKind::number : ColumnKind::datetime};
  return std::make_shared<const Column>(schema, std::vector<ColumnChunk>{std::move(chunk)});
}

using Rows = py::array_t<std::int32_t, py::array::c_style>;
using Values = py::array_t<double, py::array::c_style>;

/// Values that are not 0 and their rows, where they lie.
ColumnPtr sparse_column(const std::string& name, std::size_t length, const Rows& rows, const Values& values) {
  return make_sparse_column({.name = name}, length, {rows.data(), static_cast<std::size_t>(rows.size())},
                            {values.data(), static_cast<std::size_t>(values.size())},
                            keep_alive(py::make_tuple(rows, values)));
}

/// The columns of a matrix in compressed columns: of column c, the rows and values from starts[c] to starts[c + 1].
Table sparse_table(std::size_t length, const py::array_t<std::int64_t, py::array::c_style>& starts, const Rows& rows,
                   const Values& values) {
  const std::span<const std::int64_t> from(starts.data(), static_cast<std::size_t>(starts.size()));
  if (from.empty() || from.front() != 0 || !std::is_sorted(from.begin(), from.end()) || from.back() > rows.size() ||
      rows.size() != values.size())
    throw Error("data.length_mismatch", "data", "the parts of the sparse matrix do not fit each other");
  const auto owner = keep_alive(py::make_tuple(rows, values));
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c + 1 < from.size(); ++c) {
    const auto count = static_cast<std::size_t>(from[c + 1] - from[c]);
    columns.push_back(make_sparse_column({.name = "f" + std::to_string(c)}, length, {rows.data() + from[c], count},
                                         {values.data() + from[c], count}, owner));
  }
  return Table::with_rows(std::move(columns), length);
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 63));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 63));
    add(0x80 | (code & 63));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 63));
    add(0x80 | (code >> 6 & 63));
    add(0x80 | (code & 63));
  }
}

/// NumPy's fixed-width strings (four bytes a character, filled up with zeros) as UTF-8.
ColumnPtr unicode_column(const std::string& name, const py::array& values) {
  struct Owned {
    std::string bytes;
    std::vector<std::int64_t> offsets;
  };
  auto owned = std::make_shared<Owned>();
  const auto width = static_cast<std::size_t>(values.itemsize()) / 4, rows = static_cast<std::size_t>(values.size());
  const char* row = static_cast<const char*>(values.data());
  const py::ssize_t stride = values.strides(0);
  const py::gil_scoped_release release;
  owned->bytes.reserve(rows * width + 1);
  owned->offsets.push_back(0);
  for (std::size_t i = 0; i < rows; ++i, row += stride) {
    for (std::size_t c = 0; c < width; ++c) {
      std::uint32_t code;
      std::memcpy(&code, row + 4 * c, sizeof code);
      if (code == 0) break;
      append_utf8(owned->bytes, code);
    }
    owned->offsets.push_back(static_cast<std::int64_t>(owned->bytes.size()));
  }
  const ColumnChunk chunk{.storage = Storage::text64,
                          .length = rows,
                          .data = owned->bytes.data(),
                          .offsets = owned->offsets.data(),
                          .owner = owned};
  return make_string_column(name, {chunk});
}

/// Codes of any integer type (-1: missing) into a column of category names.
ColumnPtr category_column(const std::string& name, const py::array_t<std::int64_t, py::array::forcecast>& codes,
                          const Column& names, bool integer) {
  const ColumnPtr texts = to_string_column(names, StringKind::text);
  const auto at = codes.unchecked<1>();
  const auto known = static_cast<std::int64_t>(texts->size());
  std::vector<std::uint8_t> used(texts->size(), 0);
  for (py::ssize_t i = 0; i < at.shape(0); ++i)
    if (at(i) >= 0 && at(i) < known) used[static_cast<std::size_t>(at(i))] = 1;
  // the names that occur make a column of their own, whose codes stand for those of the rows
  std::vector<std::string_view> values(texts->size());
  for (std::size_t k = 0; k < values.size(); ++k)
    if (used[k] != 0 && !texts->missing(k)) values[k] = texts->text(k);
  const ColumnChunk chunk{.storage = Storage::text_view, .length = values.size(), .data = values.data()};
  const ColumnPtr each = make_string_column(name, {chunk}, StringKind::category);
  std::vector<std::int32_t> code_of(values.size(), Dictionary::missing_code),
      made(static_cast<std::size_t>(at.shape(0)));
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!each->missing(k)) code_of[k] = static_cast<std::int32_t>(each->number(k));
  for (std::size_t i = 0; i < made.size(); ++i) {
    const std::int64_t code = at(static_cast<py::ssize_t>(i));
    made[i] = code >= 0 && code < known ? code_of[static_cast<std::size_t>(code)] : Dictionary::missing_code;
  }
  const ColumnPtr column = make_category_column(each->schema(), std::move(made));
  if (!integer) return column;
  ColumnSchema schema = column->schema();
  schema.integer = true;
  return std::make_shared<const Column>(std::move(schema), column->chunks());
}

}  // namespace

ArrowArrayStream* stream_of(const py::capsule& capsule) {
  if (std::string_view(capsule.name()) != "arrow_array_stream")
    throw Error("arrow.stream", "", "the object is not an Arrow stream");
  auto* stream = capsule.get_pointer<ArrowArrayStream>();
  if (stream->release == nullptr)
    throw Error("arrow.stream", "", "the Arrow stream was read already", "give the table again");
  return stream;
}

void bind_columns(py::module_& module) {
  py::class_<Column, std::shared_ptr<Column>>(module, "Column")
      .def_property_readonly("name", &Column::name)
      .def_property_readonly("kind", [](const Column& column) { return column_kind_name(column.kind()); })
      .def_property_readonly("chunks", [](const Column& column) { return column.chunks().size(); })
      .def("to_numpy",
           [](const Column& column) {
             std::vector<double> values(column.size());
             column.numbers(0, values.size(), values.data());
             return to_numpy(std::move(values));
           })
      .def("__len__", &Column::size);
  const auto shared = [](const ColumnPtr& column) { return std::const_pointer_cast<Column>(column); };
  module.def("number_column", [shared](const std::string& name, const py::array& values,
                                       const std::optional<py::array_t<bool>>& missing) {
    return shared(number_column(name, values, missing));
  });
  module.def("time_column", [shared](const std::string& name, const py::array& values, double scale, bool duration) {
    return shared(time_column(name, values, scale, duration));
  });
  module.def("sparse_column",
             [shared](const std::string& name, std::size_t length, const Rows& rows, const Values& values) {
               return shared(sparse_column(name, length, rows, values));
             });
  module.def("sparse_table", &sparse_table);
  module.def("unicode_column", [shared](const std::string& name, const py::array& values) {
    return shared(unicode_column(name, values));
  });
  module.def("cells_column", [shared](const std::string& name, const py::sequence& cells) {
    return shared(column_from_cells(name, cells));
  });
  module.def("category_column",
             [shared](const std::string& name, const py::array& codes, const Column& names, bool integer) {
               return shared(category_column(name, codes, names, integer));
             });
  module.def("arrow_column", [shared](const std::string& name, const py::capsule& capsule, bool as_text) {
    ArrowArrayStream* stream = stream_of(capsule);
    const py::gil_scoped_release release;
    return shared(import_arrow_column(stream, name, as_text ? StringKind::text : StringKind::infer));
  });
}

}  // namespace automill::python
