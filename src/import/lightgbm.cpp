// The text of LightGBM's Booster.save_model: a header of key=value lines, a block for each tree, "end of trees", the
// parameters, and for models trained on pandas data the values of category columns. What the fields mean:
// include/LightGBM/tree.h and src/boosting/gbdt_model_text.cpp of LightGBM 3.3 and 4.7.

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

#include "import/source_model.hpp"
#include "json.hpp"

namespace automill::importing {
namespace {

constexpr double zero_threshold = static_cast<double>(1e-35F);  // kZeroThreshold: what counts as zero

/// Lines without their ends; empty at the end of the text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  std::string_view peek() const {
    std::string_view line = rest_.substr(0, rest_.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  std::string_view next() {
    const std::string_view line = peek();
    const std::size_t end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }

 private:
  std::string_view rest_;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.size(), text.find(separator));
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parts;
}

template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// key=value lines, up to an empty line or the end of the trees.
class Fields {
 public:
  Fields(Lines& lines, std::string where, const Source& source) : where_(std::move(where)), source_(source) {
    while (!lines.done() && !lines.peek().empty() && !lines.peek().starts_with("end of trees")) {
      const std::string_view line = lines.next();
      const std::size_t equals = std::min(line.size(), line.find('='));
      if (!fields_.emplace(line.substr(0, equals), line.substr(std::min(line.size(), equals + 1))).second)
        fail(line.substr(0, equals), "it stands twice");
    }
  }

  bool contains(std::string_view key) const { return fields_.contains(key); }
  std::string_view text(std::string_view key) const {
    const auto found = fields_.find(key);
    if (found == fields_.end()) fail(key, "it is missing");
    return found->second;
  }
  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const auto value = number<std::int64_t>(text(key));
    if (!value || *value < least || *value > most)
      fail(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is needed");
    return *value;
  }
  template <class T>
  std::vector<T> numbers(std::string_view key, std::size_t count) const {
    std::vector<T> values;
    for (const std::string_view part : split(text(key), ' ')) {
      const auto value = number<T>(part);
      if (!value) fail(key, "'" + std::string(part.substr(0, 40)) + "' is no number that fits here");
      values.push_back(*value);
    }
    if (values.size() != count)
      fail(key, std::to_string(values.size()) + " numbers where " + std::to_string(count) + " are needed");
    return values;
  }
  /// Zeros where the file has none.
  std::vector<double> optional_numbers(std::string_view key, std::size_t count) const {
    if (!contains(key) || text(key).empty()) return std::vector<double>(count);
    return numbers<double>(key, count);
  }
  [[noreturn]] void fail(std::string_view key, const std::string& what) const {
    source_.damaged((where_.empty() ? "" : where_ + ", ") + "'" + std::string(key.substr(0, 40)) + "'", what);
  }

 private:
  std::map<std::string_view, std::string_view> fields_;
  std::string where_;
  const Source& source_;
};

/// One "Tree=" block. Inner nodes come first, leaf i is node inner + i.
class LightgbmTreeReader {
 public:
  LightgbmTreeReader(const Fields& fields, const std::string& where, std::size_t features, const Source& source)
      : fields_(fields), where_(where), features_(features), source_(source) {}

  SourceTree read() {
    const auto leaves = static_cast<std::size_t>(fields_.integer("num_leaves", 1, 1 << 30));
    inner_ = leaves - 1;
    read_leaves(leaves);
    if (fields_.contains("is_linear") && fields_.integer("is_linear", 0, 1) == 1) read_linear(leaves);
    if (inner_ > 0) read_splits();
    return std::move(tree_);
  }

