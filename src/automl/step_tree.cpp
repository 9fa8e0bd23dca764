#include "automl/step_tree.hpp"

#include <automill/core/pipeline.hpp>

namespace automill {
namespace {

bool is_component(const Value& value) {
  return value.is_object() && value.object().contains("type") && value.at("type").is_text();
}

bool is_named_component(const Value& value) {
  return value.is_object() && value.object().contains("name") && value.object().contains("component") &&
         is_component(value.at("component"));
}

/// Components in a list of {"name", "component"}.
void visit_named(Value& list, const std::string& path, bool transformer, const StepVisitor& body) {
  for (Value& each : list.array())
    visit_steps(each.object()["component"], joined_path(path, each.at("name").text()), transformer, body);
}

/// Learners that are parameters of others: one, or a list of named ones.
void visit_parameters(Value& parameters, const std::string& path, const StepVisitor& body) {
  const Object names = parameters.object();
  for (const auto& [name, value] : names.entries()) {
    if (is_component(value)) visit_steps(parameters.object()[name], joined_path(path, name), false, body);
    else if (value.is_array() && !value.array().empty() &&
             std::all_of(value.array().begin(), value.array().end(), is_named_component))
      visit_named(parameters.object()[name], path, false, body);
  }
}

bool is_known(const std::vector<std::string>& names, const std::string& type) {
  return std::find(names.begin(), names.end(), type) != names.end();
}

/// What the component's type declares; nothing of types that the registry does not know.
std::vector<ParameterDeclaration> declarations_of(const std::string& type, bool transformer, const Registry& registry) {
  if (transformer)
    return is_known(registry.transformer_names(), type) ? registry.transformer(type).parameters
                                                        : std::vector<ParameterDeclaration>{};
  return is_known(registry.estimator_names(), type) ? registry.estimator(type).parameters
                                                    : std::vector<ParameterDeclaration>{};
}

}  // namespace

std::string joined_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

bool is_within(const std::string& name, const std::string& path) {
  return name.size() > path.size() && name.starts_with(path) && name[path.size()] == '.';
}

void visit_steps(Value& structure, const std::string& path, bool transformer, const StepVisitor& body) {
  body(structure, path, transformer);
  const std::string type = structure.at("type").text();
  Object& members = structure.object();
  if (type == Pipeline::registered_name) {
    visit_named(members["transformers"].object()["steps"], path, true, body);
    Value& last = members["estimator"];
    visit_steps(last.object()["component"], joined_path(path, last.at("name").text()), false, body);
  } else if (type == TransformerPipeline::registered_name) {
    visit_named(members["steps"], path, true, body);
  } else if (type == ColumnTransformer::registered_name) {
    visit_named(members["groups"], path, true, body);
  } else if (const Value* parameters = members.find("parameters"); parameters != nullptr && parameters->is_object()) {
    visit_parameters(members["parameters"], path, body);
  }
}

std::vector<Step> steps_of(const Value& structure, const std::string& path, bool transformer) {
  std::vector<Step> all;
  Value copy = structure;
  visit_steps(copy, path, transformer, [&](const Value& step, const std::string& at, bool transforms) {
    all.push_back({at, transforms, step});
  });
  return all;
}

void replace_step(Value& structure, const std::string& path, const Value& component) {
  bool done = false;
  visit_steps(structure, "", false, [&](Value& step, const std::string& at, bool) {
    if (done || at != path) return;
    step = component;
    done = true;
  });
}

std::vector<DeclaredParameter> declared_parameters(const Value& structure, const std::string& path, bool transformer,
                                                   const Registry& registry) {
  std::vector<DeclaredParameter> all;
  for (const Step& step : steps_of(structure, path, transformer)) {
    const Value* parameters = step.structure.object().find("parameters");
    if (parameters == nullptr || !parameters->is_object()) continue;
    for (ParameterDeclaration& each : declarations_of(step.structure.at("type").text(), step.transformer, registry)) {
      const Value* current = parameters->object().find(each.name);
      const std::string name = joined_path(step.path, each.name);
      all.push_back({.name = name,
                     .owner = step.path,
                     .declaration = std::move(each),
                     .current = current != nullptr ? *current : Value{}});
    }
  }
  return all;
}

std::optional<SearchParameter> declared_range(const ParameterDeclaration& declaration) {
  if (!declaration.search) return std::nullopt;
  const auto& [low, high, scale] = *declaration.search;
  const bool log = scale == Scale::log;
  if (declaration.type == "number") return Float(low, high, {.log = log});
  if (declaration.type == "integer")
    return Int(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), {.log = log});
  if (declaration.type == "bool") return Categories({false, true});
  return Categories(Array(declaration.choices.begin() + static_cast<std::ptrdiff_t>(low),
                          declaration.choices.begin() + static_cast<std::ptrdiff_t>(high) + 1));
}

}  // namespace automill
