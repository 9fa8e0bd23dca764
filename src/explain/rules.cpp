#include <automill/explain/rules.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <chrono>
#include <cstdio>

#include "explain/score_parts.hpp"

namespace automill {
namespace {

/// "2024-03-01 12:00:00", without the time of day where it is midnight.
std::string time_text(double microseconds) {
  using namespace std::chrono;
  constexpr double most = 9e15;  // some 285 years: beyond, the number itself
  if (!(std::abs(microseconds) < most * 10)) return param_detail::number_text(microseconds);
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds{std::llround(microseconds)}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  std::string all = text;
  if (time == day) return all;
  std::snprintf(text, sizeof text, " %02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return all + text;
}

/// With the currency or the unit that text files wrote beside the numbers.
std::string number_text(double value, const ColumnSchema& column) {
  const std::string text = param_detail::number_text(value);
  const std::size_t first = column.format.find('#'), last = column.format.rfind('#');
  if (first == std::string::npos) return text;
  return column.format.substr(0, first) + text + column.format.substr(last + 1);
}

class RuleWriter {
 public:
  RuleWriter(const TreeEnsemble& tree, const ServedModel& model, TreeRules& out)
      : arrays_(tree.arrays()), schema_(tree.input_schema()), target_(model.target()), out_(out) {}

  void write() { visit(arrays_.roots.front(), 0); }

 private:
  void visit(std::uint32_t node, std::size_t depth) {
    const std::string start(4 * depth, ' ');
    const TreeNode& at = arrays_.nodes[node];
    if (at.child == 0) {
      out_.rules.push_back({conditions_, prediction_of(at), arrays_.rows[node]});
      out_.text += start + words_of(out_.rules.back()) + "\n";
      return;
    }
    const auto [left, right] = conditions_of(at);
    out_.text += start + "if " + left + ":\n";
    descend(at.child, left, depth);
    out_.text += start + "else:\n";
    descend(at.child + 1, right, depth);
  }

  void descend(std::uint32_t node, const std::string& condition, std::size_t depth) {
    conditions_.push_back(condition);
    visit(node, depth + 1);
    conditions_.pop_back();
  }

  /// Of the left and of the right side.
  std::pair<std::string, std::string> conditions_of(const TreeNode& node) const {
    const std::size_t cell = node.feature & TreeNode::position;
    const ColumnSchema& column = schema_[arrays_.columns[cell]];
    if ((node.feature & TreeNode::category) != 0) return of_categories(node, column, arrays_.categories[cell]);
    const bool missing_left = (node.feature & TreeNode::missing_left) != 0;
    if (std::isinf(node.threshold)) return {column.name + " is known", column.name + " is missing"};
    const std::string text =
        column.kind == ColumnKind::datetime ? time_text(node.threshold) : number_text(node.threshold, column);
    std::string left = column.name + " <= " + text, right = column.name + " > " + text;
    if (column.kind == ColumnKind::boolean) {
      left = column.name + " is false";
      right = column.name + " is true";
    }
    (missing_left ? left : right) += " or missing";
    return {left, right};
  }

  std::pair<std::string, std::string> of_categories(const TreeNode& node, const ColumnSchema& column,
                                                    const CategoryTable& table) const {
    std::string sides[2];
    const auto put = [&](std::size_t bin, const std::string& name) {
      const std::uint64_t word = arrays_.sets[static_cast<std::size_t>(node.threshold) + bin / 64];
      std::string& side = sides[((word >> (bin % 64)) & 1) != 0 ? 0 : 1];
      side += (side.empty() ? "" : ", ") + name;
    };
    for (std::size_t code = 0; code < table.bin_of_code.size(); ++code)
      if (table.bin_of_code[code] > 0)
        put(table.bin_of_code[code],
            column.dictionary != nullptr ? column.dictionary->names()[code] : std::to_string(code));
    put(0, "(any other)");
    if (table.missing_bin > 0) put(table.missing_bin, "(missing)");
    return {column.name + " in " + sides[0], column.name + " in " + sides[1]};
  }

  std::vector<double> prediction_of(const TreeNode& leaf) const {
    if (!arrays_.vector_leaves()) return {leaf.threshold};
    const float* values = arrays_.leaf_vector(leaf);
    return {values, values + arrays_.width()};
  }

  std::string words_of(const TreeRule& rule) const {
    char figure[48];
    std::string text;
    if (rule.prediction.size() > 1) {
      const auto likeliest = static_cast<std::size_t>(std::max_element(rule.prediction.begin(), rule.prediction.end()) -
                                                      rule.prediction.begin());
      text = "'" + out_.outputs[likeliest] + "'";
      for (std::size_t k = 0; k < rule.prediction.size(); ++k) {
        std::snprintf(figure, sizeof figure, " %.3g", rule.prediction[k]);
        text += (k == 0 ? ", probabilities " : ", ") + out_.outputs[k] + figure;
      }
    } else {
      std::snprintf(figure, sizeof figure, " %.6g", rule.prediction.front());
      text = is_classification(target_.task) ? "probability of '" + out_.outputs.front() + "'" : out_.outputs.front();
      text += figure;
    }
    return text + " (" + std::to_string(rule.rows) + " rows)";
  }

  const TreeArrays& arrays_;
  const Schema& schema_;
  const TargetInfo& target_;
  TreeRules& out_;
  std::vector<std::string> conditions_;
};

}  // namespace

TreeRules rules(const ServedModel& model) {
  const ScoreParts whole = score_parts(model);
  const ScorePart& part = whole.parts.front();
  if (whole.parts.size() > 1)
    throw Error("explain.rules", "", "the model is a mean of " + std::to_string(whole.parts.size()) + " models",
                "ask one of them: member(\"" + part.name + "\")");
  const auto* tree = dynamic_cast<const TreeEnsemble*>(part.model);
  const bool single =
      tree != nullptr && tree->arrays().trees() == 1 && tree->arrays().crosses.empty() &&
      tree->arrays().linear.empty() &&
      (tree->arrays().transform == ScoreTransform::probability || tree->arrays().transform == ScoreTransform::identity);
  if (!single) throw Error("explain.rules", part.model->type(), "it is no single decision tree", "train decision_tree");
  TreeRules all{.outputs = whole.outputs};
  RuleWriter(*tree, model, all).write();
  return all;
}

}  // namespace automill
