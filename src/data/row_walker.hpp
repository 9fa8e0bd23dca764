#pragma once
// The grammar of CSV rows, byte by byte: what csv_index.hpp finds with vector code, and the header line.

#include <string_view>

namespace automill {

inline bool is_line_end(char c) { return c == '\n' || c == '\r'; }

/// Goes through a text row by row, field by field.
class RowWalker {
 public:
  RowWalker(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  std::size_t at() const { return at_; }
  bool skip_empty_lines() {
    while (at_ < text_.size() && is_line_end(text_[at_])) ++at_;
    return at_ < text_.size();
  }
  bool at_row_end() const { return at_ == text_.size() || is_line_end(text_[at_]); }
  void step() { ++at_; }

  enum class FieldState : std::uint8_t { good, text_after_quote, open };
  /// To the end of the field that begins here.
  FieldState walk_field() {
    FieldState state = FieldState::good;
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!walk_quotes()) return FieldState::open;
      if (!at_field_end()) state = FieldState::text_after_quote;
    }
    while (!at_field_end()) ++at_;
    return state;
  }

 private:
  bool at_field_end() const { return at_row_end() || text_[at_] == delimiter_; }
  bool walk_quotes() {
    while (true) {
      const std::size_t quote = text_.find('"', at_ + 1);
      if (quote == std::string_view::npos) {
        at_ = text_.size();
        return false;
      }
      at_ = quote + 1;
      if (at_ == text_.size() || text_[at_] != '"') return true;
    }
  }

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
};

}  // namespace automill
