#pragma once
// What is learned from a target column. Further tasks (clustering, forecasting, ...) become further values.

#include <automill/core/error.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace automill {

enum class Task { binary, multiclass, regression };

inline const std::vector<std::string>& task_names() {
  static const std::vector<std::string> names{"binary", "multiclass", "regression"};
  return names;
}

inline const std::string& task_name(Task task) { return task_names()[static_cast<std::size_t>(task)]; }

inline bool is_classification(Task task) { return task != Task::regression; }

}  // namespace automill
