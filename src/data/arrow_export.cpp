#include <automill/data/arrow.hpp>
#include <bit>
#include <cerrno>
#include <deque>

namespace automill {
namespace {

/// What an exported array holds: its buffers, and its children or dictionary as structs of their own.
struct ArrayData {
  std::deque<std::vector<std::byte>> memory{};
  std::vector<const void*> buffers{};
  std::vector<ArrowArray> children{};
  std::vector<ArrowArray*> child_pointers{};
  std::unique_ptr<ArrowArray> dictionary{};
};
struct SchemaData {
  std::string format{}, name{};
  std::vector<ArrowSchema> children{};
  std::vector<ArrowSchema*> child_pointers{};
  std::unique_ptr<ArrowSchema> dictionary{};
};

std::unique_ptr<SchemaData> schema_of(std::string format, std::string name = {}) {
  auto data = std::make_unique<SchemaData>();
  data->format = std::move(format);
  data->name = std::move(name);
  return data;
}

/// A consumer may have moved children out; they then have no release.
template <class Struct, class Data>
void release(Struct* exported) {
  auto* data = static_cast<Data*>(exported->private_data);
  for (Struct& child : data->children)
    if (child.release != nullptr) child.release(&child);
  if (data->dictionary != nullptr && data->dictionary->release != nullptr)
    data->dictionary->release(data->dictionary.get());
  delete data;
  exported->release = nullptr;
}

ArrowSchema finish(std::unique_ptr<SchemaData> data) {
  ArrowSchema schema{};
  for (ArrowSchema& child : data->children) data->child_pointers.push_back(&child);
  schema.format = data->format.c_str();
  schema.name = data->name.c_str();
  schema.flags = ARROW_FLAG_NULLABLE;
  schema.n_children = static_cast<std::int64_t>(data->children.size());
  schema.children = data->child_pointers.data();
  schema.dictionary = data->dictionary.get();
  schema.release = &release<ArrowSchema, SchemaData>;
  schema.private_data = data.release();
  return schema;
}

ArrowArray finish(std::unique_ptr<ArrayData> data, std::size_t length, std::int64_t nulls) {
  ArrowArray array{};
  for (ArrowArray& child : data->children) data->child_pointers.push_back(&child);
  array.length = static_cast<std::int64_t>(length);
  array.null_count = nulls;
  array.n_buffers = static_cast<std::int64_t>(data->buffers.size());
  array.buffers = data->buffers.data();
  array.n_children = static_cast<std::int64_t>(data->children.size());
  array.children = data->child_pointers.data();
  array.dictionary = data->dictionary.get();
  array.release = &release<ArrowArray, ArrayData>;
  array.private_data = data.release();
  return array;
}

/// A zeroed buffer of `count` elements that the array owns and lists.
template <class T>
T* add_buffer(ArrayData& data, std::size_t count) {
  data.memory.emplace_back(std::max<std::size_t>(1, count) * sizeof(T));
  data.buffers.push_back(data.memory.back().data());
  return reinterpret_cast<T*>(data.memory.back().data());
}

/// The bitmap of values that are not NaN, as buffer 0; none where nothing is missing. Returns how many are missing.
std::int64_t add_validity(ArrayData& data, const std::vector<double>& values) {
  std::int64_t nulls = 0;
  for (double value : values) nulls += std::isnan(value) ? 1 : 0;
  if (nulls == 0) {
    data.buffers.push_back(nullptr);
    return 0;
  }
  auto* bits = add_buffer<std::uint8_t>(data, (values.size() + 7) / 8);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1 << (i % 8));
  return nulls;
}

bool all_whole(const std::vector<double>& values) {
  constexpr double limit = 9007199254740992.0;
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return std::isnan(v) || (v == std::floor(v) && std::abs(v) <= limit); });
}

template <class T>
ArrowArray number_array(const std::vector<double>& values) {
  auto data = std::make_unique<ArrayData>();
  const std::int64_t nulls = add_validity(*data, values);
  T* out = add_buffer<T>(*data, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = std::isnan(values[i]) ? T{} : static_cast<T>(values[i]);
  return finish(std::move(data), values.size(), nulls);
}

ArrowArray boolean_array(const std::vector<double>& values) {
  auto data = std::make_unique<ArrayData>();
  const std::int64_t nulls = add_validity(*data, values);
  auto* bits = add_buffer<std::uint8_t>(*data, (values.size() + 7) / 8);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i]) && values[i] != 0) bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | 1 << (i % 8));
  return finish(std::move(data), values.size(), nulls);
}

