#pragma once
// The parts of a column, one a piece of the file, become one column in contiguous memory.

#include <automill/data/csv.hpp>
#include <functional>

#include "data/csv_part.hpp"

namespace automill {

/// A parsed piece of a file.
struct CsvPiece {
  std::string_view text{};
  std::size_t rows = 0;  ///< without faults
  std::size_t all_rows = 0;
  std::size_t consumed = 0;         ///< bytes of these rows
  std::vector<ColumnPart> parts{};  ///< one a column of the file; empty ones for columns that are not wanted
  CsvFaults faults{};               ///< of rows; when there are any, the parts are empty
  CsvFaults misfits{};              ///< cells that do not fit a forced kind
  bool open_quote = false;          ///< ends inside quotes: the next piece belongs to it
};

/// The parts of one column, in order, and the rows before each.
struct ColumnParts {
  std::vector<ColumnPart*> parts{};
  std::vector<std::string_view> texts{};  ///< of the pieces
  std::vector<std::size_t> starts{};
  std::size_t rows = 0;
};
ColumnParts parts_of(std::vector<CsvPiece>& pieces, std::size_t column);

/// The one way of parsing that fits all rows of a column, by what its parts found. Parts without any value that were
/// parsed in another way are changed to it; others must be parsed again.
ParseAs settle_parsing(const ColumnPlan& plan, ColumnParts& column);

struct FinishedColumn {
  ColumnPtr column{};
  CsvColumnReport report{};
  CsvFaults faults{};  ///< cells that do not fit; rows count over all parts
};

/// Called with a text of a piece that was gone through: its memory may be given back.
using ReleaseText = std::function<void(std::string_view)>;

/// Joins the parts, which are given back one by one meanwhile. Precondition: all are parsed in the settled way.
/// `with_report`: the reason of the kind is worded, too.
FinishedColumn finish_column(const ColumnPlan& plan, ColumnParts column, bool with_report, const ReleaseText& release);

}  // namespace automill
