#include "data/csv_pieces.hpp"

#include <algorithm>

#include "data/byte_masks.hpp"
#include "data/csv_index.hpp"
#include "data/row_walker.hpp"

namespace automill {
namespace {

/// Whether the text holds an odd number of quotes.
bool odd_quotes(std::string_view text) {
  std::uint64_t parity = 0;
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) parity ^= quote_mask(text.data() + at);
  bool odd = (std::popcount(parity) & 1) != 0;
  for (; at < text.size(); ++at) odd ^= text[at] == '"';
  return odd;
}

/// Position behind the first line end outside quotes, from `at` on.
std::size_t next_row(std::string_view text, std::size_t at, bool inside) {
  for (; at < text.size(); ++at) {
    if (text[at] == '"') inside = !inside;
    else if (!inside && is_line_end(text[at])) return at + 1;
  }
  return at;
}

}  // namespace

std::vector<std::string_view> cut_into_pieces(std::string_view rows, std::size_t piece_bytes,
                                              const Executor& executor) {
  const std::size_t count = (rows.size() + piece_bytes - 1) / piece_bytes;
  if (count < 2) return {rows};
  std::vector<char> inside(count + 1, 0);  // inside[i]: at the start of block i
  executor.run(count, [&](std::size_t i) { inside[i + 1] = odd_quotes(rows.substr(i * piece_bytes, piece_bytes)); });
  for (std::size_t i = 0; i < count; ++i) inside[i + 1] = static_cast<char>(inside[i + 1] ^ inside[i]);
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= count; ++i) {
    const std::size_t block = i * piece_bytes;
    if (block < begin) continue;  // a row longer than the block
    std::size_t end = i == count ? rows.size() : next_row(rows, block, inside[i] != 0);
    while (end - begin > FieldIndex::largest_text) {  // hardly one row: cut it anyhow, the check of quotes mends it
      const std::size_t cut = next_row(rows, begin + FieldIndex::largest_text / 8, false);
      if (cut >= end) break;
      pieces.push_back(rows.substr(begin, cut - begin));
      begin = cut;
    }
    if (end > begin) pieces.push_back(rows.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

}  // namespace automill
