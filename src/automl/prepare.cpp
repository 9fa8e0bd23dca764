#include "automl/prepare.hpp"

#include <automill/metrics/metrics.hpp>
#include <set>

namespace automill {
namespace {

constexpr std::size_t most_classes = 2000;
constexpr std::size_t most_category_bytes = std::size_t{8} << 20;  // the names are part of the model

/// Options and data during preparation; each step adds to the result and to the faults.
class Preparation {
 public:
  Preparation(const Table& data, const TrainOptions& options) : data_(data), options_(options) {}

  Prepared run() {
    check_columns();
    faults_.throw_if_any();
    read_target_column();
    faults_.throw_if_any();
    select_rows();
    faults_.throw_if_any();
    choose_columns();
    finish();
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

  // --- target

  void read_target_column() {
    const Column& column = data_.column(options_.target);
    target_values_.resize(column.size());
    column.numbers(0, column.size(), target_values_.data());
    result_.target.name = column.name();
    text_target_ = column.kind() == ColumnKind::category || column.kind() == ColumnKind::text;
    present_.assign(column.size(), 1);
    for (std::size_t i = 0; i < column.size(); ++i) present_[i] = !std::isnan(target_values_[i]);
    if (std::find(present_.begin(), present_.end(), 1) == present_.end()) {
      faults_.add("data.target_all_missing", column.name(), "every row misses the target");
      return;
    }
    decide_task(column);
    if (!faults_none()) return;
    if (result_.target.task == Task::regression) read_regression(column);
    else read_classes(column);
  }
  bool faults_none() const { return faults_.empty(); }

  void decide_task(const Column& column) {
    std::set<double> distinct;
    std::set<std::string, std::less<>> distinct_text;
    bool whole = true;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (!present_[i]) continue;
      if (column.kind() == ColumnKind::text) {
        if (distinct_text.size() <= most_classes) distinct_text.emplace(column.text(i));
      } else if (distinct.size() <= most_classes) {
        distinct.insert(target_values_[i]);
      }
      whole = whole && target_values_[i] == std::floor(target_values_[i]);
    }
    const std::size_t count = column.kind() == ColumnKind::text ? distinct_text.size() : distinct.size();
    Task task = Task::regression;
    std::string why;
    if (text_target_ || column.kind() == ColumnKind::boolean) {
      task = count <= 2 ? Task::binary : Task::multiclass;
      why = std::to_string(count) + (count == 1 ? " class" : " classes");
    } else if (whole && count == 2) {
      task = Task::binary;
      why = "2 distinct whole numbers";
    } else if (whole && count <= 10 && count > 2 && column.size() >= 10 * count) {
      task = Task::multiclass;
      why = std::to_string(count) + " distinct whole numbers; task='regression' treats them as numbers";
    } else {
      why = count == 1 ? "a constant" : "numbers";
    }
    if (options_.task) {
      const auto& names = task_names();
      const auto found = std::find(names.begin(), names.end(), *options_.task);
      if (found == names.end()) {
        faults_.add("option.unknown_choice", "task", "'" + *options_.task + "' is not a task",
                    name_hint(*options_.task, names));
        return;
      }
      task = static_cast<Task>(found - names.begin());
      why = "as asked";
      if (task == Task::regression && text_target_)
        faults_.add("data.target_text", column.name(), "regression needs a number, but the target is text",
                    "leave task out, or convert the column");
      if (task == Task::binary && count > 2)
        faults_.add("data.too_many_classes", column.name(), std::to_string(count) + " classes where binary allows 2",
                    "task='multiclass'");
    }
    if (is_classification(task) && count > most_classes)
      faults_.add("data.too_many_classes", column.name(), "more than " + std::to_string(most_classes) + " classes",
                  "group rare classes, or give another target");
    result_.target.task = task;
    result_.notes.push_back("task " + task_name(task) + ": " + why);
  }

  void read_regression(const Column& column) {
    std::size_t infinite = 0, first = 0;
    for (std::size_t i = 0; i < target_values_.size(); ++i) {
      if (!present_[i] || std::isfinite(target_values_[i])) continue;
      if (infinite++ == 0) first = i;
    }
    if (infinite > 0)
      faults_.add("data.target_infinite", column.name(),
                  std::to_string(infinite) + " infinite values, first in row " + std::to_string(first + 1),
                  "remove these rows or cap the values");
    result_.target.label_type = column.schema().integer ? "integer" : "number";
  }