 private:
  void read_leaves(std::size_t leaves) {
    const auto values = fields_.numbers<double>("leaf_value", leaves);
    const auto counts = fields_.optional_numbers("leaf_count", leaves);
    tree_.nodes.resize(inner_ + leaves);
    for (std::size_t i = 0; i < leaves; ++i) {
      if (!std::isfinite(values[i]))
        fields_.fail("leaf_value", "the value of leaf " + std::to_string(i) + " is not finite");
      tree_.nodes[inner_ + i].value = values[i];
      tree_.nodes[inner_ + i].rows = counts[i];
    }
  }
  /// A leaf without terms adds its constant; one with terms keeps its value for rows with a missing cell.
  void read_linear(std::size_t leaves) {
    const auto constants = fields_.numbers<double>("leaf_const", leaves);
    const auto counts = fields_.numbers<std::uint32_t>("num_features", leaves);
    const std::size_t terms = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    const auto features = fields_.numbers<std::uint32_t>("leaf_features", terms);
    const auto coefficients = fields_.numbers<double>("leaf_coeff", terms);
    for (std::size_t t = 0; t < terms; ++t) {
      if (features[t] >= features_) fields_.fail("leaf_features", "there is no feature " + std::to_string(features[t]));
      if (!std::isfinite(coefficients[t])) fields_.fail("leaf_coeff", "a coefficient is not finite");
      tree_.terms.push_back({.coefficient = coefficients[t], .cell = features[t]});
    }
    std::size_t first = 0;
    for (std::size_t i = 0; i < leaves; ++i) {
      if (!std::isfinite(constants[i]))
        fields_.fail("leaf_const", "the constant of leaf " + std::to_string(i) + " is not finite");
      SourceNode& node = tree_.nodes[inner_ + i];
      node.constant = constants[i];
      if (counts[i] == 0) node.value = constants[i];
      node.first_term = first;
      node.terms = counts[i];
      first += counts[i];
      std::vector<std::uint32_t> own(features.begin() + static_cast<std::ptrdiff_t>(node.first_term),
                                     features.begin() + static_cast<std::ptrdiff_t>(first));
      std::sort(own.begin(), own.end());
      if (const auto twice = std::adjacent_find(own.begin(), own.end()); twice != own.end())
        fields_.fail("leaf_features",
                     "leaf " + std::to_string(i) + " names feature " + std::to_string(*twice) + " twice");
    }
  }
  void read_splits() {
    read_sets();
    const auto features = fields_.numbers<std::uint32_t>("split_feature", inner_);
    const auto thresholds = fields_.numbers<double>("threshold", inner_);
    const auto kinds = fields_.numbers<std::uint32_t>("decision_type", inner_);
    const auto left = fields_.numbers<std::int64_t>("left_child", inner_);
    const auto right = fields_.numbers<std::int64_t>("right_child", inner_);
    const auto gains = fields_.optional_numbers("split_gain", inner_);
    const auto counts = fields_.optional_numbers("internal_count", inner_);
    for (std::size_t i = 0; i < inner_; ++i) {
      if (features[i] >= features_) fields_.fail("split_feature", "there is no feature " + std::to_string(features[i]));
      SourceNode& node = tree_.nodes[i];
      node.feature = features[i];
      node.left = position(left[i], "left_child");
      node.right = position(right[i], "right_child");
      node.gain = gains[i];
      node.rows = counts[i];
      decide(node, thresholds[i], kinds[i]);
    }
  }
  /// A child below 0 is the complement of a leaf's number.
  std::int64_t position(std::int64_t child, const char* key) const {
    const auto inner = static_cast<std::int64_t>(inner_);
    if (child >= inner || child < -inner - 1) fields_.fail(key, "there is no node " + std::to_string(child));
    return child >= 0 ? child : inner - 1 - child;
  }
  /// decision_type: bit 0 category, bit 1 default left, bits 2 and 3 what is missing: nothing, zeros and NaN, NaN.
  void decide(SourceNode& node, double threshold, std::uint32_t kind) {
    if (kind > 11) fields_.fail("decision_type", std::to_string(kind) + " is not known");
    if ((kind & 1) != 0) return decide_category(node, threshold);
    if (std::isnan(threshold)) fields_.fail("threshold", "a threshold is not a number");
    const bool default_left = (kind & 2) != 0;
    node.value = threshold;
    if (kind >> 2 == 0) node.missing_left = 0 <= threshold;  // NaN is taken for 0
    else node.missing_left = default_left;
    if (kind >> 2 == 1) decide_zero(node, default_left);
  }
  /// Zeros go where missing values go. One threshold says so unless the zeros are an island on the other side of it.
  void decide_zero(SourceNode& node, bool default_left) const {
    if (default_left ? node.value >= zero_threshold : node.value < -zero_threshold) return;
    if (std::abs(node.value) > zero_threshold)
      source_.unsupported(where_ +
                              ": zeros count as missing (zero_as_missing) and go to the other side than the numbers "
                              "around them",
                          "train with zero_as_missing=false");
    node.value = default_left ? zero_threshold : std::nextafter(-zero_threshold, -1.0);
  }
  /// Listed codes go left; all others, negative and missing ones too, go right.
  void decide_category(SourceNode& node, double threshold) const {
    if (!(threshold >= 0 && threshold + 1 < static_cast<double>(set_begins_.size())))
      fields_.fail("threshold", "there is no set of categories of this number");
    const auto set = static_cast<std::size_t>(threshold);
    node.category = node.listed_left = true;
    node.first_code = set_begins_[set];
    node.codes = set_begins_[set + 1] - set_begins_[set];
  }
  /// Sets of categories are bits in words; set_begins_ are their places in the tree's list of codes.
  void read_sets() {
    const auto sets = static_cast<std::size_t>(fields_.integer("num_cat", 0, 1 << 30));
    if (sets == 0) return;
    const auto bounds = fields_.numbers<std::uint32_t>("cat_boundaries", sets + 1);
    const auto words = fields_.numbers<std::uint32_t>("cat_threshold", bounds.back());
    if (bounds[0] != 0 || !std::is_sorted(bounds.begin(), bounds.end()))
      fields_.fail("cat_boundaries", "numbers must ascend from 0");
    for (std::size_t set = 0; set < sets; ++set) {
      set_begins_.push_back(tree_.codes.size());
      for (std::uint32_t word = bounds[set]; word < bounds[set + 1]; ++word)
        for (std::uint32_t bit = 0; bit < 32; ++bit)
          if (((words[word] >> bit) & 1) != 0) tree_.codes.push_back(32 * (word - bounds[set]) + bit);
    }
    set_begins_.push_back(tree_.codes.size());
  }

