#include "automl/prepare.hpp"

#include <set>

#include "automl/cost_matrix.hpp"
#include "automl/monotone.hpp"
#include "automl/prepare_columns.hpp"
#include "automl/prepare_target.hpp"
#include "automl/prepare_types.hpp"

namespace automill {
namespace {

/// Options and data during preparation; each step adds to the result and to the faults.
class Preparation {
 public:
  Preparation(const Table& data, const TrainOptions& options) : data_(data), options_(options) {}

  Prepared run() {
    check_columns();
    faults_.throw_if_any();
    target_ = read_training_target(data_, options_, result_, faults_);
    if (!options_.quantiles.empty() && is_classification(result_.target.task))
      faults_.add("option.contradiction", "quantiles",
                  "a " + task_name(result_.target.task) + " target has no quantiles",
                  "predict_set gives sets of classes");
    if (faults_.empty()) set_costs(options_, result_.target, faults_);
    faults_.throw_if_any();
    select_rows();
    faults_.throw_if_any();
    finish(choose_columns(data_, options_, result_));
    return std::move(result_);
  }

 private:
  bool known(const std::string& column, const char* option) {
    if (column.empty() || data_.contains(column)) return true;
    faults_.add("data.column_unknown", column, std::string("the column named by ") + option + " is not in the data",
                name_hint(column, data_.schema()->names()));
    return false;
  }

  void check_columns() {
    if (options_.target.empty())
      faults_.add("option.missing", "target", "name the column to predict",
                  name_hint("target", data_.schema()->names()));
    known(options_.target, "target");
    known(options_.groups, "groups");
    known(options_.time_column, "time_column");
    known(options_.sample_weight, "sample_weight");
    known(options_.fold_column, "folds");
    for (const auto& name : options_.ignore) known(name, "ignore");
    for (const auto& [name, kind] : options_.types) known(name, "types");
    for (const auto& [name, sign] : options_.monotone) known(name, "monotone");
    if (data_.rows() == 0) faults_.add("data.no_rows", "", "the table has no rows");
    const auto check_size = [&](std::size_t size, const char* place) {
      if (size != 0 && size != data_.rows())
        faults_.add("data.length_mismatch", place,
                    std::to_string(size) + " values for " + std::to_string(data_.rows()) + " rows");
    };
    check_size(options_.sample_weights.size(), "sample_weight");
    check_size(options_.group_values.size(), "groups");
    check_size(options_.fold_of.size(), "folds");
  }

  // --- rows

  void select_rows() {
    std::size_t missing = 0, weightless = 0;
    std::vector<double> weights = options_.sample_weights;
    if (!options_.sample_weight.empty()) {
      weights.resize(data_.rows());
      data_.column(options_.sample_weight).numbers(0, weights.size(), weights.data());
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] >= 0 && std::isfinite(weights[i])) continue;
      faults_.add("data.weight_invalid", "sample_weight",
                  "row " + std::to_string(i + 1) + " has weight " + param_detail::number_text(weights[i]) +
                      ": it must be finite and at least 0");
      break;
    }
    for (std::size_t i = 0; i < data_.rows(); ++i) {
      if (!target_.present[i]) ++missing;
      else if (!weights.empty() && weights[i] == 0) ++weightless;
      else result_.input_row.push_back(static_cast<std::uint32_t>(i));
    }
    if (missing > 0) result_.dropped_rows.emplace_back("the target is missing", missing);
    if (weightless > 0) result_.dropped_rows.emplace_back("the weight is 0", weightless);
    if (result_.input_row.empty()) faults_.add("data.no_rows", "", "no row is left to train on");
    result_.input_rows = data_.rows();
    for (std::uint32_t row : result_.input_row)
      if (!weights.empty()) result_.metric_weights.push_back(weights[row]);
  }

  // --- the problem

  void finish(std::vector<ColumnPtr> columns) {
    const auto& rows = result_.input_row;
    Dataset dataset;
    dataset.features = Table::with_rows(std::move(columns), rows.size());
    const TargetInfo& target = result_.target;
    result_.monotone = monotone_columns(options_.monotone, dataset.features, target.task, faults_);
    dataset.target = empty_target(target);
    for (std::uint32_t row : rows) {
      if (is_classification(target.task)) dataset.target.labels.push_back(target_.labels[row]);
      else dataset.target.values.push_back(target_.values[row]);
    }
    dataset.weights = result_.metric_weights;
    apply_class_weight(dataset);
    add_groups(dataset);
    add_times(dataset);
    add_folds();
    faults_.throw_if_any();
    result_.dataset = make_dataset(std::move(dataset));
  }

  void add_groups(Dataset& dataset) {
    const auto& rows = result_.input_row;
    if (!options_.group_values.empty()) {
      for (std::uint32_t row : rows) dataset.groups.push_back(hash_text(options_.group_values[row]));
    } else if (!options_.groups.empty()) {
      const Column& column = data_.column(options_.groups);
      const bool text = column.kind() == ColumnKind::text || column.kind() == ColumnKind::category;
      for (std::uint32_t row : rows)
        dataset.groups.push_back(text ? hash_text(column.text(row))
                                      : mix64(std::bit_cast<std::uint64_t>(column.number(row) + 0.0)));
    }
  }

