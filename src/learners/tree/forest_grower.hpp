#pragma once
// Grows one tree of a forest: rows drawn with copies, a few columns tried at each node, down to pure leaves.

#include <automill/learners/tree/binning.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/forest_split.hpp"

namespace automill::tree {

struct ForestGrowParameters {
  std::int64_t max_depth = -1, max_leaf_nodes = 0;  ///< 0: no limit
  double min_samples_leaf = 1, min_samples_split = 2;
  std::size_t tried_columns = 1;  ///< at a node, constant ones not counted
  bool random_thresholds = false;
  double prior_weight = 0;  ///< of the prior in the shares of a leaf
  bool keep_sums = false;   ///< fill ForestTree::sums
};

/// A column that trees may split on.
struct ForestColumn {
  std::uint32_t column = 0;  ///< of the schema
  std::size_t group = 0, lane = 0;
  bool categorical = false;
  std::size_t bins = 0;
};
std::vector<ForestColumn> forest_columns(const BinnedTable& bins);

/// One tree with indexes of its own. Leaves hold means, or numbers of vectors: of shares, or of distances from the
/// centers of several outputs.
struct ForestTree {
  std::vector<TreeNode> nodes{};
  std::vector<std::uint32_t> rows{};
  std::vector<float> gains{}, leaf_vectors{};
  std::vector<std::uint64_t> sets{};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> out_of_bag{};  ///< training row and its leaf
  std::vector<ForestSums> sums{};                                     ///< of each node, where they are kept
};

class ForestGrower {
 public:
  ForestGrower(const BinnedTable& bins, std::span<const ForestColumn> columns, std::span<const std::uint32_t> rows,
               const ForestTarget& target, const ForestGrowParameters& parameters);

  /// `copies`: of each training row in the tree; rows without one are routed to their leaves. Null: stopped.
  std::optional<ForestTree> grow(std::span<const std::uint8_t> copies, RandomStream random, const StopToken& stop);

 private:
  struct Node {
    std::uint32_t place = 0;  ///< in the tree
    std::size_t begin = 0, end = 0, out_begin = 0, out_end = 0;
    std::int64_t depth = 0;
    ForestSums sums{};
    bool pure = false;
    ForestSplit best{};
    std::uint32_t slot = 0;  ///< of `constant_`
    double gain() const { return best.score - sums.score(); }
    std::size_t size() const { return end - begin; }
  };

  void draw(std::span<const std::uint8_t> copies);
  ForestItem item_of(std::size_t i, std::uint32_t weight) const;
  std::int64_t draw_class();
  void rank_categories();
  std::span<const std::uint16_t> gather(std::size_t column, const Node& node);
  void add_up(Node& node) const;
  bool equal_outputs(std::span<const ForestItem> items) const;
  CodeKind kind_of(std::size_t column) const;
  static bool smaller_gain(const Node& a, const Node& b);
  void open(Node node, std::uint32_t slot);
  std::uint32_t copy_slot(std::uint32_t from);
  std::size_t slot_words() const { return std::max<std::size_t>(1, (columns_.size() + 63) / 64); }
  bool perfect(const Node& node) const;
  void search(Node& node);
  Node take();
  void split(const Node& node);
  void make_leaf(const Node& node);
  std::uint32_t add_place();
  TreeNode inner_node(const ForestSplit& split);
  template <class Visit>
  auto with_codes(std::size_t column, const Visit& visit) const;
  template <class Visit>
  auto with_ranks(std::size_t column, const Visit& visit) const;

  const BinnedTable& bins_;
  std::span<const ForestColumn> columns_;
  std::span<const std::uint32_t> rows_;
  const ForestTarget& target_;
  ForestGrowParameters parameters_;
  ForestSplitter splitter_;

  // of the tree that is being grown
  ForestTree tree_;
  std::vector<ForestItem> items_, item_scratch_;
  std::vector<std::uint32_t> out_, out_scratch_;  ///< positions of the rows that were not drawn
  std::vector<std::uint16_t> codes_;
  std::vector<std::vector<std::uint16_t>> rank_of_bin_;  ///< of category columns
  std::vector<std::uint32_t> order_;                     ///< of columns, shuffled as far as they are drawn
  std::vector<Node> open_;
  std::vector<std::uint64_t> constant_;  ///< [slot]: bits of the columns without two values in a node
  std::vector<std::uint32_t> unused_slots_;
  std::optional<RandomStream> random_;
};

}  // namespace automill::tree