  const Fields& fields_;
  const std::string& where_;
  std::size_t features_, inner_ = 0;
  const Source& source_;
  SourceTree tree_;
  std::vector<std::size_t> set_begins_;
};

class LightgbmReader {
 public:
  LightgbmReader(std::string_view text, bool own_categories, Source& source)
      : lines_(text), own_categories_(own_categories), source_(source) {}

  SourceModel read() {
    lines_.next();  // "tree"
    const Fields header(lines_, "", source_);
    read_version(header);
    read_features(header);
    read_scores(header);
    read_trees();
    read_rest(header);
    return std::move(model_);
  }

 private:
  void read_version(const Fields& header) {
    const std::string version(header.text("version"));
    if (version != "v3" && version != "v4")
      source_.unsupported("this is version '" + version.substr(0, 20) + "' of LightGBM's format; v3 and v4 are read",
                          "load it with LightGBM 3 or 4 and save it again");
    model_.facts = Object{{"format", "LightGBM"}, {"version", version}};
  }
  void read_features(const Fields& header) {
    const auto count = static_cast<std::size_t>(header.integer("max_feature_idx", 0, 1 << 28)) + 1;
    const auto names = split(header.text("feature_names"), ' ');
    if (names.size() != count)
      header.fail("feature_names",
                  std::to_string(names.size()) + " names where " + std::to_string(count) + " are needed");
    bool numbered = true;  // LightGBM's names for columns of a matrix; AutoMill's are f0, f1 ...
    for (std::size_t i = 0; i < count; ++i) numbered = numbered && names[i] == "Column_" + std::to_string(i);
    for (std::size_t i = 0; i < count; ++i)
      model_.features.push_back({.name = numbered ? "f" + std::to_string(i) : std::string(names[i])});
  }

  // ---- scores ----

  void read_scores(const Fields& header) {
    width_ = static_cast<std::size_t>(header.integer("num_tree_per_iteration", 1, 1 << 20));
    model_.trees_a_round = width_;
    model_.base.assign(width_, 0.0);
    model_.average = header.contains("average_output");
    if (!header.contains("objective"))
      source_.unsupported("the file names no objective: it was trained with a function of the user",
                          "train with an objective of LightGBM");
    const std::string objective(header.text("objective"));
    model_.facts["objective"] = objective;
    const auto parts = split(objective, ' ');
    if (parts.empty()) header.fail("objective", "it is empty");
    set_objective(parts[0], {parts.begin() + 1, parts.end()});
    if (model_.task == Task::multiclass ? width_ < 2 : width_ != 1)
      header.fail("num_tree_per_iteration", std::to_string(width_) + " does not fit the objective " + objective);
  }
  void set_objective(std::string_view name, const std::vector<std::string_view>& parameters) {
    static const std::map<std::string_view, std::pair<Task, ScoreTransform>> known{
        {"regression", {Task::regression, ScoreTransform::identity}},
        {"regression_l1", {Task::regression, ScoreTransform::identity}},
        {"huber", {Task::regression, ScoreTransform::identity}},
        {"fair", {Task::regression, ScoreTransform::identity}},
        {"quantile", {Task::regression, ScoreTransform::identity}},
        {"mape", {Task::regression, ScoreTransform::identity}},
        {"poisson", {Task::regression, ScoreTransform::exponential}},
        {"gamma", {Task::regression, ScoreTransform::exponential}},
        {"tweedie", {Task::regression, ScoreTransform::exponential}},
        {"cross_entropy", {Task::regression, ScoreTransform::sigmoid}},
        {"binary", {Task::binary, ScoreTransform::logistic}},
        {"multiclass", {Task::multiclass, ScoreTransform::softmax}},
        {"multiclassova", {Task::multiclass, ScoreTransform::one_vs_all}}};
    const auto found = known.find(name);
    if (found == known.end()) {
      std::string names;
      for (const auto& entry : known) names += (names.empty() ? "" : ", ") + std::string(entry.first);
      source_.unsupported("the objective '" + std::string(name.substr(0, 40)) + "' is not read",
                          "those that are: " + names);
    }
    std::tie(model_.task, model_.transform) = found->second;
    for (const std::string_view parameter : parameters) set_parameter(parameter);
  }
  void set_parameter(std::string_view parameter) {
    if (parameter == "sqrt")
      source_.unsupported("predictions are squares of the scores (reg_sqrt)", "train with reg_sqrt=false");
    if (!parameter.starts_with("sigmoid:")) return;
    const auto value = number<double>(parameter.substr(8));
    if (!value || !(*value > 0) || !std::isfinite(*value))
      source_.damaged("'objective'", "'" + std::string(parameter.substr(0, 40)) + "' is no scale above 0");
    scale_ = *value;
  }

