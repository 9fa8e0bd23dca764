#include <automill/data/arrow.hpp>
#include <optional>

#include "data/string_codes.hpp"

namespace automill {
namespace {

// --- ownership

/// Releases a C struct at the end of a scope.
template <class T>
class Released {
 public:
  Released() = default;
  explicit Released(T taken) : value_(taken) {}
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  ~Released() {
    if (value_.release != nullptr) value_.release(&value_);
  }
  T* get() { return &value_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_{};
};

/// Takes a struct over: the place that it came from no longer owns it.
template <class T>
T take(T* from) {
  T taken = *from;
  from->release = nullptr;
  return taken;
}

std::shared_ptr<const ArrowArray> shared_array(ArrowArray taken) {
  return {new ArrowArray(taken), [](const ArrowArray* constant) {
            auto* array = const_cast<ArrowArray*>(constant);
            if (array->release != nullptr) array->release(array);
            delete array;
          }};
}

/// A run of rows of one array: what a column is put together from.
struct Piece {
  std::shared_ptr<const ArrowArray> array;
  std::size_t first = 0, length = 0;

  const std::uint8_t* validity() const {
    return array->n_buffers > 0 && array->null_count != 0 ? static_cast<const std::uint8_t*>(array->buffers[0])
                                                          : nullptr;
  }
  const void* buffer(std::int64_t index) const { return index < array->n_buffers ? array->buffers[index] : nullptr; }
  ColumnChunk chunk(Storage storage) const {
    return {.storage = storage,
            .length = length,
            .data = buffer(1),
            .validity = validity(),
            .first = first,
            .owner = array};
  }
  bool valid(std::size_t i) const {
    const std::uint8_t* bits = validity();
    return bits == nullptr || ((bits[(first + i) >> 3] >> ((first + i) & 7)) & 1) != 0;
  }
};

// --- types

enum class Layout { null, fixed, half, decimal, text, text_view };

/// How a format string of the interface is read.
struct ArrowType {
  Layout layout = Layout::fixed;
  ColumnKind kind = ColumnKind::number;
  Storage storage = Storage::float64;
  bool integer = false;
  double scale = 1.0;
  int decimal_places = 0, decimal_bytes = 16;
};

ArrowType fixed(Storage storage, ColumnKind kind = ColumnKind::number, double scale = 1.0) {
  const bool whole =
      kind == ColumnKind::number && scale == 1.0 && storage != Storage::float64 && storage != Storage::float32;
  return {.kind = kind, .storage = storage, .integer = whole, .scale = scale};
}

std::optional<ArrowType> simple_type(char format) {
  switch (format) {
    case 'n':
      return ArrowType{.layout = Layout::null};
    case 'b':
      return fixed(Storage::bits, ColumnKind::boolean);
    case 'c':
      return fixed(Storage::int8);
    case 'C':
      return fixed(Storage::uint8);
    case 's':
      return fixed(Storage::int16);
    case 'S':
      return fixed(Storage::uint16);
    case 'i':
      return fixed(Storage::int32);
    case 'I':
      return fixed(Storage::uint32);
    case 'l':
      return fixed(Storage::int64);
    case 'L':
      return fixed(Storage::uint64);
    case 'e':
      return ArrowType{.layout = Layout::half};
    case 'f':
      return fixed(Storage::float32);
    case 'g':
      return fixed(Storage::float64);
    case 'u':
      return ArrowType{.layout = Layout::text, .kind = ColumnKind::text, .storage = Storage::text32};
    case 'U':
      return ArrowType{.layout = Layout::text, .kind = ColumnKind::text, .storage = Storage::text64};
    default:
      return {};
  }
}

/// Dates, timestamps, durations and times of day; `unit` is one of s, m, u, n.
std::optional<ArrowType> time_type(std::string_view format) {
  if (format == "tdD") return fixed(Storage::int32, ColumnKind::datetime, 86400e6);
  if (format == "tdm") return fixed(Storage::int64, ColumnKind::datetime, 1000.0);
  if (format.size() < 3) return {};
  const std::size_t unit = std::string_view("smun").find(format[2]);
  if (unit == std::string_view::npos) return {};
  constexpr double microseconds[] = {1e6, 1e3, 1.0, 1e-3}, seconds[] = {1.0, 1e-3, 1e-6, 1e-9};
  if (format[1] == 's') return fixed(Storage::int64, ColumnKind::datetime, microseconds[unit]);
  if (format[1] == 'D') return fixed(Storage::int64, ColumnKind::number, seconds[unit]);
  if (format[1] == 't') return fixed(unit < 2 ? Storage::int32 : Storage::int64, ColumnKind::number, seconds[unit]);
  return {};
}

/// "d:precision,scale[,bits]"
ArrowType decimal_type(const std::string& format) {
  ArrowType type{.layout = Layout::decimal};
  int precision = 0, bits = 128;
  if (std::sscanf(format.c_str(), "d:%d,%d,%d", &precision, &type.decimal_places, &bits) < 2) type.decimal_places = 0;
  type.decimal_bytes = bits / 8;
  return type;
}

std::optional<ArrowType> parse_type(const std::string& format) {
  if (format.size() == 1) return simple_type(format[0]);
  if (format == "vu")
    return ArrowType{.layout = Layout::text_view, .kind = ColumnKind::text, .storage = Storage::text_view};
  if (format.starts_with("d:")) return decimal_type(format);
  if (format.starts_with("t")) return time_type(format);
  return {};
}

/// What people call a type that is not taken.
std::string type_name(const std::string& format) {
  constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"+l", "list"},     {"+L", "list"},  {"+v", "list"},  {"+w", "list"},
      {"+s", "struct"},   {"+m", "map"},   {"+u", "union"}, {"+r", "run-end encoded"},
      {"ti", "interval"}, {"z", "binary"}, {"Z", "binary"}, {"vz", "binary"},
      {"w:", "binary"}};
  for (const auto& [start, name] : names)
    if (format.starts_with(start)) return std::string(name);
  return "'" + format + "'";
}

// --- columns

using Pieces = std::vector<Piece>;

std::size_t rows_of(const Pieces& pieces) {
  std::size_t rows = 0;
  for (const Piece& piece : pieces) rows += piece.length;
  return rows;
}

ColumnPtr fixed_column(ColumnSchema schema, const ArrowType& type, const Pieces& pieces) {
  std::vector<ColumnChunk> chunks;
  for (const Piece& piece : pieces) {
    chunks.push_back(piece.chunk(type.storage));
    chunks.back().scale = type.scale;
  }
  return keep_integers_exact(std::make_shared<const Column>(std::move(schema), std::move(chunks)));
}

/// IEEE 754 binary16.
double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31)
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// A little-endian two's complement integer of any width, divided by a power of ten.
double decimal_value(const unsigned char* at, const ArrowType& type) {
  const bool negative = (at[type.decimal_bytes - 1] & 0x80) != 0;
  double value = 0;
  int carry = negative ? 1 : 0;
  double unit = 1;
  for (int i = 0; i < type.decimal_bytes; ++i, unit *= 256) {
    const int byte = (negative ? 255 - at[i] : at[i]) + carry;
    carry = byte >> 8;
    value += (byte & 255) * unit;
  }
  double power = 1;
  for (int i = 0; i < std::abs(type.decimal_places); ++i) power *= 10;
  value = type.decimal_places >= 0 ? value / power : value * power;
  return negative ? -value : value;
}

