#include <automill/automl/serve.hpp>

#include "automl/model_checks.hpp"

namespace automill {

ServedModel serve(FitResult fit, const Dataset& dataset, TargetInfo target, Object metadata) {
  fit.require_model(target.name);
  auto parts = std::make_shared<ModelParts>();
  parts->schema = dataset.features.schema();
  parts->target = std::move(target);
  parts->target.outputs = fit.model->output_spec().outputs;
  parts->model = std::move(fit.model);
  add_checks(dataset, *parts);
  parts->metadata = std::move(metadata);
  return ServedModel(std::move(parts));
}

ServedModel serve(FitResult fit, const Dataset& dataset, Object metadata) {
  const Target& target = dataset.target;
  return serve(
      std::move(fit), dataset,
      TargetInfo{.name = target.name, .task = target.task, .classes = target.classes, .positive = target.positive},
      std::move(metadata));
}

}  // namespace automill
