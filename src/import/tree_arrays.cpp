// Source trees as the flat arrays of a TreeEnsemble.

#include <algorithm>
#include <map>

#include "import/source_model.hpp"

namespace automill::importing {
namespace {

constexpr std::size_t deepest = 2000;       // splits above one another: walks of trees recurse
constexpr std::uint32_t most_bins = 65536;  // a bin is 16 bits
// Unseen: no code of the table. Unlisted: a code that no split names.
constexpr std::uint16_t unseen_bin = 0, missing_bin = 1, unlisted_bin = 2, first_listed_bin = 3;

class ArraysBuilder {
 public:
  ArraysBuilder(const SourceModel& model, const Schema& schema, Source& source)
      : model_(model), schema_(schema), source_(source) {}

  TreeArrays build() {
    arrays_.transform = model_.transform;
    arrays_.base = model_.base;
    uses_.resize(model_.features.size());
    for (std::size_t t = 0; t < model_.trees.size(); ++t) add_tree(t);
    make_columns();
    for (const Split& split : sets_) make_set(split);
    make_linear();
    for (TreeNode& node : arrays_.nodes)
      if (node.child != 0)
        node.feature = (node.feature & ~TreeNode::position) | place_[node.feature & TreeNode::position];
    return std::move(arrays_);
  }

 private:
  /// A split that becomes a set of bins.
  struct Split {
    std::size_t node;  ///< of the arrays
    const SourceTree* tree;
    const SourceNode* from;
  };
  /// A leaf that is a linear model.
  struct Linear {
    std::size_t node;  ///< of the arrays
    const SourceTree* tree;
    const SourceNode* from;
  };
  struct Use {
    bool number = false, category = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> listed{};  ///< codes, with the number of the split in sets_
    std::vector<std::uint32_t> codes{};                             ///< the different ones, ascending
    std::vector<std::uint16_t> bins{};                              ///< of each of them
    std::uint16_t bin_of(std::uint32_t code) const {
      return bins[static_cast<std::size_t>(std::lower_bound(codes.begin(), codes.end(), code) - codes.begin())];
    }
  };

  // ---- trees ----

