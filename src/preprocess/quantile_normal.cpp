#include <automill/preprocess/quantile_normal.hpp>

#include "column_statistics.hpp"
#include "quantile_normal_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> QuantileNormal::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  ColumnLists quantiles(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    ColumnValues values(train, counts, c);
    if (values.empty()) return;
    const double most = std::min<double>(parameters_.quantiles, std::floor(values.total() + 0.5));
    quantiles[c] = values.quantiles(std::max<std::size_t>(2, static_cast<std::size_t>(most)), context.stop);
    if (quantiles[c].front() == quantiles[c].back()) quantiles[c].resize(1);
  });
  const QuantileOutput output = parameters_.output == "normal" ? QuantileOutput::normal : QuantileOutput::uniform;
  return std::make_unique<FittedQuantileNormal>(schema, output, std::move(quantiles));
}

}  // namespace automill