  /// Whether every row has a value; a fault names the first that has none.
  bool complete(const std::vector<double>& values, const char* option, const char* what) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isnan(values[i])) continue;
      faults_.add("option.invalid", option, "row " + std::to_string(result_.input_row[i] + 1) + " has no " + what,
                  std::string("fill it in, or leave out the rows without a ") + what);
      return false;
    }
    return true;
  }

  void add_times(Dataset& dataset) {
    if (options_.time_column.empty()) return;
    dataset.times.resize(result_.input_row.size());
    const ColumnPtr& column = data_.columns()[data_.schema()->column(options_.time_column)];
    settle_type(column, options_).column->gather(result_.input_row, dataset.times.data());  // text may spell times
    if (!complete(dataset.times, "time_column", "time")) return;
    const auto [first, last] = std::minmax_element(dataset.times.begin(), dataset.times.end());
    if (*first == *last)
      faults_.add("option.invalid", "time_column", "the column '" + options_.time_column + "' has one value only");
  }

  void add_folds() {
    const auto& rows = result_.input_row;
    if (!options_.fold_of.empty()) {
      result_.fold_of.emplace();
      for (std::uint32_t row : rows) {
        const std::int32_t fold = options_.fold_of[row];
        result_.fold_of->push_back(fold);
        if ((fold >= SplitPlan::never_held_out && fold < 1000) || !faults_.empty()) continue;
        faults_.add("option.out_of_range", "folds",
                    "row " + std::to_string(row + 1) + " has fold " + std::to_string(fold) +
                        ": it must be -1 (always trains) or 0 to 999");
      }
    } else if (!options_.fold_column.empty()) {
      const Column& column = data_.column(options_.fold_column);
      std::vector<double> values(rows.size());
      column.gather(rows, values.data());
      if (!complete(values, "folds", "fold")) return;
      std::set<double> distinct(values.begin(), values.end());
      result_.fold_of.emplace();
      for (double value : values)
        result_.fold_of->push_back(static_cast<std::int32_t>(std::distance(distinct.begin(), distinct.find(value))));
      if (distinct.size() < 2)
        faults_.add("option.invalid", "folds", "the column '" + options_.fold_column + "' has one value only");
    }
  }

  void apply_class_weight(Dataset& dataset) {
    if (std::holds_alternative<std::monostate>(options_.class_weight)) return;
    if (!is_classification(dataset.target.task))
      return faults_.add("option.contradiction", "class_weight", "a regression target has no classes");
    std::vector<double> weight(dataset.target.classes.size(), 1.0);
    if (const auto* name = std::get_if<std::string>(&options_.class_weight)) {
      if (*name != "balanced")
        return faults_.add("option.unknown_choice", "class_weight", "'" + *name + "' is not a choice",
                           "'balanced', or a weight for each class");
      std::vector<double> counts(weight.size(), 0.0);
      for (std::int32_t label : dataset.target.labels) counts[static_cast<std::size_t>(label)] += 1;
      for (std::size_t k = 0; k < weight.size(); ++k)
        weight[k] = counts[k] > 0
                        ? static_cast<double>(dataset.rows()) / (static_cast<double>(weight.size()) * counts[k])
                        : 1.0;
    } else {
      for (const auto& [name_of_class, value] : std::get<std::map<std::string, double>>(options_.class_weight)) {
        const auto found = std::find(dataset.target.classes.begin(), dataset.target.classes.end(), name_of_class);
        if (found == dataset.target.classes.end())
          faults_.add("option.unknown_choice", "class_weight", "'" + name_of_class + "' is not a class",
                      name_hint(name_of_class, dataset.target.classes));
        else if (!(value > 0 && std::isfinite(value)))
          faults_.add("option.out_of_range", "class_weight",
                      "'" + name_of_class + "' has weight " + param_detail::number_text(value) +
                          ": it must be finite and above 0");
        else weight[static_cast<std::size_t>(found - dataset.target.classes.begin())] = value;
      }
    }
    if (dataset.weights.empty()) dataset.weights.assign(dataset.rows(), 1.0);
    for (std::size_t i = 0; i < dataset.rows(); ++i)
      dataset.weights[i] *= weight[static_cast<std::size_t>(dataset.target.labels[i])];
  }

  const Table& data_;
  const TrainOptions& options_;
  Prepared result_;
  Faults faults_;
  TrainingTarget target_;
};

}  // namespace

Prepared prepare(const Table& data, const TrainOptions& options) { return Preparation(data, options).run(); }

Object book_of_rows(const Prepared& prepared) {
  Array dropped;
  for (const auto& [reason, count] : prepared.dropped_rows)
    dropped.push_back(Object{{"reason", reason}, {"rows", static_cast<std::int64_t>(count)}});
  return Object{{"input", static_cast<std::int64_t>(prepared.input_rows)},
                {"used", static_cast<std::int64_t>(prepared.input_row.size())},
                {"dropped", dropped}};
}

Object book_of_columns(const Prepared& prepared) {
  Array dropped;
  for (const auto& [name, reason] : prepared.dropped_columns)
    dropped.push_back(Object{{"column", name}, {"reason", reason}});
  return Object{{"input", static_cast<std::int64_t>(prepared.input_columns)},
                {"used", static_cast<std::int64_t>(prepared.dataset->features.size())},
                {"dropped", dropped}};
}

}  // namespace automill
