#include "cli/input.hpp"

#include <algorithm>

#include "automl/prepare.hpp"
#include "data/cell_format.hpp"
#include "data/platform.hpp"

namespace automill::cli {
namespace {

std::string resolved(const std::string& path) { return path == "-" ? "/dev/stdin" : path; }

ColumnKind target_kind(const TargetInfo& target) {
  if (target.task == Task::regression || target.label_type == "integer" || target.label_type == "number")
    return ColumnKind::number;
  return target.label_type == "boolean" ? ColumnKind::boolean : ColumnKind::text;
}

}  // namespace

AutoMLModel load_model(const std::string& path) {
  if (path != "-") return AutoMLModel(load(path));
  const MappedFile file = map_file(resolved(path));
  return AutoMLModel(load(file.bytes()));
}

Table read_rows(const std::string& path, const CsvOptions& options) { return read_csv(resolved(path), options); }

Table read_labelled_rows(const std::string& path, const ServedModel& model, const std::vector<std::string>& extra) {
  std::vector<ColumnSchema> columns = model.schema().columns();
  const TargetInfo& target = model.target();
  require_one_output(target);
  columns.push_back(ColumnSchema{.name = target.name, .kind = target_kind(target)});
  for (const std::string& name : extra)
    if (!name.empty() && name != target.name && !model.schema().contains(name))
      columns.push_back(ColumnSchema{.name = name, .kind = ColumnKind::text});
  return read_csv(resolved(path), Schema(std::move(columns)));
}

Table read_rows_like(const std::string& path, const ServedModel& model) {
  CsvOptions options;
  for (const ColumnSchema& column : model.schema().columns()) {
    if (!CellFormat::of(column)) options.types[column.name] = column.kind;  // the others are read as text again
    if (column.kind != ColumnKind::category && column.kind != ColumnKind::text)
      continue;  // the others know their markers
    for (const std::string& marker : column.missing_markers)
      if (std::find(options.missing.begin(), options.missing.end(), marker) == options.missing.end())
        options.missing.push_back(marker);
  }
  options.types[model.target().name] = target_kind(model.target());
  return read_csv(resolved(path), options);
}

}  // namespace automill::cli
