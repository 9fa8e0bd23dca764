#include "data/cell_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/boolean_text.hpp"
#include "data/datetime_text.hpp"
#include "data/missing_markers.hpp"
#include "data/number_text.hpp"

namespace automill {
namespace {

constexpr std::size_t longest_spec = 64, longest_number = 48;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool same_letters(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// Bytes of the blank that `text` begins with; 0: it begins with none.
std::size_t blank_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') return 1;
  if (text.starts_with("\xC2\xA0")) return 2;      // no-break space
  if (text.starts_with("\xE2\x80\xAF")) return 3;  // narrow no-break space
  return 0;
}

bool take(std::string_view& text, std::string_view part) {
  if (part.empty() || text.size() < part.size() || !same_letters(text.substr(0, part.size()), part)) return false;
  text.remove_prefix(part.size());
  return true;
}

void skip_blanks(std::string_view& text) {
  while (const std::size_t length = blank_length(text)) text.remove_prefix(length);
}

bool take_minus(std::string_view& text) { return take(text, "-") || take(text, "\xE2\x88\x92"); }

/// Takes a unit off the end of text, in singular and plural alike; leaves one that is not there.
void take_unit(std::string_view& text, std::string_view unit) {
  if (unit.empty()) return;
  const bool plural = lower(unit.back()) == 's' && unit.size() > 2;
  const std::string_view stem = plural ? unit.substr(0, unit.size() - 1) : unit;
  for (const std::size_t extra : {std::size_t{1}, std::size_t{0}}) {
    if (extra == 1 && stem.size() < 2) continue;  // 5 m are not 5 ms
    if (text.size() <= stem.size() + extra || (extra == 1 && lower(text.back()) != 's')) continue;
    if (!same_letters(text.substr(text.size() - stem.size() - extra, stem.size()), stem)) continue;
    text = without_any_blanks(text.substr(0, text.size() - stem.size() - extra));
    return;
  }
}

/// One or two digits; -1: there are none.
int take_two(std::string_view& text) {
  if (text.empty() || !is_digit(text[0])) return -1;
  int value = text[0] - '0';
  text.remove_prefix(1);
  if (!text.empty() && is_digit(text[0])) {
    value = 10 * value + (text[0] - '0');
    text.remove_prefix(1);
  }
  return value;
}

/// Exactly `count` digits; -1: they are not there, or more are.
int take_exactly(std::string_view& text, std::size_t count) {
  if (text.size() < count || (text.size() > count && is_digit(text[count]))) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = 10 * value + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

constexpr std::array<std::string_view, 12> months{"january",   "february", "march",    "april",
                                                  "may",       "june",     "july",     "august",
                                                  "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekdays{"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

/// Position of a name, whole or its first three letters, with a point or without; -1: none.
template <std::size_t n>
int take_name(std::string_view& text, const std::array<std::string_view, n>& names) {
  for (std::size_t i = 0; i < n; ++i) {
    if (!take(text, names[i]) && !take(text, names[i].substr(0, 3))) continue;
    if (!text.empty() && ((lower(text[0]) >= 'a' && lower(text[0]) <= 'z'))) return -1;
    take(text, ".");
    return static_cast<int>(i);
  }
  return -1;
}

/// A point in time under way.
struct CalendarTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
  int half = -1;  // 0: AM, 1: PM

  std::optional<double> microseconds() const {
    using namespace datetime_detail;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
      return std::nullopt;
    if (half >= 0 && (hour < 1 || hour > 12)) return std::nullopt;
    const int of_day = half < 0 ? hour : hour % 12 + 12 * half;
    if (of_day < 0 || of_day > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return std::nullopt;
    const std::int64_t seconds =
        days_since_1970(year, month, day) * 86400 + (std::int64_t{of_day} * 60 + minute) * 60 + second;
    return static_cast<double>(seconds * 1000000);
  }
};

/// Takes what the letter of a field stands for; false: it is not there.
bool take_field(char letter, std::string_view& text, CalendarTime& clock) {
  switch (letter) {
    case 'd':
      return (clock.day = take_two(text)) >= 0;
    case 'm':
      return (clock.month = take_two(text)) >= 0;
    case 'Y':
      return (clock.year = take_exactly(text, 4)) >= 0;
    case 'y':
      clock.year = take_exactly(text, 2);
      if (clock.year < 0) return false;
      clock.year += clock.year < 69 ? 2000 : 1900;
      return true;
    case 'H':
    case 'I':
      return (clock.hour = take_two(text)) >= 0;
    case 'M':
      return (clock.minute = take_exactly(text, 2)) >= 0;
    case 'S':
      return (clock.second = take_exactly(text, 2)) >= 0;
    case 'b':
      return (clock.month = take_name(text, months) + 1) > 0;
    case 'a':
      return take_name(text, weekdays) >= 0;
    default:  // 'p'
      clock.half = take(text, "am") || take(text, "a.m.") ? 0 : take(text, "pm") || take(text, "p.m.") ? 1 : -1;
      return clock.half >= 0;
  }
}

constexpr std::string_view fields = "dmYyHIMSbap";

bool is_time_spec(std::string_view spec) {
  bool any = false;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] != '%') continue;
    if (++i == spec.size() || fields.find(spec[i]) == std::string_view::npos) return false;
    any = true;
  }
  return any;
}

bool thousands_separator(std::string_view text) {
  return text.empty() || text == "," || text == "." || text == "'" || text == " " || text == "\xE2\x80\x99";
}

}  // namespace

