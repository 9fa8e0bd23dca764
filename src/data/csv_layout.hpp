#pragma once
// How the columns of a file are to be read: decided from its header, the options and the schema of training.

#include "data/csv_column.hpp"
#include "data/csv_header.hpp"

namespace automill {

struct CsvLayout {
  CsvDialect dialect{};
  std::vector<ColumnPlan> plans{};    ///< one a column of the file
  std::vector<std::size_t> wanted{};  ///< columns of the file in the order of the table
  std::vector<std::string> skipped{};
  bool delimiter_detected = false;
  std::size_t header_size = 0;  ///< bytes before the first row

  /// `start`: the text from the header on, or at least its first 64 KiB and the whole header.
  /// Errors: those of read_header, data.column_missing, data.column_unknown, option.out_of_range.
  CsvLayout(std::string_view start, const CsvOptions& options, const Schema* schema, const std::string& place);

 private:
  void read_as_trained(const Schema& schema);
  void read_as_found(const CsvOptions& options);
};

/// Fills `piece` from its text: all rows, the parts of the wanted columns. `most_rows` and TextEnd::cut as in
/// FieldIndex.
void parse_piece(CsvPiece& piece, CsvLayout& layout, ParseScratch& scratch, TextEnd end = TextEnd::complete,
                 std::size_t most_rows = FieldIndex::no_limit);

/// The faults of pieces as an Error; nothing when there are none. Rows count from `first_row` (0: the first one).
/// `line_of(row)` gives the line of a row for the message, 0: not known.
void throw_faults(const std::vector<CsvPiece>& pieces, CsvFaults CsvPiece::*kind, std::size_t first_row,
                  const std::string& place, const std::function<std::size_t(std::size_t)>& line_of);

/// "path, row 17, column 'age'".
std::string place_of(const std::string& place, std::size_t row, const std::string& column);

}  // namespace automill
