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

/// Markers have numbers: the usual ones first, then the user's.
class MissingMarkers {
 public:
  static constexpr int none = -1, empty = 0, blank = 1;
  static constexpr std::array<std::string_view, 11> usual{"",     " ",    "NA", "N/A", "NaN", "nan",
                                                          "null", "None", "?",  "-",   "."};

  explicit MissingMarkers(const std::vector<std::string>& own = {}) {
    for (const std::string& marker : own) add(marker);
  }
  void add(const std::string& marker) {
    if (marker.empty() || of_user(marker) != none) return;
    own_.push_back(marker);
    lengths_ |= std::uint64_t{1} << (marker.size() & 63);
  }

  std::size_t size() const { return usual.size() + own_.size(); }
  std::string name(std::size_t marker) const {
    return marker < usual.size() ? std::string(usual[marker]) : own_[marker - usual.size()];
  }
  bool has_own() const { return !own_.empty(); }
  /// Number of the user's marker that `text` is.
  int of_user(std::string_view text) const {
    if (((lengths_ >> (text.size() & 63)) & 1) == 0) return none;
    for (std::size_t i = 0; i < own_.size(); ++i)
      if (own_[i] == text) return static_cast<int>(usual.size() + i);
    return none;
  }
  /// Number of any marker that `text` is, blanks around it not counted.
  int any(std::string_view text) const {
    if (text.empty()) return empty;
    if (const int own = of_user(text); own != none) return own;
    text = without_blanks(text);
    if (text.empty()) return blank;
    for (std::size_t i = blank + 1; i < usual.size() && text.size() <= 4; ++i)
      if (usual[i] == text) return static_cast<int>(i);
    return none;
  }

 private:
  std::vector<std::string> own_{};
  std::uint64_t lengths_ = 0;  // of the user's markers, modulo 64
};

}  // namespace automill
