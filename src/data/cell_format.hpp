#pragma once
// How the cells of a column spell numbers or points in time where they are not plain: "$1,234.50", "12,5 %", "(3.000)",
// "24.12.2023 18:30". A format is one short text, kept as ColumnSchema::format, so that a cell means the same number in
// training and in every way of prediction.
//
//   auto format = CellFormat::from_spec(ColumnKind::number, "$#,#.#");
//   format->read("$1,234.50");                                          // 1234.5
//   CellFormat::from_spec(ColumnKind::datetime, "%d.%m.%Y")->read("24.12.2023");
//
// Numbers: prefix # thousands # decimal # suffix; the separator of thousands may be left out ("##.#"). Prefix and
// suffix (a currency, a unit in singular or plural, %) may be absent in a cell; the number is taken as written: "12 %"
// is 12. A minus stands in front (of the prefix too), or parentheses around it all. Times: %d %m %H %I %M %S (one or
// two digits), %Y (four), %y (two: 69 to 99 are 1969 to 1999), %b (an English month, whole or three letters), %a (an
// English day of the week), %p (AM, PM); a blank stands for any blanks; other characters for themselves. ISO 8601 is
// read beside any of them.

#include <automill/core/schema.hpp>
#include <automill/core/table.hpp>
#include <optional>

namespace automill {

/// Cells of these kinds are texts.
inline bool is_strings(ColumnKind kind) { return kind == ColumnKind::category || kind == ColumnKind::text; }

class AUTOMILL_EXPORT CellFormat {
 public:
  /// Null: not a format of that kind (numbers and datetimes have formats). O(length).
  static std::optional<CellFormat> from_spec(ColumnKind kind, std::string_view spec);
  /// The format of a column; null where cells are plain.
  static std::optional<CellFormat> of(const ColumnSchema& column);

  const std::string& spec() const { return spec_; }
  ColumnKind kind() const { return kind_; }
  /// The number, or microseconds since 1970-01-01 UTC; null: the text is none. No allocation.
  std::optional<double> read(std::string_view text) const noexcept;

 private:
  std::optional<double> read_number(std::string_view text) const noexcept;
  std::optional<double> read_time(std::string_view text) const noexcept;
  std::optional<double> read_digits(std::string_view text, bool negative) const noexcept;

  ColumnKind kind_ = ColumnKind::number;
  std::string spec_{}, prefix_{}, thousands_{}, suffix_{};
  char decimal_ = '.';
};

/// Text without blanks around it: spaces, tabs, line ends, no-break spaces.
AUTOMILL_EXPORT std::string_view without_any_blanks(std::string_view text) noexcept;

/// Reads cells of text as a column wants them: by its format, or as the two spellings of a boolean. One a column.
class AUTOMILL_EXPORT CellReader {
 public:
  explicit CellReader(const ColumnSchema& wanted);
  /// Whether the column says how its cells are spelled.
  bool reads() const { return format_.has_value() || !truth_.empty(); }
  /// Null: the text spells none. No allocation.
  std::optional<double> read(std::string_view text) const noexcept;
  /// Whether text that spells none is missing: always beside a format of numbers or times, in columns of booleans only
  /// where it is blank or a usual marker (NA, null, ?, ...).
  bool means_missing(std::string_view text) const noexcept;

 private:
  std::optional<CellFormat> format_{};
  std::string truth_{}, falsehood_{};
  std::vector<std::string> markers_{};  // the user's strings that mean missing
};

/// A column of categories or text in the terms of `wanted`: with a format of numbers or times, cells that spell none
/// are missing; booleans are taken only where every cell spells one. Any other column as it is. O(rows), each category
/// is read once.
AUTOMILL_EXPORT ColumnPtr read_cells(const ColumnPtr& column, const ColumnSchema& wanted);
/// The same for all columns of a table that `schema` names.
AUTOMILL_EXPORT Table read_cells(const Table& table, const Schema& schema);

}  // namespace automill
