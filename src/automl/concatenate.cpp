#include "automl/concatenate.hpp"

#include <automill/core/align.hpp>

namespace automill {
namespace {

ColumnPtr concatenate_texts(const Column& first, const Column& second) {
  std::vector<std::string_view> values;
  values.reserve(first.size() + second.size());
  for (const Column* column : {&first, &second})
    for (std::size_t i = 0; i < column->size(); ++i)
      values.push_back(column->missing(i)                  ? std::string_view()
                       : column->text(i).data() == nullptr ? std::string_view("")
                                                           : column->text(i));
  return first.kind() == ColumnKind::text ? make_text_column(first.name(), values)
                                          : make_category_column(first.name(), values);
}

ColumnPtr concatenate_numbers(const Column& first, const Column& second) {
  std::vector<double> values(first.size() + second.size());
  first.numbers(0, first.size(), values.data());
  second.numbers(0, second.size(), values.data() + first.size());
  ColumnSchema schema = first.schema();
  schema.integer = schema.integer && second.schema().integer;
  return make_number_column(std::move(schema), std::move(values));
}

bool text_like(ColumnKind kind) { return kind == ColumnKind::text || kind == ColumnKind::category; }

}  // namespace

Table concatenate(const Table& first, const Table& second) {
  Faults faults;
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : first.columns()) {
    if (!second.contains(column->name())) {
      faults.add("data.column_missing", column->name(), "the column is not in validation_data",
                 name_hint(column->name(), second.schema()->names()));
      continue;
    }
    const ColumnPtr& other = second.columns()[second.schema()->column(column->name())];
    if (text_like(column->kind()) && text_like(other->kind())) {
      columns.push_back(concatenate_texts(*column, *other));
      continue;
    }
    ColumnPtr aligned = align_column(other, column->schema(), faults);
    if (aligned != nullptr)
      columns.push_back(text_like(column->kind()) ? concatenate_texts(*column, *aligned)
                                                  : concatenate_numbers(*column, *aligned));
  }
  faults.throw_if_any();
  return Table::with_rows(std::move(columns), first.rows() + second.rows());
}

}  // namespace automill
