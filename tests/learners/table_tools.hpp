#pragma once
// What the tests of learners of raw tables share: tables of numbers and categories, predictions, reference files.

#include "learners/linear_tools.hpp"

namespace table_tools {

using namespace automill;
using linear_tools::Columns;

/// "x0", "x1" ... of numbers, then "c0", "c1" ... of codes as categories "0", "1" ... (negative: missing).
inline Table table_of(const Columns& numbers, const std::vector<std::vector<int>>& categories, std::size_t rows) {
  std::vector<ColumnPtr> columns;
  for (std::size_t j = 0; j < numbers.size(); ++j)
    columns.push_back(make_number_column({.name = "x" + std::to_string(j)}, numbers[j]));
  for (std::size_t j = 0; j < categories.size(); ++j) {
    std::vector<std::string> names;
    for (int code : categories[j]) names.push_back(std::to_string(code));
    std::vector<std::string_view> views(names.begin(), names.end());
    for (std::size_t i = 0; i < views.size(); ++i)
      if (categories[j][i] < 0) views[i] = {};
    columns.push_back(make_category_column("c" + std::to_string(j), views));
  }
  return Table::with_rows(std::move(columns), rows);
}

inline std::shared_ptr<const Dataset> labelled(Table features, std::vector<std::int32_t> labels,
                                               std::vector<double> weights = {}, std::size_t classes = 0) {
  Dataset dataset;
  dataset.features = std::move(features);
  for (std::int32_t label : labels) classes = std::max(classes, static_cast<std::size_t>(label) + 1);
  dataset.target.task = classes == 2 ? Task::binary : Task::multiclass;
  for (std::size_t k = 0; k < classes; ++k) dataset.target.classes.push_back("class " + std::to_string(k));
  dataset.target.labels = std::move(labels);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

/// A file of this folder that a make_..._reference.py wrote.
inline Value read_reference(const std::string& name) {
  std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/" + name);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return from_json(text, name);
}

template <class T>
std::vector<T> list_of(const Value& values) {
  std::vector<T> list;
  for (const Value& value : values.array()) list.push_back(static_cast<T>(value.number()));
  return list;
}
template <class T>
std::vector<std::vector<T>> lists_of(const Value& values) {
  std::vector<std::vector<T>> lists;
  for (const Value& value : values.array()) lists.push_back(list_of<T>(value));
  return lists;
}

/// The features, labels and weights of a case of a reference file.
inline std::shared_ptr<const Dataset> classification_of(const Object& of) {
  auto labels = list_of<std::int32_t>(*of.find("labels"));
  const std::size_t rows = labels.size();
  return labelled(table_of(lists_of<double>(*of.find("numbers")), lists_of<int>(*of.find("categories")), rows),
                  std::move(labels), list_of<double>(*of.find("weights")));
}

/// Largest difference of predictions from rows x outputs of a reference.
inline double largest_difference(const Predictions& predictions, const Value& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < predictions.rows(); ++i) {
    const std::vector<double> row = list_of<double>(expected.array()[i]);
    for (std::size_t k = 0; k < row.size(); ++k) largest = std::max(largest, std::abs(predictions.row(i)[k] - row[k]));
  }
  return largest;
}

}  // namespace table_tools
