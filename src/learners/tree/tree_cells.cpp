#include "learners/tree/tree_cells.hpp"

namespace automill::tree {

namespace {

/// -0.5 has the whole part 0.
double cell_of(const CategoryTable& table, double value) {
  if (table.bins == 1) return value;
  if (std::isnan(value)) return table.missing_bin;
  return value > -1 && value < static_cast<double>(table.bin_of_code.size())
             ? table.bin_of_code[static_cast<std::size_t>(static_cast<std::ptrdiff_t>(value))]
             : 0;
}

double crossed(const TreeArrays& arrays, const CategoryCross& cross, double first, double second) {
  const std::uint32_t key = cross_key(static_cast<std::size_t>(first), static_cast<std::size_t>(second),
                                      arrays.categories[cross.second].bins);
  return static_cast<double>(bin_of_key(cross.keys, key));
}

}  // namespace

std::vector<std::uint32_t> sources_of_cell(const TreeArrays& arrays, std::size_t cell) {
  if (cell < arrays.columns.size()) return {arrays.columns[cell]};
  const CategoryCross& cross = arrays.crosses[cell - arrays.columns.size()];
  std::vector<std::uint32_t> sources = sources_of_cell(arrays, cross.first);
  for (std::uint32_t source : sources_of_cell(arrays, cross.second))
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.push_back(source);
  return sources;
}

void read_row(const TreeArrays& arrays, const double* numbers, double* cells) noexcept {
  const std::size_t columns = arrays.columns.size();
  for (std::size_t c = 0; c < columns; ++c) cells[c] = cell_of(arrays.categories[c], numbers[arrays.columns[c]]);
  for (std::size_t c = 0; c < arrays.crosses.size(); ++c) {
    const CategoryCross& cross = arrays.crosses[c];
    cells[columns + c] = crossed(arrays, cross, cells[cross.first], cells[cross.second]);
  }
}

void read_cell(const TreeArrays& arrays, std::size_t cell, const TableView& rows, double* out) {
  if (cell < arrays.columns.size()) {
    rows.numbers(arrays.columns[cell], out);
    const CategoryTable& table = arrays.categories[cell];
    if (table.bins > 1)
      for (std::size_t i = 0; i < rows.rows(); ++i) out[i] = cell_of(table, out[i]);
    return;
  }
  const CategoryCross& cross = arrays.crosses[cell - arrays.columns.size()];
  std::vector<double> second(rows.rows());
  read_cell(arrays, cross.first, rows, out);
  read_cell(arrays, cross.second, rows, second.data());
  for (std::size_t i = 0; i < rows.rows(); ++i) out[i] = crossed(arrays, cross, out[i], second[i]);
}

void read_cells(const TreeArrays& arrays, const TableView& rows, double* column, double* cells) {
  const std::size_t stride = cells_of_row(arrays), columns = arrays.columns.size();
  for (std::size_t c = 0; c < columns; ++c) {
    read_cell(arrays, c, rows, column);
    for (std::size_t i = 0; i < rows.rows(); ++i) cells[i * stride + c] = column[i];
  }
  for (std::size_t c = 0; c < arrays.crosses.size(); ++c) {
    const CategoryCross& cross = arrays.crosses[c];
    for (double* row = cells; row != cells + rows.rows() * stride; row += stride)
      row[columns + c] = crossed(arrays, cross, row[cross.first], row[cross.second]);
  }
}

}  // namespace automill::tree
