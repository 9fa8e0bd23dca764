#include "grouped_rows.hpp"

namespace automill {

GroupedRows::GroupedRows(const TargetRows& rows, const Column& column, const StopToken& stop)
    : code_of_row(column.size()), first(column.schema().dictionary->size() + 3, 0) {
  constexpr std::size_t block = 65536;
  const std::size_t categories = column.schema().dictionary->size();
  std::vector<double> values(std::min(block, column.size()));
  for (std::size_t begin = 0; begin < column.size(); begin += block) {
    stop.throw_if_requested();
    const std::size_t count = std::min(block, column.size() - begin);
    column.numbers(begin, count, values.data());
    for (std::size_t i = 0; i < count; ++i) {
      const bool known = values[i] >= 0 && values[i] < static_cast<double>(categories);
      const std::size_t code =
          known ? static_cast<std::size_t>(values[i]) : categories + (std::isnan(values[i]) ? 1 : 0);
      code_of_row[begin + i] = static_cast<std::int32_t>(code);
    }
  }
  for (std::uint32_t row : rows.rows) ++first[static_cast<std::size_t>(code_of_row[row]) + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  cells.slots.resize(rows.size());
  cells.labels.resize(rows.labels.size());
  cells.values.resize(rows.values.size());
  cells.weights.resize(rows.weights.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % block == 0) stop.throw_if_requested();
    const std::size_t at = next[static_cast<std::size_t>(code_of_row[rows.rows[i]])]++;
    cells.slots[at] = rows.slots[i];
    if (rows.classes) cells.labels[at] = rows.labels[i];
    else
      for (std::size_t m = 0; m < rows.signals; ++m)
        cells.values[at * rows.signals + m] = rows.values[i * rows.signals + m];
    if (!rows.weights.empty()) cells.weights[at] = rows.weights[i];
  }
}

}  // namespace automill
