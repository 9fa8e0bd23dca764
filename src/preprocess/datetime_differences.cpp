#include <automill/preprocess/datetime_differences.hpp>

#include "column_statistics.hpp"
#include "datetime_differences_fitted.hpp"
#include "read_numbers.hpp"

namespace automill {
namespace {

/// Whether the days between are not all the same; missing ones do not count.
bool varies(const std::vector<double>& from, const std::vector<double>& to) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double days = days_between(from[i], to[i]);
    if (std::isnan(days)) continue;
    low = std::min(low, days);
    high = std::max(high, days);
  }
  return low < high;
}

}  // namespace

std::unique_ptr<FittedTransformer> DatetimeDifferences::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  std::vector<FittedDatetimeDifferences::Pair> pairs;
  const auto most = static_cast<std::size_t>(parameters_.max_pairs);
  for (std::uint32_t first = 0; first < schema.size(); ++first) {
    if (schema[first].kind != ColumnKind::datetime) continue;
    const std::vector<double> from = all_numbers(train.features(), first);
    for (std::uint32_t second = first + 1; second < schema.size() && pairs.size() < most; ++second) {
      if (schema[second].kind != ColumnKind::datetime) continue;
      context.stop.throw_if_requested();
      if (!parameters_.drop_constant || varies(from, all_numbers(train.features(), second)))
        pairs.push_back({first, second});
    }
  }
  return std::make_unique<FittedDatetimeDifferences>(std::move(pairs));
}

}  // namespace automill