  // ---- trees ----

  void read_trees() {
    while (true) {
      while (!lines_.done() && lines_.peek().empty()) lines_.next();
      if (lines_.done()) source_.damaged("", "the file ends before 'end of trees'");
      if (lines_.peek().starts_with("end of trees")) break;
      const std::string where = "tree " + std::to_string(model_.trees.size());
      if (lines_.next() != "Tree=" + std::to_string(model_.trees.size()))
        source_.damaged(where, "its line 'Tree=" + std::to_string(model_.trees.size()) + "' is missing");
      const Fields fields(lines_, where, source_);
      model_.trees.push_back(LightgbmTreeReader(fields, where, model_.features.size(), source_).read());
      if (scale_ != 1) model_.trees.back().change_leaves([this](double value) { return value * scale_; });
    }
    if (model_.trees.size() % width_ != 0)
      source_.damaged("", std::to_string(model_.trees.size()) + " trees are no multiple of " + std::to_string(width_));
  }

  // ---- what follows the trees ----

  void read_rest(const Fields& header) {
    std::string_view parameter, lists;
    bool whole = true;
    while (!lines_.done()) {
      const std::string_view line = lines_.next();
      if (line == "parameters:" || line == "end of parameters") whole = line != "parameters:";
      if (line.starts_with("[categorical_feature: ")) parameter = line.substr(22, line.find(']') - 22);
      if (line.starts_with("pandas_categorical:")) lists = line.substr(19);
    }
    if (!whole) source_.damaged("", "the file ends before 'end of parameters'");
    if (own_categories_ || lists.empty() || lists == "null") return;
    const Value named = parse_lists(lists);
    if (named.is_array() && !named.array().empty())
      name_categories(category_features(header, parameter), named.array());
  }
  Value parse_lists(std::string_view text) const {
    try {
      return from_json(text, source_.path());
    } catch (const Error& error) {
      source_.damaged("'pandas_categorical'", error.faults().front().message);
    }
  }
  /// Positions of the category features: those whose infos list codes, and those that the parameter names.
  std::vector<std::size_t> category_features(const Fields& header, std::string_view parameter) const {
    const auto infos = split(header.text("feature_infos"), ' ');
    if (infos.size() != model_.features.size()) header.fail("feature_infos", "one entry for each feature is needed");
    std::vector<bool> category(infos.size());
    for (std::size_t i = 0; i < infos.size(); ++i) category[i] = infos[i] != "none" && !infos[i].starts_with('[');
    for (const std::string_view part : split(parameter, ','))
      if (const auto at = number<std::size_t>(part); at && *at < category.size()) category[*at] = true;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < category.size(); ++i)
      if (category[i]) positions.push_back(i);
    return positions;
  }
  void name_categories(const std::vector<std::size_t>& positions, const Array& lists) {
    if (positions.size() != lists.size())
      throw Error("import.categories", source_.path(),
                  "the file has the values of " + std::to_string(lists.size()) + " pandas columns, but " +
                      std::to_string(positions.size()) + " category features: it does not say which belong together",
                  "give categories: for each column of pandas categories its values in the order of training");
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (!lists[i].is_array()) source_.damaged("'pandas_categorical'", "a list of lists is needed");
      SourceFeature& feature = model_.features[positions[i]];
      feature.named = true;
      for (const Value& value : lists[i].array()) {
        const auto name = category_name(value);
        if (!name) source_.damaged("'pandas_categorical'", "a value of '" + feature.name + "' is no text or number");
        feature.categories.push_back(*name);
      }
    }
  }

  Lines lines_;
  bool own_categories_;
  Source& source_;
  std::size_t width_ = 1;
  double scale_ = 1;
  SourceModel model_;
};

}  // namespace

SourceModel read_lightgbm(std::string_view text, bool own_categories, Source& source) {
  return LightgbmReader(text, own_categories, source).read();
}

}  // namespace automill::importing
