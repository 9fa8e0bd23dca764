#include <automill/preprocess/winsorize.hpp>

#include "column_statistics.hpp"
#include "winsorize_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> Winsorize::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  ColumnLists limits(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    ColumnValues values(train, counts, c);
    if (values.empty()) return;
    const double low = values.quantile(parameters_.lower);
    limits[c] = {low, std::max(low, values.quantile(parameters_.upper))};
  });
  return std::make_unique<FittedWinsorize>(schema, std::move(limits));
}

}  // namespace automill