/// Halves and decimals: copied to doubles, value by value; `size` bytes each.
template <class Read>
ColumnPtr converted_column(ColumnSchema schema, const Pieces& pieces, std::size_t size, const Read& read) {
  std::vector<double> values;
  values.reserve(rows_of(pieces));
  for (const Piece& piece : pieces) {
    const auto* bytes = static_cast<const unsigned char*>(piece.buffer(1));
    for (std::size_t i = 0; i < piece.length; ++i)
      values.push_back(piece.valid(i) ? read(bytes + (piece.first + i) * size)
                                      : std::numeric_limits<double>::quiet_NaN());
  }
  return make_number_column(std::move(schema), std::move(values));
}

/// Offsets into bytes. A buffer of no bytes may be null, but null means missing in a view: a text of its own stands in.
ColumnChunk text_chunk(const Piece& piece, Storage storage) {
  ColumnChunk chunk = piece.chunk(storage);
  chunk.offsets = piece.buffer(1);
  chunk.data = piece.buffer(2) != nullptr ? piece.buffer(2) : "";
  return chunk;
}

/// Views of 16 bytes: short strings inside, others as (buffer, offset). They become std::string_view; bytes stay.
ColumnChunk text_view_chunk(const Piece& piece) {
  struct Views {
    std::vector<std::string_view> values;
    std::shared_ptr<const ArrowArray> array;
  };
  auto views = std::make_shared<Views>(Views{{}, piece.array});
  views->values.reserve(piece.length);
  const char* records = static_cast<const char*>(piece.buffer(1)) + piece.first * 16;
  for (std::size_t i = 0; i < piece.length; ++i, records += 16) {
    std::int32_t parts[4];
    std::memcpy(parts, records, sizeof parts);
    if (!piece.valid(i)) views->values.emplace_back();
    else if (parts[0] <= 12) views->values.emplace_back(records + 4, static_cast<std::size_t>(parts[0]));
    else
      views->values.emplace_back(static_cast<const char*>(piece.buffer(2 + parts[2])) + parts[3],
                                 static_cast<std::size_t>(parts[0]));
  }
  return {.storage = Storage::text_view, .length = piece.length, .data = views->values.data(), .owner = views};
}

