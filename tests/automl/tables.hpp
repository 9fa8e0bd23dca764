#pragma once
// Raw tables made from a seed, as users bring them: numbers, categories, text, booleans, points in time, with holes,
// constants, copies and identifiers.

#include <automill/automl/train.hpp>

namespace automill::tables {

inline ColumnPtr number(const char* name, std::vector<double> values, ColumnKind kind = ColumnKind::number) {
  return make_number_column({.name = name, .kind = kind}, std::move(values));
}
inline ColumnPtr category(const char* name, const std::vector<std::string>& values) {
  std::vector<std::string_view> views(values.begin(), values.end());
  return make_category_column(name, views);
}

/// Rows whose target follows from two numbers and a category, with noise. `target` is the last column.
inline Table plain(Task task, std::size_t rows, std::uint64_t seed = 1) {
  std::vector<double> a, b, y;
  std::vector<std::string> job, label;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("plain table"), i);
    const double x = random.normal(), z = random.normal();
    const std::uint64_t j = random.below(4);
    const double signal = x + 0.5 * z + 0.7 * static_cast<double>(j) - 1 + 0.5 * random.normal();
    a.push_back(x);
    b.push_back(z);
    job.push_back("job " + std::to_string(j));
    y.push_back(signal);
    label.push_back(task == Task::binary ? (signal > 0 ? "yes" : "no")
                    : signal > 0.7       ? "high"
                    : signal > -0.5      ? "middle"
                                         : "low");
  }
  return Table({number("a", a), number("b", b), category("job", job),
                task == Task::regression ? number("target", y) : category("target", label)});
}

/// The table with a column added or replaced.
inline Table with(const Table& table, ColumnPtr column) {
  std::vector<ColumnPtr> columns = table.without({column->name()}).columns();
  columns.push_back(std::move(column));
  return Table(std::move(columns));
}

/// A target that nothing tells.
inline std::vector<double> noise_target(std::size_t rows, std::uint64_t seed) {
  RandomStream random(seed, purpose("noise target"));
  std::vector<double> values;
  for (std::size_t row = 0; row < rows; ++row) values.push_back(random.normal());
  return values;
}

/// The rows of a table, in the given order.
inline Table rows_of(const Table& table, const std::vector<std::uint32_t>& rows) {
  return FittedTransformerPipeline::copy_rows(TableView(table, rows));
}
inline Table first_rows(const Table& table, std::size_t count) {
  return FittedTransformerPipeline::copy_rows(TableView(table, 0, count));
}

}  // namespace automill::tables
