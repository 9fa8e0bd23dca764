#pragma once
// Text tables (CSV after RFC 4180, also with ; tab or | and packed with gzip) as typed tables.
//
//   auto rows = automill::read_csv("adult.csv");                            // kinds from all rows
//   auto more = automill::read_csv("new.csv", model.schema());              // kinds and codes of training
//   CsvReport report;
//   auto told = automill::read_csv("adult.csv", {.missing = {"unknown"}, .report = &report});
//
//   CsvStream stream("-", model.schema());                                  // standard input, constant memory
//   while (auto batch = stream.next()) use(*batch);
//
// Kinds. A column is *number* when every value is one (whole numbers beyond 2^53 and values with leading zeros such as
// 007 are not, since a double would change them), *datetime* when every value is an ISO 8601 date or date and time
// (kept as microseconds UTC), *boolean* when it holds both spellings of one pair (true/false, yes/no, t/f, y/n, in one
// of the three usual letter cases) and nothing else, *text* when its values are long and mostly different, else
// *category*. Spaces around a number, a date or a marker do not count; quotes never decide a kind.
//
// Missing is the empty field, in every column. In number, datetime and boolean columns these mean missing too: blanks,
// NA N/A NaN nan null None ? - . In category and text columns they stay strings unless `missing` names them.
//
// The result does not depend on threads or chunk sizes. Lines without any character are skipped; in a table of one
// column a missing value is therefore written "".

#include <automill/core/executor.hpp>
#include <automill/core/stop.hpp>
#include <automill/core/table.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace automill {

/// What was found in one column.
struct CsvColumnReport {
  std::string name{};
  ColumnKind kind = ColumnKind::number;
  std::string reason{};       ///< why this kind: "every value is a number", "row 17 holds 'abc'" ...
  std::uint64_t missing = 0;  ///< all missing values
  std::vector<std::pair<std::string, std::uint64_t>> missing_as{};  ///< spelling and count; "" is the empty field
};

/// What reading found out, in the order of the file.
struct CsvReport {
  char delimiter = ',';
  bool delimiter_detected = false;  ///< false: given by the options
  bool byte_order_mark = false;
  bool gzip = false;
  std::uint64_t bytes = 0;  ///< of text, after inflating
  std::uint64_t rows = 0;
  std::vector<CsvColumnReport> columns{};
  std::vector<std::string> skipped{};  ///< columns of the file that the schema does not have
  double seconds = 0;
};

struct CsvOptions {
  std::optional<char> delimiter{};            ///< null: detected among , ; tab and |
  std::map<std::string, ColumnKind> types{};  ///< kinds that are not guessed; a cell that does not fit is an Error
  std::vector<std::string> missing{};         ///< further strings that mean missing, in every column
  const Executor* executor = nullptr;         ///< null: threads of its own while it reads
  int threads = 0;                  ///< without executor: how many; 0: the container's cores, 1: none is started
  StopToken stop{};                 ///< ends reading with the Error data.stopped
  std::uint64_t inflate_limit = 0;  ///< most bytes that a gzip file may inflate to; 0: half of the free memory
  std::size_t chunk_bytes = 0;      ///< size of the pieces that threads work on; 0: chosen
  CsvReport* report = nullptr;      ///< filled when reading succeeds
};

/// The whole file; gzip is recognised by its first bytes. All faults of the file come in one Error (the first ten).
/// Errors: data.file_missing, data.folder, data.unreadable, data.empty_file, data.header_only, data.ragged_row,
/// data.unclosed_quote, data.text_after_quote, data.not_utf8, data.not_csv, data.duplicate_column, data.cell_type,
/// data.column_unknown (in `types`), data.gzip_damaged, data.gzip_too_large, data.stopped, option.out_of_range.
AUTOMILL_EXPORT Table read_csv(const std::string& path, const CsvOptions& options = {});

/// Columns of `schema` by name and in its order, with its kinds, dictionaries and missing markers; a category that
/// training did not see gets `Dictionary::unseen_code()`. Other columns of the file are skipped unparsed. No rows are
/// fine here. Errors: those above and data.column_missing.
AUTOMILL_EXPORT Table read_csv(const std::string& path, const Schema& schema, const CsvOptions& options = {});

/// The same from memory; the result does not refer to it.
AUTOMILL_EXPORT Table read_csv_text(std::string_view text, const CsvOptions& options = {});
AUTOMILL_EXPORT Table read_csv_text(std::string_view text, const Schema& schema, const CsvOptions& options = {});

/// A file as tables of at most `batch_rows` rows, one after the other, in memory that does not grow with the file.
/// Works in the calling thread; of CsvReport it fills all but `columns` and `seconds`.
class AUTOMILL_EXPORT CsvStream {
 public:
  /// `path` "-" is standard input. Reads the header at once.
  CsvStream(const std::string& path, const Schema& schema, const CsvOptions& options = {},
            std::size_t batch_rows = 16384);
  CsvStream(CsvStream&&) noexcept;
  CsvStream& operator=(CsvStream&&) noexcept;
  ~CsvStream();

  /// The next rows; nothing at the end. An Error names the row of the file; after it the stream is at its end.
  std::optional<Table> next();
  /// Rows given so far.
  std::uint64_t rows() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace automill
