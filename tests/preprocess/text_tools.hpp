#pragma once
// What the tests of text share: the reference of make_text_reference.py.

#include "preprocess_tools.hpp"

namespace preprocess_tools {

/// text_reference.json, made by make_text_reference.py with scikit-learn, NumPy and Python.
inline const Value& text_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/preprocess/text_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "text_reference.json");
  }();
  return value;
}

/// The messages of the reference as column "t", with their classes or lengths as the target.
inline DatasetView messages(Task task) {
  Dataset dataset;
  dataset.features = Table({text_column("t", texts(text_reference().at("texts")))});
  dataset.target.task = task;
  if (task == Task::regression) {
    dataset.target.values = numbers(text_reference().at("lengths"));
  } else {
    dataset.target.classes = {"ham", "spam"};
    for (double label : numbers(text_reference().at("labels")))
      dataset.target.labels.push_back(static_cast<std::int32_t>(label));
  }
  return DatasetView(make_dataset(std::move(dataset)));
}

}  // namespace preprocess_tools