ColumnPtr string_column(std::string name, const ArrowType& type, const Pieces& pieces, StringKind strings) {
  std::vector<ColumnChunk> chunks;
  for (const Piece& piece : pieces)
    chunks.push_back(type.layout == Layout::text_view ? text_view_chunk(piece) : text_chunk(piece, type.storage));
  return make_string_column(std::move(name), std::move(chunks), strings);
}

ColumnPtr plain_column(const std::string& name, const ArrowType& type, const Pieces& pieces, StringKind strings) {
  ColumnSchema schema{.name = name, .kind = type.kind, .integer = type.integer};
  switch (type.layout) {
    case Layout::null:
      return make_number_column(std::move(schema),
                                std::vector<double>(rows_of(pieces), std::numeric_limits<double>::quiet_NaN()));
    case Layout::half:
      return converted_column(std::move(schema), pieces, 2, [](const unsigned char* at) {
        return half_value(static_cast<std::uint16_t>(at[0] | at[1] << 8));
      });
    case Layout::decimal:
      return converted_column(std::move(schema), pieces, static_cast<std::size_t>(type.decimal_bytes),
                              [&](const unsigned char* at) { return decimal_value(at, type); });
    case Layout::text:
    case Layout::text_view:
      return string_column(name, type, pieces, strings);
    default:
      return fixed_column(std::move(schema), type, pieces);
  }
}

// --- dictionaries

