#include "data/convert_column.hpp"

#include <automill/core/param.hpp>
#include <automill/data/string_column.hpp>

#include "data/boolean_text.hpp"
#include "data/cell_format.hpp"
#include "data/datetime_text.hpp"
#include "data/missing_markers.hpp"
#include "data/number_text.hpp"

namespace automill {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::optional<double> parse_boolean(std::string_view text) {
  for (const BooleanPair& pair : boolean_pairs)
    if (const int value = boolean_value(pair, text); value >= 0) return value;
  return {};
}

std::optional<double> parse_cell(std::string_view text, ColumnKind kind) {
  if (kind == ColumnKind::boolean) return parse_boolean(text);
  if (kind == ColumnKind::datetime) {
    const auto microseconds = parse_datetime(text);
    return microseconds ? std::optional(static_cast<double>(*microseconds)) : std::nullopt;
  }
  double value = 0;
  return parse_number(text, false, value) == NumberForm::not_a_number ? std::nullopt : std::optional(value);
}

struct Parsed {
  std::vector<double> values;
  std::size_t unfit = 0, first_unfit = 0;
};

/// Every distinct string of a category is parsed once.
Parsed parse_strings(const Column& column, ColumnKind kind, const std::vector<std::string>& of_user) {
  const MissingMarkers markers(of_user);
  const auto parse = [&](std::string_view text, bool& fits) {
    if (markers.any(text) != MissingMarkers::none) return nan;
    const auto value = parse_cell(without_blanks(text), kind);
    fits = value.has_value();
    return value.value_or(nan);
  };
  Parsed parsed{.values = std::vector<double>(column.size(), nan)};
  std::vector<double> by_code;
  std::vector<char> code_fits;
  if (column.kind() == ColumnKind::category) {
    for (const auto& name : column.schema().dictionary->names()) {
      bool fits = true;
      by_code.push_back(parse(name, fits));
      code_fits.push_back(fits ? 1 : 0);
    }
  }
  for (std::size_t i = 0; i < column.size(); ++i) {
    const double code = column.number(i);
    if (std::isnan(code)) continue;
    bool fits = true;
    if (column.kind() == ColumnKind::text) {
      parsed.values[i] = parse(column.text(i), fits);
    } else if (code < static_cast<double>(by_code.size())) {
      parsed.values[i] = by_code[static_cast<std::size_t>(code)];
      fits = code_fits[static_cast<std::size_t>(code)] != 0;
    }
    if (!fits && parsed.unfit++ == 0) parsed.first_unfit = i;
  }
  return parsed;
}

[[noreturn]] void unfit(const Column& column, ColumnKind kind, std::size_t count, std::size_t row) {
  const std::string value = is_strings(column.kind()) ? "'" + std::string(column.text(row)) + "'"
                                                      : param_detail::number_text(column.number(row));
  throw Error("data.cell_type", column.name(),
              std::to_string(count) + " values are not of kind " + column_kind_name(kind) + ", first " + value +
                  " in row " + std::to_string(row + 1),
              "give another kind in types, or convert the column");
}

ColumnPtr strings_to(const ColumnPtr& column, ColumnKind kind, const std::vector<std::string>& markers) {
  Parsed parsed = parse_strings(*column, kind, markers);
  if (parsed.unfit > 0) {
    const auto found = infer_format(distinct_cells(*column), kind);
    if (!found) unfit(*column, kind, parsed.unfit, parsed.first_unfit);
    return read_cells(column,
                      {.name = column->name(), .kind = kind, .integer = found->integer, .format = found->format});
  }
  const bool whole =
      kind == ColumnKind::number && std::all_of(parsed.values.begin(), parsed.values.end(),
                                                [](double v) { return std::isnan(v) || v == std::floor(v); });
  return make_number_column({.name = column->name(), .kind = kind, .integer = whole}, std::move(parsed.values));
}

ColumnPtr numbers_to(const ColumnPtr& column, ColumnKind kind) {
  ColumnSchema schema{.name = column->name(), .kind = kind, .integer = kind == ColumnKind::number};
  if (kind == ColumnKind::boolean) {
    for (std::size_t i = 0; i < column->size(); ++i) {
      const double value = column->number(i);
      if (!std::isnan(value) && value != 0 && value != 1) unfit(*column, kind, 1, i);
    }
  }
  return std::make_shared<const Column>(std::move(schema), column->chunks());
}

/// Whether some value is the name of a known category.
bool names_known(const Column& strings, const Dictionary& dictionary) {
  for (std::size_t i = 0; i < strings.size(); ++i)
    if (!strings.missing(i) && dictionary.code(strings.text(i)) != dictionary.unseen_code()) return true;
  return false;
}

ColumnPtr conform_column(const ColumnPtr& column, const ColumnSchema& wanted) {
  const ColumnKind have = column->kind();
  if (have == wanted.kind || (is_strings(have) && is_strings(wanted.kind))) return column;
  if (ColumnPtr read = read_cells(column, wanted); read != column) return read;
  if (is_strings(have)) {
    if (wanted.kind == ColumnKind::number && wanted.missing_markers.empty()) return column;
    Parsed parsed = parse_strings(*column, wanted.kind, wanted.missing_markers);
    return parsed.unfit > 0 ? column : make_number_column(wanted, std::move(parsed.values));
  }
  if (wanted.kind != ColumnKind::category) return column;
  const ColumnPtr names = to_string_column(*column, StringKind::text);
  return names_known(*names, *wanted.dictionary) ? names : column;
}

}  // namespace

