#include "learners/tree/swept_trees.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "learners/tree/category_classes.hpp"

namespace automill::tree {

namespace {

constexpr std::size_t thresholds_of_slot = 255;  // codes 0 to 255 tell on which side of each a value lies
constexpr std::uint32_t none = ~0U;

bool is_category(const TreeNode& node) { return (node.feature & TreeNode::category) != 0; }
std::uint32_t position_of(const TreeNode& node) { return node.feature & TreeNode::position; }

}  // namespace

class SweptTrees::Builder {
 public:
  Builder(const TreeArrays& arrays, SweptTrees& out) : arrays_(arrays), out_(out) {}

  void build() {
    out_.trees_.resize(arrays_.trees());
    for (std::size_t t = 0; t < arrays_.trees(); ++t) {
      out_.trees_[t].swept = can_sweep(t);
      out_.all_swept_ = out_.all_swept_ && out_.trees_[t].swept;
    }
    collect_thresholds();
    collect_sets();
    make_slots();
    for (std::size_t t = 0; t < arrays_.trees(); ++t)
      if (out_.trees_[t].swept) add_tree(t);
  }

 private:
  std::size_t begin(std::size_t tree) const { return arrays_.roots[tree]; }
  std::size_t end(std::size_t tree) const {
    return tree + 1 < arrays_.trees() ? arrays_.roots[tree + 1] : arrays_.nodes.size();
  }
  bool can_sweep(std::size_t tree) const { return (end(tree) - begin(tree) + 1) / 2 <= most_swept_leaves; }
  template <class Visit>
  void for_each_split(const Visit& visit) const {
    for (std::size_t t = 0; t < arrays_.trees(); ++t)
      for (std::size_t i = begin(t); out_.trees_[t].swept && i < end(t); ++i)
        if (arrays_.nodes[i].child != 0) visit(arrays_.nodes[i]);
  }

  /// Of each column, ascending and each once.
  void collect_thresholds() {
    thresholds_.resize(arrays_.cells());
    for_each_split([&](const TreeNode& node) {
      if (!is_category(node)) thresholds_[position_of(node)].push_back(node.threshold);
    });
    for (auto& values : thresholds_) {
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      values.shrink_to_fit();
    }
  }

  /// Of each cell, each once.
  void collect_sets() {
    sets_.resize(arrays_.cells());
    for_each_split([&](const TreeNode& node) {
      if (is_category(node)) sets_[position_of(node)].push_back(first_word(node));
    });
    for (auto& sets : sets_) {
      std::sort(sets.begin(), sets.end());
      sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
    }
  }
  static std::size_t first_word(const TreeNode& node) { return static_cast<std::size_t>(node.threshold); }

