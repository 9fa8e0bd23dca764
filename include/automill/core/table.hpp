#pragma once
// A table: columns of equal length, shared and immutable; copying one copies pointers.
//
//   std::vector<double> age{39, 50};  std::vector<std::string_view> job{"clerk", "nurse"};
//   auto table = Table::from({{"age", std::span<const double>(age)}, {"job", std::span<const std::string_view>(job)}});
//   table.column("age").number(0);        // 39
//   TableView(table).numbers(0, out);     // a column of a selection of rows

#include <algorithm>
#include <automill/core/column.hpp>
#include <initializer_list>
#include <variant>

namespace automill {

using ColumnPtr = std::shared_ptr<const Column>;

/// A column given by the caller's memory, which must outlive the table (numbers) or is read at once (strings: a
/// dictionary is made).
struct ColumnSource {
  std::string name;
  std::variant<std::span<const double>, std::span<const float>, std::span<const std::int64_t>,
               std::span<const std::int32_t>, std::span<const bool>, std::span<const std::string_view>>
      values;
};

/// A column that owns its doubles.
inline ColumnPtr make_number_column(ColumnSchema schema, std::vector<double> values) {
  auto owned = std::make_shared<const std::vector<double>>(std::move(values));
  ColumnChunk chunk{.storage = Storage::float64, .length = owned->size(), .data = owned->data(), .owner = owned};
  return std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
}

/// A column of mostly zeros in memory that `owner` keeps alive: the rows of the others, strictly ascending and below
/// `length`, and their values. O(values).
inline ColumnPtr make_sparse_column(ColumnSchema schema, std::size_t length, std::span<const std::int32_t> rows,
                                    std::span<const double> values, std::shared_ptr<const void> owner) {
  if (rows.size() != values.size())
    throw Error("data.length_mismatch", schema.name,
                std::to_string(values.size()) + " values for " + std::to_string(rows.size()) + " rows");
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] < 0 || static_cast<std::size_t>(rows[i]) >= length || (i > 0 && rows[i] <= rows[i - 1]))
      throw Error("data.sparse_rows", schema.name,
                  "row " + std::to_string(rows[i]) + " is out of place among the rows of its values",
                  "rows of a sparse column must ascend, each once, within its " + std::to_string(length) + " rows");
  ColumnChunk chunk{.storage = Storage::sparse,
                    .length = length,
                    .data = values.data(),
                    .offsets = rows.data(),
                    .stored = rows.size(),
                    .owner = std::move(owner)};
  return std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
}

/// The same with memory of its own.
inline ColumnPtr make_sparse_column(ColumnSchema schema, std::size_t length, std::vector<std::int32_t> rows,
                                    std::vector<double> values) {
  using Owned = std::pair<std::vector<std::int32_t>, std::vector<double>>;
  auto owned = std::make_shared<const Owned>(std::move(rows), std::move(values));
  return make_sparse_column(std::move(schema), length, owned->first, owned->second, owned);
}

/// A column of category codes (-1: missing, dictionary size: unseen) that owns them. `schema.dictionary` must be set.
inline ColumnPtr make_category_column(ColumnSchema schema, std::vector<std::int32_t> codes) {
  auto owned = std::make_shared<const std::vector<std::int32_t>>(std::move(codes));
  ColumnChunk chunk{.storage = Storage::int32, .length = owned->size(), .data = owned->data(), .owner = owned};
  schema.kind = ColumnKind::category;
  return std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
}

/// A category column from strings; a null view (data() == nullptr) is missing. O(n) hashing plus a sort of the distinct
/// names.
inline ColumnPtr make_category_column(std::string name, std::span<const std::string_view> values) {
  std::unordered_map<std::string_view, std::int32_t> codes;
  for (std::string_view value : values)
    if (value.data() != nullptr) codes.emplace(value, 0);
  std::vector<std::string> names;
  names.reserve(codes.size());
  for (const auto& entry : codes) names.emplace_back(entry.first);
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i < names.size(); ++i) codes[names[i]] = static_cast<std::int32_t>(i);
  std::vector<std::int32_t> column(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    column[i] = values[i].data() == nullptr ? Dictionary::missing_code : codes[values[i]];
  ColumnSchema schema{.name = std::move(name), .kind = ColumnKind::category};
  schema.dictionary = std::make_shared<const Dictionary>(std::move(names));
  return make_category_column(std::move(schema), std::move(column));
}

