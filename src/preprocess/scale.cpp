#include <automill/preprocess/scale.hpp>

#include "column_statistics.hpp"
#include "scale_fitted.hpp"

namespace automill {
namespace {

struct CenterAndSpread {
  double center = 0, spread = 0;
};

CenterAndSpread measure(ColumnValues& values, const std::string& method) {
  if (values.empty()) return {};
  if (method == "standard") return {values.mean(), values.deviation()};
  const double range = values.largest() - values.smallest();
  if (method == "minmax") return {values.smallest(), range};
  const double quartiles = values.quantile(0.75) - values.quantile(0.25);
  return {values.quantile(0.5), quartiles > 0 ? quartiles : 0.5 * range};
}

}  // namespace

std::unique_ptr<FittedTransformer> Scaler::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<double> centers(schema.size(), 0.0), factors(schema.size(), 0.0);
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number && schema[c].kind != ColumnKind::datetime) return;
    ColumnValues values(train, counts, c);
    const CenterAndSpread found = measure(values, parameters_.method);
    centers[c] = found.center;
    const double factor = 1 / found.spread;
    factors[c] = found.spread > 0 && std::isfinite(factor) ? factor : 0.0;
  });
  const ScaleClip clip = !parameters_.clip                ? ScaleClip::none
                         : parameters_.method == "robust" ? ScaleClip::smooth
                         : parameters_.method == "minmax" ? ScaleClip::unit
                                                          : ScaleClip::none;
  return std::make_unique<FittedScale>(schema, clip, std::move(centers), std::move(factors));
}

}  // namespace automill
