#pragma once
// One piece of a CSV file, column by column: numbers, dates or coded strings, in as few bytes as they need. Pieces are
// parsed by several threads; csv_column.hpp joins the parts of a column.
//
// Kinds are optimistic: a column is read as numbers until a cell is none, then as dates, then as strings. `ColumnPlan`
// holds how far it has come, so that the pieces that follow begin there.

#include <atomic>
#include <automill/core/column.hpp>
#include <optional>

#include "data/cell_format.hpp"
#include "data/csv_index.hpp"
#include "data/missing_markers.hpp"
#include "data/string_table.hpp"

namespace automill {

enum class ParseAs : std::uint8_t { numbers, datetimes, strings };

/// How a column of the file is to be read.
struct ColumnPlan {
  std::string name{};
  bool wanted = true;
  std::optional<ColumnKind> forced{};    ///< by the schema or the options; null: decided from the values
  const ColumnSchema* schema = nullptr;  ///< of training; null: a first reading
  MissingMarkers markers{};
  std::optional<CellFormat> format{};  ///< of training: reads cells that are not plain; what it cannot read is missing
  std::atomic<ParseAs> parse_as = ParseAs::numbers;

  ColumnPlan() = default;
  ColumnPlan(ColumnPlan&& other) noexcept
      : name(std::move(other.name)),
        wanted(other.wanted),
        forced(other.forced),
        schema(other.schema),
        markers(std::move(other.markers)),
        format(std::move(other.format)),
        parse_as(other.parse_as.load()) {}
  /// Sets the kind and the way of parsing that it needs.
  void force(ColumnKind kind);
};

/// Values of one column in one piece. Numbers: float64, or integers where all are whole (the lowest value of the type
/// means missing). Dates: int64 microseconds, the lowest value means missing. Strings: codes into `strings`, -1 means
/// the empty field.
struct ColumnPart {
  ParseAs parsed_as = ParseAs::numbers;
  Storage storage = Storage::float64;
  std::unique_ptr<std::byte[]> data{};
  std::size_t rows = 0, values = 0;               ///< values: those that are not missing
  std::vector<std::uint32_t> missing{};           ///< counts by number of the marker
  bool whole = false;                             ///< numbers: all are whole and below 2^53
  std::vector<StringTable::Entry> strings{};      ///< in order of appearance; they refer to the text of the piece
  std::vector<std::unique_ptr<char[]>> copies{};  ///< bytes of strings that had doubled quotes
};

/// What one thread works in; used again for other pieces.
struct ParseScratch {
  FieldIndex index{};
  std::vector<double> numbers{};
  std::vector<std::int64_t> microseconds{};
  std::vector<std::int32_t> codes{};
  StringTable table{};
  std::string unquoted{};
};

/// Parses the column of the indexed text that is number `column` in the file. Cells that do not fit a forced kind
/// become faults; another column's `plan.parse_as` goes on until its cells fit.
ColumnPart parse_part(ParseScratch& scratch, std::size_t column, ColumnPlan& plan, CsvFaults& faults);

/// A value for a message: cut to a readable length, in quotes.
std::string shown(std::string_view value);

/// The fault of a cell that does not fit the forced kind of its column.
CsvFault misfit_fault(const ColumnPlan& plan, std::size_t row, std::string_view text, const char* wanted);

}  // namespace automill