/// A text column that owns its strings; a null view is missing.
inline ColumnPtr make_text_column(std::string name, std::span<const std::string_view> values) {
  struct Owned {
    std::string bytes;
    std::vector<std::string_view> views;
  };
  auto owned = std::make_shared<Owned>();
  std::size_t total = 0;
  for (std::string_view value : values) total += value.size();
  owned->bytes.reserve(total + 1);
  for (std::string_view value : values) {
    const char* at = owned->bytes.data() + owned->bytes.size();
    owned->bytes.append(value);
    owned->views.push_back(value.data() == nullptr ? std::string_view() : std::string_view(at, value.size()));
  }
  ColumnChunk chunk{
      .storage = Storage::text_view, .length = values.size(), .data = owned->views.data(), .owner = owned};
  return std::make_shared<const Column>(ColumnSchema{.name = std::move(name), .kind = ColumnKind::text},
                                        std::vector<ColumnChunk>{std::move(chunk)});
}

class Table {
 public:
  Table() = default;
  /// Faults: columns of different lengths, the same name twice.
  explicit Table(std::vector<ColumnPtr> columns) : columns_(std::move(columns)) {
    Faults faults;
    std::vector<ColumnSchema> schemas;
    std::unordered_map<std::string_view, std::size_t> seen;
    for (const auto& column : columns_) {
      if (column->size() != columns_[0]->size())
        faults.add("data.length_mismatch", column->name(),
                   std::to_string(column->size()) + " values, but column '" + columns_[0]->name() + "' has " +
                       std::to_string(columns_[0]->size()));
      if (++seen[column->name()] == 2)
        faults.add("data.duplicate_column", column->name(), "the name is used by more than one column",
                   "rename one of them");
      schemas.push_back(column->schema());
    }
    faults.throw_if_any();
    rows_ = columns_.empty() ? 0 : columns_[0]->size();
    schema_ = std::make_shared<const Schema>(std::move(schemas));
  }

  static Table from(std::initializer_list<ColumnSource> sources) {
    std::vector<ColumnPtr> columns;
    for (const ColumnSource& source : sources) columns.push_back(borrow(source));
    return Table(std::move(columns));
  }

  std::size_t rows() const { return rows_; }
  std::size_t size() const { return columns_.size(); }  ///< number of columns
  const std::shared_ptr<const Schema>& schema() const { return schema_; }
  const std::vector<ColumnPtr>& columns() const { return columns_; }
  const Column& operator[](std::size_t column) const { return *columns_[column]; }
  const Column& column(std::string_view name) const { return *columns_[schema_->column(name)]; }
  bool contains(std::string_view name) const { return schema_->contains(name); }

  /// Mean cells of a row that are kept, counting all of dense columns; 0 where no column is sparse.
  std::size_t kept_cells() const {
    std::size_t stored = 0, sparse = 0;
    for (const auto& column : columns_)
      if (column->sparse()) {
        ++sparse;
        stored += column->stored();
      }
    return sparse == 0 || rows_ == 0 ? 0 : columns_.size() - sparse + (stored + rows_ - 1) / rows_;
  }

  /// The table without the named columns; the others stay shared.
  Table without(const std::vector<std::string>& names) const {
    std::vector<ColumnPtr> kept;
    for (const auto& column : columns_)
      if (std::find(names.begin(), names.end(), column->name()) == names.end()) kept.push_back(column);
    Table table(std::move(kept));
    table.rows_ = rows_;
    return table;
  }
  /// Rows of a table without columns must be said.
  static Table with_rows(std::vector<ColumnPtr> columns, std::size_t rows) {
    Table table(std::move(columns));
    table.rows_ = rows;
    return table;
  }

 private:
  static ColumnPtr borrow(const ColumnSource& source) {
    return std::visit(
        [&](auto span) -> ColumnPtr {
          using T = typename decltype(span)::value_type;
          if constexpr (std::is_same_v<T, std::string_view>) {
            return make_category_column(source.name, span);
          } else {
            constexpr Storage storage = std::is_same_v<T, double>  ? Storage::float64
                                        : std::is_same_v<T, float> ? Storage::float32
                                        : std::is_same_v<T, bool>  ? Storage::uint8
                                        : sizeof(T) == 8           ? Storage::int64
                                                                   : Storage::int32;
            const ColumnSchema schema{.name = source.name,
                                      .kind = std::is_same_v<T, bool> ? ColumnKind::boolean : ColumnKind::number,
                                      .integer = std::is_integral_v<T> && !std::is_same_v<T, bool>};
            ColumnChunk chunk{.storage = storage, .length = span.size(), .data = span.data()};
            return std::make_shared<const Column>(schema, std::vector<ColumnChunk>{std::move(chunk)});
          }
        },
        source.values);
  }
  std::vector<ColumnPtr> columns_;
  std::shared_ptr<const Schema> schema_ = std::make_shared<const Schema>();
  std::size_t rows_ = 0;
};

