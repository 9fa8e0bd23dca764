// XGBoost's model document (JSON or UBJ): a learner with its objective, and trees as parallel arrays. What the fields
// mean: doc/model.schema and src/tree, src/gbm, src/predictor of XGBoost 1.7 to 3.2.

#include <algorithm>
#include <automill/core/math.hpp>
#include <charconv>
#include <map>

#include "import/source_model.hpp"

namespace automill::importing {
namespace {

constexpr std::int64_t most_features = 1 << 28, most_nodes = 1 << 30, largest_category = 1 << 24;

/// A member of the document, which knows where it stands.
class Node {
 public:
  Node(const Value& value, std::string where, const Source& source)
      : value_(&value), where_(std::move(where)), source_(&source) {}

  [[noreturn]] void fail(const std::string& what) const { source_->damaged(where_, what); }
  const Value& value() const { return *value_; }
  std::optional<Node> find(std::string_view key) const {
    if (!value_->is_object()) fail("an object is needed");
    const Value* found = value_->object().find(key);
    if (found == nullptr) return {};
    return Node(*found, place_of(key), *source_);
  }
  Node at(std::string_view key) const {
    const auto found = find(key);
    if (!found) source_->damaged(place_of(key), "it is missing");
    return *found;
  }
  const Array& list() const {
    if (!value_->is_array()) fail("a list is needed");
    return value_->array();
  }
  const std::string& text() const {
    if (!value_->is_text()) fail("text is needed");
    return value_->text();
  }
  std::int64_t integer(std::int64_t least, std::int64_t most) const { return integer(*value_, least, most); }
  std::vector<std::int64_t> integers(std::int64_t least, std::int64_t most,
                                     std::optional<std::size_t> count = {}) const {
    std::vector<std::int64_t> all;
    for (const Value& element : sized(count)) all.push_back(integer(element, least, most));
    return all;
  }
  /// float32 values, as XGBoost holds them; "NaN" and infinities may be texts.
  std::vector<float> floats(std::optional<std::size_t> count = {}) const {
    std::vector<float> all;
    for (const Value& element : sized(count)) {
      all.push_back(static_cast<float>(real(element)));
    }
    return all;
  }
  Node element(std::size_t i) const { return {list()[i], where_ + "[" + std::to_string(i) + "]", *source_}; }

 private:
  std::string place_of(std::string_view key) const {
    return (where_.empty() ? "" : where_ + ", ") + "'" + std::string(key) + "'";
  }
  const Array& sized(std::optional<std::size_t> count) const {
    const Array& all = list();
    if (count && all.size() != *count)
      fail(std::to_string(all.size()) + " values where " + std::to_string(*count) + " are needed");
    return all;
  }
  double real(const Value& from) const {
    if (from.is_number()) return from.number();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (from == Value("NaN")) return std::numeric_limits<double>::quiet_NaN();
    if (from == Value("Infinity")) return infinity;
    if (from == Value("-Infinity")) return -infinity;
    fail("a number is needed");
  }
  /// Parameters are texts, flags may be true and false.
  std::int64_t integer(const Value& from, std::int64_t least, std::int64_t most) const {
    std::optional<std::int64_t> found;
    if (from.is_integer()) found = from.integer();
    if (from.is_bool()) found = from.boolean() ? 1 : 0;
    if (from.is_text()) {
      std::int64_t parsed = 0;
      const char *begin = from.text().data(), *end = begin + from.text().size();
      if (const auto done = std::from_chars(begin, end, parsed); done.ec == std::errc{} && done.ptr == end)
        found = parsed;
    }
    if (!found || *found < least || *found > most)
      fail("a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed");
    return *found;
  }

  const Value* value_;
  std::string where_;
  const Source* source_;
};

/// The largest double that becomes a float below `limit`: x <= result exactly where float(x) < limit. Half-way values
/// become the float whose last bit is 0.
double largest_below(float limit) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  if (limit == -infinity) return -std::numeric_limits<double>::infinity();
  const float below = std::nextafter(limit, -infinity);
  constexpr double overflow = 0x1.0p128;  // what is half-way to this becomes infinite
  const double high = std::isinf(limit) ? overflow : static_cast<double>(limit);
  const double low = std::isinf(below) ? -overflow : static_cast<double>(below);
  const double middle = low / 2 + high / 2;
  return static_cast<float>(middle) < limit ? middle : std::nextafter(middle, -overflow);
}

class XgboostTreeReader {
 public:
  XgboostTreeReader(const Node& tree, std::size_t features, float weight, const Source& source)
      : tree_(tree), features_(static_cast<std::int64_t>(features)), weight_(weight), source_(source) {}

