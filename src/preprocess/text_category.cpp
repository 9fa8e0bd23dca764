#include <automill/preprocess/text_category.hpp>

#include "column_statistics.hpp"
#include "text_category_fitted.hpp"

namespace automill {

DataShape TextCategory::output_shape(const DataShape& input) const {
  DataShape made = input;
  made.categories += input.texts * input.rows;  // at most
  made.texts = made.text_bytes = 0;
  return made;
}

std::unique_ptr<FittedTransformer> TextCategory::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<std::vector<std::string>> names(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::text) return;
    const TableView texts = train.features();
    std::unordered_map<std::string_view, double> rows_of;
    for (std::size_t i = 0; i < train.rows(); ++i) {
      if (i % 4096 == 0) context.stop.throw_if_requested();
      const std::string_view text = texts.text(c, i);
      const double count = counts.empty() ? 1 : counts[i];
      if (text.data() != nullptr && count > 0) rows_of[text] += count;
    }
    for (const auto& [name, rows] : rows_of)
      if (rows >= parameters_.min_count * (1 - 1e-12)) names[c].emplace_back(name);
    std::sort(names[c].begin(), names[c].end());
  });
  return std::make_unique<FittedTextCategory>(schema, std::move(names));
}

}  // namespace automill
