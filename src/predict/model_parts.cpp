#include "model_parts.hpp"

#include "manifest_values.hpp"
#include "python_members.hpp"
#include "saved_out_of_fold.hpp"
#include "saved_sketches.hpp"
#include "saved_uncertainty.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

const std::vector<std::string>& label_types() {
  static const std::vector<std::string> names{"text", "boolean", "integer", "number"};
  return names;
}

void save_target(const TargetInfo& target, ArchiveWriter& out) {
  out.set("name", target.name);
  out.set("task", task_name(target.task));
  if (!target.outputs.empty()) out.texts("outputs", target.outputs);
  if (!is_classification(target.task)) return;
  out.texts("classes", target.classes);
  out.set("positive", static_cast<std::int64_t>(target.positive));
  out.set("label_type", target.label_type);
  out.set("decision_threshold", target.decision_threshold);
  if (!target.costs.empty()) out.array("costs", target.costs);
}

void load_costs(const ArchiveReader& in, TargetInfo& target) {
  target.costs = in.array<double>("costs", target.classes.size() * target.classes.size());
  check_finite(in, "costs", target.costs);
  if (std::any_of(target.costs.begin(), target.costs.end(), [](double cost) { return cost < 0; }))
    in.fail("'costs' must be at least 0");
}

std::size_t position_of(const ArchiveReader& in, const char* key, const std::vector<std::string>& known) {
  const std::string& name = in.text(key);
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end()) in.fail(std::string("'") + key + "' is '" + name + "', which is not known");
  return static_cast<std::size_t>(found - known.begin());
}

TargetInfo load_target(const ArchiveReader& in) {
  TargetInfo target{.name = in.text("name"), .task = static_cast<Task>(position_of(in, "task", task_names()))};
  if (!is_classification(target.task)) {
    if (in.contains("outputs")) target.outputs = in.texts("outputs");
    return target;
  }
  target.classes = in.texts("classes");
  if (target.classes.empty() || (target.task == Task::binary && target.classes.size() != 2))
    in.fail("a " + task_name(target.task) + " target with " + std::to_string(target.classes.size()) + " classes");
  const auto last = static_cast<std::int64_t>(target.classes.size()) - 1;
  target.positive = static_cast<std::size_t>(in.integer("positive", 0, std::max<std::int64_t>(1, last)));
  target.label_type = label_types()[position_of(in, "label_type", label_types())];
  target.decision_threshold = in.number("decision_threshold");
  if (!(target.decision_threshold >= 0 && target.decision_threshold <= 1))
    in.fail("'decision_threshold' must be in [0, 1]");
  if (in.contains("costs")) load_costs(in, target);
  return target;
}

std::shared_ptr<const Model> load_component(const ArchiveReader& file, const ModelContext& context,
                                            const Registry& registry) {
  const Value& component = file.value("model");
  try {
    return registry.load_model(file.child("model"), context);
  } catch (const Error& error) {
    if (error.code() != "registry.unknown") throw;
    if (error.place() == python_learner_type)
      throw Error("model_file.python_members", text_of(python_members(component)),
                  "members of this model are pickled Python objects, which only Python opens, and only where it is "
                  "allowed: they may run any code",
                  "automill.load(path, allow_pickle=True) for files of your own, or save model.without(name)");
    throw Error("model_file.unknown_component", error.place(),
                "the model has a component of this type, which is not known here",
                "give load the registry in which it is registered");
  }
}

void load_self_test(const ArchiveReader& in, ModelParts& parts) {
  parts.self_test_cells = in.array<double>("cells");
  parts.self_test_outputs = in.array<double>("outputs");
  const std::size_t columns = parts.schema->size(), width = parts.model->output_spec().width;
  const std::size_t rows = parts.self_test_outputs.size() / width;
  if (parts.self_test_outputs.size() != rows * width || parts.self_test_cells.size() != rows * columns)
    in.fail("rows and outputs of the self-test do not fit");
}

}  // namespace

Archive archive_of(const ModelParts& parts) {
  Archive archive;
  ArchiveWriter out(archive);
  out.child("schema", [&](ArchiveWriter& part) { save_schema(*parts.schema, part); });
  out.child("target", [&](ArchiveWriter& part) { save_target(parts.target, part); });
  out.child("model", [&](ArchiveWriter& part) { save_component(*parts.model, part); });
  out.child("sketches", [&](ArchiveWriter& part) { save_sketches(parts.sketches, part); });
  out.child("self_test", [&](ArchiveWriter& part) {
    part.array("cells", parts.self_test_cells);
    part.array("outputs", parts.self_test_outputs);
  });
  if (parts.uncertainty != nullptr)
    out.child("uncertainty", [&](ArchiveWriter& part) { save_uncertainty(*parts.uncertainty, part); });
  if (parts.out_of_fold != nullptr)
    out.child("out_of_fold", [&](ArchiveWriter& part) { save_out_of_fold(*parts.out_of_fold, part); });
  out.set("metadata", escape_keys(parts.metadata));
  return archive;
}

ModelParts parts_of(const Archive& archive, const Registry& registry) {
  const ArchiveReader in(archive);
  ModelParts parts;
  parts.schema = load_schema(in.child("schema"));
  parts.target = load_target(in.child("target"));
  parts.model = load_component(in, {parts.schema, output_of(parts.target)}, registry);
  parts.sketches = load_sketches(in.child("sketches"), *parts.schema);
  load_self_test(in.child("self_test"), parts);
  if (in.contains("uncertainty")) parts.uncertainty = load_uncertainty(in.child("uncertainty"), parts, registry);
  if (in.contains("out_of_fold")) parts.out_of_fold = load_out_of_fold(in.child("out_of_fold"), parts);
  const Value& metadata = in.value("metadata");
  if (!metadata.is_object()) in.fail("'metadata' must be an object");
  parts.metadata = std::move(unescape_keys(metadata).object());
  return parts;
}

}  // namespace automill
