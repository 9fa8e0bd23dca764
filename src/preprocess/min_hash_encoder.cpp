#include <automill/preprocess/min_hash_encoder.hpp>

#include "column_statistics.hpp"
#include "min_hash_encoder_fitted.hpp"

namespace automill {

DataShape MinHashEncoder::output_shape(const DataShape& input) const {
  DataShape made = input;
  const std::size_t strings = input.categories > 0 ? input.columns : input.texts;
  made.columns += strings * static_cast<std::size_t>(parameters_.components - 1);
  if (made.nonzeros > 0) made.nonzeros += made.columns - input.columns;
  made.categories = made.texts = made.text_bytes = 0;
  return made;
}

std::unique_ptr<FittedTransformer> MinHashEncoder::fit(const DatasetView& train, const RunContext& context) const {
  if (parameters_.ngram_max < parameters_.ngram_min)
    throw Error("parameter.out_of_range", std::string(registered_name) + ".ngram_max",
                std::to_string(parameters_.ngram_max) + " is not allowed: it must be at least ngram_min, " +
                    std::to_string(parameters_.ngram_min));
  const std::vector<double> counts = row_counts(train);
  const Schema& schema = *train.dataset().features.schema();
  FittedMinHashEncoder::State state{.components = static_cast<std::size_t>(parameters_.components),
                                    .shortest = static_cast<std::size_t>(parameters_.ngram_min),
                                    .longest = static_cast<std::size_t>(parameters_.ngram_max),
                                    .encoded = std::vector<std::uint8_t>(schema.size(), 0)};
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind == ColumnKind::text) state.encoded[c] = 1;
    if (schema[c].kind == ColumnKind::category)
      state.encoded[c] =
          categories_seen(train, counts, c) >= static_cast<std::size_t>(parameters_.columns_from) ? 1 : 0;
  });
  return std::make_unique<FittedMinHashEncoder>(schema, std::move(state));
}

}  // namespace automill
