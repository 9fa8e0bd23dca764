#include <automill/data/csv.hpp>
#include <chrono>
#include <mutex>

#include "data/csv_layout.hpp"
#include "data/csv_pieces.hpp"
#include "data/csv_source.hpp"
#include "data/row_walker.hpp"
#include "data/thread_team.hpp"

namespace automill {
namespace {

/// Working memory of threads, handed out and taken back.
class ScratchPool {
 public:
  template <class Body>
  void with(const Body& body) {
    std::unique_ptr<ParseScratch> scratch = take();
    body(*scratch);
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(scratch));
  }

 private:
  std::unique_ptr<ParseScratch> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return std::make_unique<ParseScratch>();
    std::unique_ptr<ParseScratch> scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<ParseScratch>> free_;
};

/// The caller's executor, or threads for this file alone.
class ReadingThreads {
 public:
  ReadingThreads(const CsvOptions& options, std::size_t bytes) : executor_(options.executor) {
    constexpr std::size_t worth_a_thread = std::size_t{1} << 18;
    if (options.threads < 0)
      throw Error("option.out_of_range", "threads",
                  std::to_string(options.threads) + " is not allowed: it must be 0 (all cores) or more");
    if (executor_ != nullptr) return;
    const bool any_size = options.chunk_bytes != 0;  // small pieces are wanted, then
    const std::size_t worth = any_size ? 1024 : std::min<std::size_t>(1024, bytes / worth_a_thread + 1);
    const int wanted = options.threads != 0 || worth == 1 ? std::max(1, options.threads) : available_cores();
    team_.emplace(std::min(wanted, static_cast<int>(worth)));
    executor_ = &*team_;
  }
  const Executor& executor() const { return *executor_; }

 private:
  std::optional<ThreadTeam> team_;
  const Executor* executor_;
};

std::size_t piece_size(const CsvOptions& options, std::size_t bytes, int width) {
  constexpr std::size_t least = std::size_t{1} << 17, most = std::size_t{1} << 20;
  if (options.chunk_bytes != 0) return std::min(options.chunk_bytes, FieldIndex::largest_text / 8);
  return std::clamp(bytes / (static_cast<std::size_t>(width) * 8), least, most);
}

/// One reading of one whole file.
class CsvReading {
 public:
  CsvReading(const CsvSource& source, const CsvOptions& options, const Schema* schema)
      : source_(source),
        options_(options),
        schema_(schema),
        layout_(source.text(), options, schema, source.place()),
        rows_(source.text().substr(layout_.header_size)),
        threads_(options, rows_.size()) {}

  Table read() {
    cut();
    parse_all();
    mend_open_quotes();
    check(&CsvPiece::faults);
    check(&CsvPiece::misfits);
    parse_again_as_strings();
    return finish();
  }
  void fill(CsvReport& report);

 private:
  const Executor& executor() const { return threads_.executor(); }
  void ask_to_stop() const {
    if (options_.stop.stop_requested()) throw Error("data.stopped", source_.place(), "reading was stopped");
  }
  void cut();
  void parse(CsvPiece& piece);
  void parse_all();
  void mend_open_quotes();
  void add_unclosed_quote(CsvPiece& piece, const char* what) const;
  void check(CsvFaults CsvPiece::*kind) const;
  std::size_t line_of(std::size_t row) const;
  void parse_again_as_strings();
  Table finish();

  const CsvSource& source_;
  const CsvOptions& options_;
  const Schema* schema_;
  CsvLayout layout_;
  std::string_view rows_;  // the text behind the header
  ReadingThreads threads_;
  ScratchPool scratch_;
  std::vector<CsvPiece> pieces_;
  std::vector<FinishedColumn> finished_;
};

void CsvReading::cut() {
  const std::size_t size = piece_size(options_, rows_.size(), executor().width());
  for (const std::string_view text : cut_into_pieces(rows_, size, executor())) pieces_.emplace_back().text = text;
}

void CsvReading::parse(CsvPiece& piece) {
  ask_to_stop();
  scratch_.with([&](ParseScratch& scratch) { parse_piece(piece, layout_, scratch); });
  source_.release(piece.text);
}

void CsvReading::parse_all() {
  executor().run(pieces_.size(), [&](std::size_t i) { parse(pieces_[i]); });
}

/// Pieces are right from the first one on; one that ends inside quotes was cut at the wrong place and takes the next
/// ones in: one, then two, four ... so that the work stays linear.
void CsvReading::mend_open_quotes() {
  for (std::size_t i = 0; i < pieces_.size();) {
    std::size_t next = i + 1, step = 1;
    while (pieces_[i].open_quote && next < pieces_.size()) {
      const std::size_t end = std::min(next + step, pieces_.size());
      const char* begin = pieces_[i].text.data();
      const CsvPiece& last = pieces_[end - 1];
      const auto size = static_cast<std::size_t>(last.text.data() + last.text.size() - begin);
      if (size > FieldIndex::largest_text) return add_unclosed_quote(pieces_[i], "is not closed within 1 GiB");
      for (std::size_t k = next; k < end; ++k) {
        CsvPiece empty;
        empty.text = pieces_[k].text.substr(pieces_[k].text.size());
        pieces_[k] = std::move(empty);
      }
      pieces_[i].text = {begin, size};
      parse(pieces_[i]);
      next = end;
      step *= 2;
    }
    if (pieces_[i].open_quote) return add_unclosed_quote(pieces_[i], "is never closed");
    i = next;
  }
}

void CsvReading::add_unclosed_quote(CsvPiece& piece, const char* what) const {
  piece.faults.add({.row = piece.all_rows,
                    .code = "data.unclosed_quote",
                    .message = std::string("a quote opens in this row that ") + what,
                    .hint = "write a quote inside a quoted field twice"});
}

/// Slow, for messages only: goes through the rows from the start.
std::size_t CsvReading::line_of(std::size_t row) const {
  const std::string_view text = source_.text();
  RowWalker walker(text, layout_.dialect.delimiter);
  for (std::size_t skipped = 0; walker.skip_empty_lines() && skipped <= row; ++skipped) {
    while (true) {
      walker.walk_field();
      if (walker.at_row_end()) break;
      walker.step();
    }
  }
  std::size_t line = 1;
  for (std::size_t i = 0; i < walker.at(); ++i)
    line += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) ? 1 : 0;
  return line;
}

