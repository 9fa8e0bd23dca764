#include <automill/preprocess/text_statistics.hpp>
#include <cmath>

#include "column_statistics.hpp"
#include "text_statistics_fitted.hpp"

namespace automill {
namespace {

/// Symbols that at least so large a share of the rows hold.
std::string common_symbols(const DatasetView& train, const std::vector<double>& counts, std::size_t column,
                           double min_share, const RunContext& context) {
  constexpr std::string_view symbols = FittedTextStatistics::counted_symbols;
  std::array<double, symbols.size()> rows{};
  double total = 0;
  const TableView texts = train.features();
  for (std::size_t i = 0; i < train.rows(); ++i) {
    if (i % 1024 == 0) context.stop.throw_if_requested();
    const double count = counts.empty() ? 1 : counts[i];
    total += count;
    const std::string_view text = texts.text(column, i);
    for (std::size_t k = 0; k < symbols.size(); ++k)
      if (text.find(symbols[k]) != std::string_view::npos) rows[k] += count;
  }
  std::string common;
  for (std::size_t k = 0; k < symbols.size(); ++k)
    if (rows[k] > 0 && rows[k] >= min_share * total * (1 - 1e-12)) common += symbols[k];
  return common;
}

}  // namespace

DataShape TextStatistics::output_shape(const DataShape& input) const {
  constexpr std::size_t numbers = 6, symbols = 20;
  DataShape made = input;
  made.columns += input.texts * (numbers - 1 + (parameters_.symbols ? symbols : 0));
  if (made.nonzeros > 0) made.nonzeros += made.columns - input.columns;
  made.texts = made.text_bytes = 0;
  return made;
}

std::unique_ptr<FittedTransformer> TextStatistics::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<std::string> symbols(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (parameters_.symbols && schema[c].kind == ColumnKind::text)
      symbols[c] = common_symbols(train, counts, c, parameters_.min_share, context);
  });
  return std::make_unique<FittedTextStatistics>(schema, std::move(symbols));
}

}  // namespace automill
