#include "predict/python_members.hpp"

#include <automill/core/registry.hpp>

namespace automill {
namespace {

/// The class of the first Python object below a component; empty without one.
std::string class_below(const Value& node) {
  if (node.is_array())
    for (const Value& each : node.array())
      if (std::string found = class_below(each); !found.empty()) return found;
  if (!node.is_object()) return {};
  const Value *type = node.object().find("type"), *name = node.object().find("class");
  if (type != nullptr && type->is_text() && type->text() == python_learner_type)
    return name != nullptr && name->is_text() ? name->text() : "an object of an unknown class";
  for (const auto& [key, value] : node.object().entries())
    if (std::string found = class_below(value); !found.empty()) return found;
  return {};
}

}  // namespace

std::vector<PythonMember> python_members(const Value& component) {
  std::vector<PythonMember> all;
  const Value* members = component.is_object() ? component.object().find("members") : nullptr;
  if (members == nullptr || !members->is_array()) {
    if (std::string found = class_below(component); !found.empty()) all.push_back({"the model", std::move(found)});
    return all;
  }
  for (const Value& member : members->array()) {
    std::string found = class_below(member);
    const Value* name = member.is_object() ? member.object().find("name") : nullptr;
    if (!found.empty())
      all.push_back({name != nullptr && name->is_text() ? name->text() : "a member", std::move(found)});
  }
  return all;
}

std::vector<PythonMember> python_members(const Model& model) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(model, writer);
  return python_members(archive.root);
}

std::string text_of(const std::vector<PythonMember>& members) {
  std::string text;
  for (const PythonMember& each : members)
    text += (text.empty() ? "" : ", ") + each.member + " (" + each.class_name + ")";
  return text;
}

}  // namespace automill
