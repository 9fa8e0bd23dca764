#pragma once
// Members of a model that exist only in Python: pickles, which nobody opens who was not asked to.

#include <automill/core/model.hpp>

namespace automill {

inline constexpr const char* python_learner_type = "python_learner";

/// A member and the class of the Python object in it.
struct PythonMember {
  std::string member, class_name;
};

/// Of the description of a component (save_component); in order, each member once.
std::vector<PythonMember> python_members(const Value& component);
AUTOMILL_EXPORT std::vector<PythonMember> python_members(const Model& model);

/// "own_SVC_1 (sklearn.svm._classes.SVC), ..."
AUTOMILL_EXPORT std::string text_of(const std::vector<PythonMember>& members);

}  // namespace automill