  SourceTree read() {
    const Node parameters = tree_.at("tree_param");
    if (const auto vector = parameters.find("size_leaf_vector"); vector && vector->integer(0, most_nodes) > 1)
      source_.unsupported("leaves are vectors (multi_strategy multi_output_tree)",
                          "train with multi_strategy=\"one_output_per_tree\"");
    const auto count = static_cast<std::size_t>(parameters.at("num_nodes").integer(1, most_nodes));
    const auto size = static_cast<std::int64_t>(count);
    const auto left = tree_.at("left_children").integers(-1, size - 1, count);
    const auto right = tree_.at("right_children").integers(-1, size - 1, count);
    const auto conditions = tree_.at("split_conditions").floats(count);
    const auto default_left = tree_.at("default_left").integers(0, 1, count);
    const auto gains = tree_.at("loss_changes").floats(count), hessians = tree_.at("sum_hessian").floats(count);
    const auto features = tree_.at("split_indices").integers(0, most_features, count);
    made_.nodes.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      SourceNode& node = made_.nodes[i];
      node.rows = static_cast<double>(hessians[i]);
      node.left = left[i];
      node.right = right[i];
      node.gain = static_cast<double>(gains[i]);
      node.missing_left = default_left[i] != 0;
      if (!node.leaf() && features[i] >= features_)
        tree_.at("split_indices").fail("there is no feature " + std::to_string(features[i]));
      node.feature = static_cast<std::uint32_t>(features[i]);
    }
    read_categories();
    for (std::size_t i = 0; i < count; ++i) set_value(made_.nodes[i], conditions[i]);
    return std::move(made_);
  }

 private:
  void set_value(SourceNode& node, float condition) const {
    if (node.category) return;
    if (std::isnan(condition)) tree_.at("split_conditions").fail("a value is not a number");
    if (!node.leaf()) {
      node.value = largest_below(condition);
      return;
    }
    node.value = static_cast<double>(condition) * static_cast<double>(weight_);
    if (!std::isfinite(node.value)) tree_.at("split_conditions").fail("a leaf is not finite");
  }
  /// Listed codes go right, all others left.
  void read_categories() {
    const std::size_t count = made_.nodes.size();
    std::vector<std::int64_t> kind(count), listed;
    if (const auto kinds = tree_.find("split_type"); kinds && !kinds->list().empty())
      kind = kinds->integers(0, 1, count);
    if (const auto nodes = tree_.find("categories_nodes"))
      listed = nodes->integers(0, static_cast<std::int64_t>(count) - 1);
    std::vector<bool> has_set(count);
    for (const std::int64_t node : listed) has_set[static_cast<std::size_t>(node)] = true;
    for (std::size_t i = 0; i < count; ++i) {
      made_.nodes[i].category = kind[i] == 1 && !made_.nodes[i].leaf();
      if (made_.nodes[i].category && !has_set[i])
        tree_.at("categories_nodes").fail("node " + std::to_string(i) + " has no set of categories");
    }
    if (!listed.empty()) read_sets(listed);
  }
  void read_sets(const std::vector<std::int64_t>& listed) {
    const auto codes = tree_.at("categories").integers(0, largest_category);
    const auto last = static_cast<std::int64_t>(codes.size());
    const auto first = tree_.at("categories_segments").integers(0, last, listed.size());
    const auto sizes = tree_.at("categories_sizes").integers(0, last, listed.size());
    made_.codes.assign(codes.begin(), codes.end());
    for (std::size_t i = 0; i < listed.size(); ++i) {
      if (first[i] + sizes[i] > last) tree_.at("categories_sizes").fail("a set ends behind the categories");
      SourceNode& node = made_.nodes[static_cast<std::size_t>(listed[i])];
      node.first_code = static_cast<std::size_t>(first[i]);
      node.codes = static_cast<std::size_t>(sizes[i]);
    }
  }

  const Node& tree_;
  std::int64_t features_;
  float weight_;
  const Source& source_;
  SourceTree made_;
};

class XgboostReader {
 public:
  XgboostReader(const Value& document, Source& source) : root_(document, "", source), source_(source) {}

  SourceModel read() {
    check_kind();
    const Node learner = root_.at("learner");
    read_version();
    const Node parameters = learner.at("learner_model_param");
    read_features(learner, parameters);
    read_objective(learner.at("objective"), parameters);
    read_base(parameters.at("base_score"));
    read_booster(learner.at("gradient_booster"));
    read_best_round(learner);
    return std::move(model_);
  }

