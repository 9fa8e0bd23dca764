#pragma once
// Strings that mean missing. The empty field does in every column; the user's strings too; blanks and the usual markers
// only in columns of numbers, dates and booleans.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace automill {

inline std::string_view without_blanks(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

class MissingMarkers {
 public:
  static constexpr int empty = 0, blank = 1, none = -1;
  static constexpr int first_of_user = 11;

  explicit MissingMarkers(const std::vector<std::string>& of_user = {}) {
    for (const std::string& marker : of_user) add(marker);
  }
  void add(const std::string& marker) {
    if (marker.empty() || of_user(marker) != none) return;
    names_.push_back(marker);
    lengths_ |= std::uint64_t{1} << (marker.size() & 63);
  }

  std::size_t size() const { return names_.size(); }
  const std::string& name(std::size_t marker) const { return names_[marker]; }
  bool has_own() const { return lengths_ != 0; }
  /// Number of the user's marker that `text` is.
  int of_user(std::string_view text) const {
    if (((lengths_ >> (text.size() & 63)) & 1) == 0) return none;
    return search(text, first_of_user, names_.size());
  }
  /// Number of any marker that `text` is, blanks around it not counted.
  int any(std::string_view text) const {
    if (text.empty()) return empty;
    if (const int own = of_user(text); own != none) return own;
    text = without_blanks(text);
    if (text.empty()) return blank;
    return text.size() > 4 ? static_cast<int>(none) : search(text, blank + 1, first_of_user);
  }

 private:
  int search(std::string_view text, std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i)
      if (names_[i] == text) return static_cast<int>(i);
    return none;
  }
  std::vector<std::string> names_{"", " ", "NA", "N/A", "NaN", "nan", "null", "None", "?", "-", "."};
  std::uint64_t lengths_ = 0;  // of the user's markers, modulo 64
};

}  // namespace automill