/// The dictionary of one piece as text, and the code that each of its entries has in the column (given on first use, so
/// that entries without rows do not count).
class PieceDictionary {
 public:
  static constexpr std::int32_t not_asked = -2;
  PieceDictionary(const ArrowArray& dictionary, const ArrowType& type)
      : size_(static_cast<std::size_t>(dictionary.length)) {
    ArrowArray borrowed = dictionary;  // the owner of the codes keeps it
    borrowed.release = nullptr;
    const Piece piece{shared_array(borrowed), static_cast<std::size_t>(dictionary.offset), size_};
    const ColumnPtr values = plain_column("", type, {piece}, StringKind::text);
    texts_ = values->kind() == ColumnKind::text ? values : to_string_column(*values, StringKind::text);
    codes_.assign(size_, not_asked);
  }
  std::int32_t code(std::size_t entry, StringCodes& all) {
    if (entry >= size_) throw Error("arrow.invalid", "", "a dictionary index is outside the dictionary");
    if (codes_[entry] == not_asked)
      codes_[entry] = texts_->missing(entry) ? Dictionary::missing_code : all.code(texts_->text(entry));
    return codes_[entry];
  }

 private:
  std::size_t size_;
  ColumnPtr texts_;
  std::vector<std::int32_t> codes_;
};

/// Chunks of one producer mostly share their dictionary: then its texts are read once.
bool same_dictionary(const ArrowArray& a, const ArrowArray& b) {
  if (a.length != b.length || a.offset != b.offset || a.n_buffers != b.n_buffers) return false;
  return std::equal(a.buffers, a.buffers + a.n_buffers, b.buffers);
}

ColumnPtr dictionary_column(const std::string& name, const ArrowType& index, const ArrowType& values,
                            const Pieces& pieces) {
  StringCodes all;
  std::vector<std::int32_t> codes;
  codes.reserve(rows_of(pieces));
  std::vector<PieceDictionary> dictionaries;  // kept: `all` refers to their texts
  dictionaries.reserve(pieces.size());
  const ArrowArray* last = nullptr;
  for (const Piece& piece : pieces) {
    const ArrowArray* dictionary = piece.array->dictionary;
    if (dictionary == nullptr) throw Error("arrow.invalid", name, "a dictionary-encoded array has no dictionary");
    if (last == nullptr || !same_dictionary(*last, *dictionary)) dictionaries.emplace_back(*dictionary, values);
    last = dictionary;
    const Column raw({.name = name}, {piece.chunk(index.storage)});
    std::vector<double> numbers(piece.length);
    raw.numbers(0, piece.length, numbers.data());
    for (double number : numbers)
      codes.push_back(std::isnan(number) || number < 0
                          ? Dictionary::missing_code
                          : dictionaries.back().code(static_cast<std::size_t>(number), all));
  }
  ColumnPtr column = sorted_category(name, std::move(codes), all.names());
  if (!values.integer) return column;
  ColumnSchema schema = column->schema();
  schema.integer = true;  // the names are whole numbers
  return std::make_shared<const Column>(std::move(schema), column->chunks());
}

// --- tables

struct FieldTypes {
  std::string name;
  ArrowType type{};
  std::optional<ArrowType> dictionary{};  ///< type of the values of a dictionary-encoded column
};

FieldTypes read_field(const ArrowSchema& schema, std::string name, Faults& faults) {
  FieldTypes field{.name = std::move(name)};
  const auto understood = [&](const ArrowSchema& of) {
    const auto type = parse_type(of.format);
    if (!type)
      faults.add("arrow.type", field.name, "columns of type " + type_name(of.format) + " are not taken",
                 "leave the column out, or turn it into numbers or strings");
    return type.value_or(ArrowType{});
  };
  field.type = understood(schema);
  if (schema.dictionary != nullptr) field.dictionary = understood(*schema.dictionary);
  return field;
}

ColumnPtr make_column(const FieldTypes& field, const Pieces& pieces, StringKind strings) {
  if (field.dictionary) return dictionary_column(field.name, field.type, *field.dictionary, pieces);
  return plain_column(field.name, field.type, pieces, strings);
}

std::vector<FieldTypes> read_fields(const ArrowSchema& schema) {
  if (std::string_view(schema.format) != "+s")
    throw Error("arrow.type", "", "the data is not a table: its type is " + type_name(schema.format),
                "give a table or record batches");
  Faults faults;
  std::vector<FieldTypes> fields;
  for (std::int64_t c = 0; c < schema.n_children; ++c) {
    const ArrowSchema& child = *schema.children[c];
    fields.push_back(read_field(child, child.name != nullptr ? child.name : "", faults));
  }
  faults.throw_if_any();
  return fields;
}

