#include "data/csv_part.hpp"

#include <limits>

#include "data/datetime_text.hpp"
#include "data/number_text.hpp"

namespace automill {

void ColumnPlan::force(ColumnKind kind) {
  forced = kind;
  parse_as = kind == ColumnKind::number     ? ParseAs::numbers
             : kind == ColumnKind::datetime ? ParseAs::datetimes
                                            : ParseAs::strings;
}

std::string shown(std::string_view value) {
  constexpr std::size_t most = 40;
  if (value.size() <= most) return "'" + std::string(value) + "'";
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return "'" + std::string(value.substr(0, end)) + "...'";
}

namespace {

/// A field's content, and whether the 8 bytes before its end may be read.
struct Cell {
  std::string_view text;
  bool loadable;
};

/// Calls body(row, cell) for each row of a column until it returns false; whether it came to the end.
template <class Body>
bool for_each_cell(ParseScratch& scratch, std::size_t column, const Body& body) {
  const FieldIndex& index = scratch.index;
  const char* const start = index.text().data();
  for (std::size_t row = 0, rows = index.rows(); row < rows; ++row) {
    std::string_view field = index.field(row, column);
    if (field.empty() || field[0] != '"') {
      if (!body(row, Cell{field, field.data() + field.size() - start >= 8})) return false;
      continue;
    }
    field = field.substr(1, field.size() - 2);
    if (field.find('"') != std::string_view::npos) {
      scratch.unquoted.clear();
      for (std::size_t i = 0; i < field.size(); ++i) {
        scratch.unquoted.push_back(field[i]);
        if (field[i] == '"') ++i;
      }
      field = scratch.unquoted;
    }
    if (!body(row, Cell{field, false})) return false;
  }
  return true;
}

template <class T>
std::unique_ptr<std::byte[]> packed_bytes(std::size_t rows) {
  return std::unique_ptr<std::byte[]>(new std::byte[rows * sizeof(T)]);
}

/// Whole values as integers of type T, NaN as its lowest value.
template <class T>
void pack_integers(const std::vector<double>& values, Storage storage, ColumnPart& part) {
  part.storage = storage;
  part.data = packed_bytes<T>(part.rows);
  auto* out = reinterpret_cast<T*>(part.data.get());
  for (std::size_t i = 0; i < part.rows; ++i)
    out[i] = values[i] != values[i] ? std::numeric_limits<T>::min() : static_cast<T>(values[i]);
}

/// Chooses the storage of numbers: the smallest that holds all values exactly.
void pack_numbers(const std::vector<double>& values, ColumnPart& part) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  double low = 0, high = 0;
  for (std::size_t i = 0; i < part.rows; ++i) {
    low = values[i] < low ? values[i] : low;
    high = values[i] > high ? values[i] : high;
  }
  part.whole = low >= -exact && high <= exact;
  for (std::size_t i = 0; i < part.rows && part.whole; ++i) {
    const double value = values[i] == values[i] ? values[i] : 0.0;
    part.whole = static_cast<double>(static_cast<std::int64_t>(value)) == value;
  }
  if (part.whole && low >= -127 && high <= 127) return pack_integers<std::int8_t>(values, Storage::int8, part);
  if (part.whole && low >= -32767 && high <= 32767) return pack_integers<std::int16_t>(values, Storage::int16, part);
  if (part.whole && low >= -2147483647.0 && high <= 2147483647.0)
    return pack_integers<std::int32_t>(values, Storage::int32, part);
  part.storage = Storage::float64;
  part.data = packed_bytes<double>(part.rows);
  if (part.rows > 0) std::memcpy(part.data.get(), values.data(), part.rows * sizeof(double));
}

/// Parses the cells of one column of one piece.
class PartParser {
 public:
  PartParser(ParseScratch& scratch, std::size_t column, const ColumnPlan& plan, CsvFaults& faults)
      : scratch_(scratch), column_(column), plan_(plan), faults_(faults) {}

  /// False when a cell is not of this kind (and no kind is forced); then `seems_datetime()` says what it looks like.
  bool numbers(ColumnPart& part);
  bool datetimes(ColumnPart& part);
  void strings(ColumnPart& part);
  bool seems_datetime() const { return seems_datetime_; }

 private:
  void begin(ColumnPart& part, ParseAs kind) const {
    part = ColumnPart{};
    part.parsed_as = kind;
    part.rows = scratch_.index.rows();
    part.missing.assign(plan_.markers.size(), 0);
  }
  void finish(ColumnPart& part) const {
    part.values = part.rows;
    for (const std::uint32_t count : part.missing) part.values -= count;
  }
  /// A cell that is not plainly of the kind: missing, or surrounded by blanks (`retry` is asked again), or wrong.
  template <class Retry>
  bool unusual(std::size_t row, std::string_view text, ColumnPart& part, const Retry& retry, const char* wanted);
  void add_fault(std::size_t row, std::string_view text, const char* wanted);