 private:
  void check_kind() const {
    if (!root_.value().is_object()) root_.fail("the document is no object");
    const auto refuse = [&](const char* what, const char* hint) {
      throw Error("import.not_a_model", source_.path(), what, hint);
    };
    if (root_.find("tree_info") && root_.find("num_tree_per_iteration"))
      refuse("this is JSON of LightGBM's dump_model, whose numbers are not exact", "use Booster.save_model");
    if (root_.find("oblivious_trees") || root_.find("model_info"))
      refuse("this looks like JSON of CatBoost", "models of LightGBM and XGBoost are read");
    if (!root_.find("learner"))
      refuse("this JSON is no model of XGBoost", "give the file of save_model(\"model.json\")");
  }
  void read_version() {
    const auto version = root_.at("version").integers(0, 1 << 20, 3);
    std::string text;
    for (const std::int64_t part : version) text += (text.empty() ? "" : ".") + std::to_string(part);
    if (version[0] > 3 || version[0] < 1 || (version[0] == 1 && version[1] < 7))
      source_.unsupported("this is a model of XGBoost " + text + "; 1.7 to 3 are read",
                          "load it with XGBoost 2 or 3 and save it again");
    model_.facts = Object{{"format", "XGBoost"}, {"version", text}};
  }

  // ---- features ----

  void read_features(const Node& learner, const Node& parameters) {
    const auto count = static_cast<std::size_t>(parameters.at("num_feature").integer(0, most_features));
    source_.charge(count * sizeof(SourceFeature));
    const auto names = learner.find("feature_names");
    const bool named = names && !names->list().empty();
    if (named && names->list().size() != count)
      names->fail(std::to_string(names->list().size()) + " names where " + std::to_string(count) + " are needed");
    model_.features.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      model_.features.push_back({.name = named ? names->element(i).text() : "f" + std::to_string(i)});
  }
  /// From 3.1 on: the categories that training had, a list for each feature (empty for numbers).
  void read_category_names(const Node& cats) {
    const Node lists = cats.at("enc");
    if (lists.list().empty()) return;
    if (lists.list().size() != model_.features.size()) lists.fail("one entry for each feature is needed");
    for (std::size_t i = 0; i < lists.list().size(); ++i) {
      const Node entry = lists.element(i);
      SourceFeature& feature = model_.features[i];
      const Node values = entry.at("values");
      if (const auto offsets = entry.find("offsets")) {
        read_texts(*offsets, values, feature);
      } else {
        for (const Value& value : values.list()) {
          const auto name = category_name(value);
          if (!name) values.fail("a category is no text or number");
          feature.categories.push_back(*name);
        }
      }
      feature.named = !feature.categories.empty();
    }
  }
  /// Bytes of all texts one behind the other; text k lies between two offsets. XGBoost 3.1 and 3.2 count letters for
  /// bytes there when the texts come from pandas, so that others than ASCII are cut.
  void read_texts(const Node& offsets, const Node& values, SourceFeature& feature) const {
    const auto bytes = values.integers(-128, 255);
    const auto bounds = offsets.integers(0, static_cast<std::int64_t>(bytes.size()));
    if (!std::is_sorted(bounds.begin(), bounds.end())) offsets.fail("offsets must ascend");
    for (std::size_t k = 0; k + 1 < bounds.size(); ++k) {
      std::string text;
      for (auto i = static_cast<std::size_t>(bounds[k]); i < static_cast<std::size_t>(bounds[k + 1]); ++i)
        text += static_cast<char>(bytes[i]);
      feature.unreadable = feature.unreadable || std::any_of(text.begin(), text.end(), [](char c) {
                             return (static_cast<unsigned char>(c) & 0x80) != 0;
                           });
      feature.categories.push_back(std::move(text));
    }
  }

  // ---- scores ----

