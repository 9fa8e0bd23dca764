#include <automill/preprocess/count_encoder.hpp>

#include "category_numbers_fitted.hpp"
#include "column_statistics.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> CountEncoder::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  const double total =
      counts.empty() ? static_cast<double>(train.rows()) : std::accumulate(counts.begin(), counts.end(), 0.0);
  FittedCategoryNumbers::State state{
      .made_by = registered_name, .suffixes = {"_count"}, .keep = parameters_.keep, .numbers{}};
  state.numbers.resize(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::category) return;
    std::vector<double>& numbers = state.numbers[c] = category_counts(train, counts, c);
    numbers.insert(numbers.end() - 1, 0.0);  // unseen
    for (double& number : numbers) {
      if (parameters_.value == "log_count") number = math::log1p(number);
      if (parameters_.value == "frequency" && total > 0) number /= total;
    }
  });
  return std::make_unique<FittedCategoryNumbers>(schema, std::move(state));
}

}  // namespace automill
