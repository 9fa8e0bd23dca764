#pragma once
// The steps within the structure of an estimator, by the names that their parameters have.

#include <automill/core/registry.hpp>
#include <automill/search/space.hpp>

namespace automill {

/// A component within another one.
struct Step {
  std::string path;  ///< "scale", "numbers.scale"; empty for the estimator itself
  bool transformer = false;
  Value structure{};
};

/// A parameter with the declaration of its component.
struct DeclaredParameter {
  std::string name;   ///< with the path of its step
  std::string owner;  ///< path of its step
  ParameterDeclaration declaration{};
  Value current{};
  std::optional<SearchCondition> condition{};  ///< where its step is one of several
};

/// "step.parameter"; the second alone where there is no first.
std::string joined_path(const std::string& path, const std::string& name);

/// Whether `name` is a parameter or a step within `path`.
bool is_within(const std::string& name, const std::string& path);

/// Calls body(structure, path, is it a transformer) for an estimator's structure and all within it, from the outside.
using StepVisitor = std::function<void(Value&, const std::string&, bool)>;
void visit_steps(Value& structure, const std::string& path, bool transformer, const StepVisitor& body);

std::vector<Step> steps_of(const Value& structure, const std::string& path, bool transformer);

/// Puts another component in the place of the step at a path.
void replace_step(Value& structure, const std::string& path, const Value& component);

/// Parameters that the components within a structure declare; those of unknown components are left out.
std::vector<DeclaredParameter> declared_parameters(const Value& structure, const std::string& path, bool transformer,
                                                   const Registry& registry);

/// The search range of a declaration; nothing where it is not searched. Of choices the range is one of positions, of
/// true or false it is 0 to 1.
std::optional<SearchParameter> declared_range(const ParameterDeclaration& declaration);

}  // namespace automill
