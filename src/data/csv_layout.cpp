#include "data/csv_layout.hpp"

#include <automill/core/nearest_name.hpp>

namespace automill {
namespace {

char checked_delimiter(char delimiter) {
  constexpr std::string_view forbidden("\"\n\r\0", 4);
  if (forbidden.find(delimiter) != std::string_view::npos || static_cast<unsigned char>(delimiter) >= 0x80)
    throw Error("option.out_of_range", "delimiter",
                "this character cannot separate fields: it must be ASCII and neither a quote nor a line end",
                "leave delimiter out to have it detected");
  return delimiter;
}

}  // namespace

CsvLayout::CsvLayout(std::string_view start, const CsvOptions& options, const Schema* schema,
                     const std::string& place) {
  if (schema != nullptr && !options.types.empty())
    throw Error("option.contradiction", "types", "kinds are given by the schema already", "leave types out");
  delimiter_detected = !options.delimiter.has_value();
  dialect.delimiter = checked_delimiter(options.delimiter ? *options.delimiter : detect_delimiter(start));
  CsvHeader header = read_header(start, dialect.delimiter, place);
  header_size = header.size;
  dialect.columns = header.names.size();
  plans.resize(header.names.size());
  for (std::size_t c = 0; c < plans.size(); ++c) {
    plans[c].name = std::move(header.names[c]);
    plans[c].markers = MissingMarkers(options.missing);
  }
  if (schema != nullptr) read_as_trained(*schema);
  else read_as_found(options);
}

void CsvLayout::read_as_found(const CsvOptions& options) {
  Faults faults;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < plans.size(); ++c) {
    names.push_back(plans[c].name);
    wanted.push_back(c);
    const auto found = options.types.find(plans[c].name);
    if (found != options.types.end()) plans[c].force(found->second);
  }
  for (const auto& [name, kind] : options.types)
    if (std::find(names.begin(), names.end(), name) == names.end())
      faults.add("data.column_unknown", name, "types names a column that the file does not have",
                 name_hint(name, names));
  faults.throw_if_any();
}

void CsvLayout::read_as_trained(const Schema& schema) {
  Faults faults;
  std::unordered_map<std::string_view, std::size_t> position;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < plans.size(); ++c) {
    position.emplace(plans[c].name, c);
    names.push_back(plans[c].name);
    plans[c].wanted = false;
  }
  for (const ColumnSchema& column : schema.columns()) {
    const auto found = position.find(column.name);
    if (found == position.end()) {
      faults.add("data.column_missing", column.name, "the column is not in the file", name_hint(column.name, names));
      continue;
    }
    ColumnPlan& plan = plans[found->second];
    plan.wanted = true;
    plan.schema = &column;
    plan.force(column.kind);
    plan.format = CellFormat::of(column);
    // in columns of values the usual markers are known anyway; as the user's they would be looked for in every cell
    const MissingMarkers usual;
    const bool strings = column.kind == ColumnKind::category || column.kind == ColumnKind::text;
    for (const std::string& marker : column.missing_markers)
      if (strings || usual.any(marker) == MissingMarkers::none) plan.markers.add(marker);
    wanted.push_back(found->second);
  }
  faults.throw_if_any();
  for (const ColumnPlan& plan : plans)
    if (!plan.wanted) skipped.push_back(plan.name);
}

void parse_piece(CsvPiece& piece, CsvLayout& layout, ParseScratch& scratch, TextEnd end, std::size_t most_rows) {
  FieldIndex& index = scratch.index;
  index.build(piece.text, layout.dialect, end, most_rows);
  piece.rows = index.rows();
  piece.all_rows = index.all_rows();
  piece.consumed = index.consumed();
  piece.faults = index.faults();
  piece.misfits = {};
  piece.open_quote = index.open_quote();
  piece.parts.clear();
  piece.parts.resize(layout.plans.size());
  if (piece.faults.count > 0 || piece.open_quote || piece.rows == 0) return;
  for (const std::size_t column : layout.wanted)
    piece.parts[column] = parse_part(scratch, column, layout.plans[column], piece.misfits);
}

std::string place_of(const std::string& place, std::size_t row, const std::string& column) {
  std::string text = place.empty() ? "" : place + ", ";
  text += "row " + std::to_string(row);
  return column.empty() ? text : text + ", column '" + column + "'";
}

void throw_faults(const std::vector<CsvPiece>& pieces, CsvFaults CsvPiece::*kind, std::size_t first_row,
                  const std::string& place, const std::function<std::size_t(std::size_t)>& line_of) {
  std::vector<Fault> faults;
  std::size_t count = 0;
  for (const CsvPiece& piece : pieces) {
    const CsvFaults& of_piece = piece.*kind;
    count += of_piece.count;
    for (const CsvFault& fault : of_piece.first) {
      if (faults.size() == CsvFaults::kept) break;
      const std::size_t row = first_row + fault.row, line = line_of(row);
      const std::string where = line > 0 ? " (line " + std::to_string(line) + ")" : "";
      faults.push_back({fault.code, place_of(place, row + 1, fault.column), fault.message + where, fault.hint});
    }
    first_row += piece.all_rows;
  }
  if (faults.empty()) return;
  if (count > faults.size())
    faults.push_back({faults.front().code, place, "and " + std::to_string(count - faults.size()) + " more faults", ""});
  throw Error(std::move(faults));
}

}  // namespace automill
