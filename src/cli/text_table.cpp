#include "cli/text_table.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>

namespace automill::cli {
namespace {

/// Characters as a terminal counts them: bytes that begin a code point.
std::size_t width_of(const std::string& text) {
  std::size_t width = 0;
  for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& right) {
  std::string text;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const std::string padding(widths[c] - width_of(cells[c]), ' ');
    text += (c == 0 ? "" : "  ") + (right[c] ? padding + cells[c] : cells[c] + padding);
  }
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

}  // namespace

std::string text_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right) {
  std::vector<std::size_t> widths;
  for (const std::string& name : header) widths.push_back(width_of(name));
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string text = line(header, widths, right);
  for (const auto& row : rows) text += line(row, widths, right);
  return text;
}

std::string figure(double value) {
  if (std::isnan(value)) return "-";
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.5g", value);
  return buffer;
}

std::string size_text(std::uint64_t bytes) {
  char buffer[32];
  if (bytes < 1000000) std::snprintf(buffer, sizeof buffer, "%.3g kB", static_cast<double>(bytes) / 1e3);
  else std::snprintf(buffer, sizeof buffer, "%.3g MB", static_cast<double>(bytes) / 1e6);
  return buffer;
}

}  // namespace automill::cli