  ParseScratch& scratch_;
  std::size_t column_;
  const ColumnPlan& plan_;
  CsvFaults& faults_;
  bool seems_datetime_ = false;
};

template <class Retry>
bool PartParser::unusual(std::size_t row, std::string_view text, ColumnPart& part, const Retry& retry,
                         const char* wanted) {
  if (const int marker = plan_.markers.any(text); marker != MissingMarkers::none) {
    ++part.missing[static_cast<std::size_t>(marker)];
    return true;
  }
  const std::string_view inner = without_blanks(text);
  if (inner.size() != text.size() && retry(inner)) return true;
  if (!plan_.forced) {
    seems_datetime_ = parse_datetime(inner).has_value();
    return false;
  }
  add_fault(row, text, wanted);
  ++part.missing[MissingMarkers::empty];  // a value is needed; an Error follows anyway
  return true;
}

void PartParser::add_fault(std::size_t row, std::string_view text, const char* wanted) {
  const bool trained = plan_.schema != nullptr;
  faults_.add({.row = row,
               .offset = scratch_.index.row_begin(row),
               .code = "data.cell_type",
               .column = plan_.name,
               .message = shown(text) + " is not " + wanted,
               .hint = trained ? "the column held " + column_kind_name(*plan_.forced) + " values in training"
                               : "leave the column out of types to have its kind decided from the values"});
}

bool PartParser::numbers(ColumnPart& part) {
  begin(part, ParseAs::numbers);
  scratch_.numbers.resize(part.rows);
  double* const out = scratch_.numbers.data();
  const bool strict = !plan_.forced, own_markers = plan_.markers.has_own();
  const auto fits = [strict](NumberForm form) {
    return form == NumberForm::number || (!strict && form != NumberForm::not_a_number);
  };
  const bool all = for_each_cell(scratch_, column_, [&](std::size_t row, Cell cell) {
    const bool marked = own_markers && plan_.markers.of_user(cell.text) != MissingMarkers::none;
    if (!marked && fits(parse_number(cell.text, cell.loadable, out[row]))) return true;
    out[row] = std::numeric_limits<double>::quiet_NaN();
    const auto retry = [&](std::string_view inner) { return fits(parse_number(inner, false, out[row])); };
    return unusual(row, cell.text, part, retry, "a number");
  });
  if (!all) return false;
  finish(part);
  pack_numbers(scratch_.numbers, part);
  return true;
}

bool PartParser::datetimes(ColumnPart& part) {
  begin(part, ParseAs::datetimes);
  part.storage = Storage::int64;
  part.data = packed_bytes<std::int64_t>(part.rows);
  auto* const out = reinterpret_cast<std::int64_t*>(part.data.get());
  const bool own_markers = plan_.markers.has_own();
  const bool all = for_each_cell(scratch_, column_, [&](std::size_t row, Cell cell) {
    const auto take = [&](std::string_view text) {
      const auto value = parse_datetime(text);
      out[row] = value.value_or(std::numeric_limits<std::int64_t>::min());
      return value.has_value();
    };
    const bool marked = own_markers && plan_.markers.of_user(cell.text) != MissingMarkers::none;
    if (!marked && take(cell.text)) return true;
    out[row] = std::numeric_limits<std::int64_t>::min();
    return unusual(row, cell.text, part, take, "an ISO 8601 date or time");
  });
  if (all) finish(part);
  return all;
}

/// Codes in as few bytes as their number needs.
template <class T>
void pack_codes(const std::vector<std::int32_t>& codes, Storage storage, ColumnPart& part) {
  part.storage = storage;
  part.data = packed_bytes<T>(part.rows);
  auto* out = reinterpret_cast<T*>(part.data.get());
  for (std::size_t i = 0; i < part.rows; ++i) out[i] = static_cast<T>(codes[i]);
}

void PartParser::strings(ColumnPart& part) {
  begin(part, ParseAs::strings);
  scratch_.codes.resize(part.rows);
  StringTable& table = scratch_.table;
  std::int32_t* const out = scratch_.codes.data();
  for_each_cell(scratch_, column_, [&](std::size_t row, Cell cell) {
    if (cell.text.empty()) {
      out[row] = Dictionary::missing_code;
      ++part.missing[MissingMarkers::empty];
      return true;
    }
    const std::size_t known = table.entries().size();
    out[row] = static_cast<std::int32_t>(table.code(StringTable::entry(cell.text, cell.loadable)));
    if (table.entries().size() > known && cell.text.data() == scratch_.unquoted.data()) {
      part.copies.emplace_back(new char[cell.text.size()]);
      std::memcpy(part.copies.back().get(), cell.text.data(), cell.text.size());
      table.move_last(part.copies.back().get());
    }
    return true;
  });
  finish(part);
  part.strings = table.entries();
  table.shrink();
  if (part.strings.size() <= 127) pack_codes<std::int8_t>(scratch_.codes, Storage::int8, part);
  else if (part.strings.size() <= 32767) pack_codes<std::int16_t>(scratch_.codes, Storage::int16, part);
  else pack_codes<std::int32_t>(scratch_.codes, Storage::int32, part);
}

/// Never back: numbers, datetimes, strings.
void raise(std::atomic<ParseAs>& kind, ParseAs to) {
  ParseAs now = kind.load(std::memory_order_relaxed);
  while (now < to && !kind.compare_exchange_weak(now, to, std::memory_order_relaxed)) {
  }
}

}  // namespace

ColumnPart parse_part(ParseScratch& scratch, std::size_t column, ColumnPlan& plan, CsvFaults& faults) {
  PartParser parser(scratch, column, plan, faults);
  ColumnPart part;
  if (plan.parse_as.load(std::memory_order_relaxed) == ParseAs::numbers) {
    if (parser.numbers(part)) return part;
    // dates when all values so far could be: this was the first one, or the kind is decided when parts are joined
    raise(plan.parse_as, parser.seems_datetime() ? ParseAs::datetimes : ParseAs::strings);
  }
  if (plan.parse_as.load(std::memory_order_relaxed) == ParseAs::datetimes) {
    if (parser.datetimes(part)) return part;
    raise(plan.parse_as, ParseAs::strings);
  }
  parser.strings(part);
  return part;
}

}  // namespace automill