  void read_classes(const Column& column) {
    TargetInfo& target = result_.target;
    target.label_type = text_target_                           ? "text"
                        : column.kind() == ColumnKind::boolean ? "boolean"
                        : column.schema().integer              ? "integer"
                                                               : "number";
    std::map<std::string, std::size_t> by_text;
    std::map<double, std::size_t> by_number;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (!present_[i]) continue;
      if (text_target_) ++by_text[std::string(column.text(i))];
      else ++by_number[target_values_[i]];
    }
    std::vector<std::size_t> counts;
    for (const auto& [name, count] : by_text) {
      target.classes.push_back(name);
      counts.push_back(count);
    }
    for (const auto& [value, count] : by_number) {
      target.classes.push_back(target.label_type == "boolean" ? (value != 0 ? "true" : "false") : number_name(value));
      counts.push_back(count);
    }
    if (target.classes.size() == 1)
      result_.notes.push_back("the target has one class only: the model predicts it always");
    if (target.task == Task::binary && target.classes.size() == 1) {
      target.classes.push_back(target.classes[0] == "(other)" ? "(none)" : "(other)");
      counts.push_back(0);
    }
    if (target.task == Task::binary) choose_positive(counts);
    labels_ = read_target(column, target).labels;
  }

  void choose_positive(const std::vector<std::size_t>& counts) {
    TargetInfo& target = result_.target;
    if (options_.positive_class) {
      const auto found = std::find(target.classes.begin(), target.classes.end(), *options_.positive_class);
      if (found == target.classes.end()) {
        faults_.add("option.unknown_choice", "positive_class", "'" + *options_.positive_class + "' is not a class",
                    name_hint(*options_.positive_class, target.classes));
        return;
      }
      target.positive = static_cast<std::size_t>(found - target.classes.begin());
      result_.positive_reason = "as asked";
      return;
    }
    for (std::size_t k = 0; k < 2; ++k) {
      std::string name = target.classes[k];
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      for (const char* truth : {"true", "1", "1.0", "yes", "y", "t", "positive"}) {
        if (name != truth) continue;
        target.positive = k;
        result_.positive_reason = "by its name";
        return;
      }
    }
    target.positive = counts[1] <= counts[0] ? 1 : 0;
    result_.positive_reason = "the rarer class";
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
      if (!present_[i]) ++missing;
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

  // --- columns

  void drop(const Column& column, std::string reason) {
    result_.dropped_columns.emplace_back(column.name(), std::move(reason));
  }

  bool all_rows_used() const { return result_.input_row.size() == data_.rows(); }
  ColumnPtr used_rows(std::size_t c) const {
    if (all_rows_used()) return data_.columns()[c];
    return copy_column(TableView(data_, result_.input_row), c);
  }

  void choose_columns() {
    std::unordered_map<std::uint64_t, std::vector<ColumnPtr>> by_content;
    for (std::size_t c = 0; c < data_.size(); ++c) {
      const Column& column = data_[c];
      if (column.name() == options_.target) continue;
      ++result_.input_columns;
      if (std::find(options_.ignore.begin(), options_.ignore.end(), column.name()) != options_.ignore.end())
        drop(column, "ignored as asked");
      else if (column.name() == options_.sample_weight) drop(column, "holds the weights");
      else if (column.name() == options_.groups) drop(column, "holds the groups");
      else if (column.name() == options_.fold_column) drop(column, "holds the folds");
      else consider(used_rows(c), by_content);
    }
    if (columns_.empty())
      result_.notes.push_back("no usable column is left: the model predicts the same for every row");
  }

  /// What a column is compared by.
  struct Content {
    std::uint64_t hash = 0;
    bool constant = true, all_missing = true;
  };
  static std::uint64_t cell_hash(std::size_t row, double value) {
    const bool missing = std::isnan(value);
    return mix64(row * 0x9e3779b97f4a7c15ULL ^ (missing ? 0x7ff8ULL : std::bit_cast<std::uint64_t>(value + 0.0)));
  }

  Content content_of(const Column& column) {
    if (column.sparse() && column.stored() < column.size()) return sparse_content(column);
    Content content;
    std::vector<double> values(column.size());
    column.numbers(0, column.size(), values.data());
    const double first = values[0];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool missing = std::isnan(values[i]);
      content.all_missing = content.all_missing && missing;
      content.constant = content.constant && (values[i] == first || (missing && std::isnan(first)));
      content.hash += cell_hash(i, values[i]);
    }
    return content;
  }