  std::uint32_t slot_of(const TreeNode& node, std::size_t threshold) const {
    return is_category(node) ? slot_of_set_.at({position_of(node), first_word(node)})
                             : slot_of_[key_of(node, threshold)];
  }
  /// Place in `slot_of_` of the slot of a number's split: two a part of the cell's thresholds.
  std::size_t key_of(const TreeNode& node, std::size_t threshold) const {
    const std::size_t first = first_key_[position_of(node)];
    return first + 2 * (threshold / thresholds_of_slot) + ((node.feature & TreeNode::missing_left) != 0 ? 1 : 0);
  }
  std::size_t rank(const TreeNode& node) const {
    if (is_category(node)) return 0;
    const auto& values = thresholds_[position_of(node)];
    return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), node.threshold) - values.begin());
  }

  void make_slots() {
    std::size_t keys = 0;
    for (const auto& values : thresholds_) {
      first_key_.push_back(keys);
      keys += 2 * ((values.size() + thresholds_of_slot - 1) / thresholds_of_slot);
    }
    slot_of_.assign(keys, none);
    for_each_split([&](const TreeNode& node) {
      if (!is_category(node)) slot_of_[key_of(node, rank(node))] = 0;
    });
    for (std::uint32_t c = 0; c < thresholds_.size(); ++c) {
      const std::size_t last = c + 1 < thresholds_.size() ? first_key_[c + 1] : keys;
      for (std::size_t key = first_key_[c]; key < last; ++key)
        if (slot_of_[key] != none) add_slot(c, key);
      add_category_slots(c);
    }
  }
  /// Sets go together while their classes are few enough.
  void add_category_slots(std::uint32_t cell) {
    constexpr std::size_t most_tried = 4;
    const auto first = static_cast<std::uint32_t>(out_.slots_.size());
    std::vector<CategoryClasses> classes;
    for (std::size_t set : sets_[cell]) {
      std::size_t own = classes.size() - std::min(classes.size(), most_tried);
      while (own < classes.size() && !classes[own].refine(arrays_.sets.data() + set)) ++own;
      if (own == classes.size()) {
        classes.emplace_back(arrays_.categories[cell].bins);
        classes.back().refine(arrays_.sets.data() + set);
      }
      slot_of_set_[{cell, set}] = first + static_cast<std::uint32_t>(own);
    }
    for (const CategoryClasses& own : classes) {
      out_.slots_.push_back({.cell = cell,
                             .first = static_cast<std::uint32_t>(out_.classes_.size()),
                             .count = arrays_.categories[cell].bins,
                             .category = true});
      out_.classes_.insert(out_.classes_.end(), own.class_of_bin().begin(), own.class_of_bin().end());
    }
  }
  void add_slot(std::uint32_t cell, std::size_t key) {
    slot_of_[key] = static_cast<std::uint32_t>(out_.slots_.size());
    const auto& values = thresholds_[cell];
    const std::size_t part = key - first_key_[cell], from = part / 2 * thresholds_of_slot;
    const std::size_t count = std::min(thresholds_of_slot, values.size() - std::min(values.size(), from));
    out_.slots_.push_back({.cell = cell,
                           .first = static_cast<std::uint32_t>(out_.thresholds_.size()),
                           .count = static_cast<std::uint32_t>(count),
                           .missing = static_cast<std::uint8_t>(part % 2 == 1 ? 0 : 255)});
    out_.thresholds_.insert(out_.thresholds_.end(), values.begin() + static_cast<std::ptrdiff_t>(from),
                            values.begin() + static_cast<std::ptrdiff_t>(from + count));
  }

  void add_tree(std::size_t t) {
    const std::size_t first = begin(t), count = end(t) - first, inner = count / 2;
    Tree& tree = out_.trees_[t];
    tree = {.first_node = out_.nodes_.size(),
            .first_value = out_.values_.size(),
            .leaves = static_cast<std::uint32_t>(inner + 1),
            .levels = levels_of(first, inner),
            .swept = true,
            .categories = false,
            .linear = false};
    std::vector<std::uint16_t> place(count);
    std::uint16_t inner_seen = 0, leaves_seen = 0;
    for (std::size_t i = 0; i < count; ++i)
      place[i] = arrays_.nodes[first + i].child != 0 ? inner_seen++ : static_cast<std::uint16_t>(inner + leaves_seen++);
    for (std::size_t i = 0; i < count; ++i) {
      const TreeNode& node = arrays_.nodes[first + i];
      if (node.child == 0) {
        tree.linear = tree.linear || arrays_.linear.find(first + i) != nullptr;
        if (!arrays_.linear.empty()) out_.leaf_nodes_.push_back(static_cast<std::uint32_t>(first + i));
        continue;
      }
      if (tree.levels > 0 && !std::has_single_bit(i + 1)) continue;  // the first node of a level stands for all
      const std::size_t child = node.child - first, threshold = rank(node);
      SweptNode swept{.slot = slot_of(node, threshold), .left = place[child], .right = place[child + 1]};
      if (is_category(node)) {
        tree.categories = true;
        swept.categorical = 1;
        swept.set = static_cast<std::uint32_t>(out_.sets_.size());
        add_set(node, swept.slot);
      } else {
        swept.bin = static_cast<std::uint8_t>(threshold % thresholds_of_slot);
      }
      out_.nodes_.push_back(swept);
    }
    add_leaves(first, count);
  }
  void add_leaves(std::size_t first, std::size_t count) {
    for (std::size_t k = 0; k < out_.values_of_leaf_; ++k)
      for (std::size_t i = first; i < first + count; ++i) {
        const TreeNode& node = arrays_.nodes[i];
        if (node.child != 0) continue;
        out_.values_.push_back(arrays_.vector_leaves() ? static_cast<double>(arrays_.leaf_vector(node)[k])
                                                       : node.threshold);
      }
  }
  bool same_split(const TreeNode& a, const TreeNode& b) const {
    if (a.feature != b.feature) return false;
    if (!is_category(a)) return a.threshold == b.threshold;
    const auto words = static_cast<std::ptrdiff_t>(arrays_.categories[position_of(a)].words());
    const auto of = [&](const TreeNode& node) {
      return arrays_.sets.begin() + static_cast<std::ptrdiff_t>(node.threshold);
    };
    return std::equal(of(a), of(a) + words, of(b));
  }
  /// Levels of a tree that is complete, lies level by level, and has one split a level; 0 for other trees.
  std::size_t levels_of(std::size_t first, std::size_t inner) const {
    if (inner == 0 || !std::has_single_bit(inner + 1)) return 0;
    for (std::size_t i = 0; i < inner; ++i) {
      const TreeNode& node = arrays_.nodes[first + i];
      const std::size_t level_begin = std::bit_floor(i + 1) - 1;
      if (node.child != first + 2 * i + 1 || !same_split(node, arrays_.nodes[first + level_begin])) return 0;
    }
    return static_cast<std::size_t>(std::bit_width(inner));
  }
  void add_set(const TreeNode& node, std::uint32_t slot) {
    CodeSet set;
    const std::uint8_t* class_of_bin = out_.classes_.data() + out_.slots_[slot].first;
    for (std::size_t bin = 0; bin < out_.slots_[slot].count; ++bin)
      if (CategoryClasses::holds(arrays_.sets.data() + first_word(node), bin) != 0)
        set.words[class_of_bin[bin] / 64] |= std::uint64_t{1} << (class_of_bin[bin] % 64);
    out_.sets_.push_back(set);
  }

  const TreeArrays& arrays_;
  SweptTrees& out_;
  std::vector<std::vector<double>> thresholds_;
  std::vector<std::size_t> first_key_;
  std::vector<std::uint32_t> slot_of_;
  std::vector<std::vector<std::size_t>> sets_;                                  ///< first words
  std::map<std::pair<std::uint32_t, std::size_t>, std::uint32_t> slot_of_set_;  ///< by cell and first word
};

