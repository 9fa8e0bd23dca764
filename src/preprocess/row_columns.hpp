#pragma once
// Fitted transformers whose columns all pass and that add number columns made of several columns of a row.

#include <automill/core/transformer.hpp>
#include <unordered_set>

#include "columnwise.hpp"

namespace automill {

/// The columns, then the added ones; names that are taken get "_2", "_3" ... appended.
inline Schema with_added_columns(const Schema& input, std::vector<ColumnSchema> added) {
  std::vector<ColumnSchema> columns = input.columns();
  std::unordered_set<std::string> taken;
  for (const ColumnSchema& column : columns) taken.insert(column.name);
  for (ColumnSchema& column : added) {
    const std::string base = column.name;
    for (int copy = 2; !taken.insert(column.name).second; ++copy) column.name = base + "_" + std::to_string(copy);
    columns.push_back(std::move(column));
  }
  return Schema(std::move(columns));
}

/// One row as it is.
inline void pass_row(const Schema& input, const RowView& row, double* numbers, std::string_view* texts) noexcept {
  for (std::size_t c = 0; c < input.size(); ++c) {
    numbers[c] = row.numbers[c];
    if (input[c].kind == ColumnKind::text && row.texts != nullptr) texts[c] = row.texts[c];
  }
}

/// The rows with number columns behind theirs, as `output` says. `fill(part, first, columns)` writes a block of rows,
/// `part`, to rows `first` on of the added columns; blocks run side by side.
template <class Fill>
Table append_row_columns(const TableView& rows, const Schema& output, const RunContext& context, const Fill& fill) {
  const std::size_t n = rows.rows(), passed = rows.schema().size(), added = output.size() - passed;
  const MemoryClaim claim(context.memory, 8 * added * n, "columns made of rows");
  std::vector<std::vector<double>> made(added, std::vector<double>(n));
  for_each_block(context.executor(), n, 1024, [&](std::size_t begin, std::size_t end) {
    context.stop.throw_if_requested();
    fill(rows.part(begin, end - begin), begin, made);
  });
  std::vector<ColumnPtr> columns = pass_columns(rows);
  for (std::size_t k = 0; k < added; ++k) columns.push_back(make_number_column(output[passed + k], std::move(made[k])));
  return Table::with_rows(std::move(columns), n);
}

}  // namespace automill
