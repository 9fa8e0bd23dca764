#include <set>

#include "data/cell_format.hpp"
#include "model_parts.hpp"

// A schema in a model file. The categories of all columns stand together in three arrays (how many a column, the length
// of each, their bytes): 100,000 categories cost 100,000 lengths and no JSON.

namespace automill {
namespace {

struct Categories {
  std::vector<std::uint32_t> counts, lengths;
  std::vector<std::uint8_t> bytes;

  void add(const Dictionary& dictionary) {
    counts.push_back(static_cast<std::uint32_t>(dictionary.size()));
    for (const std::string& name : dictionary.names()) {
      lengths.push_back(static_cast<std::uint32_t>(name.size()));
      bytes.insert(bytes.end(), name.begin(), name.end());
    }
  }
};

/// Takes dictionaries out of the arrays one after the other, checking sizes and order.
class CategoryReader {
 public:
  explicit CategoryReader(const ArchiveReader& in)
      : in_(in),
        counts_(in.array<std::uint32_t>("counts")),
        lengths_(in.array<std::uint32_t>("lengths")),
        bytes_(in.array<std::uint8_t>("bytes")) {}

  std::shared_ptr<const Dictionary> next() {
    if (column_ == counts_.size()) in_.fail("fewer dictionaries than category columns");
    const std::size_t count = counts_[column_++];
    if (count > lengths_.size() - category_) in_.fail("fewer categories than the columns say");
    std::vector<std::string> names;
    names.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t length = lengths_[category_++];
      if (length > bytes_.size() - byte_) in_.fail("the bytes of categories end too early");
      names.emplace_back(reinterpret_cast<const char*>(bytes_.data()) + byte_, length);
      byte_ += length;
      if (i > 0 && !(names[i - 1] < names[i])) in_.fail("categories must be different and in ascending order");
    }
    return std::make_shared<const Dictionary>(std::move(names));
  }
  void finish() const {
    if (column_ != counts_.size() || category_ != lengths_.size() || byte_ != bytes_.size())
      in_.fail("more categories than the columns say");
  }

 private:
  ArchiveReader in_;
  std::vector<std::uint32_t> counts_, lengths_;
  std::vector<std::uint8_t> bytes_;
  std::size_t column_ = 0, category_ = 0, byte_ = 0;
};

ColumnKind kind_of(const ArchiveReader& in) {
  const std::string& name = in.text("kind");
  const auto& names = column_kind_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) in.fail("unknown kind of column '" + name + "'");
  return static_cast<ColumnKind>(found - names.begin());
}

ColumnSchema load_column(const ArchiveReader& in, CategoryReader& categories) {
  ColumnSchema column{.name = in.text("name"), .kind = kind_of(in)};
  if (in.contains("integer")) column.integer = in.boolean("integer");
  if (in.contains("missing_markers")) column.missing_markers = in.texts("missing_markers");
  if (in.contains("format")) column.format = in.text("format");
  const bool formatted = column.kind == ColumnKind::number || column.kind == ColumnKind::datetime;
  if (formatted && !column.format.empty() && !CellFormat::of(column)) in.fail("'format' is not a format of cells");
  if (column.kind == ColumnKind::category) column.dictionary = categories.next();
  return column;
}

}  // namespace

void save_schema(const Schema& schema, ArchiveWriter& out) {
  Categories categories;
  out.children("columns", schema.size(), [&](ArchiveWriter& part, std::size_t i) {
    const ColumnSchema& column = schema[i];
    part.set("name", column.name);
    part.set("kind", column_kind_name(column.kind));
    if (column.integer) part.set("integer", true);
    if (!column.missing_markers.empty()) part.texts("missing_markers", column.missing_markers);
    if (!column.format.empty()) part.set("format", column.format);
    if (column.kind == ColumnKind::category) categories.add(*column.dictionary);
  });
  out.child("categories", [&](ArchiveWriter& part) {
    part.array("counts", categories.counts);
    part.array("lengths", categories.lengths);
    part.array("bytes", categories.bytes);
  });
}

std::shared_ptr<const Schema> load_schema(const ArchiveReader& in) {
  CategoryReader categories(in.child("categories"));
  std::vector<ColumnSchema> columns;
  std::set<std::string> names;
  for (const ArchiveReader& part : in.children("columns")) {
    columns.push_back(load_column(part, categories));
    if (!names.insert(columns.back().name).second) part.fail("two columns have the name '" + columns.back().name + "'");
  }
  categories.finish();
  return std::make_shared<const Schema>(std::move(columns));
}

}  // namespace automill