/// large_utf8; a null view is missing.
template <class Text>
ArrowArray text_array(std::size_t count, const Text& text) {
  auto data = std::make_unique<ArrayData>();
  std::vector<double> present(count, 0.0);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text(i).data() == nullptr) present[i] = std::numeric_limits<double>::quiet_NaN();
    bytes += text(i).size();
  }
  const std::int64_t nulls = add_validity(*data, present);
  auto* offsets = add_buffer<std::int64_t>(*data, count + 1);
  char* out = add_buffer<char>(*data, bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view value = text(i);
    std::copy(value.begin(), value.end(), out + offsets[i]);
    offsets[i + 1] = offsets[i] + static_cast<std::int64_t>(value.size());
  }
  return finish(std::move(data), count, nulls);
}

/// Codes outside the dictionary (a category that training did not see) are missing.
ArrowArray category_array(const Dictionary& dictionary, std::vector<double> codes) {
  for (double& code : codes)
    if (code >= static_cast<double>(dictionary.size())) code = std::numeric_limits<double>::quiet_NaN();
  auto data = std::make_unique<ArrayData>();
  const std::int64_t nulls = add_validity(*data, codes);
  auto* out = add_buffer<std::int32_t>(*data, codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    out[i] = std::isnan(codes[i]) ? 0 : static_cast<std::int32_t>(codes[i]);
  data->dictionary = std::make_unique<ArrowArray>(
      text_array(dictionary.size(), [&](std::size_t i) { return std::string_view(dictionary.names()[i]); }));
  return finish(std::move(data), codes.size(), nulls);
}

std::vector<double> column_values(const Column& column) {
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  return values;
}

ArrowSchema column_schema(const Column& column) {
  switch (column.kind()) {
    case ColumnKind::category: {
      auto schema = schema_of("i", column.name());
      schema->dictionary = std::make_unique<ArrowSchema>(finish(schema_of("U")));
      return finish(std::move(schema));
    }
    case ColumnKind::text:
      return finish(schema_of("U", column.name()));
    case ColumnKind::boolean:
      return finish(schema_of("b", column.name()));
    case ColumnKind::datetime:
      return finish(schema_of("tsu:", column.name()));
    default:
      return finish(schema_of(column.schema().integer && all_whole(column_values(column)) ? "l" : "g", column.name()));
  }
}

ArrowArray column_array(const Column& column) {
  std::vector<double> values = column_values(column);
  switch (column.kind()) {
    case ColumnKind::category:
      return category_array(*column.schema().dictionary, std::move(values));
    case ColumnKind::text:
      return text_array(values.size(),
                        [&](std::size_t i) { return std::isnan(values[i]) ? std::string_view() : column.text(i); });
    case ColumnKind::boolean:
      return boolean_array(values);
    case ColumnKind::datetime:
      for (double& value : values) value = std::round(value);
      return number_array<std::int64_t>(values);
    default:
      return column.schema().integer && all_whole(values) ? number_array<std::int64_t>(values)
                                                          : number_array<double>(values);
  }
}

// --- the stream

struct StreamData {
  Table table;
  bool done = false;
  std::string error;
};

ArrowSchema table_schema(const Table& table) {
  auto schema = schema_of("+s");
  for (const auto& column : table.columns()) schema->children.push_back(column_schema(*column));
  return finish(std::move(schema));
}

ArrowArray table_batch(const Table& table) {
  auto data = std::make_unique<ArrayData>();
  data->buffers.push_back(nullptr);
  for (const auto& column : table.columns()) data->children.push_back(column_array(*column));
  return finish(std::move(data), table.rows(), 0);
}

/// Exceptions must not cross the C interface.
template <class Body>
int guarded(ArrowArrayStream* stream, const Body& body) {
  auto& data = *static_cast<StreamData*>(stream->private_data);
  try {
    body(data);
    return 0;
  } catch (const std::exception& error) {
    data.error = error.what();
    return EIO;
  }
}

}  // namespace

void export_arrow_stream(const Table& table, ArrowArrayStream* out) {
  *out = ArrowArrayStream{};
  out->get_schema = [](ArrowArrayStream* stream, ArrowSchema* schema) {
    return guarded(stream, [&](StreamData& data) { *schema = table_schema(data.table); });
  };
  out->get_next = [](ArrowArrayStream* stream, ArrowArray* array) {
    return guarded(stream, [&](StreamData& data) {
      *array = ArrowArray{};
      if (!std::exchange(data.done, true)) *array = table_batch(data.table);
    });
  };
  out->get_last_error = [](ArrowArrayStream* stream) -> const char* {
    return static_cast<StreamData*>(stream->private_data)->error.c_str();
  };
  out->release = [](ArrowArrayStream* stream) {
    delete static_cast<StreamData*>(stream->private_data);
    stream->release = nullptr;
  };
  out->private_data = new StreamData{.table = table, .done = false, .error = {}};
}

}  // namespace automill