ColumnPtr convert_column(const ColumnPtr& column, ColumnKind kind, const std::vector<std::string>& markers) {
  if (column->kind() == kind) return column;
  if (kind == ColumnKind::category) return to_string_column(*column, StringKind::category);
  if (kind == ColumnKind::text) return to_string_column(*column, StringKind::text);
  return is_strings(column->kind()) ? strings_to(column, kind, markers) : numbers_to(column, kind);
}

ColumnPtr mark_missing(const ColumnPtr& column, const std::vector<std::string>& markers) {
  if (!is_strings(column->kind()) || markers.empty()) return column;
  std::vector<std::string_view> values(column->size());
  bool any = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (column->missing(i)) continue;
    const std::string_view text = column->text(i);
    const bool marked = std::find(markers.begin(), markers.end(), text) != markers.end();
    any = any || marked;
    if (!marked) values[i] = text;
  }
  if (!any) return column;
  const ColumnPtr marked = column->kind() == ColumnKind::category ? make_category_column(column->name(), values)
                                                                  : make_text_column(column->name(), values);
  ColumnSchema schema = marked->schema();
  schema.missing_markers = markers;
  return std::make_shared<const Column>(std::move(schema), marked->chunks());
}

std::vector<DistinctCell> distinct_cells(const Column& column) {
  std::vector<DistinctCell> cells;
  if (column.kind() == ColumnKind::text) {
    std::unordered_map<std::string_view, std::size_t> rows_of;
    for (std::size_t i = 0; i < column.size(); ++i)
      if (!column.missing(i)) ++rows_of[column.text(i)];
    for (const auto& [text, rows] : rows_of) cells.push_back({text, rows});
    return cells;
  }
  const auto& names = column.schema().dictionary->names();
  std::vector<std::size_t> rows_of(names.size());
  std::vector<double> codes(column.size());
  column.numbers(0, codes.size(), codes.data());
  for (const double code : codes)
    if (code < static_cast<double>(names.size())) ++rows_of[static_cast<std::size_t>(code)];
  for (std::size_t i = 0; i < names.size(); ++i)
    if (rows_of[i] > 0) cells.push_back({names[i], rows_of[i]});
  return cells;
}

Table conform(const Table& table, const Schema& schema) {
  std::vector<ColumnPtr> columns = table.columns();
  for (ColumnPtr& column : columns)
    if (schema.contains(column->name())) column = conform_column(column, schema[schema.column(column->name())]);
  return Table::with_rows(std::move(columns), table.rows());
}

}  // namespace automill
