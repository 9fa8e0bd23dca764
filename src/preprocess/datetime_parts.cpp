#include <automill/preprocess/datetime_parts.hpp>

#include "column_statistics.hpp"
#include "datetime_parts_fitted.hpp"
#include "read_numbers.hpp"

namespace automill {
namespace {

std::vector<DatetimePart> wanted_parts(const DatetimePartsParameters& parameters) {
  std::vector<DatetimePart> parts;
  for (std::size_t k = 0; k < datetime_part_names().size(); ++k) {
    const auto part = static_cast<DatetimePart>(k);
    const bool cycle = part >= DatetimePart::month_sin && part <= DatetimePart::day_of_year_cos,
               detail = part > DatetimePart::day_of_year_cos;
    if (cycle ? parameters.cycles : !detail || parameters.details) parts.push_back(part);
  }
  return parts;
}

FittedDatetimeParts::Split split_for(const std::vector<double>& values, const DatetimePartsParameters& parameters,
                                     const StopToken& stop) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::vector<DatetimePart> wanted = wanted_parts(parameters);
  FittedDatetimeParts::Split split{.origin = infinity};
  for (double value : values)
    if (std::isfinite(value)) split.origin = std::min(split.origin, value);
  if (split.origin == infinity) split.origin = 0;
  std::vector<double> low(wanted.size(), infinity), high(wanted.size(), -infinity);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % 8192 == 0) stop.throw_if_requested();
    const CalendarTime time = calendar_of(values[i]);
    if (std::isnan(time.microseconds)) continue;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const double part = datetime_part(wanted[k], time, split.origin);
      low[k] = std::min(low[k], part);
      high[k] = std::max(high[k], part);
    }
  }
  for (std::size_t k = 0; k < wanted.size(); ++k)
    if (!parameters.drop_constant || low[k] < high[k]) split.parts.push_back(wanted[k]);
  return split;
}

}  // namespace

std::unique_ptr<FittedTransformer> DatetimeParts::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  std::vector<FittedDatetimeParts::Split> splits(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::datetime) return;
    splits[c] = split_for(all_numbers(train.features(), c), parameters_, context.stop);
  });
  return std::make_unique<FittedDatetimeParts>(schema, parameters_.keep, std::move(splits));
}

}  // namespace automill
