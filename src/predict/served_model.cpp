#include <automill/predict/served_model.hpp>

#include "data/cell_format.hpp"
#include "data/platform.hpp"
#include "model_file.hpp"
#include "model_parts.hpp"

namespace automill {
namespace {

ServedModel load_bytes(std::span<const std::byte> bytes, const Registry* registry, const std::string& place) {
  const Archive archive = read_container(bytes, place);
  try {
    const Registry& components = registry != nullptr ? *registry : builtin_models();
    return ServedModel(std::make_shared<const ModelParts>(parts_of(archive, components)));
  } catch (const Error& error) {
    if (error.code().starts_with("model_file.")) throw;
    throw Error("model_file.invalid", place, error.what(), "the file was not written by AutoMill");
  }
}

constexpr std::size_t few_rows = 64;

/// Tables of n-grams have tens of thousands of columns, whose descriptions take longer than a few rows.
bool better_row_by_row(const Schema& schema, std::size_t rows) {
  return rows <= few_rows && std::any_of(schema.columns().begin(), schema.columns().end(),
                                         [](const auto& column) { return column.kind == ColumnKind::text; });
}

Predictions predict_row_by_row(const Model& model, const Table& rows) {
  const Table aligned = align(rows, model.input_schema());
  const Schema& schema = model.input_schema();
  Predictions predictions(rows.rows(), model.output_spec().width);
  const auto predictor = model.row_predictor();
  std::vector<double> numbers(schema.size());
  std::vector<std::string_view> texts(schema.size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    for (std::size_t c = 0; c < schema.size(); ++c) {
      numbers[c] = aligned[c].number(row);
      if (schema[c].kind == ColumnKind::text) texts[c] = aligned[c].text(row);
    }
    predictor->predict({numbers.data(), texts.data()}, predictions.view().row(row));
  }
  return predictions;
}

}  // namespace

Table ServedModel::aligned(const Table& rows) const { return align(read_cells(rows, schema()), schema()); }

PredictionResult ServedModel::predict(const Table& rows, const RunContext& context) const {
  const Model& model = *parts_->model;
  const Table cells = read_cells(rows, schema());
  return {std::shared_ptr<const TargetInfo>(parts_, &parts_->target), better_row_by_row(*parts_->schema, cells.rows())
                                                                          ? predict_row_by_row(model, cells)
                                                                          : model.predict(cells, context)};
}

ServedModel ServedModel::with_decision_threshold(double threshold) const {
  if (task() != Task::binary)
    throw Error("model.no_threshold", "decision_threshold", "this is a " + task_name(task()) + " model",
                "only binary models decide by a threshold");
  if (!(threshold >= 0 && threshold <= 1))
    throw Error("option.out_of_range", "decision_threshold", std::to_string(threshold) + " is not in [0, 1]");
  auto parts = std::make_shared<ModelParts>(*parts_);
  parts->target.decision_threshold = threshold;
  return ServedModel(std::move(parts));
}

void ServedModel::save(const std::string& path) const {
  const Archive archive = archive_of(*parts_);
  write_file_atomically(path, write_container(archive).pieces);
}

std::vector<std::byte> ServedModel::bytes() const {
  const Archive archive = archive_of(*parts_);
  return write_container(archive).bytes();
}

ServedModel load(const std::string& path, const Registry* registry) {
  const MappedFile file = map_file(path);
  return load_bytes(file.bytes(), registry, path);
}

ServedModel load(std::span<const std::byte> bytes, const Registry* registry) {
  return load_bytes(bytes, registry, "model");
}

}  // namespace automill
