#pragma once
// Where the fields of a piece of CSV text end. The first step of reading: what follows works column by column.
//
//   FieldIndex index;
//   index.build(text, {.delimiter = ',', .columns = 3}, TextEnd::complete);
//   index.field(row, 2);                                   // with its quotes, when it has any

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace automill {

struct CsvDialect {
  char delimiter = ',';
  std::size_t columns = 1;
};

/// Something wrong with a row; rows count from the start of the piece, faulty ones too.
struct CsvFault {
  std::size_t row = 0;
  std::string code{}, column{}, message{}, hint{};
};

/// Faults of a piece: those of the first rows in full, and the number of all.
struct CsvFaults {
  static constexpr std::size_t kept = 10;
  std::vector<CsvFault> first{};  ///< by row, in a row as they were added
  std::size_t count = 0;
  void add(CsvFault fault);
};

/// `complete`: the text ends with a row, as a file does. `cut`: what follows the last line end is not looked at.
enum class TextEnd : std::uint8_t { complete, cut };

/// A quoted field that begins with '"' runs to its closing quote, "" inside it means one quote; a quote inside an
/// unquoted field is an ordinary character. Rows end with \n, \r\n or \r; empty lines are skipped.
class FieldIndex {
 public:
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t largest_text = std::size_t{1} << 30;  ///< bytes of one build

  /// Indexes the rows of `text`, at most `most_rows`. Vector code finds all separators; a piece that has anything
  /// unusual is gone through again byte by byte, which also words the faults.
  void build(std::string_view text, const CsvDialect& dialect, TextEnd end, std::size_t most_rows = no_limit);

  std::size_t rows() const { return rows_; }          ///< rows whose fields are indexed
  std::size_t all_rows() const { return all_rows_; }  ///< and those with faults
  std::size_t consumed() const { return consumed_; }  ///< bytes of the rows that were looked at
  const CsvFaults& faults() const { return faults_; }
  /// The text ended inside a quoted field of row number all_rows().
  bool open_quote() const { return open_quote_; }

  std::string_view field(std::size_t row, std::size_t column) const {
    const std::size_t at = row * columns_ + column;
    const std::size_t begin = column != 0 ? ends_[at - 1] + std::size_t{1} : row_begin(row);
    return {text_.data() + begin, ends_[at] - begin};
  }
  std::size_t row_begin(std::size_t row) const {
    std::size_t at = row == 0 ? 0 : ends_[row * columns_ - 1];
    while (text_[at] == '\n' || text_[at] == '\r') ++at;
    return at;
  }
  std::string_view text() const { return text_; }

 private:
  bool build_fast(char delimiter, TextEnd end, std::size_t most_rows);
  void build_slow(char delimiter, TextEnd end, std::size_t most_rows);
  void reserve(std::size_t bytes);

  std::string_view text_{};
  std::size_t columns_ = 1, rows_ = 0, all_rows_ = 0, consumed_ = 0;
  bool open_quote_ = false;
  CsvFaults faults_{};
  std::unique_ptr<std::uint32_t[]> ends_{};  // uninitialised: only what is used becomes resident
  std::size_t room_ = 0;
};

}  // namespace automill
