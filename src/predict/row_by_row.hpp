#pragma once
// A few rows of text: tables of n-grams have tens of thousands of columns, whose descriptions take longer than the
// rows. Row predictors make no tables, and give the same bits.

#include <automill/core/model.hpp>

namespace automill {

inline bool better_row_by_row(const Schema& schema, std::size_t rows) {
  constexpr std::size_t few_rows = 64;
  return rows <= few_rows && std::any_of(schema.columns().begin(), schema.columns().end(),
                                         [](const auto& column) { return column.kind == ColumnKind::text; });
}

/// Rows whose table has the model's input schema.
inline void predict_row_by_row(const Model& model, const TableView& rows, PredictionsView out) {
  const Schema& schema = rows.schema();
  const auto predictor = model.row_predictor();
  std::vector<double> numbers(schema.size());
  std::vector<std::string_view> texts(schema.size());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const TableView row = rows.part(i, 1);
    for (std::size_t c = 0; c < schema.size(); ++c) {
      row.numbers(c, &numbers[c]);
      if (schema[c].kind == ColumnKind::text) texts[c] = row.text(c, 0);
    }
    predictor->predict({numbers.data(), texts.data()}, out.row(i));
  }
}

}  // namespace automill
