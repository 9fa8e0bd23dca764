#pragma once
// What the tests of encoders share: the reference file.

#include "preprocess_tools.hpp"

namespace preprocess_tools {

/// encoder_reference.json, made by make_encoder_reference.py with scikit-learn and category_encoders.
inline const Value& encoder_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/preprocess/encoder_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "encoder_reference.json");
  }();
  return value;
}
inline Table encoder_reference_categories() {
  std::vector<ColumnPtr> columns;
  const auto names = texts(encoder_reference().at("category_names"));
  for (std::size_t c = 0; c < names.size(); ++c)
    columns.push_back(category_column(names[c], texts(encoder_reference().at("categories").array()[c])));
  return Table(columns);
}

}  // namespace preprocess_tools
