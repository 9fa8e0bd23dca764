#include <automill/preprocess/spline.hpp>

#include "column_statistics.hpp"
#include "spline_fitted.hpp"

namespace automill {
namespace {

std::vector<double> knots_for(ColumnValues& values, const SplineParameters& parameters, const StopToken& stop) {
  const auto count = static_cast<std::size_t>(parameters.knots);
  if (values.empty()) return {};
  std::vector<double> knots;
  if (parameters.placement == "quantile") {
    knots = values.quantiles(count, stop);
  } else {
    const double low = values.smallest(), high = values.largest(), last = static_cast<double>(count - 1);
    for (std::size_t i = 0; i + 1 < count; ++i) knots.push_back(low + (high - low) * (static_cast<double>(i) / last));
    knots.push_back(high);
  }
  knots.erase(std::unique(knots.begin(), knots.end()), knots.end());
  return knots;
}

}  // namespace

DataShape Spline::output_shape(const DataShape& input) const {
  DataShape made = input;
  const auto of_column = static_cast<std::size_t>(parameters_.knots + parameters_.degree - 1);
  made.columns = (input.columns - input.texts) * of_column + input.texts;
  made.nonzeros = static_cast<std::size_t>(input.filled()) * static_cast<std::size_t>(parameters_.degree + 1);
  return made;
}

std::unique_ptr<FittedTransformer> Spline::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  const SplineShape shape{.degree = static_cast<std::size_t>(parameters_.degree),
                          .linear_beyond = parameters_.extrapolation == "linear",
                          .include_bias = parameters_.include_bias};
  ColumnLists knots(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::number) return;
    ColumnValues values(train, counts, c);
    knots[c] = extended_knots(knots_for(values, parameters_, context.stop), shape.degree);
  });
  return std::make_unique<FittedSpline>(schema, shape, std::move(knots));
}

}  // namespace automill
