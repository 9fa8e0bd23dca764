#include <automill/preprocess/clean.hpp>

#include "clean_fitted.hpp"
#include "column_statistics.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> Clean::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<double> lows(schema.size(), std::numeric_limits<double>::quiet_NaN()), highs = lows;
  for_each_column(train, context, [&](std::size_t c) {
    const bool number = schema[c].kind == ColumnKind::number || schema[c].kind == ColumnKind::datetime;
    if (!number || parameters_.infinite == "missing") return;
    const ColumnValues values(train, counts, c);
    if (values.empty()) return;
    lows[c] = values.smallest() + 0.0;  // -0 as 0: the order of rows must not tell
    highs[c] = values.largest() + 0.0;
  });
  return std::make_unique<FittedClean>(schema, std::move(lows), std::move(highs));
}

}  // namespace automill
