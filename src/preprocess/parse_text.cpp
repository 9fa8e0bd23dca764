#include <automill/preprocess/parse_text.hpp>

#include "column_statistics.hpp"
#include "data/format_inference.hpp"
#include "parse_text_fitted.hpp"

namespace automill {
namespace {

/// Rows are counted in 1024ths, so that weights that are not whole are summed in any order.
std::size_t copies(const std::vector<double>& counts, std::size_t row) {
  constexpr double parts = 1024;
  return counts.empty() ? 1 : static_cast<std::size_t>(counts[row] * parts + 0.5);
}

/// The cells of the rows that count. They refer to the column.
std::vector<DistinctCell> counted_cells(const DatasetView& train, const std::vector<double>& counts,
                                        std::size_t column) {
  const TableView& rows = train.features();
  std::unordered_map<std::string_view, std::size_t> rows_of;
  std::vector<DistinctCell> cells;
  if (rows.schema()[column].kind == ColumnKind::category) {
    const auto& names = rows.schema()[column].dictionary->names();
    std::vector<std::size_t> of_code(names.size());
    std::vector<double> codes(rows.rows());
    rows.numbers(column, codes.data());
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (codes[i] < static_cast<double>(names.size()))
        of_code[static_cast<std::size_t>(codes[i])] += copies(counts, i);
    for (std::size_t k = 0; k < names.size(); ++k)
      if (of_code[k] > 0) cells.push_back({names[k], of_code[k]});
    return cells;
  }
  std::vector<double> present(rows.rows());
  rows.numbers(column, present.data());
  for (std::size_t i = 0; i < present.size(); ++i)
    if (const std::size_t count = copies(counts, i); !std::isnan(present[i]) && count > 0)
      rows_of[rows.text(column, i)] += count;
  for (const auto& [text, count] : rows_of) cells.push_back({text, count});
  return cells;
}

}  // namespace

std::unique_ptr<FittedTransformer> ParseText::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<FittedParseText::Parsed> columns(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::text && schema[c].kind != ColumnKind::category) return;
    const std::vector<DistinctCell> cells = counted_cells(train, counts, c);
    auto found = parameters_.booleans ? infer_format(cells, ColumnKind::boolean) : std::nullopt;
    if (!found) found = infer_values(cells, parameters_.least_share);
    if (found) columns[c] = {found->kind, found->integer, found->format};
  });
  return std::make_unique<FittedParseText>(schema, columns);
}

}  // namespace automill
