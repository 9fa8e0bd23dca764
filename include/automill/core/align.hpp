#pragma once
// Brings a table to a schema: columns by name and in order, categories in the codes of the schema. What learners see in
// prediction is then laid out as in training. Extra columns are ignored; all faults come in one Error.

#include <automill/core/table.hpp>

namespace automill {

namespace align_detail {

inline ColumnPtr recode(const Column& column, const ColumnSchema& wanted) {
  const auto& own = column.schema().dictionary;
  std::vector<std::int32_t> codes(column.size());
  if (column.kind() == ColumnKind::category) {
    std::vector<std::int32_t> map;
    for (const auto& name : own->names()) map.push_back(wanted.dictionary->code(name));
    std::vector<double> values(column.size());
    column.numbers(0, column.size(), values.data());
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (std::isnan(values[i])) codes[i] = Dictionary::missing_code;
      else
        codes[i] = values[i] < static_cast<double>(map.size()) ? map[static_cast<std::size_t>(values[i])]
                                                               : wanted.dictionary->unseen_code();
    }
  } else {
    for (std::size_t i = 0; i < codes.size(); ++i)
      codes[i] = column.missing(i) ? Dictionary::missing_code : wanted.dictionary->code(column.text(i));
  }
  return make_category_column(wanted, std::move(codes));
}

/// True when a number column holds nothing but 0, 1 and missing values, so that it can stand for a boolean one.
inline bool only_flags(const Column& column) {
  for (std::size_t i = 0; i < column.size(); ++i) {
    const double value = column.number(i);
    if (value != 0 && value != 1 && !std::isnan(value)) return false;
  }
  return true;
}

inline bool text_like(ColumnKind kind) { return kind == ColumnKind::category || kind == ColumnKind::text; }

}  // namespace align_detail

/// The column with the kind and codes of `wanted`; null (and a fault) when the kinds do not fit. A column whose values
/// are all missing fits every kind.
inline ColumnPtr align_column(const ColumnPtr& column, const ColumnSchema& wanted, Faults& faults) {
  using align_detail::text_like;
  if (wanted.kind == ColumnKind::category && text_like(column->kind())) {
    if (column->kind() == ColumnKind::category && column->schema().dictionary == wanted.dictionary) return column;
    return align_detail::recode(*column, wanted);
  }
  if (wanted.kind == ColumnKind::text && text_like(column->kind())) {
    std::vector<std::string_view> values(column->size());
    if (column->kind() == ColumnKind::text) return column;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!column->missing(i)) values[i] = column->text(i);
    return make_text_column(wanted.name, values);
  }
  if (column->kind() == wanted.kind) return column;
  const auto numeric = [](ColumnKind kind) { return kind == ColumnKind::number || kind == ColumnKind::boolean; };
  if (numeric(wanted.kind) && numeric(column->kind()) &&
      (wanted.kind == ColumnKind::number || align_detail::only_flags(*column)))
    return std::make_shared<const Column>(wanted, column->chunks());  // the same memory, read as in training
  bool all_missing = true;
  for (std::size_t i = 0; i < column->size() && all_missing; ++i) all_missing = column->missing(i);
  if (all_missing) {
    const std::size_t n = column->size();
    if (wanted.kind == ColumnKind::category)
      return make_category_column(wanted, std::vector<std::int32_t>(n, Dictionary::missing_code));
    if (wanted.kind == ColumnKind::text) return make_text_column(wanted.name, std::vector<std::string_view>(n));
    return make_number_column(wanted, std::vector<double>(n, std::numeric_limits<double>::quiet_NaN()));
  }
  faults.add(
      "data.column_retyped", wanted.name,
      "is " + column_kind_name(column->kind()) + " here but was " + column_kind_name(wanted.kind) + " in training",
      "read the file with the model's schema, or convert the column");
  return nullptr;
}

/// The table as `schema` wants it. When it already is (same shared schema), columns are shared and nothing is copied.
inline Table align(const Table& table, const Schema& schema) {
  Faults faults;
  std::vector<ColumnPtr> columns;
  for (const ColumnSchema& wanted : schema.columns()) {
    if (!table.contains(wanted.name)) {
      faults.add("data.column_missing", wanted.name, "the column is not in the input",
                 name_hint(wanted.name, table.schema()->names()));
      continue;
    }
    columns.push_back(align_column(table.columns()[table.schema()->column(wanted.name)], wanted, faults));
  }
  faults.throw_if_any();
  return Table::with_rows(std::move(columns), table.rows());
}

}  // namespace automill
