#include "automl/prepare_types.hpp"

#include "data/cell_format.hpp"
#include "data/convert_column.hpp"

namespace automill {
namespace {

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 40;
  if (text.size() <= most) return "'" + std::string(text) + "'";
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return "'" + std::string(text.substr(0, end)) + "...'";
}

std::string note_of(const std::string& name, const FoundFormat& found) {
  const std::string kind = found.kind == ColumnKind::datetime  ? "a point in time"
                           : found.kind == ColumnKind::boolean ? "true or false"
                                                               : "a number";
  std::string note =
      "column " + name + ": text such as " + quoted(found.example) + " is read as " + kind + " (" + found.format + ")";
  if (found.unread > 0)
    note += "; " + std::to_string(found.unread) + " rows hold none, such as " + quoted(found.unread_cell) +
            ", and count as missing";
  if (!found.ambiguity.empty()) note += "; " + found.ambiguity + ": write dates as 2023-12-24 to be sure";
  return note;
}

SettledColumn as_asked(const ColumnPtr& column, ColumnKind kind) {
  if (column->kind() == kind) return {.column = column};
  SettledColumn settled{.column = convert_column(column, kind)};
  const std::string& format = settled.column->schema().format;
  settled.note = "column " + column->name() + ": read as " + column_kind_name(kind) + ", as asked" +
                 (format.empty() ? "" : " (" + format + ")");
  return settled;
}

SettledColumn settle_strings(const ColumnPtr& column) {
  const std::vector<DistinctCell> cells = distinct_cells(*column);
  if (const std::string nested = nested_cells(cells); !nested.empty())
    return {.column = column, .dropped = "its cells hold " + nested + ": make columns of them to use them"};
  const auto found = infer_format(cells);
  if (!found) return {.column = column};
  const ColumnSchema wanted{.name = column->name(),
                            .kind = found->kind,
                            .integer = found->integer,
                            .missing_markers = column->schema().missing_markers,
                            .format = found->format};
  return {.column = read_cells(column, wanted), .note = note_of(column->name(), *found)};
}

// ---- identifiers ----

constexpr std::size_t least_rows_for_types = 20;
constexpr double surprising = 20;  // minus the logarithm of the chance: exp(-20) = 2e-9

/// "id", "user_id", "PassengerId", "index", "Unnamed: 0".
bool named_identifier(const std::string& name) {
  const auto ends = [&](std::string_view end) { return name.ends_with(end); };
  const bool camel = (ends("Id") || ends("ID")) && name.size() > 2 && name[name.size() - 3] >= 'a';
  return name == "id" || name == "Id" || name == "ID" || ends("_id") || ends("_ID") || ends(" ID") || camel ||
         name == "index" || name == "Index" || name == "rowid" || name == "uuid" || name.starts_with("Unnamed: ");
}

/// Whole numbers of which no two are equal, although so many draws from their range would collide: n values of S
/// possible ones are all different with a probability of about exp(-n^2 / 2S).
bool is_identifier(const Column& column) {
  if (column.size() < least_rows_for_types) return false;
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double n = static_cast<double>(values.size()), range = *high - *low + 1;
  if (!(n * n / (2 * range) >= surprising) && !named_identifier(column.name())) return false;
  std::sort(values.begin(), values.end());  // NaN would spoil the order, and is no identifier
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

bool any_missing(const Column& column) {
  for (std::size_t i = 0; i < column.size(); ++i)
    if (column.missing(i)) return true;
  return false;
}

}  // namespace

SettledColumn settle_type(const ColumnPtr& column, const TrainOptions& options) {
  if (const auto asked = options.types.find(column->name()); asked != options.types.end())
    return as_asked(column, asked->second);
  const bool digits = column->schema().integer && is_strings(column->kind());  // whole numbers, meant as categories
  if (is_strings(column->kind()) && !digits) return settle_strings(column);
  const bool number = column->kind() == ColumnKind::number && column->schema().integer && !column->sparse();
  if (number && column->name() != options.time_column && !any_missing(*column) && is_identifier(*column))
    return {.column = column, .dropped = "an identifier: a whole number of its own in every row", .identifier = true};
  return {.column = column};
}

}  // namespace automill