SweptTrees::SweptTrees(const TreeArrays& arrays)
    : width_(arrays.width()), values_of_leaf_(arrays.vector_leaves() ? width_ : 1) {
  Builder(arrays, *this).build();
}

void SweptTrees::encode(std::size_t slot, const double* cells, std::uint8_t* codes) const {
  const Slot& own = slots_[slot];
  if (!own.category)
    return sweep_kernels().encode(thresholds_.data() + own.first, own.count, cells, own.missing, codes);
  const std::uint8_t* class_of_bin = classes_.data() + own.first;
  for (std::size_t row = 0; row < swept_rows; ++row) codes[row] = class_of_bin[static_cast<std::size_t>(cells[row])];
}

void SweptTrees::sweep(const Tree& tree, const std::uint8_t* codes, std::uint8_t* leaves) const {
  sweep_kernels().find_leaves({.nodes = nodes_.data() + tree.first_node,
                               .sets = sets_.data(),
                               .inner = tree.leaves - 1,
                               .levels = tree.levels,
                               .categories = tree.categories},
                              codes, leaves);
}

void SweptTrees::find_leaves(std::size_t tree, const std::uint8_t* codes, std::uint32_t* nodes) const {
  std::uint8_t leaves[swept_rows];
  sweep(trees_[tree], codes, leaves);
  for (std::size_t row = 0; row < swept_rows; ++row) nodes[row] = leaf_nodes_[trees_[tree].first_value + leaves[row]];
}

void SweptTrees::add(std::size_t tree, const std::uint8_t* codes, double* scores) const {
  const Tree& own = trees_[tree];
  std::uint8_t leaves[swept_rows];
  sweep(own, codes, leaves);
  const double* values = values_.data() + own.first_value;
  if (values_of_leaf_ == 1) return sweep_kernels().add_values(values, leaves, scores + tree % width_ * swept_rows);
  for (std::size_t k = 0; k < width_; ++k)
    sweep_kernels().add_values(values + k * own.leaves, leaves, scores + k * swept_rows);
}

}  // namespace automill::tree
