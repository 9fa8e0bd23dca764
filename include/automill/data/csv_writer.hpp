#pragma once
// Text of CSV rows: quotes only where they are needed (RFC 4180), numbers in the shortest form that reads back to the
// same double. Strings grow at their end; writing them to a file is the caller's.
//
//   std::string text;
//   append_csv_row(text, std::vector<std::string_view>{"name", "price"});
//   CsvRow(text).add("5\" disk").add(9.5);                         // "5"" disk",9.5\n
//   append_csv_rows(text, table, 0, table.rows());                 // as read_csv reads it again

#include <array>
#include <automill/core/table.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace automill {

/// A field in quotes where it holds the delimiter, a quote or a line end, or where a reader could take it for something
/// else (the byte order mark).
inline void append_csv_field(std::string& out, std::string_view text, char delimiter = ',') {
  const auto special = [delimiter](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; };
  if (std::none_of(text.begin(), text.end(), special) && !text.starts_with("\xEF\xBB\xBF")) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

/// The shortest digits that give the same double again; nothing for NaN (missing); "inf" and "-inf". Beyond 2^53 a
/// point is added, since read_csv takes whole numbers of that size for codes.
inline void append_csv_number(std::string& out, double value) {
  if (std::isnan(value)) return;
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out.append(text);
  const bool large = std::isfinite(value) && std::abs(value) > 9007199254740992.0;
  if (large && text.find_first_of(".e") == std::string_view::npos) out.append(".0");
}

/// "2024-02-29", or "2024-02-29T23:59:59.123456" where the time is not midnight; UTC. Nothing for NaN.
inline void append_csv_datetime(std::string& out, double microseconds) {
  if (std::isnan(microseconds)) return;
  constexpr std::int64_t day_length = 86400000000;
  const auto total = static_cast<std::int64_t>(microseconds);
  std::int64_t days = total / day_length, rest = total % day_length;
  if (rest < 0) {
    rest += day_length;
    --days;
  }
  // Howard Hinnant's civil_from_days; years count from March
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
  const std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100), shifted = (5 * of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const auto append = [&out](std::int64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    out.append(width - std::min(width, digits.size()), '0').append(digits);
  };
  append(year + era * 400 + (month <= 2 ? 1 : 0), 4);
  out.push_back('-');
  append(month, 2);
  out.push_back('-');
  append(of_year - (153 * shifted + 2) / 5 + 1, 2);
  if (rest == 0) return;
  const std::int64_t seconds = rest / 1000000, fraction = rest % 1000000;
  out.push_back('T');
  append(seconds / 3600, 2);
  out.push_back(':');
  append(seconds / 60 % 60, 2);
  out.push_back(':');
  append(seconds % 60, 2);
  if (fraction == 0) return;
  out.push_back('.');
  append(fraction, 6);
}

/// One row, field by field; its end is written when the object is destroyed. A row of one empty field is written as ""
/// (an empty line would be skipped by readers).
class CsvRow {
 public:
  explicit CsvRow(std::string& out, char delimiter = ',') : out_(&out), delimiter_(delimiter), start_(out.size()) {}
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;
  ~CsvRow() {
    if (out_->size() == start_) out_->append("\"\"");
    out_->push_back('\n');
  }
  CsvRow& add(std::string_view text) {
    begin_field();
    append_csv_field(*out_, text, delimiter_);
    return *this;
  }
  CsvRow& add(const char* text) { return add(std::string_view(text)); }
  CsvRow& add(double number) {
    begin_field();
    append_csv_number(*out_, number);
    return *this;
  }
  /// Value of a row of a column, spelled by its kind and format.
  CsvRow& add(const Column& column, std::size_t row) {
    const ColumnKind kind = column.kind();
    if (kind == ColumnKind::category || kind == ColumnKind::text) return add(column.text(row));
    const double value = column.number(row);
    if (kind == ColumnKind::boolean && !std::isnan(value)) return add(boolean_text(column.schema().format, value != 0));
    begin_field();
    if (kind == ColumnKind::datetime) append_csv_datetime(*out_, value);
    else append_csv_number(*out_, value);
    return *this;
  }

 private:
  static std::string_view boolean_text(std::string_view format, bool value) {
    const std::size_t slash = format.find('/');
    if (slash == std::string_view::npos) return value ? "true" : "false";
    return value ? format.substr(0, slash) : format.substr(slash + 1);
  }
  void begin_field() {
    if (fields_++ > 0) out_->push_back(delimiter_);
  }
  std::string* out_;
  char delimiter_;
  std::size_t start_, fields_ = 0;
};

inline void append_csv_row(std::string& out, std::span<const std::string_view> fields, char delimiter = ',') {
  CsvRow row(out, delimiter);
  for (const std::string_view field : fields) row.add(field);
}

inline void append_csv_header(std::string& out, const Schema& schema, char delimiter = ',') {
  CsvRow row(out, delimiter);
  for (const ColumnSchema& column : schema.columns()) row.add(column.name);
}

/// Rows [first, first + count) of a table, without the header.
inline void append_csv_rows(std::string& out, const Table& table, std::size_t first, std::size_t count,
                            char delimiter = ',') {
  for (std::size_t i = first; i < first + count; ++i) {
    CsvRow row(out, delimiter);
    for (std::size_t c = 0; c < table.size(); ++c) row.add(table[c], i);
  }
}

}  // namespace automill
