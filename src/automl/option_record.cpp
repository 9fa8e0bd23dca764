#include "automl/option_record.hpp"

#include "automl/own_learners.hpp"
#include "automl/readable_choice.hpp"
#include "json.hpp"

namespace automill {
namespace {

template <class T>
std::string hash_of(const std::vector<T>& values) {
  std::uint64_t hash = values.size();
  for (const T& value : values) {
    if constexpr (std::is_same_v<T, std::string>) hash = combine_hashes(hash, hash_text(value));
    else if constexpr (std::is_same_v<T, double>) hash = combine_hashes(hash, std::bit_cast<std::uint64_t>(value));
    else hash = combine_hashes(hash, static_cast<std::uint64_t>(value));
  }
  return std::to_string(values.size()) + " values, hash " + std::to_string(hash);
}

Array texts(const std::vector<std::string>& values) { return Array(values.begin(), values.end()); }

void record_rows(const TrainOptions& options, Object& record) {
  if (!options.fold_of.empty()) record.append("fold_of", hash_of(options.fold_of));
  if (!options.group_values.empty()) record.append("group_values", hash_of(options.group_values));
  if (!options.sample_weights.empty()) record.append("sample_weights", hash_of(options.sample_weights));
  if (wants_readable_model(options)) record.append("preset", options.preset);
  if (!options.learners.empty()) record.append("learners", record_learners(options.learners));
  if (options.own_metric) record.append("own_metric", options.own_metric->name);
  if (options.validation_data) record.append("validation_data", "rows of its own");
}

void record_maps(const TrainOptions& options, Object& record) {
  if (const auto* name = std::get_if<std::string>(&options.class_weight)) record.append("class_weight", *name);
  if (const auto* weights = std::get_if<std::map<std::string, double>>(&options.class_weight)) {
    Object all;
    for (const auto& [label, weight] : *weights) all.append(label, weight);
    record.append("class_weight", all);
  }
  if (!options.types.empty()) {
    Object all;
    for (const auto& [name, kind] : options.types) all.append(name, column_kind_name(kind));
    record.append("types", all);
  }
  if (!options.search_space.empty()) {
    Object all;
    for (const auto& [family, space] : options.search_space) all.append(family, space.to_value());
    record.append("search_space", all);
  }
  if (!options.monotone.empty()) {
    Object all;
    for (const auto& [name, sign] : options.monotone) all.append(name, sign);
    record.append("monotone", all);
  }
  if (!options.cost_matrix.empty()) {
    Array rows;
    for (const auto& row : options.cost_matrix) rows.emplace_back(Array(row.begin(), row.end()));
    record.append("cost_matrix", rows);
  }
}

std::vector<std::string> read_texts(const Value& value) {
  std::vector<std::string> all;
  for (const Value& text : value.array()) all.push_back(text.text());
  return all;
}

void read_class_weight(const Value& value, TrainOptions& options) {
  if (value.is_text()) {
    options.class_weight = value.text();
    return;
  }
  std::map<std::string, double> weights;
  for (const auto& [label, weight] : value.object().entries()) weights[label] = weight.number();
  options.class_weight = weights;
}

void read_types(const Value& value, TrainOptions& options) {
  const auto& kinds = column_kind_names();
  for (const auto& [name, kind] : value.object().entries()) {
    const auto found = std::find(kinds.begin(), kinds.end(), kind.text());
    if (found != kinds.end()) options.types[name] = static_cast<ColumnKind>(found - kinds.begin());
  }
}

void read_costs(const Value& value, TrainOptions& options) {
  for (const Value& row : value.array()) {
    options.cost_matrix.emplace_back();
    for (const Value& cost : row.array()) options.cost_matrix.back().push_back(cost.number());
  }
}

[[noreturn]] void not_recorded(const std::string& name) {
  throw Error("option.not_recorded", name, "the run was begun with values that a journal does not hold",
              "resume it where it was begun: the same call with resume=True");
}

using Read = void (*)(const Value&, TrainOptions&);

const std::map<std::string, Read>& readers() {
  static const std::map<std::string, Read> all{
      {"target", [](const Value& v, TrainOptions& o) { o.target = v.text(); }},
      {"task", [](const Value& v, TrainOptions& o) { o.task = v.text(); }},
      {"metric", [](const Value& v, TrainOptions& o) { o.metric = v.text(); }},
      {"positive_class", [](const Value& v, TrainOptions& o) { o.positive_class = v.text(); }},
      {"seed", [](const Value& v, TrainOptions& o) { o.seed = static_cast<std::uint64_t>(v.integer()); }},
      {"holdout", [](const Value& v, TrainOptions& o) { o.holdout = v.number(); }},
      {"folds", [](const Value& v, TrainOptions& o) { o.folds = v.integer(); }},
      {"fold_column", [](const Value& v, TrainOptions& o) { o.fold_column = v.text(); }},
      {"groups", [](const Value& v, TrainOptions& o) { o.groups = v.text(); }},
      {"time_column", [](const Value& v, TrainOptions& o) { o.time_column = v.text(); }},
      {"sample_weight", [](const Value& v, TrainOptions& o) { o.sample_weight = v.text(); }},
      {"class_weight", read_class_weight},
      {"preset", [](const Value& v, TrainOptions& o) { o.preset = v.text(); }},
      {"search_space", [](const Value& v, TrainOptions& o) { o.search_space = search_spaces_from(v); }},
      {"ignore", [](const Value& v, TrainOptions& o) { o.ignore = read_texts(v); }},
      {"types", read_types},
      {"quantiles",
       [](const Value& v, TrainOptions& o) {
         for (const Value& level : v.array()) o.quantiles.push_back(level.number());
       }},
      {"include", [](const Value& v, TrainOptions& o) { o.include = read_texts(v); }},
      {"exclude", [](const Value& v, TrainOptions& o) { o.exclude = read_texts(v); }},
      {"monotone",
       [](const Value& v, TrainOptions& o) {
         for (const auto& [name, sign] : v.object().entries()) o.monotone[name] = static_cast<int>(sign.integer());
       }},
      {"cost_matrix", read_costs},
      {"cost_classes", [](const Value& v, TrainOptions& o) { o.cost_classes = read_texts(v); }},
      {"max_predict_time", [](const Value& v, TrainOptions& o) { o.max_predict_time = Seconds(v.number()); }},
      {"max_model_size",
       [](const Value& v, TrainOptions& o) { o.max_model_size = static_cast<std::uint64_t>(v.integer()); }},
      {"refit", [](const Value& v, TrainOptions& o) { o.refit = v.text(); }},
      {"validation_data", [](const Value&, TrainOptions&) {}},  // read again by who resumes
  };
  return all;
}

}  // namespace

Object record_options(const TrainOptions& options) {
  Object record{
      {"target", options.target}, {"seed", static_cast<std::int64_t>(options.seed)}, {"refit", options.refit}};
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) record.append(name, value);
  };
  const auto list = [&](const char* name, const std::vector<std::string>& values) {
    if (!values.empty()) record.append(name, texts(values));
  };
  text("task", options.task.value_or(""));
  text("metric", options.metric.value_or(""));
  if (options.positive_class) record.append("positive_class", *options.positive_class);
  if (options.holdout) record.append("holdout", *options.holdout);
  if (options.folds) record.append("folds", *options.folds);
  text("fold_column", options.fold_column);
  text("groups", options.groups);
  text("time_column", options.time_column);
  text("sample_weight", options.sample_weight);
  list("ignore", options.ignore);
  list("include", options.include);
  list("exclude", options.exclude);
  list("cost_classes", options.cost_classes);
  if (!options.quantiles.empty()) record.append("quantiles", Array(options.quantiles.begin(), options.quantiles.end()));
  if (options.max_predict_time) record.append("max_predict_time", options.max_predict_time->count());
  if (options.max_model_size) record.append("max_model_size", static_cast<std::int64_t>(*options.max_model_size));
  record_maps(options, record);
  record_rows(options, record);
  return record;
}

TrainOptions options_of_record(const Object& record) {
  TrainOptions options;
  for (const auto& [name, value] : record.entries()) {
    const auto reader = readers().find(name);
    if (reader == readers().end()) not_recorded(name);
    reader->second(value, options);
  }
  return options;
}

void compare_records(const Object& recorded, const Object& now, const char* code, Faults& faults) {
  const auto shown = [](const Value* value) { return value == nullptr ? std::string("not given") : to_json(*value); };
  const auto differ = [&](const std::string& name, const Value* then, const Value* here) {
    faults.add(code, name, "it is " + shown(here) + " now and was " + shown(then) + " when the journal was begun",
               "resume with the same, or give another journal");
  };
  for (const auto& [name, value] : recorded.entries()) {
    const Value* here = now.find(name);
    // as JSON: a number that is whole reads back as an integer
    if (here == nullptr || to_json(*here) != to_json(value)) differ(name, &value, here);
  }
  for (const auto& [name, value] : now.entries())
    if (!recorded.contains(name)) differ(name, nullptr, &value);
}

}  // namespace automill
