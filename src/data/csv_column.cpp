#include "data/csv_column.hpp"

#include <limits>
#include <type_traits>

#include "data/csv_strings.hpp"

namespace automill {

ColumnParts parts_of(std::vector<CsvPiece>& pieces, std::size_t column) {
  ColumnParts result;
  for (CsvPiece& piece : pieces) {
    if (piece.rows == 0) continue;
    result.parts.push_back(&piece.parts[column]);
    result.texts.push_back(piece.text);
    result.starts.push_back(result.rows);
    result.rows += piece.rows;
  }
  return result;
}

namespace {

template <class T>
T* values_of(std::byte* data) {
  return reinterpret_cast<T*>(data);
}

/// Calls body(T{}) with the type of the storage of a part.
template <class Body>
void with_type(Storage storage, const Body& body) {
  switch (storage) {
    case Storage::int8:
      return body(std::int8_t{});
    case Storage::int16:
      return body(std::int16_t{});
    case Storage::int32:
      return body(std::int32_t{});
    case Storage::int64:
      return body(std::int64_t{});
    default:
      return body(double{});
  }
}

/// What a missing value looks like in a part.
template <class T>
constexpr T missing_value() {
  if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::quiet_NaN();
  else return std::numeric_limits<T>::min();
}
template <class T>
bool is_missing(T value) {
  if constexpr (std::is_floating_point_v<T>) return value != value;
  else return value == std::numeric_limits<T>::min();
}

/// All rows are missing: a part of another kind without a value becomes one of this kind.
void make_all_missing(ColumnPart& part, ParseAs kind) {
  part.parsed_as = kind;
  part.storage = kind == ParseAs::datetimes ? Storage::int64 : Storage::int8;
  part.whole = true;
  part.data.reset(new std::byte[part.rows * storage_size(part.storage)]);
  with_type(part.storage, [&](auto type) {
    using T = decltype(type);
    std::fill_n(values_of<T>(part.data.get()), part.rows, missing_value<T>());
  });
}

}  // namespace

ParseAs settle_parsing(const ColumnPlan& plan, ColumnParts& column) {
  if (plan.forced) return plan.parse_as;
  bool numbers = false, datetimes = false, strings = false, markers = false;
  for (const ColumnPart* part : column.parts) {
    strings |= part->parsed_as == ParseAs::strings;
    numbers |= part->parsed_as == ParseAs::numbers && part->values > 0;
    datetimes |= part->parsed_as == ParseAs::datetimes && part->values > 0;
    for (std::size_t i = MissingMarkers::blank; i < part->missing.size(); ++i) markers |= part->missing[i] > 0;
  }
  // markers alone, without any number or date beside them, stay strings
  if (strings || (numbers && datetimes) || (markers && !numbers && !datetimes)) return ParseAs::strings;
  const ParseAs settled = datetimes ? ParseAs::datetimes : ParseAs::numbers;
  for (ColumnPart* part : column.parts)
    if (part->parsed_as != settled) make_all_missing(*part, settled);
  return settled;
}

namespace {

/// The smallest storage that holds every part of a numeric column.
Storage widest_storage(const ColumnParts& column) {
  constexpr Storage order[] = {Storage::int8, Storage::int16, Storage::int32, Storage::int64, Storage::float64};
  std::size_t widest = 0;
  for (const ColumnPart* part : column.parts)
    for (std::size_t i = 0; i < std::size(order); ++i)
      if (part->storage == order[i]) widest = std::max(widest, i);
  return order[widest];
}

template <class To>
void copy_part(const ColumnPart& part, To* out) {
  with_type(part.storage, [&](auto type) {
    using From = decltype(type);
    const auto* values = values_of<From>(part.data.get());
    for (std::size_t i = 0; i < part.rows; ++i)
      out[i] = is_missing(values[i]) ? missing_value<To>() : static_cast<To>(values[i]);
  });
}

/// Numbers or dates as one chunk. The parts are freed one by one.
ColumnChunk join_parts(ColumnParts& column, std::size_t missing) {
  ColumnStorage storage(widest_storage(column), column.rows);
  if (column.parts.size() == 1 && column.parts[0]->storage == storage.chunk().storage) {
    storage.adopt(std::move(column.parts[0]->data));
  } else {
    storage.allocate();
    with_type(storage.chunk().storage, [&](auto type) {
      using T = decltype(type);
      for (std::size_t i = 0; i < column.parts.size(); ++i) {
        copy_part(*column.parts[i], values_of<T>(storage.data()) + column.starts[i]);
        column.parts[i]->data.reset();
      }
    });
  }
  if (missing > 0 && storage.chunk().storage != Storage::float64)
    with_type(storage.chunk().storage, [&](auto type) {
      using T = decltype(type);
      const T* values = values_of<T>(storage.data());
      storage.mark_missing([&](std::size_t row) { return is_missing(values[row]); });
    });
  return storage.chunk();
}

/// Missing values by marker, as the report and the schema show them.
void describe_missing(const ColumnPlan& plan, const std::vector<std::uint64_t>& counts, ColumnSchema& schema,
                      CsvColumnReport& report) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    report.missing += counts[i];
    if (counts[i] > 0) report.missing_as.emplace_back(plan.markers.name(i), counts[i]);
    const bool own = i >= MissingMarkers::usual.size();  // in every column, so that prediction agrees
    if (plan.schema == nullptr && i != MissingMarkers::empty && (own || counts[i] > 0))
      schema.missing_markers.push_back(plan.markers.name(i));
  }
}

FinishedColumn finish_values(const ColumnPlan& plan, ColumnParts column, ColumnSchema schema) {
  std::vector<std::uint64_t> missing(plan.markers.size(), 0);
  std::size_t values = 0;
  bool whole = true;
  for (const ColumnPart* part : column.parts) {
    values += part->values;
    whole &= part->whole;
    for (std::size_t i = 0; i < missing.size(); ++i) missing[i] += part->missing[i];
  }
  FinishedColumn result;
  if (plan.schema == nullptr) schema.integer = schema.kind == ColumnKind::number && whole && values > 0;
  describe_missing(plan, missing, schema, result.report);
  const char* what = schema.kind == ColumnKind::datetime ? "an ISO 8601 date or time"
                     : whole                             ? "a whole number"
                                                         : "a number";
  result.report.reason = values == 0 ? "every value is missing" : std::string("every value is ") + what;
  ColumnChunk chunk = join_parts(column, column.rows - values);
  result.column = std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
  return result;
}

}  // namespace

FinishedColumn finish_column(const ColumnPlan& plan, ColumnParts column, bool with_report, const ReleaseText& release) {
  ColumnSchema schema = plan.schema != nullptr ? *plan.schema : ColumnSchema{.name = plan.name};
  FinishedColumn result;
  const ParseAs parsed_as = column.parts.empty() ? plan.parse_as.load() : column.parts[0]->parsed_as;
  if (parsed_as == ParseAs::strings) {
    StringsOfColumn strings(plan, std::move(column));
    std::vector<std::uint64_t> missing = strings.settle_kind(schema, result);
    describe_missing(plan, missing, schema, result.report);
    if (with_report) result.report.reason = strings.reason(schema);
    result.column = strings.make_column(std::move(schema), release);
  } else {
    schema.kind = parsed_as == ParseAs::numbers ? ColumnKind::number : ColumnKind::datetime;
    result = finish_values(plan, std::move(column), std::move(schema));
  }
  if (plan.forced) result.report.reason = plan.schema != nullptr ? "as in training" : "as asked";
  result.report.name = plan.name;
  result.report.kind = result.column->kind();
  return result;
}

}  // namespace automill
