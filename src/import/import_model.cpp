#include <automill/import/import_model.hpp>
#include <automill/predict/self_test.hpp>
#include <charconv>
#include <numeric>

#include "data/missing_markers.hpp"
#include "data/platform.hpp"
#include "import/source_model.hpp"
#include "json.hpp"

namespace automill {
namespace importing {

std::optional<std::string> category_name(const Value& value) {
  if (value.is_text()) return value.text();
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  if (value.is_integer()) return std::to_string(value.integer());
  if (!value.is_number() || !std::isfinite(value.number())) return {};
  const double number = value.number();
  if (number == std::floor(number) && std::abs(number) < 9e15) return std::to_string(static_cast<std::int64_t>(number));
  char buffer[32];
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

namespace {

std::string_view bare_word(std::string_view text) {
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
    if (text.starts_with(word)) return word;
  return {};
}

/// XGBoost 1.7 writes NaN into its JSON, which JSON does not know: such words become texts.
std::string quote_bare_words(std::string_view text) {
  std::string quoted;
  quoted.reserve(text.size() + 64);
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::string_view word = bare_word(text.substr(i)); !inside && !word.empty()) {
      quoted.append("\"").append(word).append("\"");
      i += word.size();
      continue;
    }
    if (text[i] == '"') inside = !inside;
    else if (inside && text[i] == '\\' && i + 1 < text.size()) quoted += text[i++];
    quoted += text[i++];
  }
  return quoted;
}

Value read_json(std::string_view text, const Source& source) {
  const bool bare = text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos;
  try {
    return bare ? from_json(quote_bare_words(text), source.path()) : from_json(text, source.path());
  } catch (const Error& error) {
    source.damaged("", error.faults().front().message);
  }
}

SourceModel read_source(std::span<const std::byte> bytes, const ImportOptions& options, Source& source) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (kind_of_file(bytes, source)) {
    case FileKind::lightgbm_text:
      return read_lightgbm(text, !options.categories.empty(), source);
    case FileKind::xgboost_ubj:
      return read_xgboost(read_ubjson(bytes, source), source);
    default:
      return read_xgboost(read_json(text, source), source);
  }
}

// ---- what the options decide ----

void name_categories(SourceModel& model, const ImportOptions& options) {
  const auto refuse = [](const std::string& column, const std::string& what) {
    throw Error("import.categories", column, what,
                "give categories: the different values of the column in the order of training");
  };
  std::vector<std::string> names;
  for (const SourceFeature& feature : model.features) names.push_back(feature.name);
  for (const auto& [column, categories] : options.categories) {
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end())
      throw Error("import.categories", column, "the model has no such column", name_hint(column, names));
    SourceFeature& feature = model.features[static_cast<std::size_t>(found - names.begin())];
    feature.named = true;
    feature.unreadable = false;
    feature.categories = categories;
  }
  for (const SourceFeature& feature : model.features) {
    if (feature.unreadable)
      refuse(feature.name, "the names of its categories have letters beyond ASCII, which XGBoost does not save whole");
    std::vector<std::string> sorted = feature.categories;
    std::sort(sorted.begin(), sorted.end());
    if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
      refuse(feature.name, "the category '" + *twice + "' is named twice");
  }
}

void cut_rounds(SourceModel& model, const ImportOptions& options) {
  if (options.rounds && *options.rounds < 1)
    throw Error("option.out_of_range", "rounds",
                std::to_string(*options.rounds) + " is not allowed: it must be at least 1");
  const std::size_t all = model.trees.size() / model.trees_a_round;
  std::size_t rounds = all;
  if (options.rounds) rounds = std::min(all, static_cast<std::size_t>(*options.rounds));
  else if (model.best_rounds) rounds = std::min(all, static_cast<std::size_t>(*model.best_rounds));
  if (rounds < all) model.trees.resize(rounds * model.trees_a_round);
  model.facts["rounds"] = static_cast<std::int64_t>(rounds);
  model.facts["rounds_in_file"] = static_cast<std::int64_t>(all);
  if (!model.average || rounds == 0) return;
  for (SourceTree& tree : model.trees)
    tree.change_leaves([rounds](double value) { return value / static_cast<double>(rounds); });
}