/// Rows of record batches, taken apart into columns: a column that is dropped later gives its memory back.
class Batches {
 public:
  explicit Batches(std::vector<FieldTypes> fields) : fields_(std::move(fields)), pieces_(fields_.size()) {}

  void add(Released<ArrowArray>& batch) {
    if (batch->n_children != static_cast<std::int64_t>(fields_.size()))
      throw Error("arrow.invalid", "", "a batch has another number of columns than the schema");
    if (batch->null_count > 0)
      throw Error("arrow.type", "", "rows that are null as a whole are not taken",
                  "give a table, not an array of structs");
    const auto first = static_cast<std::size_t>(batch->offset), length = static_cast<std::size_t>(batch->length);
    rows_ += length;
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      auto child = shared_array(take(batch->children[c]));
      const std::size_t start = static_cast<std::size_t>(child->offset) + first;
      if (length > 0) pieces_[c].push_back({std::move(child), start, length});
    }
  }
  Table table(StringKind strings) {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < fields_.size(); ++c) {
      columns.push_back(make_column(fields_[c], pieces_[c], strings));
      pieces_[c].clear();
    }
    return Table::with_rows(std::move(columns), rows_);
  }

 private:
  std::vector<FieldTypes> fields_;
  std::vector<Pieces> pieces_;
  std::size_t rows_ = 0;
};

void check_stream(ArrowArrayStream& stream, int code) {
  if (code == 0) return;
  const char* message = stream.get_last_error != nullptr ? stream.get_last_error(&stream) : nullptr;
  throw Error("arrow.stream", "",
              message != nullptr ? message : "the producer of the data failed with code " + std::to_string(code));
}

/// Calls body(array) for each array of the stream until its end.
template <class Body>
void for_each_array(ArrowArrayStream& stream, const Body& body) {
  for (;;) {
    Released<ArrowArray> array;
    check_stream(stream, stream.get_next(&stream, array.get()));
    if (array->release == nullptr) return;
    body(array);
  }
}

}  // namespace

Table import_arrow_stream(ArrowArrayStream* taken, StringKind strings) {
  Released<ArrowArrayStream> stream(take(taken));
  Released<ArrowSchema> schema;
  check_stream(*stream.get(), stream->get_schema(stream.get(), schema.get()));
  Batches batches(read_fields(*schema));
  for_each_array(*stream.get(), [&](Released<ArrowArray>& batch) { batches.add(batch); });
  return batches.table(strings);
}

Table import_arrow(ArrowSchema* taken_schema, ArrowArray* taken_array, StringKind strings) {
  Released<ArrowSchema> schema(take(taken_schema));
  Released<ArrowArray> array(take(taken_array));
  Batches batches(read_fields(*schema));
  batches.add(array);
  return batches.table(strings);
}

ColumnPtr import_arrow_column(ArrowArrayStream* taken, std::string name, StringKind strings) {
  Released<ArrowArrayStream> stream(take(taken));
  Released<ArrowSchema> schema;
  check_stream(*stream.get(), stream->get_schema(stream.get(), schema.get()));
  Faults faults;
  const FieldTypes field = read_field(*schema, std::move(name), faults);
  faults.throw_if_any();
  Pieces pieces;
  for_each_array(*stream.get(), [&](Released<ArrowArray>& array) {
    auto owner = shared_array(take(array.get()));
    const auto first = static_cast<std::size_t>(owner->offset), length = static_cast<std::size_t>(owner->length);
    if (length > 0) pieces.push_back({std::move(owner), first, length});
  });
  return make_column(field, pieces, strings);
}

}  // namespace automill
