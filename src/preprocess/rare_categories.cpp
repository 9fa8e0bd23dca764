#include <automill/preprocess/rare_categories.hpp>

#include "category_map_fitted.hpp"
#include "column_statistics.hpp"

namespace automill {
namespace {

constexpr const char* other_name = "(other)";

/// Which categories stay.
std::vector<bool> kept_categories(const std::vector<double>& frequency, const RareCategoriesParameters& parameters) {
  std::vector<bool> stays(frequency.size() - 1, false);
  const auto most = static_cast<std::size_t>(parameters.max_categories);
  for (std::size_t code : frequent_categories(frequency, parameters.min_count, most)) stays[code] = true;
  return stays;
}

FittedCategoryMap::Map map_of(const std::vector<std::string>& names, const std::vector<bool>& stays) {
  FittedCategoryMap::Map map;
  std::vector<std::string>& kept = map.names;
  for (std::size_t code = 0; code < names.size(); ++code)
    if (stays[code]) kept.push_back(names[code]);
  const auto place = std::lower_bound(kept.begin(), kept.end(), other_name);
  const auto other = static_cast<std::int32_t>(place - kept.begin());
  if (place == kept.end() || *place != other_name) kept.emplace(place, other_name);
  std::int32_t next = 0;
  for (std::size_t code = 0; code < names.size(); ++code) {
    if (!stays[code]) {
      map.codes.push_back(other);
      continue;
    }
    if (next == other && names[code] != other_name) ++next;
    map.codes.push_back(next++);
  }
  map.codes.push_back(other);  // unseen
  return map;
}

}  // namespace

std::unique_ptr<FittedTransformer> RareCategories::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<FittedCategoryMap::Map> maps(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind == ColumnKind::category)
      maps[c] = map_of(schema[c].dictionary->names(), kept_categories(category_counts(train, counts, c), parameters_));
  });
  return std::make_unique<FittedCategoryMap>(schema, registered_name, std::move(maps));
}

}  // namespace automill
