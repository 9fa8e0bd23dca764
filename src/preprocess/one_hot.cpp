#include <automill/preprocess/one_hot.hpp>

#include "column_statistics.hpp"
#include "one_hot_fitted.hpp"

namespace automill {
namespace {

FittedOneHot::Encoding encode(const Dictionary& dictionary, const std::vector<double>& frequency,
                              const OneHotParameters& parameters) {
  const std::size_t categories = dictionary.size();
  FittedOneHot::Encoding encoding{std::vector<std::int32_t>(categories + 2, FittedOneHot::no_column), {}};
  const auto add = [&](std::string name) {
    encoding.names.push_back(std::move(name));
    return static_cast<std::int32_t>(encoding.names.size() - 1);
  };
  const std::vector<std::size_t> kept =
      frequent_categories(frequency, parameters.min_count, static_cast<std::size_t>(parameters.max_categories));
  std::vector<bool> own(categories, false);
  for (std::size_t code : kept) own[code] = true;
  bool rare = false;
  for (std::size_t code = 0; code < categories; ++code) rare = rare || (!own[code] && frequency[code] > 0);
  const bool missing = frequency[categories] > 0 && parameters.missing == "column";
  if (parameters.binary_as_one && kept.size() == 2 && !rare && frequency[categories] == 0) {
    encoding.outputs[kept[1]] = add(dictionary.names()[kept[1]]);
    return encoding;
  }
  for (std::size_t code : kept) encoding.outputs[code] = add(dictionary.names()[code]);
  if (rare) {
    const std::int32_t other = add("(other)");
    for (std::size_t code = 0; code < categories; ++code)
      if (!own[code] && (frequency[code] > 0 || parameters.unseen == "other")) encoding.outputs[code] = other;
    if (parameters.unseen == "other") encoding.outputs[categories] = other;
  }
  if (missing) encoding.outputs[categories + 1] = add("(missing)");
  return encoding;
}

}  // namespace

DataShape OneHot::output_shape(const DataShape& input) const {
  DataShape made = input;
  made.columns += std::min(input.categories, static_cast<std::size_t>(parameters_.max_categories) * input.columns);
  made.categories = 0;
  made.nonzeros = input.nonzeros > 0 ? input.nonzeros : input.columns;
  return made;
}

/// A cell of a made column is a byte.
CostEstimate OneHot::cost(const DataShape& input) const {
  const auto rows = static_cast<double>(input.rows),
             made = static_cast<double>(output_shape(input).columns - input.columns);
  return {rows * (20 * input.filled() + made), rows * (8 * input.filled() + made)};
}

std::unique_ptr<FittedTransformer> OneHot::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<FittedOneHot::Encoding> encodings(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind == ColumnKind::category)
      encodings[c] = encode(*schema[c].dictionary, category_counts(train, counts, c), parameters_);
  });
  return std::make_unique<FittedOneHot>(schema, std::move(encodings));
}

}  // namespace automill
