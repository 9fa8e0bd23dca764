#pragma once
// A learning problem: a table of features, a target, and what belongs to rows (weights, groups, times). Views select
// rows; nothing is copied.

#include <automill/core/random.hpp>
#include <automill/core/table.hpp>
#include <automill/core/task.hpp>
#include <numeric>

namespace automill {

/// What is predicted. Classification has labels (positions in `classes`), regression has values: of one quantity, or of
/// several that are predicted together (outputs).
struct Target {
  Task task = Task::regression;
  std::string name = "target";
  std::vector<std::string> classes{};  ///< classification: names in label order
  std::vector<std::int32_t> labels{};  ///< classification: one a row, 0 .. classes-1
  std::vector<double> values{};        ///< regression: rows x outputs, row-major, finite
  std::size_t positive = 1;            ///< binary: index of the positive class
  std::vector<std::string> outputs{};  ///< regression: names of the outputs where there are several, else empty

  std::size_t rows() const { return is_classification(task) ? labels.size() : values.size() / width(); }
  std::size_t width() const {
    return is_classification(task) ? classes.size() : std::max<std::size_t>(1, outputs.size());
  }
  /// Regression: the outputs of a row.
  std::span<const double> row(std::size_t i) const { return {values.data() + i * width(), width()}; }
};

/// Hash of the content of each row alone: copies of a row share it. Numbers hash by value (-0 as 0), categories by
/// name. O(cells), of sparse columns O(kept cells).
inline std::vector<std::uint64_t> row_content_hashes(const Table& features, const Target& target) {
  const std::size_t n = target.rows();
  std::vector<std::uint64_t> keys(n, 0);
  std::uint64_t all_cells = 0;  // what is added to each row
  std::vector<double> values(n);
  const auto number_hash = [](double v) {
    return std::isnan(v) ? 0x7ff8ULL : mix64(std::bit_cast<std::uint64_t>(v == 0 ? 0.0 : v));
  };
  for (const ColumnPtr& column : features.columns()) {
    const std::uint64_t name = hash_text(column->name());
    if (column->kind() == ColumnKind::text) {
      for (std::size_t i = 0; i < n; ++i)
        keys[i] += combine_hashes(name, column->missing(i) ? 0x7ff8ULL : hash_text(column->text(i)));
      continue;
    }
    if (column->sparse()) {  // all cells as zeros, then the others in their place
      const std::uint64_t zero = combine_hashes(name, number_hash(0));
      all_cells += zero;
      column->for_each_stored(
          [&](std::size_t row, double v) { keys[row] += combine_hashes(name, number_hash(v)) - zero; });
      continue;
    }
    column->numbers(0, n, values.data());
    if (column->kind() == ColumnKind::category) {
      std::vector<std::uint64_t> hashes;
      for (const auto& category : column->schema().dictionary->names())
        hashes.push_back(combine_hashes(name, hash_text(category)));
      for (std::size_t i = 0; i < n; ++i)
        keys[i] += values[i] >= 0 && values[i] < static_cast<double>(hashes.size())
                       ? hashes[static_cast<std::size_t>(values[i])]
                       : combine_hashes(name, 0x7ff8ULL);
    } else {
      for (std::size_t i = 0; i < n; ++i) keys[i] += combine_hashes(name, number_hash(values[i]));
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    keys[i] += all_cells;
    if (is_classification(target.task)) {
      keys[i] = combine_hashes(keys[i], hash_text(target.classes[static_cast<std::size_t>(target.labels[i])]));
      continue;
    }
    for (double value : target.row(i)) keys[i] = combine_hashes(keys[i], number_hash(value));
  }
  return keys;
}

/// Hash of every row's content: cells by column name, so that the order of columns and of rows does not matter. The
/// n-th copy of a row hashes with n.
inline std::vector<std::uint64_t> row_keys(const Table& features, const Target& target) {
  std::vector<std::uint64_t> keys = row_content_hashes(features, target);
  std::unordered_map<std::uint64_t, std::uint64_t> copies;
  copies.reserve(keys.size());
  for (auto& key : keys) key = combine_hashes(key, ++copies[key]);
  return keys;
}

struct Dataset {
  Table features;
  Target target;
  std::vector<double> weights{};         ///< one a row, or empty: all one
  std::vector<std::uint64_t> groups{};   ///< one a row, or empty: rows of a group stay together
  std::vector<double> times{};           ///< one a row, or empty: earlier rows train, later rows validate
  std::vector<double> initial_scores{};  ///< rows x outputs, or empty: where boosting starts
  std::vector<std::uint64_t> keys{};     ///< row_keys(features, target); filled by make_dataset

  std::size_t rows() const { return target.rows(); }
};

/// Shares the parts as one immutable problem and computes the row keys.
inline std::shared_ptr<const Dataset> make_dataset(Dataset dataset) {
  const std::size_t n = dataset.target.rows();
  Faults faults;
  if (!is_classification(dataset.target.task) && dataset.target.values.size() % dataset.target.width() != 0)
    faults.add("data.length_mismatch", dataset.target.name,
               std::to_string(dataset.target.values.size()) + " values for " + std::to_string(dataset.target.width()) +
                   " outputs");
  const auto check = [&](std::size_t size, const char* place) {
    if (size != 0 && size != n)
      faults.add("data.length_mismatch", place, std::to_string(size) + " values for " + std::to_string(n) + " rows");
  };
  if (dataset.features.rows() != n)
    faults.add("data.length_mismatch", dataset.target.name,
               std::to_string(n) + " targets for " + std::to_string(dataset.features.rows()) + " rows");
  check(dataset.weights.size(), "weights");
  check(dataset.groups.size(), "groups");
  check(dataset.times.size(), "times");
  faults.throw_if_any();
  if (dataset.keys.empty()) dataset.keys = row_keys(dataset.features, dataset.target);
  return std::make_shared<const Dataset>(std::move(dataset));
}

/// A dataset from a table that holds the target column: text, category and boolean targets are classes (in ascending
/// order), numbers are regression. Rows with a missing target are an Error here (the facade drops and counts them).
std::shared_ptr<const Dataset> dataset_from(const Table& table, std::string_view target);
/// The same with several columns of numbers that are predicted together.
std::shared_ptr<const Dataset> dataset_from(const Table& table, const std::vector<std::string>& targets);

/// Rows of a dataset with an identity: part of the key of every cache whose content depends on the rows.
struct RowSet {
  std::shared_ptr<const std::vector<std::uint32_t>> rows{};
  std::uint64_t identity = 0;  ///< 0: all rows
};

class DatasetView {
 public:
  DatasetView(std::shared_ptr<const Dataset> dataset)
      : DatasetView(std::move(dataset), RowSet{}) {}  // NOLINT: all rows
  DatasetView(std::shared_ptr<const Dataset> dataset, RowSet rows)
      : dataset_(std::move(dataset)), rows_(std::move(rows)) {
    if (rows_.rows == nullptr) {
      auto all = std::make_shared<std::vector<std::uint32_t>>(dataset_->rows());
      std::iota(all->begin(), all->end(), 0U);
      rows_.rows = std::move(all);
    }
  }
  const Dataset& dataset() const { return *dataset_; }
  const std::shared_ptr<const Dataset>& shared() const { return dataset_; }
  const RowSet& row_set() const { return rows_; }
  /// Row numbers in the dataset, ascending.
  std::span<const std::uint32_t> row_numbers() const { return *rows_.rows; }
  std::size_t rows() const { return rows_.rows->size(); }
  TableView features() const { return {dataset_->features, *rows_.rows}; }
  const Target& target() const { return dataset_->target; }
  Task task() const { return dataset_->target.task; }
  std::int32_t label(std::size_t i) const { return dataset_->target.labels[(*rows_.rows)[i]]; }
  /// Regression: an output of a row.
  double value(std::size_t i, std::size_t output = 0) const {
    return dataset_->target.values[(*rows_.rows)[i] * dataset_->target.width() + output];
  }
  double weight(std::size_t i) const { return dataset_->weights.empty() ? 1.0 : dataset_->weights[(*rows_.rows)[i]]; }
  bool weighted() const { return !dataset_->weights.empty(); }
  std::uint64_t key(std::size_t i) const { return dataset_->keys[(*rows_.rows)[i]]; }
  /// The same rows with other features (a transformer's output, one row for each row of this view).
  DatasetView with_features(Table features) const;

 private:
  std::shared_ptr<const Dataset> dataset_;
  RowSet rows_;
};

inline DatasetView DatasetView::with_features(Table features) const {
  Dataset other;
  const Dataset& d = *dataset_;
  const auto take = [&](const auto& from, auto& to) {
    if (from.empty()) return;
    to.reserve(rows());
    for (std::uint32_t row : *rows_.rows) to.push_back(from[row]);
  };
  const auto take_rows = [&](const auto& from, auto& to) {  // several numbers a row
    if (from.empty()) return;
    const std::size_t width = from.size() / d.rows();
    to.reserve(rows() * width);
    for (std::uint32_t row : *rows_.rows)
      for (std::size_t k = 0; k < width; ++k) to.push_back(from[row * width + k]);
  };
  other.target.task = d.target.task;
  other.target.name = d.target.name;
  other.target.classes = d.target.classes;
  other.target.positive = d.target.positive;
  other.target.outputs = d.target.outputs;
  take(d.target.labels, other.target.labels);
  take_rows(d.target.values, other.target.values);
  take(d.weights, other.weights);
  take(d.groups, other.groups);
  take(d.times, other.times);
  take(d.keys, other.keys);
  take_rows(d.initial_scores, other.initial_scores);
  other.features = std::move(features);
  return DatasetView(make_dataset(std::move(other)));
}

namespace dataset_detail {

/// Cells of a target column: numbers, or codes of categories.
inline std::vector<double> target_cells(const Column& column) {
  std::vector<double> values(column.size());
  column.numbers(0, column.size(), values.data());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]))
      throw Error("data.target_missing", column.name(), "row " + std::to_string(i) + " has no target",
                  "drop such rows first");
  return values;
}

}  // namespace dataset_detail

