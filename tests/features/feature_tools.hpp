#pragma once
// What the tests of generated and selected columns share: a problem whose target is made of pairs of columns, and
// noise.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/gradient_boosting.hpp>

namespace feature_tools {

using namespace automill;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Columns of random numbers x0 (normal), x1 (1 to 5), x2, x3 ... in turns, and a category of 6 and one of 5 values.
struct Random {
  std::vector<std::vector<double>> x;
  std::vector<std::size_t> color, size;
  Random(std::size_t rows, std::size_t columns, std::uint64_t seed) : x(columns), color(rows), size(rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      RandomStream random(seed, purpose("features"), i);
      for (std::size_t c = 0; c < columns; ++c) x[c].push_back(c % 2 == 0 ? random.normal() : 1 + 4 * random.uniform());
      color[i] = random.below(6);
      size[i] = random.below(5);
    }
  }
};

inline ColumnPtr category(std::string name, const std::vector<std::size_t>& codes,
                          const std::vector<std::string>& names) {
  std::vector<std::string_view> values;
  for (std::size_t code : codes) values.push_back(names[code]);
  return make_category_column(std::move(name), values);
}

inline Table table_of(const Random& random) {
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < random.x.size(); ++c)
    columns.push_back(make_number_column({.name = "x" + std::to_string(c)}, random.x[c]));
  columns.push_back(category("color", random.color, {"amber", "blue", "cyan", "green", "red", "white"}));
  columns.push_back(category("size", random.size, {"L", "M", "S", "XL", "XS"}));
  return Table(std::move(columns));
}

/// `of(row)` is the target; two classes where `classes` says so, by whether it is above 0.
template <class Of>
std::shared_ptr<const Dataset> problem(Table table, Task task, const Of& of) {
  Dataset data;
  data.target.task = task;
  if (task != Task::regression) data.target.classes = {"no", "yes"};
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (task == Task::regression) data.target.values.push_back(of(i));
    else data.target.labels.push_back(of(i) > 0 ? 1 : 0);
  }
  data.features = std::move(table);
  return make_dataset(std::move(data));
}

/// A row's target is x0 / x1 and some noise, of two classes whether it is above 0.3.
inline std::shared_ptr<const Dataset> ratio_problem(std::size_t rows, Task task = Task::regression,
                                                    std::uint64_t seed = 1) {
  const Random random(rows, 4, seed);
  const double threshold = task == Task::regression ? 0 : 0.3;
  return problem(table_of(random), task, [&](std::size_t i) {
    return random.x[0][i] / random.x[1][i] - threshold + 0.1 * RandomStream(seed, purpose("noise"), i).normal();
  });
}

/// The target has nothing to do with the columns.
inline std::shared_ptr<const Dataset> noise_problem(std::size_t rows, std::size_t columns, Task task,
                                                    std::uint64_t seed) {
  const Random random(rows, columns, seed);
  return problem(table_of(random), task,
                 [&](std::size_t i) { return RandomStream(seed, purpose("noise"), i).normal(); });
}

inline std::shared_ptr<const FittedTransformer> fitted(const Transformer& transformer, const DatasetView& view) {
  return transformer.fit_transform(view, {}).transformer;
}

/// Names of the columns that were added to the input.
inline std::vector<std::string> added(const FittedTransformer& transformer) {
  std::vector<std::string> names;
  for (const std::string& name : transformer.output_schema()->names())
    if (!transformer.input_schema()->contains(name)) names.push_back(name);
  return names;
}

inline std::vector<double> values_of(const Table& table, std::string_view column) {
  std::vector<double> values(table.rows());
  table.column(column).numbers(0, values.size(), values.data());
  return values;
}

inline Archive archive_of(const FittedTransformer& transformer) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(transformer, writer);
  return archive;
}

inline bool same_archive(const Archive& a, const Archive& b) {
  if (!(a.root == b.root) || a.arrays.size() != b.arrays.size()) return false;
  for (std::size_t i = 0; i < a.arrays.size(); ++i)
    if (a.arrays[i].bytes != b.arrays[i].bytes) return false;
  return true;
}

/// The columns in the given order of the table's own.
inline std::shared_ptr<const Dataset> with_columns(const Dataset& data, std::vector<ColumnPtr> columns) {
  Dataset other = data;
  other.features = Table(std::move(columns));
  other.keys.clear();
  return make_dataset(std::move(other));
}

inline DatasetView rows_of(const std::shared_ptr<const Dataset>& data, std::vector<std::uint32_t> rows) {
  return {data, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::move(rows)), 77}};
}

}  // namespace feature_tools