TargetInfo target_of(const SourceModel& model, const ImportOptions& options) {
  TargetInfo target{.name = options.target, .task = model.task};
  for (const SourceFeature& feature : model.features)
    if (feature.name == target.name)
      throw Error("option.contradiction", "target", "'" + target.name + "' is a column of the model",
                  "give the target another name");
  if (model.task == Task::regression) {
    if (!options.classes.empty())
      throw Error("import.classes", "classes", "this is a regression model: it has no classes", "leave them out");
    return target;
  }
  const std::size_t count = model.task == Task::binary ? 2 : model.base.size();
  if (!options.classes.empty() && options.classes.size() != count)
    throw Error(
        "import.classes", "classes",
        std::to_string(options.classes.size()) + " names for the " + std::to_string(count) + " classes of the model",
        "give the names in the order of their codes 0, 1 ...");
  target.classes = options.classes;
  target.label_type = options.classes.empty() ? "integer" : options.label_type;
  for (std::size_t k = 0; options.classes.empty() && k < count; ++k) target.classes.push_back(std::to_string(k));
  std::vector<std::string> sorted = target.classes;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    throw Error("import.classes", "classes", "'" + *twice + "' is named twice", "give different names");
  return target;
}

// ---- the model ----

std::shared_ptr<const Schema> schema_of(const SourceModel& model, Source& source) {
  static const std::vector<std::string> markers(MissingMarkers::usual.begin() + MissingMarkers::blank + 1,
                                                MissingMarkers::usual.end());
  source.charge(model.features.size() * 4 * sizeof(ColumnSchema));
  std::vector<ColumnSchema> columns;
  columns.reserve(model.features.size());
  for (const SourceFeature& feature : model.features) {
    ColumnSchema column{.name = feature.name};
    if (feature.named) {
      column.kind = ColumnKind::category;
      std::vector<std::string> names = feature.categories;
      std::sort(names.begin(), names.end());
      column.dictionary = std::make_shared<const Dictionary>(std::move(names));
    }
    columns.push_back(std::move(column));
  }
  auto schema = std::make_shared<const Schema>(std::move(columns));
  for (std::size_t c = 0; c < schema->size(); ++c)
    if (schema->column((*schema)[c].name) != c)
      source.damaged("'feature_names'", "'" + (*schema)[c].name + "' stands twice");
  return schema;
}

/// Values near the thresholds of a column, so that the self-test takes all ways through the trees.
std::vector<ColumnSketch> sketches_of_splits(const TreeArrays& arrays, std::size_t columns) {
  std::vector<std::vector<double>> values(columns);
  for (const TreeNode& node : arrays.nodes)
    if (node.child != 0 && (node.feature & TreeNode::category) == 0)
      values[arrays.columns[node.feature & TreeNode::position]].push_back(node.threshold);
  for (std::size_t c = 0; c < arrays.columns.size(); ++c)
    if (arrays.categories[c].bins > 1)
      values[arrays.columns[c]] = {-1, static_cast<double>(arrays.categories[c].bin_of_code.size())};
  std::vector<ColumnSketch> sketches(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    sketches[c].rows = 8;
    sketches[c].missing = 1;
    std::sort(values[c].begin(), values[c].end());
    if (values[c].size() > 1) sketches[c].quantiles = std::move(values[c]);
  }
  return sketches;
}

const char* default_metric(Task task) {
  return task == Task::binary ? "roc_auc" : task == Task::multiclass ? "log_loss" : "rmse";
}

ServedModel served_model(SourceModel source_model, TargetInfo target, Source& source) {
  auto parts = std::make_shared<ModelParts>();
  parts->schema = schema_of(source_model, source);
  parts->target = std::move(target);
  TreeArrays arrays = make_tree_arrays(source_model, *parts->schema, source);
  source_model.trees.clear();
  parts->sketches = sketches_of_splits(arrays, parts->schema->size());
  auto model = std::make_shared<TreeEnsemble>(std::move(arrays));
  model->set_context({parts->schema, output_of(parts->target)});
  parts->model = model;
  std::tie(parts->self_test_cells, parts->self_test_outputs) = make_self_test(*parts);
  parts->sketches.clear();
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  parts->metadata = Object{{"automill", AUTOMILL_VERSION},
                           {"imported", std::move(source_model.facts)},
                           {"validation_score", Object{{"metric", default_metric(parts->target.task)},
                                                       {"value", unknown},
                                                       {"low", unknown},
                                                       {"high", unknown},
                                                       {"protocol", "imported, not validated here"}}}};
  return ServedModel(std::move(parts));
}

}  // namespace
}  // namespace importing

ServedModel import_model(std::span<const std::byte> bytes, const ImportOptions& options, const std::string& place) {
  importing::Source source(place, bytes.size());
  importing::SourceModel model = importing::read_source(bytes, options, source);
  importing::name_categories(model, options);
  importing::cut_rounds(model, options);
  TargetInfo target = importing::target_of(model, options);
  return importing::served_model(std::move(model), std::move(target), source);
}

ServedModel import_model(const std::string& path, const ImportOptions& options) {
  const MappedFile file = map_file(path);
  return import_model(file.bytes(), options, path);
}

}  // namespace automill
