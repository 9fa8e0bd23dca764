#include <automill/data/csv.hpp>
#include <cstring>

#include "data/csv_layout.hpp"
#include "data/csv_source.hpp"
#include "data/row_walker.hpp"

namespace automill {
namespace {

/// The bytes of a file in a window that moves forward, inflated where the file is gzip.
class TextWindow {
 public:
  explicit TextWindow(const std::string& path) : file_(std::make_unique<InputFile>(path, csv_file_codes)) {
    buffer_.resize(std::size_t{1} << 20);
    size_ = read({reinterpret_cast<std::byte*>(buffer_.data()), buffer_.size()});
    ended_ = size_ < buffer_.size();
    if (looks_like_gzip({reinterpret_cast<const std::byte*>(buffer_.data()), size_})) unpack(path);
  }
  std::string_view text() const { return {buffer_.data() + begin_, size_ - begin_}; }
  bool ended() const { return ended_; }  ///< nothing follows what is in the window
  bool gzip() const { return gzip_.has_value(); }
  void consume(std::size_t bytes) { begin_ += bytes; }

  /// Reads on; the window gets larger when it is full.
  void more() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, size_ - begin_);
    size_ -= begin_;
    begin_ = 0;
    if (size_ > buffer_.size() / 2) buffer_.resize(2 * buffer_.size());
    const std::size_t room = buffer_.size() - size_;
    const std::size_t got = read({reinterpret_cast<std::byte*>(buffer_.data() + size_), room});
    size_ += got;
    ended_ = got < room;
  }

 private:
  std::size_t read(std::span<std::byte> to) { return gzip_ ? gzip_->read(to) : file_->read(to); }
  /// What was read so far are packed bytes: they come first, then the rest of the file.
  void unpack(const std::string& path) {
    auto packed = [first = std::vector<char>(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size_)),
                   at = std::size_t{0}, file = file_.get()](std::span<std::byte> to) mutable {
      const std::size_t count = std::min(to.size(), first.size() - at);
      if (count > 0) std::memcpy(to.data(), first.data() + at, count);
      at += count;
      return count + (count < to.size() ? file->read(to.subspan(count)) : 0);
    };
    gzip_.emplace(std::move(packed), path);
    size_ = 0;
    more();
  }

  std::unique_ptr<InputFile> file_;
  std::optional<GzipReader> gzip_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, size_ = 0;
  bool ended_ = false;
};

bool holds_first_row(std::string_view text, char delimiter) {
  RowWalker walker(text, delimiter);
  if (!walker.skip_empty_lines()) return false;
  while (true) {
    if (walker.walk_field() == RowWalker::FieldState::open) return false;
    if (walker.at_row_end()) return walker.at() < text.size();
    walker.step();
  }
}

}  // namespace

struct CsvStream::State {
  std::string place;
  Schema schema;  // a copy: plans refer to its columns
  CsvOptions options;
  std::size_t batch_rows;
  TextWindow window;
  std::optional<CsvLayout> layout{};
  ParseScratch scratch{};
  std::uint64_t rows = 0, bytes = 0;

  State(const std::string& path, const Schema& wanted, const CsvOptions& given, std::size_t most_rows)
      : place(path == "-" ? "standard input" : path),
        schema(wanted),
        options(given),
        batch_rows(most_rows),
        window(path) {}

  void read_header() {
    refuse_other_formats(window.text(), place);
    std::string_view text = window.text();
    const bool mark = take_byte_order_mark(text);
    window.consume(window.text().size() - text.size());
    constexpr std::size_t longest_header = std::size_t{1} << 26;
    const auto whole = [&] {
      return holds_first_row(window.text(), options.delimiter.value_or(detect_delimiter(window.text())));
    };
    while (!window.ended() && window.text().size() < longest_header && !whole()) window.more();
    layout.emplace(window.text(), options, &schema, place);
    consume(layout->header_size);
    if (options.report != nullptr) {
      *options.report = CsvReport{.delimiter = layout->dialect.delimiter,
                                  .delimiter_detected = layout->delimiter_detected,
                                  .byte_order_mark = mark,
                                  .gzip = window.gzip(),
                                  .skipped = layout->skipped};
    }
  }
  void consume(std::size_t count) {
    window.consume(count);
    bytes += count;
  }

  std::optional<Table> next() {
    while (true) {
      if (options.stop.stop_requested()) throw Error("data.stopped", place, "reading was stopped");
      std::vector<CsvPiece> pieces(1);
      CsvPiece& piece = pieces[0];
      piece.text = window.text();
      parse_piece(piece, *layout, scratch, window.ended() ? TextEnd::complete : TextEnd::cut, batch_rows);
      if (piece.open_quote) add_unclosed_quote(piece);
      check(pieces, &CsvPiece::faults);
      check(pieces, &CsvPiece::misfits);
      if (piece.rows > 0) return finish(pieces);
      if (window.ended()) return std::nullopt;
      if (piece.text.size() > FieldIndex::largest_text / 2) {
        add_unclosed_quote(piece);
        check(pieces, &CsvPiece::faults);
      }
      window.more();
    }
  }
  void check(const std::vector<CsvPiece>& pieces, CsvFaults CsvPiece::*kind) const {
    throw_faults(pieces, kind, rows, place, [](std::size_t) { return std::size_t{0}; });
  }
  static void add_unclosed_quote(CsvPiece& piece) {
    piece.faults.add({.row = piece.all_rows,
                      .code = "data.unclosed_quote",
                      .message = "a quote opens in this row that is never closed",
                      .hint = "write a quote inside a quoted field twice"});
  }

  Table finish(std::vector<CsvPiece>& pieces) {
    const std::size_t count = pieces[0].rows;
    std::vector<ColumnPtr> columns;
    for (const std::size_t column : layout->wanted) {
      FinishedColumn finished =
          finish_column(layout->plans[column], parts_of(pieces, column), false, [](std::string_view) {});
      for (CsvFault& fault : finished.faults.first) pieces[0].misfits.add(std::move(fault));
      columns.push_back(std::move(finished.column));
    }
    check(pieces, &CsvPiece::misfits);
    consume(pieces[0].consumed);
    rows += count;
    if (options.report != nullptr) {
      options.report->rows = rows;
      options.report->bytes = bytes;
    }
    return Table::with_rows(std::move(columns), count);
  }
};

CsvStream::CsvStream(const std::string& path, const Schema& schema, const CsvOptions& options, std::size_t batch_rows) {
  if (batch_rows == 0) throw Error("option.out_of_range", "batch_rows", "0 is not allowed: it must be at least 1");
  state_ = std::make_unique<State>(path, schema, options, batch_rows);
  state_->read_header();
}
CsvStream::CsvStream(CsvStream&&) noexcept = default;
CsvStream& CsvStream::operator=(CsvStream&&) noexcept = default;
CsvStream::~CsvStream() = default;

std::optional<Table> CsvStream::next() {
  if (state_ == nullptr || !state_->layout) return std::nullopt;
  try {
    return state_->next();
  } catch (...) {
    state_->layout.reset();  // at its end from now on
    throw;
  }
}

std::uint64_t CsvStream::rows() const { return state_ == nullptr ? 0 : state_->rows; }

}  // namespace automill