  struct Step {
    std::int64_t from;
    std::size_t to, depth;
  };
  void add_tree(std::size_t t) {
    const SourceTree& tree = model_.trees[t];
    const std::string where = "tree " + std::to_string(t);
    const double scale = rows_scale(tree);
    arrays_.roots.push_back(static_cast<std::uint32_t>(arrays_.nodes.size()));
    std::vector<bool> seen(tree.nodes.size());
    std::vector<Step> open{{0, append(1, where), 0}};
    while (!open.empty()) {
      const Step step = open.back();
      open.pop_back();
      if (step.from < 0 || static_cast<std::size_t>(step.from) >= tree.nodes.size())
        source_.damaged(where, "a node has a child " + std::to_string(step.from) + ", which does not exist");
      const auto from = static_cast<std::size_t>(step.from);
      if (seen[from]) source_.damaged(where, "two ways lead to node " + std::to_string(from));
      seen[from] = true;
      if (step.depth > deepest)
        source_.unsupported(where + " is more than " + std::to_string(deepest) + " splits deep",
                            "limit max_depth in training");
      add_node(tree, tree.nodes[from], step.to, scale);
      if (tree.nodes[from].leaf()) continue;
      const std::size_t child = append(2, where);
      arrays_.nodes[step.to].child = static_cast<std::uint32_t>(child);
      open.push_back({tree.nodes[from].right, child + 1, step.depth + 1});
      open.push_back({tree.nodes[from].left, child, step.depth + 1});
    }
  }
  std::size_t append(std::size_t count, const std::string& where) {
    const std::size_t first = arrays_.nodes.size();
    if (first + count > TreeNode::position)
      source_.unsupported(where + ": there are too many nodes", "use fewer trees");
    arrays_.nodes.resize(first + count);
    arrays_.rows.resize(first + count);
    arrays_.gains.resize(first + count);
    return first;
  }
  void add_node(const SourceTree& tree, const SourceNode& from, std::size_t to, double scale) {
    arrays_.rows[to] = rows_of(from.rows * scale);
    TreeNode& node = arrays_.nodes[to];
    if (from.leaf()) {
      node.threshold = from.value;
      if (from.terms > 0) note_linear(tree, from, to);
      return;
    }
    if (std::isfinite(from.gain)) arrays_.gains[to] = static_cast<float>(from.gain);
    node.feature = from.feature;
    Use& use = uses_[from.feature];
    if (from.category) {
      use.category = true;
      for (std::size_t i = 0; i < from.codes; ++i)
        use.listed.emplace_back(tree.codes[from.first_code + i], static_cast<std::uint32_t>(sets_.size()));
    } else {
      use.number = true;
    }
    if (from.category || model_.features[from.feature].named) {
      node.feature |= TreeNode::category;
      sets_.push_back({to, &tree, &from});
    } else {
      node.threshold = from.value;
      if (from.missing_left) node.feature |= TreeNode::missing_left;
    }
  }
  void note_linear(const SourceTree& tree, const SourceNode& from, std::size_t to) {
    for (std::size_t t = from.first_term; t < from.first_term + from.terms; ++t) {
      const std::uint32_t feature = tree.terms[t].cell;
      if (model_.features[feature].named)
        source_.unsupported("a linear leaf multiplies the categories of '" + model_.features[feature].name + "'",
                            "leave its categories out: it is a column of numbers");
      uses_[feature].number = true;
    }
    linear_.push_back({to, &tree, &from});
  }
  /// Rows are whole numbers; sums of second derivatives are stretched so that their shares stay exact enough.
  static double rows_scale(const SourceTree& tree) {
    constexpr double room = 2147483648.0;
    bool whole = true;
    for (const SourceNode& node : tree.nodes)
      whole = whole && node.rows >= 0 && node.rows <= room && node.rows == std::floor(node.rows);
    const double root = tree.nodes.empty() ? 0 : tree.nodes[0].rows;
    return whole || !(root > 0) || !std::isfinite(root) ? 1 : room / root;
  }
  static std::uint32_t rows_of(double rows) {
    return rows > 0 ? static_cast<std::uint32_t>(std::min(std::round(rows), 4294967295.0)) : 0;
  }

  // ---- columns and bins ----

  void make_columns() {
    place_.resize(model_.features.size());
    for (std::size_t f = 0; f < uses_.size(); ++f) {
      if (!uses_[f].number && !uses_[f].category) continue;
      const SourceFeature& feature = model_.features[f];
      if (uses_[f].number && uses_[f].category && !feature.named)
        source_.damaged("", "'" + feature.name + "' is split as a number and as a category");
      place_[f] = static_cast<std::uint32_t>(arrays_.columns.size());
      arrays_.columns.push_back(static_cast<std::uint32_t>(f));
      arrays_.categories.push_back(uses_[f].category || feature.named ? table_of(f) : CategoryTable{});
    }
  }
  CategoryTable table_of(std::size_t f) {
    const SourceFeature& feature = model_.features[f];
    Use& use = uses_[f];
    std::sort(use.listed.begin(), use.listed.end());
    use.listed.erase(std::unique(use.listed.begin(), use.listed.end()), use.listed.end());
    const auto known = static_cast<std::uint32_t>(feature.categories.size());
    if (feature.named && !use.listed.empty() && use.listed.back().first >= known)
      source_.damaged("", "'" + feature.name + "' has " + std::to_string(known) +
                              " categories, but a split names number " + std::to_string(use.listed.back().first));
    const std::size_t bins = use.number ? one_bin_a_code(use, known) : one_bin_a_class(use);
    if (bins > most_bins)
      source_.unsupported("the splits of '" + feature.name + "' tell " + std::to_string(bins) + " categories apart",
                          "at most " + std::to_string(most_bins) + " are possible");
    CategoryTable table;
    table.missing_bin = missing_bin;
    table.bins = static_cast<std::uint32_t>(bins);
    const std::size_t size = feature.named ? known : use.codes.empty() ? 0 : std::size_t{use.codes.back()} + 1;
    source_.charge(2 * size);
    table.bin_of_code.resize(size, unlisted_bin);
    for (std::size_t i = 0; i < use.codes.size(); ++i) table.bin_of_code[position_of(f, use.codes[i])] = use.bins[i];
    return table;
  }
  /// Codes in order, as some splits compare them. Returns how many bins there are.
  static std::size_t one_bin_a_code(Use& use, std::uint32_t known) {
    for (std::uint32_t code = 0; code < known; ++code) {
      use.codes.push_back(code);
      use.bins.push_back(static_cast<std::uint16_t>(code + first_listed_bin));
    }
    return known + first_listed_bin;
  }
  /// Codes that the same splits list are never told apart: they share a bin. Small sets make fast trees.
  static std::size_t one_bin_a_class(Use& use) {
    std::map<std::vector<std::uint32_t>, std::size_t> classes;
    for (std::size_t i = 0; i < use.listed.size();) {
      const std::uint32_t code = use.listed[i].first;
      std::vector<std::uint32_t> splits;
      for (; i < use.listed.size() && use.listed[i].first == code; ++i) splits.push_back(use.listed[i].second);
      const std::size_t bin = classes.emplace(std::move(splits), classes.size() + first_listed_bin).first->second;
      use.codes.push_back(code);
      use.bins.push_back(static_cast<std::uint16_t>(bin));
    }
    return classes.size() + first_listed_bin;
  }
  /// Where a code's bin stands: columns with names have codes by their order.
  std::size_t position_of(std::size_t f, std::uint32_t code) const {
    const SourceFeature& feature = model_.features[f];
    return feature.named ? static_cast<std::size_t>(schema_[f].dictionary->code(feature.categories[code])) : code;
  }

