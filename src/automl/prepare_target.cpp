#include "automl/prepare_target.hpp"

#include <set>

namespace automill {
namespace {

constexpr std::size_t most_classes = 2000;

class TargetReading {
 public:
  TargetReading(const Table& data, const TrainOptions& options, Prepared& result, Faults& faults)
      : data_(data), options_(options), result_(result), faults_(faults) {}

  void read() {
    const Column& column = data_.column(options_.target);
    cells_.values.resize(column.size());
    column.numbers(0, column.size(), cells_.values.data());
    result_.target.name = column.name();
    text_target_ = column.kind() == ColumnKind::category || column.kind() == ColumnKind::text;
    cells_.present.assign(column.size(), 1);
    for (std::size_t i = 0; i < column.size(); ++i) cells_.present[i] = !std::isnan(cells_.values[i]);
    if (std::find(cells_.present.begin(), cells_.present.end(), 1) == cells_.present.end()) {
      faults_.add("data.target_all_missing", column.name(), "every row misses the target");
      return;
    }
    decide_task(column);
    if (!faults_.empty()) return;
    if (result_.target.task == Task::regression) read_regression(column);
    else read_classes(column);
  }
  TrainingTarget take() { return std::move(cells_); }

 private:
  void decide_task(const Column& column) {
    std::set<double> distinct;
    std::set<std::string, std::less<>> distinct_text;
    bool whole = true;
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (!cells_.present[i]) continue;
      if (column.kind() == ColumnKind::text) {
        if (distinct_text.size() <= most_classes) distinct_text.emplace(column.text(i));
      } else if (distinct.size() <= most_classes) {
        distinct.insert(cells_.values[i]);
      }
      whole = whole && cells_.values[i] == std::floor(cells_.values[i]);
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
    for (std::size_t i = 0; i < cells_.values.size(); ++i) {
      if (!cells_.present[i] || std::isfinite(cells_.values[i])) continue;
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
      if (!cells_.present[i]) continue;
      if (text_target_) ++by_text[std::string(column.text(i))];
      else ++by_number[cells_.values[i]];
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
    cells_.labels = read_target(column, target).labels;
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

  const Table& data_;
  const TrainOptions& options_;
  Prepared& result_;
  Faults& faults_;
  TrainingTarget cells_;
  bool text_target_ = false;
};

}  // namespace

TrainingTarget read_training_target(const Table& data, const TrainOptions& options, Prepared& result, Faults& faults) {
  TargetReading reading(data, options, result, faults);
  reading.read();
  return reading.take();
}

}  // namespace automill
