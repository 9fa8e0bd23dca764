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

CsvFault misfit_fault(const ColumnPlan& plan, std::size_t row, std::string_view text, const char* wanted) {
  const bool trained = plan.schema != nullptr;
  return {.row = row,
          .code = "data.cell_type",
          .column = plan.name,
          .message = shown(text) + " is not " + wanted,
          .hint = trained ? "the column held " + column_kind_name(*plan.forced) + " values in training"
                          : "leave the column out of types to have its kind decided from the values"};
}

namespace {

/// Content of a quoted field; in scratch.unquoted where quotes are doubled.
std::string_view content_of_quotes(std::string_view field, ParseScratch& scratch) {
  field = field.substr(1, field.size() - 2);
  if (field.find('"') == std::string_view::npos) return field;
  scratch.unquoted.clear();
  for (std::size_t i = 0; i < field.size(); ++i) {
    scratch.unquoted.push_back(field[i]);
    if (field[i] == '"') ++i;
  }
  return scratch.unquoted;
}

/// Calls body(row, text, loadable) for each row of a column until it returns false; whether it came to the end.
/// `loadable`: the 8 bytes before the end of the text may be read. The body is called in one place, so that it is
/// inlined: passing a cell through memory costs more than the rest.
template <class Body>
bool for_each_cell(ParseScratch& scratch, std::size_t column, const Body& body) {
  const FieldIndex& index = scratch.index;
  const char* const first_loadable = index.text().data() + 8;
  for (std::size_t row = 0, rows = index.rows(); row < rows; ++row) {
    std::string_view text = index.field(row, column);
    bool loadable = text.data() + text.size() >= first_loadable;
    if (!text.empty() && text[0] == '"') {
      text = content_of_quotes(text, scratch);
      loadable = false;
    }
    if (!body(row, text, loadable)) return false;
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

/// What the values of a part have in common; kept up while they are parsed.
class NumberRange {
 public:
  void add_whole(double value) {
    low_ = value < low_ ? value : low_;
    high_ = value > high_ ? value : high_;
  }
  void add(double value) {
    if (!whole_) return;
    whole_ = value >= -exact && value <= exact && static_cast<double>(static_cast<std::int64_t>(value)) == value;
    add_whole(value);
  }
  bool whole() const { return whole_; }
  bool within(double bound) const { return whole_ && low_ >= -bound && high_ <= bound; }

 private:
  static constexpr double exact = 9007199254740992.0;  // 2^53
  double low_ = 0, high_ = 0;
  bool whole_ = true;
};

/// Chooses the storage of numbers: the smallest that holds all values exactly.
void pack_numbers(const std::vector<double>& values, const NumberRange& range, ColumnPart& part) {
  part.whole = range.whole();
  if (range.within(127)) return pack_integers<std::int8_t>(values, Storage::int8, part);
  if (range.within(32767)) return pack_integers<std::int16_t>(values, Storage::int16, part);
  if (range.within(2147483647)) return pack_integers<std::int32_t>(values, Storage::int32, part);
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
  if (!plan_.format) faults_.add(misfit_fault(plan_, row, text, wanted));
  ++part.missing[MissingMarkers::empty];  // counted as such; without a format an Error follows anyway
  return true;
}

/// A column with a format is read by it alone: "1.234" may be a thousand there.
NumberForm read_formatted(const CellFormat& format, std::string_view text, double& value) {
  const auto read = format.read(text);
  if (!read) return NumberForm::not_a_number;
  value = *read;
  return NumberForm::number;
}

bool PartParser::numbers(ColumnPart& part) {
  begin(part, ParseAs::numbers);
  scratch_.numbers.resize(part.rows);
  double* const out = scratch_.numbers.data();
  const bool strict = !plan_.forced, own_markers = plan_.markers.has_own();
  const CellFormat* const format = plan_.format ? &*plan_.format : nullptr;
  NumberRange range;
  const auto fits = [&range, strict](NumberForm form, double value) {
    if (form == NumberForm::whole_number) {
      range.add_whole(value);
      return true;
    }
    if (form == NumberForm::not_a_number || (strict && form != NumberForm::number)) return false;
    range.add(value);
    return true;
  };
  const bool all = for_each_cell(scratch_, column_, [&](std::size_t row, std::string_view text, bool loadable) {
    double value = 0;
    const bool marked = own_markers && plan_.markers.of_user(text) != MissingMarkers::none;
    const NumberForm form = marked              ? NumberForm::not_a_number
                            : format != nullptr ? read_formatted(*format, text, value)
                                                : parse_number(text, loadable, value);
    if (fits(form, value)) {
      out[row] = value;
      return true;
    }
    out[row] = std::numeric_limits<double>::quiet_NaN();
    const auto retry = [&](std::string_view inner) {
      const NumberForm of_inner = number_detail::parse_any_number(inner, value);
      if (format != nullptr || !fits(of_inner, value)) return false;
      out[row] = value;
      return true;
    };
    return unusual(row, text, part, retry, "a number");
  });
  if (!all) return false;
  finish(part);
  pack_numbers(scratch_.numbers, range, part);
  return true;
}

bool PartParser::datetimes(ColumnPart& part) {
  begin(part, ParseAs::datetimes);
  part.storage = Storage::int64;
  part.data = packed_bytes<std::int64_t>(part.rows);
  auto* const out = reinterpret_cast<std::int64_t*>(part.data.get());
  const bool own_markers = plan_.markers.has_own();
  const bool all = for_each_cell(scratch_, column_, [&](std::size_t row, std::string_view text, bool) {
    const bool marked = own_markers && plan_.markers.of_user(text) != MissingMarkers::none;
    if (!marked && datetime_detail::parse_plain_datetime(text, out[row])) return true;
    const auto take = [&](std::string_view date) {
      auto value = parse_datetime(date);
      if (!value && plan_.format)
        if (const auto read = plan_.format->read(date)) value = static_cast<std::int64_t>(*read);
      out[row] = value.value_or(std::numeric_limits<std::int64_t>::min());
      return value.has_value();
    };
    if (!marked && take(text)) return true;
    out[row] = std::numeric_limits<std::int64_t>::min();
    return unusual(row, text, part, take, "an ISO 8601 date or time");
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
  for_each_cell(scratch_, column_, [&](std::size_t row, std::string_view text, bool loadable) {
    if (text.empty()) {
      out[row] = Dictionary::missing_code;
      ++part.missing[MissingMarkers::empty];
      return true;
    }
    const std::size_t known = table.entries().size();
    out[row] = static_cast<std::int32_t>(table.code(StringTable::entry(text, loadable)));
    if (table.entries().size() > known && text.data() == scratch_.unquoted.data()) {
      part.copies.emplace_back(new char[text.size()]);
      std::memcpy(part.copies.back().get(), text.data(), text.size());
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