inline std::shared_ptr<const Dataset> dataset_from(const Table& table, const std::vector<std::string>& targets) {
  if (targets.size() == 1) return dataset_from(table, targets[0]);
  if (targets.empty()) throw Error("data.no_outputs", "target", "no column is named", "name one or more columns");
  Dataset dataset;
  dataset.target.outputs = targets;
  dataset.target.values.resize(table.rows() * targets.size());
  for (std::size_t k = 0; k < targets.size(); ++k) {
    const Column& column = table.column(targets[k]);
    if (column.kind() != ColumnKind::number)
      throw Error("data.output_kind", column.name(), "it is no column of numbers",
                  "targets that are predicted together are numbers: learn this one by itself");
    const std::vector<double> values = dataset_detail::target_cells(column);
    for (std::size_t i = 0; i < values.size(); ++i) dataset.target.values[i * targets.size() + k] = values[i];
    dataset.target.name = k == 0 ? targets[k] : dataset.target.name + ", " + targets[k];
  }
  dataset.features = table.without(targets);
  return make_dataset(std::move(dataset));
}

inline std::shared_ptr<const Dataset> dataset_from(const Table& table, std::string_view target) {
  const Column& column = table.column(target);
  Dataset dataset;
  dataset.target.name = column.name();
  std::vector<double> values = dataset_detail::target_cells(column);
  if (column.kind() == ColumnKind::number || column.kind() == ColumnKind::datetime) {
    dataset.target.values = std::move(values);
  } else {
    std::vector<std::string> names;
    if (column.kind() == ColumnKind::boolean) names = {"false", "true"};
    else if (column.kind() == ColumnKind::category) names = column.schema().dictionary->names();
    else throw Error("data.target_text", column.name(), "a text column cannot be the target", "make it a category");
    dataset.target.task = names.size() == 2 ? Task::binary : Task::multiclass;
    dataset.target.classes = std::move(names);
    for (double value : values) dataset.target.labels.push_back(static_cast<std::int32_t>(value));
  }
  dataset.features = table.without({column.name()});
  return make_dataset(std::move(dataset));
}

}  // namespace automill
