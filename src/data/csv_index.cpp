#include "data/csv_index.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "data/byte_masks.hpp"
#include "data/row_walker.hpp"
#include "data/utf8.hpp"

namespace automill {

void CsvFaults::add(CsvFault fault) {
  ++count;
  if (first.size() == kept && first.back().row <= fault.row) return;
  const auto behind = [](const CsvFault& a, const CsvFault& b) { return a.row < b.row; };
  first.insert(std::upper_bound(first.begin(), first.end(), fault, behind), std::move(fault));
  if (first.size() > kept) first.pop_back();
}

namespace {

/// Turns the masks of 64 bytes into field and row ends, with what must be known of the bytes before.
class SeparatorFinder {
 public:
  struct Found {
    std::uint64_t separators = 0, line_ends = 0;
    bool regular = true;  ///< quotes only around whole fields
  };

  Found next(const ByteMasks& masks, std::uint64_t valid) {
    if ((masks.quote | inside_ | after_closing_) == 0) {
      const std::uint64_t lines = masks.line_end & ~((masks.line_end << 1) | after_line_end_);
      after_line_end_ = masks.line_end >> 63;
      after_separator_ = (masks.line_end | masks.delimiter) >> 63;
      return {masks.delimiter | lines, lines};
    }
    return next_with_quotes(masks, valid);
  }
  bool inside_quotes() const { return inside_ != 0; }

 private:
  Found next_with_quotes(const ByteMasks& masks, std::uint64_t valid) {
    const std::uint64_t inside = prefix_parity(masks.quote) ^ inside_;  // 1 from an opening quote to before a closing
    const std::uint64_t opening = masks.quote & inside, closing = masks.quote & ~inside;
    const std::uint64_t line_ends = masks.line_end & ~inside, delimiters = masks.delimiter & ~inside;
    const std::uint64_t boundaries = line_ends | delimiters;
    // an opening quote follows a separator, or a closing quote (the pair "" inside a field)
    const std::uint64_t may_open = ((boundaries | closing) << 1) | after_separator_ | after_closing_;
    const std::uint64_t behind_closing = ((closing << 1) | after_closing_) & valid;
    const std::uint64_t lines = line_ends & ~((line_ends << 1) | after_line_end_);
    inside_ = static_cast<std::uint64_t>(0) - (inside >> 63);
    after_closing_ = closing >> 63;
    after_line_end_ = line_ends >> 63;
    after_separator_ = boundaries >> 63;
    return {delimiters | lines, lines, (opening & ~may_open) == 0 && (behind_closing & ~(boundaries | opening)) == 0};
  }

