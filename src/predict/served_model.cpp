#include <automill/predict/served_model.hpp>

#include "data/cell_format.hpp"
#include "data/platform.hpp"
#include "model_file.hpp"
#include "model_parts.hpp"
#include "row_by_row.hpp"

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

}  // namespace

Table ServedModel::aligned(const Table& rows) const { return align(read_cells(rows, schema()), schema()); }

PredictionResult ServedModel::predict(const Table& rows, const RunContext& context) const {
  const Model& model = *parts_->model;
  const Table cells = read_cells(rows, schema());
  const std::shared_ptr<const TargetInfo> target(parts_, &parts_->target);
  if (!better_row_by_row(*parts_->schema, cells.rows())) return {target, model.predict(cells, context)};
  Predictions predictions(cells.rows(), model.output_spec().width);
  const Table aligned = align(cells, model.input_schema());
  predict_row_by_row(model, aligned, predictions.view());
  return {target, std::move(predictions)};
}

ServedModel ServedModel::with_decision_threshold(double threshold) const {
  if (task() != Task::binary)
    throw Error("model.no_threshold", "decision_threshold", "this is a " + task_name(task()) + " model",
                "only binary models decide by a threshold");
  if (!target().costs.empty())
    throw Error("model.no_threshold", "decision_threshold", "this model was trained with a cost_matrix",
                "its labels are those of the least expected cost");
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