  /// The bins that go left. An unseen category counts as missing where the column knows its categories; else it is one
  /// that the split does not list.
  void make_set(const Split& split) {
    const SourceNode& from = *split.from;
    const CategoryTable& table = arrays_.categories[place_[from.feature]];
    const std::size_t first = arrays_.sets.size();
    source_.charge(8 * table.words());
    arrays_.sets.resize(first + table.words());
    arrays_.nodes[split.node].threshold = static_cast<double>(first);
    const auto put = [&](std::size_t bin, bool left) {
      std::uint64_t& word = arrays_.sets[first + bin / 64];
      const std::uint64_t bit = std::uint64_t{1} << (bin % 64);
      word = left ? word | bit : word & ~bit;
    };
    const Use& use = uses_[from.feature];
    const bool others_left = from.category && !from.listed_left;
    for (std::size_t bin = unlisted_bin; bin < table.bins; ++bin) put(bin, others_left);
    if (from.category)
      for (std::size_t i = 0; i < from.codes; ++i)
        put(use.bin_of(split.tree->codes[from.first_code + i]), from.listed_left);
    else
      for (std::size_t i = 0; i < use.codes.size(); ++i)
        put(use.bins[i], static_cast<double>(use.codes[i]) <= from.value);
    put(missing_bin, from.missing_left);
    put(unseen_bin, model_.features[from.feature].named ? from.missing_left : others_left);
  }

  void make_linear() {
    std::sort(linear_.begin(), linear_.end(), [](const Linear& a, const Linear& b) { return a.node < b.node; });
    for (const auto& [node, tree, from] : linear_) {
      const auto first = tree->terms.begin() + static_cast<std::ptrdiff_t>(from->first_term);
      std::vector<LinearTerm> terms(first, first + static_cast<std::ptrdiff_t>(from->terms));
      for (LinearTerm& term : terms) term.cell = place_[term.cell];
      arrays_.linear.add(node, {.constant = from->constant}, terms);
    }
  }

  const SourceModel& model_;
  const Schema& schema_;
  Source& source_;
  TreeArrays arrays_;
  std::vector<Use> uses_;  // one a feature
  std::vector<Split> sets_;
  std::vector<Linear> linear_;
  std::vector<std::uint32_t> place_;  // of a feature among the used columns
};

}  // namespace

TreeArrays make_tree_arrays(const SourceModel& model, const Schema& schema, Source& source) {
  return ArraysBuilder(model, schema, source).build();
}

}  // namespace automill::importing