std::string_view without_any_blanks(std::string_view text) noexcept {
  skip_blanks(text);
  while (!text.empty()) {
    const std::size_t last = text.size() - 1;
    const auto ends = [&](std::size_t bytes) {
      return text.size() >= bytes && blank_length(text.substr(text.size() - bytes)) == bytes;
    };
    if (ends(1)) text = text.substr(0, last);
    else if (ends(2)) text = text.substr(0, text.size() - 2);
    else if (ends(3)) text = text.substr(0, text.size() - 3);
    else break;
  }
  return text;
}

std::optional<CellFormat> CellFormat::from_spec(ColumnKind kind, std::string_view spec) {
  if (spec.empty() || spec.size() > longest_spec) return std::nullopt;
  CellFormat format;
  format.kind_ = kind;
  format.spec_ = spec;
  if (kind == ColumnKind::datetime) return is_time_spec(spec) ? std::optional(format) : std::nullopt;
  if (kind != ColumnKind::number) return std::nullopt;
  const std::size_t first = spec.find('#'), last = spec.rfind('#');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = spec.find('#', first + 1);
  if (second == std::string_view::npos || last != second + 2) return std::nullopt;
  format.prefix_ = without_any_blanks(spec.substr(0, first));
  format.thousands_ = spec.substr(first + 1, second - first - 1);
  format.decimal_ = spec[second + 1];
  format.suffix_ = without_any_blanks(spec.substr(last + 1));
  const bool point = format.decimal_ == '.' || format.decimal_ == ',';
  if (!point || !thousands_separator(format.thousands_) || format.thousands_ == std::string_view(&format.decimal_, 1))
    return std::nullopt;
  return format;
}

std::optional<CellFormat> CellFormat::of(const ColumnSchema& column) { return from_spec(column.kind, column.format); }

std::optional<double> CellFormat::read(std::string_view text) const noexcept {
  text = without_any_blanks(text);
  return kind_ == ColumnKind::datetime ? read_time(text) : read_number(text);
}

std::optional<double> CellFormat::read_number(std::string_view text) const noexcept {
  bool negative = false, prefixed = false;
  const auto open = [&] {
    if (negative || text.size() < 3 || text.front() != '(' || text.back() != ')') return false;
    text = without_any_blanks(text.substr(1, text.size() - 2));
    return negative = true;
  };
  for (int part = 0; part < 2; ++part) {  // sign and prefix in either order
    if (open()) continue;
    if (!negative && take_minus(text)) negative = true;
    else if (!prefixed && take(text, prefix_)) prefixed = true;
    else break;
    skip_blanks(text);
  }
  open();
  if (!negative) take(text, "+");
  take_unit(text, suffix_);
  return read_digits(text, negative);
}

