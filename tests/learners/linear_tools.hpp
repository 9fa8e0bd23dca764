#pragma once
// What the tests of linear learners share: small datasets, threads, saving and loading, the reference file.

#include <automill/automl/train.hpp>
#include <automill/core/registry.hpp>
#include <automill/learners/linear.hpp>
#include <fstream>
#include <iterator>

#include "json.hpp"

namespace linear_tools {

using namespace automill;

using Columns = std::vector<std::vector<double>>;

inline Table table_of(const Columns& columns) {
  std::vector<ColumnPtr> made;
  for (std::size_t j = 0; j < columns.size(); ++j)
    made.push_back(make_number_column({.name = "x" + std::to_string(j)}, columns[j]));
  return Table::with_rows(std::move(made), columns.empty() ? 0 : columns[0].size());
}

inline std::shared_ptr<const Dataset> regression(const Columns& columns, std::vector<double> y,
                                                 std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = table_of(columns);
  if (columns.empty()) dataset.features = Table::with_rows({}, y.size());
  dataset.target.values = std::move(y);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

inline std::shared_ptr<const Dataset> classification(const Columns& columns, std::vector<std::int32_t> labels,
                                                     std::size_t classes, std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.features = table_of(columns);
  if (columns.empty()) dataset.features = Table::with_rows({}, labels.size());
  dataset.target.task = classes == 2 ? Task::binary : Task::multiclass;
  for (std::size_t k = 0; k < classes; ++k) dataset.target.classes.push_back("class " + std::to_string(k));
  dataset.target.labels = std::move(labels);
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

/// Columns of standard normal numbers.
inline Columns random_columns(std::size_t columns, std::size_t rows, std::uint64_t seed) {
  Columns all(columns, std::vector<double>(rows));
  for (std::size_t j = 0; j < columns; ++j) {
    RandomStream stream(seed, purpose("test columns"), j);
    for (double& value : all[j]) value = stream.normal();
  }
  return all;
}

/// Some columns of 0 and 1, with few ones.
inline void add_rare_columns(Columns& columns, std::size_t count, std::size_t rows, std::uint64_t seed) {
  for (std::size_t j = 0; j < count; ++j) {
    RandomStream stream(seed, purpose("rare columns"), j);
    std::vector<double> column(rows);
    for (double& value : column) value = stream.uniform() < 0.05 ? 1 : 0;
    columns.push_back(std::move(column));
  }
}

/// A linear signal with noise.
inline std::vector<double> linear_target(const Columns& columns, double noise, std::uint64_t seed) {
  RandomStream stream(seed, purpose("target"));
  std::vector<double> y(columns[0].size(), 3.0);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const double weight = stream.normal();
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += weight * columns[j][i];
  }
  for (double& value : y) value += noise * stream.normal();
  return y;
}

inline std::vector<std::int32_t> labels_from(const std::vector<double>& scores, std::size_t classes) {
  std::vector<double> sorted = scores;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int32_t> labels;
  for (double score : scores) {
    const auto rank = std::lower_bound(sorted.begin(), sorted.end(), score) - sorted.begin();
    labels.push_back(static_cast<std::int32_t>(static_cast<std::size_t>(rank) * classes / sorted.size()));
  }
  return labels;
}

template <class T>
std::vector<T> selected(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
  std::vector<T> result;
  for (std::size_t row : rows) result.push_back(values[row]);
  return result;
}
inline Columns selected_rows(const Columns& columns, const std::vector<std::size_t>& rows) {
  Columns result;
  for (const auto& column : columns) result.push_back(selected(column, rows));
  return result;
}

inline const LinearModel& fitted(const FitResult& result) { return dynamic_cast<const LinearModel&>(*result.model); }
inline double detail(const FitResult& result, const char* name) { return result.report.details.find(name)->number(); }

inline Registry loaders() {
  Registry registry;
  registry.add_model_loader("linear_model", load_linear_model);
  registry.add_model_loader("constant", load_constant_model);
  return registry;
}
inline Archive saved(const Model& model) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(model, writer);
  return archive;
}

inline std::vector<double> predict_row_by_row(const Model& model, const Columns& columns) {
  const auto predictor = model.row_predictor();
  const std::size_t width = model.output_spec().width;
  std::vector<double> cells(columns.size()), all;
  for (std::size_t i = 0; i < columns[0].size(); ++i) {
    for (std::size_t j = 0; j < columns.size(); ++j) cells[j] = columns[j][i];
    std::vector<double> out(width);
    predictor->predict({cells.data(), nullptr}, out);
    all.insert(all.end(), out.begin(), out.end());
  }
  return all;
}

/// linear_reference.json, made by make_linear_reference.py with scikit-learn.
inline const Value& reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/linear_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "linear_reference.json");
  }();
  return value;
}
inline std::vector<double> numbers(const Value& list) {
  std::vector<double> all;
  for (const Value& value : list.array()) all.push_back(value.number());
  return all;
}
inline Columns columns_of(const Value& lists) {
  Columns all;
  for (const Value& list : lists.array()) all.push_back(numbers(list));
  return all;
}

}  // namespace linear_tools
