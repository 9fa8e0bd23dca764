#include "category_map_fitted.hpp"

#include <automill/preprocess/merge_categories.hpp>
#include <automill/preprocess/rare_categories.hpp>

#include "state_check.hpp"

namespace automill {

FittedCategoryMap::FittedCategoryMap(const Schema& input, std::string made_by, std::vector<Map> maps)
    : made_by_(std::move(made_by)), maps_(std::move(maps)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (maps_[source].codes.empty()) return {};
    Part part{.changed = true, .columns = {column}};
    part.columns[0].dictionary = std::make_shared<const Dictionary>(maps_[source].names);
    return part;
  });
}

void FittedCategoryMap::apply(std::size_t source, double value, double* out) const noexcept {
  const std::vector<std::int32_t>& codes = maps_[source].codes;
  const std::size_t unseen = codes.size() - 1;
  const bool known = value >= 0 && value < static_cast<double>(unseen);
  *out = std::isnan(value) ? value : codes[known ? static_cast<std::size_t>(value) : unseen];
}

void FittedCategoryMap::save(ArchiveWriter& out) const {
  out.set("made_by", made_by_);
  out.children("columns", maps_.size(), [&](ArchiveWriter& one, std::size_t c) {
    one.texts("names", maps_[c].names);
    one.array("codes", maps_[c].codes);
  });
}

std::string FittedCategoryMap::describe(int indent) const {
  std::size_t columns = 0, before = 0, after = 0;
  for (const Map& map : maps_) {
    if (map.codes.empty()) continue;
    ++columns;
    before += map.codes.size() - 1;
    after += map.names.size();
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + made_by_ + ": " + std::to_string(before) +
         " categories of " + std::to_string(columns) + " columns become " + std::to_string(after) + "\n";
}

std::unique_ptr<FittedTransformer> load_category_map(const ArchiveReader& in,
                                                     const std::shared_ptr<const Schema>& input, int state_version,
                                                     const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<FittedCategoryMap::Map> maps;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    FittedCategoryMap::Map map{stored[c].texts("names"), stored[c].array<std::int32_t>("codes")};
    if (map.codes.empty() && !map.names.empty()) in.fail("'names' are there for column '" + column.name + "'");
    if (!map.codes.empty() &&
        (column.kind != ColumnKind::category || map.codes.size() != column.dictionary->size() + 1))
      in.fail("'codes' do not fit the categories of column '" + column.name + "'");
    for (std::int32_t code : map.codes)
      if (code < 0 || static_cast<std::size_t>(code) > map.names.size())
        in.fail("'codes' has a category that column '" + column.name + "' does not have");
    for (std::size_t i = 1; i < map.names.size(); ++i)
      if (!(map.names[i - 1] < map.names[i])) in.fail("'names' of column '" + column.name + "' do not ascend");
    maps.push_back(std::move(map));
  }
  return std::make_unique<FittedCategoryMap>(*input, in.text("made_by"), std::move(maps));
}

}  // namespace automill
