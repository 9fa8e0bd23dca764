// Models of other libraries.

#include <automill/import/import_model.hpp>

#include "models.hpp"

namespace automill::python {

void bind_import(py::module_& module) {
  module.def(
      "import_model",
      [](const std::string& path, std::vector<std::string> classes, std::string label_type, std::string target,
         std::vector<std::pair<std::string, std::vector<std::string>>> categories, std::optional<std::int64_t> rounds) {
        return AutoMLModel(import_model(path, {.classes = std::move(classes),
                                               .label_type = std::move(label_type),
                                               .target = std::move(target),
                                               .categories = std::move(categories),
                                               .rounds = rounds}));
      },
      py::call_guard<py::gil_scoped_release>());
}

}  // namespace automill::python