/// Digits with separators: groups of three (of two or three before the last, as in India).
std::optional<double> CellFormat::read_digits(std::string_view text, bool negative) const noexcept {
  std::array<char, longest_number> plain;
  std::size_t length = 0, group = 0, groups = 0;
  bool fraction = false;
  const auto put = [&](char c) {
    if (length + 1 >= plain.size()) return false;
    plain[length++] = c;
    return true;
  };
  if (text.empty() || (!is_digit(text[0]) && text[0] != decimal_)) return std::nullopt;
  const bool zero_first = text[0] == '0';
  while (!text.empty()) {
    const std::size_t blank = thousands_ == " " && !fraction ? blank_length(text) : 0;
    const std::size_t separator = blank > 0                                                          ? blank
                                  : !fraction && !thousands_.empty() && text.starts_with(thousands_) ? thousands_.size()
                                                                                                     : 0;
    if (separator > 0) {
      if (group == 0 || group > 3 || (groups > 0 && group < 2) || (groups == 0 && zero_first)) return std::nullopt;
      ++groups;
      group = 0;
      text.remove_prefix(separator);
      continue;
    }
    const char c = text[0];
    if (is_digit(c)) {
      group += fraction ? 0 : 1;
    } else if (c == decimal_ && !fraction) {
      fraction = true;
    } else if (groups == 0 && (c == 'e' || c == 'E' || c == '+' || c == '-')) {
      fraction = true;  // an exponent: parse_number judges it
    } else {
      return std::nullopt;
    }
    if (!put(c == decimal_ ? '.' : c)) return std::nullopt;
    text.remove_prefix(1);
  }
  if (groups > 0 && group != 3) return std::nullopt;
  double value = 0;
  if (parse_number({plain.data(), length}, false, value) == NumberForm::not_a_number) return std::nullopt;
  return negative ? -value : value;
}

std::optional<double> CellFormat::read_time(std::string_view text) const noexcept {
  if (const auto iso = parse_datetime(text)) return static_cast<double>(*iso);
  CalendarTime clock;
  for (std::size_t i = 0; i < spec_.size(); ++i) {
    if (spec_[i] == '%') {
      if (!take_field(spec_[++i], text, clock)) return std::nullopt;
    } else if (spec_[i] == ' ') {
      if (blank_length(text) == 0) return std::nullopt;
      skip_blanks(text);
    } else if (!take(text, std::string_view(spec_).substr(i, 1))) {
      return std::nullopt;
    }
  }
  return text.empty() ? clock.microseconds() : std::nullopt;
}

CellReader::CellReader(const ColumnSchema& wanted) : format_(CellFormat::of(wanted)), markers_(wanted.missing_markers) {
  const std::size_t slash = wanted.format.find('/');
  if (wanted.kind != ColumnKind::boolean || slash == std::string::npos) return;
  truth_ = wanted.format.substr(0, slash);
  falsehood_ = wanted.format.substr(slash + 1);
}

std::optional<double> CellReader::read(std::string_view text) const noexcept {
  for (const std::string& marker : markers_)
    if (text == marker) return std::nullopt;
  if (format_) return format_->read(text);
  const int value = boolean_value({truth_, falsehood_}, without_any_blanks(text));
  return value < 0 ? std::nullopt : std::optional<double>(value);
}

bool CellReader::means_missing(std::string_view text) const noexcept {
  static const MissingMarkers usual;
  return format_.has_value() || usual.any(text) != MissingMarkers::none ||
         std::find(markers_.begin(), markers_.end(), text) != markers_.end();
}

ColumnPtr read_cells(const ColumnPtr& column, const ColumnSchema& wanted) {
  const CellReader reader(wanted);
  if (!is_strings(column->kind()) || is_strings(wanted.kind) || !reader.reads()) return column;
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  bool all_read = true;
  const auto read = [&](std::string_view text) {
    const std::optional<double> value = reader.read(text);
    all_read = all_read && (value || reader.means_missing(text));
    return value.value_or(missing);
  };
  std::vector<double> values(column->size(), missing), by_code;
  if (column->kind() == ColumnKind::text) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!column->missing(i)) values[i] = read(column->text(i));
  } else {
    for (const std::string& name : column->schema().dictionary->names()) by_code.push_back(read(name));
    column->numbers(0, values.size(), values.data());
    for (double& value : values)
      value = value < static_cast<double>(by_code.size()) ? by_code[static_cast<std::size_t>(value)] : missing;
  }
  return !all_read ? column : make_number_column(wanted, std::move(values));
}

Table read_cells(const Table& table, const Schema& schema) {
  std::vector<ColumnPtr> columns = table.columns();
  bool changed = false;
  for (ColumnPtr& column : columns) {
    if (!is_strings(column->kind()) || !schema.contains(column->name())) continue;
    ColumnPtr read = read_cells(column, schema[schema.column(column->name())]);
    changed = changed || read != column;
    column = std::move(read);
  }
  return changed ? Table::with_rows(std::move(columns), table.rows()) : table;
}

}  // namespace automill
