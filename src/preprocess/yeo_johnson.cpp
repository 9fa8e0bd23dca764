#include <automill/preprocess/yeo_johnson.hpp>

#include "yeo_johnson_fit.hpp"
#include "yeo_johnson_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> YeoJohnson::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<FittedYeoJohnson::Curve> curves(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    const PowerFit fit = fit_power(ColumnValues(train, counts, c).distinct(context.stop), context.stop);
    const double factor = 1 / fit.deviation;
    if (!parameters_.standardize) curves[c] = {fit.power, 0, 1};
    else curves[c] = {fit.power, fit.center, fit.deviation > 0 && std::isfinite(factor) ? factor : 0.0};
  });
  return std::make_unique<FittedYeoJohnson>(schema, std::move(curves));
}

}  // namespace automill
