#pragma once
// What the model of a row's spread sees: the columns that are no text, and the prediction as a last column.

#include <automill/core/table.hpp>

namespace automill {

/// The prediction is named so; with more underscores where the name is taken.
inline std::string prediction_column(const Schema& schema) {
  std::string name = "prediction";
  while (schema.contains(name)) name += "_";
  return name;
}

/// Positions in the schema of the columns that are no text.
inline std::vector<std::uint32_t> spread_columns(const Schema& schema) {
  std::vector<std::uint32_t> columns;
  for (std::uint32_t c = 0; c < schema.size(); ++c)
    if (schema[c].kind != ColumnKind::text) columns.push_back(c);
  return columns;
}

inline std::shared_ptr<const Schema> spread_schema(const Schema& schema) {
  std::vector<ColumnSchema> columns;
  for (const std::uint32_t c : spread_columns(schema)) columns.push_back(schema[c]);
  columns.push_back({.name = prediction_column(schema)});
  return std::make_shared<const Schema>(std::move(columns));
}

/// `rows`: with the columns of the schema in its order.
inline Table spread_table(const Table& rows, std::vector<double> predictions) {
  std::vector<ColumnPtr> columns;
  for (const std::uint32_t c : spread_columns(*rows.schema())) columns.push_back(rows.columns()[c]);
  columns.push_back(make_number_column({.name = prediction_column(*rows.schema())}, std::move(predictions)));
  return Table(std::move(columns));
}

}  // namespace automill