/// Some rows of a table, in order: a contiguous range, or a list of row numbers. The table must outlive the view.
class TableView {
 public:
  TableView(const Table& table) : table_(&table), count_(table.rows()) {}  // NOLINT: a table is a view of all its rows
  TableView(const Table& table, std::size_t first, std::size_t count) : table_(&table), first_(first), count_(count) {}
  TableView(const Table& table, std::span<const std::uint32_t> rows)
      : table_(&table), rows_(rows), listed_(true), count_(rows.size()) {}

  const Table& table() const { return *table_; }
  const Schema& schema() const { return *table_->schema(); }
  std::size_t rows() const { return count_; }
  std::size_t row(std::size_t i) const { return listed_ ? rows_[i] : first_ + i; }
  bool ascending() const { return !listed_ || std::is_sorted(rows_.begin(), rows_.end()); }
  TableView part(std::size_t first, std::size_t count) const {
    return listed_ ? TableView(*table_, rows_.subspan(first, count)) : TableView(*table_, first_ + first, count);
  }
  /// The same rows of another table (one that was made from this one, row by row).
  TableView of(const Table& other) const {
    TableView copy = *this;
    copy.table_ = &other;
    return copy;
  }
  /// All rows of the view of one column; `out` holds rows() doubles.
  void numbers(std::size_t column, double* out) const {
    if (listed_) (*table_)[column].gather(rows_, out);
    else (*table_)[column].numbers(first_, count_, out);
  }
  std::string_view text(std::size_t column, std::size_t i) const { return (*table_)[column].text(row(i)); }

 private:
  const Table* table_;
  std::span<const std::uint32_t> rows_{};
  bool listed_ = false;
  std::size_t first_ = 0, count_ = 0;
};

namespace table_detail {

inline ColumnPtr copy_sparse(const TableView& rows, std::size_t c) {
  const Column& column = rows.table()[c];
  std::vector<std::uint32_t> listed(rows.rows());
  for (std::size_t i = 0; i < listed.size(); ++i) listed[i] = static_cast<std::uint32_t>(rows.row(i));
  std::vector<std::int32_t> kept;
  std::vector<double> values;
  column.for_each_stored([&](std::size_t row, double value) {
    const auto found = std::equal_range(listed.begin(), listed.end(), row);
    for (auto at = found.first; at != found.second; ++at) {
      kept.push_back(static_cast<std::int32_t>(at - listed.begin()));
      values.push_back(value);
    }
  });
  return make_sparse_column(column.schema(), rows.rows(), std::move(kept), std::move(values));
}

}  // namespace table_detail

/// The rows of a view of a column, as a column of their own; categories keep their dictionary. Sparse columns stay so
/// where the rows ascend.
inline ColumnPtr copy_column(const TableView& rows, std::size_t column) {
  const ColumnSchema& schema = rows.schema()[column];
  if (schema.kind == ColumnKind::text) {
    std::vector<std::string_view> texts(rows.rows());
    for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = rows.text(column, i);
    return make_text_column(schema.name, texts);
  }
  if (rows.table()[column].sparse() && rows.ascending()) return table_detail::copy_sparse(rows, column);
  std::vector<double> values(rows.rows());
  rows.numbers(column, values.data());
  if (schema.kind != ColumnKind::category) return make_number_column(schema, std::move(values));
  std::vector<std::int32_t> codes(values.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    codes[i] = std::isnan(values[i]) ? Dictionary::missing_code : static_cast<std::int32_t>(values[i]);
  return make_category_column(schema, std::move(codes));
}

/// One row as learners see it: a double a column (see ColumnKind), and text for text columns.
struct RowView {
  const double* numbers = nullptr;
  const std::string_view* texts = nullptr;  ///< null when the schema has no text column
};

}  // namespace automill
