#include <automill/preprocess/merge_categories.hpp>

#include "category_map_fitted.hpp"
#include "column_statistics.hpp"
#include "data/characters.hpp"

namespace automill {
namespace {

/// One blank between words, none at the ends.
std::string single_blanks(std::string_view text) {
  std::string out;
  bool blank = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool no_break = text.substr(i, 2) == "\xC2\xA0";
    if (no_break || text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r')) {
      blank = true;
      if (no_break) ++i;
      continue;
    }
    if (blank && !out.empty()) out.push_back(' ');
    blank = false;
    out.push_back(text[i]);
  }
  return out;
}

/// The code that each category becomes: the most frequent of its variants, of equals the first; itself without rows.
std::vector<std::size_t> merged_codes(const std::vector<std::string>& names, const std::vector<double>& frequency,
                                      const MergeCategoriesParameters& parameters) {
  std::unordered_map<std::string, std::size_t> best;
  std::vector<std::string> keys;
  for (std::size_t code = 0; code < names.size(); ++code) {
    std::string key = parameters.ignore_blanks ? single_blanks(names[code]) : names[code];
    keys.push_back(parameters.ignore_case ? unicode::lower_text(key) : std::move(key));
    const auto [found, is_new] = best.emplace(keys.back(), code);
    if (!is_new && frequency[code] > frequency[found->second]) found->second = code;
  }
  std::vector<std::size_t> merged;
  for (const std::string& key : keys) merged.push_back(best[key]);
  return merged;
}

FittedCategoryMap::Map map_of(const std::vector<std::string>& names, const std::vector<std::size_t>& merged) {
  FittedCategoryMap::Map map;
  std::vector<std::int32_t> place(names.size(), 0);
  for (std::size_t code = 0; code < names.size(); ++code) {
    if (merged[code] != code) continue;
    place[code] = static_cast<std::int32_t>(map.names.size());
    map.names.push_back(names[code]);
  }
  for (std::size_t target : merged) map.codes.push_back(place[target]);
  map.codes.push_back(static_cast<std::int32_t>(map.names.size()));  // unseen stays so
  return map;
}

}  // namespace

std::vector<CategoryVariants> find_category_variants(const DatasetView& rows,
                                                     const MergeCategoriesParameters& parameters) {
  const Schema& schema = *rows.dataset().features.schema();
  const std::vector<double> counts = row_counts(rows);
  std::vector<CategoryVariants> found;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    if (schema[c].kind != ColumnKind::category) continue;
    const std::vector<std::string>& names = schema[c].dictionary->names();
    const std::vector<double> frequency = category_counts(rows, counts, c);
    const std::vector<std::size_t> merged = merged_codes(names, frequency, parameters);
    std::map<std::size_t, CategoryVariants> by_code;
    for (std::size_t code = 0; code < names.size(); ++code) {
      if (merged[code] == code || frequency[code] == 0) continue;
      CategoryVariants& variants = by_code[merged[code]];
      variants.others.push_back(names[code]);
      variants.rows += frequency[code];
    }
    for (auto& [code, variants] : by_code) {
      variants.column = schema[c].name;
      variants.name = names[code];
      found.push_back(std::move(variants));
    }
  }
  return found;
}

std::unique_ptr<FittedTransformer> MergeCategories::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<double> counts = row_counts(train);
  std::vector<FittedCategoryMap::Map> maps(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::category) return;
    const std::vector<std::string>& names = schema[c].dictionary->names();
    const auto merged = merged_codes(names, category_counts(train, counts, c), parameters_);
    bool any = false;
    for (std::size_t code = 0; code < merged.size(); ++code) any = any || merged[code] != code;
    if (any) maps[c] = map_of(names, merged);
  });
  return std::make_unique<FittedCategoryMap>(schema, registered_name, std::move(maps));
}

}  // namespace automill