  std::uint64_t inside_ = 0;  // all ones inside quotes
  std::uint64_t after_line_end_ = 1, after_separator_ = 1, after_closing_ = 0;
};

}  // namespace

void FieldIndex::reserve(std::size_t bytes) {
  const std::size_t needed = bytes + 65;  // every byte a separator, and the end
  if (needed <= room_) return;
  ends_.reset();
  ends_.reset(new std::uint32_t[needed]);
  room_ = needed;
}

void FieldIndex::build(std::string_view text, const CsvDialect& dialect, TextEnd end, std::size_t most_rows) {
  text_ = text;
  columns_ = dialect.columns;
  reserve(text.size());
  const auto reset = [&] {
    rows_ = all_rows_ = consumed_ = 0;
    open_quote_ = false;
    faults_ = {};
  };
  reset();
  if (build_fast(dialect.delimiter, end, most_rows)) return;
  reset();
  build_slow(dialect.delimiter, end, most_rows);
}

/// False when the text has something unusual.
bool FieldIndex::build_fast(char delimiter, TextEnd end, std::size_t most_rows) {
  SeparatorFinder finder;
  std::uint32_t* const ends = ends_.get();
  std::size_t count = 0, row_end = columns_ - 1, last = 0;  // row_end: where the next line end must come
  std::uint64_t high = 0;
  bool full = most_rows == 0;
  for (std::size_t at = 0; at < text_.size() && !full; at += 64) {
    char padded[64];
    const char* bytes = text_.data() + at;
    std::uint64_t valid = ~std::uint64_t{0};
    if (text_.size() - at < 64) {
      std::memset(padded, 0, sizeof padded);
      std::memcpy(padded, bytes, text_.size() - at);
      bytes = padded;
      valid = (std::uint64_t{1} << (text_.size() - at)) - 1;
    }
    const ByteMasks masks = byte_masks(bytes, delimiter);
    high |= masks.high;
    auto [separators, line_ends, regular] = finder.next(masks, valid);
    if (!regular) return false;
    while (separators != 0) {
      const int bit = std::countr_zero(separators);
      ends[count] = static_cast<std::uint32_t>(at + static_cast<unsigned>(bit));
      if (((line_ends >> bit) & 1) != 0) {
        if (count != row_end) return false;  // too few fields, or too many
        row_end += columns_;
        last = at + static_cast<unsigned>(bit) + 1;
        full = ++rows_ == most_rows;
        if (full) break;
      }
      ++count;
      separators &= separators - 1;
    }
  }
  consumed_ = last;
  if (!full && end == TextEnd::complete) {
    open_quote_ = finder.inside_quotes();
    if (!open_quote_ && !text_.empty() && !is_line_end(text_.back())) {  // the last row has no line end
      if (count != row_end) return false;
      ends[count] = static_cast<std::uint32_t>(text_.size());
      ++rows_;
    }
    if (!open_quote_) consumed_ = text_.size();
  }
  all_rows_ = rows_;
  return high == 0 || first_not_utf8(text_.substr(0, consumed_)) == std::string_view::npos;
}

namespace {

std::string number_of_fields(std::size_t count) { return std::to_string(count) + (count == 1 ? " field" : " fields"); }

CsvFault ragged_row(std::size_t found, std::size_t wanted) {
  return {.code = "data.ragged_row",
          .message = "has " + number_of_fields(found) + " where the header has " + std::to_string(wanted),
          .hint = found > wanted ? "put quotes around fields that hold the delimiter" : "add the missing fields"};
}

}  // namespace

void FieldIndex::build_slow(char delimiter, TextEnd end, std::size_t most_rows) {
  RowWalker walker(text_, delimiter);
  while (all_rows_ < most_rows && walker.skip_empty_lines()) {
    const std::size_t begin = walker.at();
    std::size_t fields = 0;
    bool text_after_quote = false;
    RowWalker::FieldState state{};
    while (true) {
      state = walker.walk_field();
      text_after_quote |= state == RowWalker::FieldState::text_after_quote;
      if (fields < columns_) ends_[rows_ * columns_ + fields] = static_cast<std::uint32_t>(walker.at());
      ++fields;
      if (walker.at_row_end()) break;
      walker.step();
    }
    if (end == TextEnd::cut && walker.at() == text_.size()) return;  // this row is not complete
    if (state == RowWalker::FieldState::open) {
      open_quote_ = true;
      return;
    }
    const auto add = [&](CsvFault fault) {
      fault.row = all_rows_;
      faults_.add(std::move(fault));
    };
    if (fields != columns_) add(ragged_row(fields, columns_));
    else ++rows_;
    if (text_after_quote)
      add({.code = "data.text_after_quote",
           .message = "a quoted field is followed by text instead of the delimiter",
           .hint = "write a quote inside a quoted field twice"});
    const std::size_t bad = first_not_utf8(text_.substr(begin, walker.at() - begin));
    if (bad != std::string_view::npos)
      add({.code = "data.not_utf8",
           .message = "byte " + std::to_string(bad + 1) + " of the row is not UTF-8",
           .hint = "convert the file to UTF-8, for instance with iconv -f latin1 -t utf-8"});
    ++all_rows_;
    consumed_ = walker.at();
  }
  if (!walker.skip_empty_lines() && end == TextEnd::complete) consumed_ = text_.size();
}

}  // namespace automill