  /// How a score becomes a prediction, and how base_score becomes a score.
  enum class Base : std::uint8_t { as_it_is, logit, log };
  struct Objective {
    Task task;
    ScoreTransform transform;
    Base base;
  };
  static const std::map<std::string_view, Objective>& objectives() {
    using enum ScoreTransform;
    static const std::map<std::string_view, Objective> known{
        {"binary:logistic", {Task::binary, logistic, Base::logit}},
        {"binary:logitraw", {Task::binary, logistic, Base::as_it_is}},
        {"reg:logistic", {Task::regression, sigmoid, Base::logit}},
        {"reg:squarederror", {Task::regression, identity, Base::as_it_is}},
        {"reg:squaredlogerror", {Task::regression, identity, Base::as_it_is}},
        {"reg:pseudohubererror", {Task::regression, identity, Base::as_it_is}},
        {"reg:absoluteerror", {Task::regression, identity, Base::as_it_is}},
        {"reg:quantileerror", {Task::regression, identity, Base::as_it_is}},
        {"count:poisson", {Task::regression, exponential, Base::log}},
        {"reg:gamma", {Task::regression, exponential, Base::log}},
        {"reg:tweedie", {Task::regression, exponential, Base::log}},
        {"multi:softprob", {Task::multiclass, softmax, Base::as_it_is}},
        {"multi:softmax", {Task::multiclass, softmax, Base::as_it_is}}};
    return known;
  }
  void read_objective(const Node& objective, const Node& parameters) {
    const std::string& name = objective.at("name").text();
    const auto found = objectives().find(name);
    if (found == objectives().end()) {
      std::string names;
      for (const auto& entry : objectives()) names += (names.empty() ? "" : ", ") + std::string(entry.first);
      source_.unsupported("the objective '" + name.substr(0, 40) + "' is not read", "those that are: " + names);
    }
    objective_ = found->second;
    model_.facts["objective"] = name;
    model_.task = objective_.task;
    model_.transform = objective_.transform;
    const auto classes = static_cast<std::size_t>(parameters.at("num_class").integer(0, 1 << 20));
    if (const auto targets = parameters.find("num_target"); targets && targets->integer(0, most_features) > 1)
      source_.unsupported("the model predicts several targets", "train one model a target");
    if (model_.task == Task::multiclass ? classes < 2 : classes > 1)
      parameters.at("num_class").fail(std::to_string(classes) + " does not fit the objective " + name);
    width_ = std::max<std::size_t>(1, classes);
  }
  /// A number as text, or from 3.1 on a list of them as text.
  void read_base(const Node& base) {
    std::string_view text = base.text();
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    while (!text.empty()) {
      const std::string_view part = text.substr(0, text.find(','));
      double value = 0;
      const auto done = std::from_chars(part.data(), part.data() + part.size(), value);
      if (done.ec != std::errc{} || done.ptr != part.data() + part.size()) base.fail("a number is needed");
      model_.base.push_back(score_of(static_cast<float>(value)));
      if (!std::isfinite(model_.base.back())) base.fail("it is outside the range of the objective");
      text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    if (model_.base.size() == 1) model_.base.resize(width_, model_.base[0]);
    if (model_.base.size() != width_) base.fail("one number, or one a class, is needed");
  }
  /// In float32, as XGBoost does it: near 1 a logit depends on the rounding.
  double score_of(float base) const {
    switch (objective_.base) {
      case Base::logit:
        return static_cast<double>(-static_cast<float>(math::log(static_cast<double>(1.0F / base - 1.0F))));
      case Base::log:
        return static_cast<double>(static_cast<float>(math::log(static_cast<double>(base))));
      default:
        return static_cast<double>(base);
    }
  }

  // ---- trees ----

  void read_booster(const Node& booster) {
    const std::string& name = booster.at("name").text();
    model_.facts["booster"] = name;
    if (name == "gbtree") return read_model(booster.at("model"), {});
    if (name == "dart") return read_model(booster.at("gbtree").at("model"), booster.at("weight_drop"));
    source_.unsupported("the booster '" + name.substr(0, 40) + "' is not read", "gbtree and dart are");
  }
  void read_model(const Node& model, const std::optional<Node>& weights) {
    if (const auto cats = model.find("cats")) read_category_names(*cats);
    const Node trees = model.at("trees");
    const std::size_t count = trees.list().size();
    const auto weight = weights ? weights->floats(count) : std::vector<float>(count, 1.0F);
    const auto group = model.at("tree_info").integers(0, static_cast<std::int64_t>(width_) - 1, count);
    const Node parameters = model.at("gbtree_model_param");
    std::int64_t parallel = 1;
    if (const auto found = parameters.find("num_parallel_tree"))
      parallel = std::max<std::int64_t>(1, found->integer(0, 1 << 20));
    model_.trees_a_round = width_ * static_cast<std::size_t>(parallel);

    std::vector<std::vector<std::size_t>> of_group(width_);
    for (std::size_t t = 0; t < count; ++t) of_group[static_cast<std::size_t>(group[t])].push_back(t);
    for (const auto& own : of_group)
      if (own.size() != of_group[0].size()) model.at("tree_info").fail("the classes have different numbers of trees");
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t t = of_group[i % width_][i / width_];
      const Node tree(trees.list()[t], "tree " + std::to_string(t), source_);
      model_.trees.push_back(XgboostTreeReader(tree, model_.features.size(), weight[t], source_).read());
    }
  }
  void read_best_round(const Node& learner) {
    const auto attributes = learner.find("attributes");
    if (!attributes) return;
    if (const auto best = attributes->find("best_iteration")) model_.best_rounds = best->integer(0, most_nodes) + 1;
  }

  Node root_;
  Source& source_;
  std::size_t width_ = 1;
  Objective objective_{};
  SourceModel model_;
};

}  // namespace

SourceModel read_xgboost(const Value& document, Source& source) { return XgboostReader(document, source).read(); }

}  // namespace automill::importing
