#include <automill/preprocess/datetime_parts.hpp>

#include "column_statistics.hpp"
#include "datetime_parts_fitted.hpp"

namespace automill {
namespace {

FittedDatetimeParts::Split split_for(const std::vector<double>& values, bool drop_constant) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  FittedDatetimeParts::Split split{.origin = infinity};
  for (double value : values)
    if (std::isfinite(value)) split.origin = std::min(split.origin, value);
  if (split.origin == infinity) split.origin = 0;
  std::array<double, 7> low, high;
  low.fill(infinity);
  high.fill(-infinity);
  for (double value : values) {
    const std::array<double, 7> parts = split_datetime(value, split.origin);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      if (std::isnan(parts[k])) continue;
      low[k] = std::min(low[k], parts[k]);
      high[k] = std::max(high[k], parts[k]);
    }
  }
  for (std::size_t k = 0; k < low.size(); ++k)
    if (!drop_constant || low[k] < high[k]) split.parts.push_back(static_cast<DatetimePart>(k));
  return split;
}

}  // namespace

std::unique_ptr<FittedTransformer> DatetimeParts::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  std::vector<FittedDatetimeParts::Split> splits(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::datetime) return;
    std::vector<double> values(train.rows());
    train.features().numbers(c, values.data());
    splits[c] = split_for(values, parameters_.drop_constant);
  });
  return std::make_unique<FittedDatetimeParts>(schema, parameters_.keep, std::move(splits));
}

}  // namespace automill
