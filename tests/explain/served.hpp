#pragma once
// A fitted model with the schema and the target of its dataset, as one that is served.

#include <automill/core/dataset.hpp>
#include <automill/predict/served_model.hpp>

namespace automill {

inline ServedModel served(const std::shared_ptr<const Dataset>& dataset, std::shared_ptr<const Model> model) {
  auto parts = std::make_shared<ModelParts>();
  parts->schema = dataset->features.schema();
  parts->target = {.name = dataset->target.name,
                   .task = dataset->target.task,
                   .classes = dataset->target.classes,
                   .positive = dataset->target.positive};
  parts->model = std::move(model);
  return ServedModel(std::move(parts));
}

}  // namespace automill
