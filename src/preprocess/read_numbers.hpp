#pragma once
// Columns of a view as numbers, faster than TableView::numbers where the rows are close together: a run of the column
// is read at once, whatever its storage, and rows are picked from it.

#include <automill/core/table.hpp>

namespace automill {

constexpr std::size_t rows_a_block = 4096;

/// One block of rows (a few thousand); `out` holds rows.rows() doubles.
inline void read_numbers(const TableView& rows, std::size_t column, double* out, std::vector<double>& scratch) {
  const std::size_t n = rows.rows();
  if (n == 0) return;
  const std::size_t first = rows.row(0);
  bool ascending = true, consecutive = true;
  for (std::size_t i = 1; i < n; ++i) {
    ascending = ascending && rows.row(i) >= rows.row(i - 1);
    consecutive = consecutive && rows.row(i) == first + i;
  }
  const Column& source = rows.table()[column];
  if (consecutive) return source.numbers(first, n, out);
  const std::size_t span = rows.row(n - 1) + 1 - first;
  if (!ascending || span > 4 * n) return rows.numbers(column, out);
  scratch.resize(span);
  source.numbers(first, span, scratch.data());
  for (std::size_t i = 0; i < n; ++i) out[i] = scratch[rows.row(i) - first];
}

/// All rows of a view.
inline std::vector<double> all_numbers(const TableView& rows, std::size_t column) {
  std::vector<double> values(rows.rows()), scratch;
  for (std::size_t begin = 0; begin < values.size(); begin += rows_a_block)
    read_numbers(rows.part(begin, std::min(rows_a_block, values.size() - begin)), column, values.data() + begin,
                 scratch);
  return values;
}

}  // namespace automill
