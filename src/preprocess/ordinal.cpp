#include <automill/preprocess/ordinal.hpp>

#include "column_statistics.hpp"
#include "ordinal_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> Ordinal::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<std::vector<std::int32_t>> numbers(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::category) return;
    std::vector<std::int32_t> ranked(schema[c].dictionary->size());
    std::iota(ranked.begin(), ranked.end(), 0);
    if (parameters_.order == "frequency") {
      const std::vector<double> frequency = category_counts(train, counts, c);
      std::stable_sort(ranked.begin(), ranked.end(), [&](std::int32_t a, std::int32_t b) {
        return frequency[static_cast<std::size_t>(a)] > frequency[static_cast<std::size_t>(b)];
      });
    }
    numbers[c].resize(ranked.size());
    for (std::size_t rank = 0; rank < ranked.size(); ++rank)
      numbers[c][static_cast<std::size_t>(ranked[rank])] = static_cast<std::int32_t>(rank);
  });
  return std::make_unique<FittedOrdinal>(schema, std::move(numbers));
}

}  // namespace automill
