#pragma once
// The cells of some rows that are not 0, row by row. Sparse columns are passed over once, whatever the rows.

#include <automill/core/stop.hpp>
#include <automill/core/table.hpp>

namespace automill {

/// Cells of row i: [starts[i], starts[i + 1]) of `columns` (places in the list that was asked for, ascending) and
/// `values` (missing ones are NaN).
struct RowCells {
  std::vector<std::size_t> starts{};
  std::vector<std::uint32_t> columns{};
  std::vector<double> values{};
};

namespace row_cells_detail {

constexpr std::uint32_t absent = 0xffffffff;

/// Where each row of the table is in the view, if no row is there twice.
inline std::optional<std::vector<std::uint32_t>> places_of(const TableView& rows) {
  std::vector<std::uint32_t> places(rows.table().rows(), absent);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::uint32_t& place = places[rows.row(i)];
    if (place != absent) return std::nullopt;
    place = static_cast<std::uint32_t>(i);
  }
  return places;
}

}  // namespace row_cells_detail

/// O(rows dense columns + kept cells of the sparse ones + rows of the table). Stopped leaves it when there is a stop.
inline RowCells row_cells(const TableView& rows, std::span<const std::uint32_t> columns, const StopToken& stop) {
  const std::size_t n = rows.rows();
  const bool any_sparse =
      std::any_of(columns.begin(), columns.end(), [&](std::uint32_t c) { return rows.table()[c].sparse(); });
  const auto places = any_sparse ? row_cells_detail::places_of(rows) : std::nullopt;
  std::vector<double> dense;
  const auto for_each_cell = [&](const auto& visit) {  // visit(row of the view, place of the column, value)
    std::size_t passed = 0;                            // cells since the stop token was asked
    for (std::uint32_t k = 0; k < columns.size(); ++k) {
      const Column& column = rows.table()[columns[k]];
      const bool kept_only = places && column.sparse();
      passed += 16 + (kept_only ? column.stored() : n);
      if (passed > (std::size_t{1} << 20)) {
        stop.throw_if_requested();
        passed = 0;
      }
      if (kept_only) {
        column.for_each_stored([&](std::size_t row, double value) {
          const std::uint32_t i = (*places)[row];
          if (i != row_cells_detail::absent && value != 0) visit(i, k, value);
        });
        continue;
      }
      dense.resize(n);
      rows.numbers(columns[k], dense.data());
      for (std::size_t i = 0; i < n; ++i)
        if (dense[i] != 0) visit(i, k, dense[i]);
    }
  };
  RowCells cells;
  cells.starts.assign(n + 1, 0);
  for_each_cell([&](std::size_t i, std::uint32_t, double) { ++cells.starts[i + 1]; });
  for (std::size_t i = 0; i < n; ++i) cells.starts[i + 1] += cells.starts[i];
  cells.columns.resize(cells.starts[n]);
  cells.values.resize(cells.starts[n]);
  std::vector<std::size_t> next(cells.starts.begin(), cells.starts.end() - 1);
  for_each_cell([&](std::size_t i, std::uint32_t k, double value) {
    cells.columns[next[i]] = k;
    cells.values[next[i]++] = value;
  });
  return cells;
}

}  // namespace automill