void CsvReading::check(CsvFaults CsvPiece::*kind) const {
  throw_faults(pieces_, kind, 0, source_.place(), [this](std::size_t row) { return line_of(row); });
}

/// Columns in which some pieces found numbers or dates and others strings.
void CsvReading::parse_again_as_strings() {
  std::vector<std::vector<std::size_t>> columns_of(pieces_.size());
  for (const std::size_t column : layout_.wanted) {
    ColumnParts parts = parts_of(pieces_, column);
    const ParseAs settled = settle_parsing(layout_.plans[column], parts);
    layout_.plans[column].parse_as = settled;
    for (std::size_t i = 0; i < pieces_.size() && settled == ParseAs::strings; ++i)
      if (pieces_[i].rows > 0 && pieces_[i].parts[column].parsed_as != settled) columns_of[i].push_back(column);
  }
  executor().run(pieces_.size(), [&](std::size_t i) {
    if (columns_of[i].empty()) return;
    ask_to_stop();
    scratch_.with([&](ParseScratch& scratch) {
      scratch.index.build(pieces_[i].text, layout_.dialect, TextEnd::complete);
      for (const std::size_t column : columns_of[i])
        pieces_[i].parts[column] = parse_part(scratch, column, layout_.plans[column], pieces_[i].misfits);
    });
  });
}

Table CsvReading::finish() {
  std::size_t rows = 0;
  for (const CsvPiece& piece : pieces_) rows += piece.rows;
  if (rows == 0 && schema_ == nullptr)
    throw Error("data.header_only", source_.place(), "the file has a header but no rows", "add at least one row");
  finished_.resize(layout_.wanted.size());
  const bool with_report = options_.report != nullptr;
  executor().run(finished_.size(), [&](std::size_t i) {
    ask_to_stop();
    const std::size_t column = layout_.wanted[i];
    finished_[i] = finish_column(layout_.plans[column], parts_of(pieces_, column), with_report,
                                 [this](std::string_view text) { source_.release(text); });
  });
  CsvPiece whole;  // faults of finished columns count rows over the whole file
  std::vector<ColumnPtr> columns;
  for (FinishedColumn& column : finished_) {
    for (CsvFault& fault : column.faults.first) whole.misfits.add(std::move(fault));
    whole.misfits.count += column.faults.count - column.faults.first.size();
    columns.push_back(std::move(column.column));
  }
  pieces_.clear();
  pieces_.push_back(std::move(whole));
  check(&CsvPiece::misfits);
  return Table::with_rows(std::move(columns), rows);
}

void CsvReading::fill(CsvReport& report) {
  report.delimiter = layout_.dialect.delimiter;
  report.delimiter_detected = layout_.delimiter_detected;
  report.byte_order_mark = source_.byte_order_mark();
  report.gzip = source_.gzip();
  report.bytes = source_.text().size();
  report.skipped = layout_.skipped;
  report.columns.clear();
  for (FinishedColumn& column : finished_) report.columns.push_back(std::move(column.report));
}

Table read_source(const CsvSource& source, const CsvOptions& options, const Schema* schema,
                  std::chrono::steady_clock::time_point started) {
  CsvReading reading(source, options, schema);
  Table table = reading.read();
  if (options.report != nullptr) {
    reading.fill(*options.report);
    options.report->rows = table.rows();
    options.report->seconds = Seconds(Clock::now() - started).count();
  }
  return table;
}

Table read_file(const std::string& path, const CsvOptions& options, const Schema* schema) {
  const auto started = Clock::now();
  return read_source(CsvSource::from_file(path, options), options, schema, started);
}
Table read_memory(std::string_view text, const CsvOptions& options, const Schema* schema) {
  const auto started = Clock::now();
  return read_source(CsvSource::from_memory(text, options), options, schema, started);
}

}  // namespace

Table read_csv(const std::string& path, const CsvOptions& options) { return read_file(path, options, nullptr); }
Table read_csv(const std::string& path, const Schema& schema, const CsvOptions& options) {
  return read_file(path, options, &schema);
}
Table read_csv_text(std::string_view text, const CsvOptions& options) { return read_memory(text, options, nullptr); }
Table read_csv_text(std::string_view text, const Schema& schema, const CsvOptions& options) {
  return read_memory(text, options, &schema);
}

}  // namespace automill