  /// Of a column with zeros that are not kept: as if all were zeros, then the others in their place.
  Content sparse_content(const Column& column) {
    if (zeros_hash_ == 0)
      for (std::size_t i = 0; i < column.size(); ++i) zeros_hash_ += cell_hash(i, 0);
    Content content{.hash = zeros_hash_, .constant = true, .all_missing = false};
    column.for_each_stored([&](std::size_t row, double value) {
      content.constant = content.constant && value == 0;
      content.hash += cell_hash(row, value) - cell_hash(row, 0);
    });
    return content;
  }

  void consider(const ColumnPtr& column, std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    if (column->kind() == ColumnKind::text) return consider_text(column, by_content);
    const Content content = content_of(*column);
    if (content.all_missing) return drop(*column, "every value is missing");
    if (content.constant) return drop(*column, "constant");
    if (column->kind() == ColumnKind::category && column->size() > 100 &&
        static_cast<double>(column->schema().dictionary->size()) > 0.95 * static_cast<double>(column->size()))
      return drop(*column, "an identifier: almost every row has a value of its own");
    for (const ColumnPtr& other : by_content[content.hash])
      if (other->kind() == column->kind() && same_values(*other, *column))
        return drop(*column, "duplicates " + other->name());
    by_content[content.hash].push_back(column);
    columns_.push_back(column);
  }

  static bool same_values(const Column& a, const Column& b) {
    std::vector<double> ours(a.size()), theirs(b.size());
    a.numbers(0, a.size(), ours.data());
    b.numbers(0, b.size(), theirs.data());
    for (std::size_t i = 0; i < ours.size(); ++i)
      if (theirs[i] != ours[i] && !(std::isnan(theirs[i]) && std::isnan(ours[i]))) return false;
    return true;
  }

  /// Text half of whose values are repetitions serves as a category; other text is used by what its words are.
  void consider_text(const ColumnPtr& column, std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    std::vector<std::string_view> texts(column->size());
    std::unordered_map<std::string_view, std::size_t> rows_of;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (column->missing(i)) continue;
      texts[i] = column->text(i);
      ++rows_of[texts[i]];
    }
    if (rows_of.empty()) return drop(*column, "every value is missing");
    if (texts.size() == 1) return drop(*column, "constant");
    std::size_t bytes = 0;
    for (const auto& one : rows_of) bytes += one.first.size();
    if (2 * rows_of.size() > texts.size() || bytes > most_category_bytes) return take_text(column, texts, by_content);
    result_.notes.push_back("column " + column->name() + ": text whose values repeat is used as a category");
    consider(make_category_column(column->name(), texts), by_content);
  }

  void take_text(const ColumnPtr& column, const std::vector<std::string_view>& texts,
                 std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < texts.size(); ++i)
      hash += combine_hashes(mix64(i), texts[i].data() == nullptr ? 0 : hash_text(texts[i]));
    for (const ColumnPtr& other : by_content[hash])
      if (other->kind() == ColumnKind::text && same_texts(*other, texts))
        return drop(*column, "duplicates " + other->name());
    by_content[hash].push_back(column);
    columns_.push_back(column);
    result_.notes.push_back("column " + column->name() + ": free text is used by its n-grams");
  }
  static bool same_texts(const Column& column, const std::vector<std::string_view>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (column.text(i) != texts[i] || column.missing(i) != (texts[i].data() == nullptr)) return false;
    return true;
  }

  // --- the problem

  void finish() {
    const auto& rows = result_.input_row;
    Dataset dataset;
    dataset.features = Table::with_rows(std::move(columns_), rows.size());
    const TargetInfo& target = result_.target;
    dataset.target = empty_target(target);
    for (std::uint32_t row : rows) {
      if (is_classification(target.task)) dataset.target.labels.push_back(labels_[row]);
      else dataset.target.values.push_back(target_values_[row]);
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
    data_.column(options_.time_column).gather(result_.input_row, dataset.times.data());
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
        if ((fold >= SplitPlan::never_held_out && fold < 1000) || !faults_none()) continue;
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
  std::vector<double> target_values_;
  std::vector<std::int32_t> labels_;
  std::vector<char> present_;
  std::vector<ColumnPtr> columns_;
  bool text_target_ = false;
  std::uint64_t zeros_hash_ = 0;  ///< of a column of zeros; 0: not known yet
};

}  // namespace

Prepared prepare(const Table& data, const TrainOptions& options) { return Preparation(data, options).run(); }

}  // namespace automill
