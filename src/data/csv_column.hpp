#pragma once
// The parts of a column, one a piece of the file, become one column in contiguous memory.

#include <automill/data/csv.hpp>

#include "data/csv_part.hpp"

namespace automill {

/// A parsed piece of a file.
struct CsvPiece {
  std::string_view text{};
  std::size_t rows = 0;
  std::vector<ColumnPart> parts{};  ///< one a column of the file; empty ones for columns that are not wanted
  CsvFaults faults{};
  bool open_quote = false;     ///< ends inside quotes: the next piece belongs to it
  std::size_t open_offset = 0;
};

/// The parts of one column, in order, and the rows before each.
struct ColumnParts {
  std::vector<ColumnPart*> parts{};
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
  /// Cells that do not fit: rows count from the start of the file (the offset is that of the piece; see `piece`).
  struct Misfit {
    std::size_t row = 0;
    CsvFault fault{};
  };
  std::vector<Misfit> misfits{};
};

/// Joins the parts, which are given back piece by piece meanwhile. Precondition: all are parsed in the settled way.
/// `with_report`: also the reason of the kind is worded.
FinishedColumn finish_column(const ColumnPlan& plan, ColumnParts column, bool with_report);

}  // namespace automill
