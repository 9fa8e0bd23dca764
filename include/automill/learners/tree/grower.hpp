#pragma once
// Grows one tree best-first (leaf-wise): always the leaf with the largest gain is split, until there are num_leaves.
// Histograms are built of the smaller child; the larger one is its parent less its sibling.
//
//   TreeGrower grower(*bins, parameters);
//   grower.start(rows);                                   // training rows of this tree, by row of the table
//   if (grower.grow(gradients, randomness, context)) use(grower.tree());
//   grower.leaf_rows(3);                                  // rows that fell into leaf 3

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/split.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

struct GrowParameters {
  int num_leaves = 31;
  int max_depth = -1;            ///< -1: no limit
  double column_fraction = 1.0;  ///< columns drawn for each tree
  bool extra_trees = false;      ///< one random threshold a column and node
  SplitParameters split{};
  std::uint64_t histogram_bytes = 256ULL << 20;  ///< most that histograms may take; what does not fit is built again
};

/// A tree over bins. Node 0 is the root; children are >= 0 for nodes and ~leaf for leaves.
struct GrownTree {
  struct Node {
    Split split;
    std::int32_t left = -1, right = -1;
    double rows = 0;
  };
  struct Leaf {
    double value = 0, rows = 0;
  };
  std::vector<Node> nodes;
  std::vector<Leaf> leaves;
};

class TreeGrower {
 public:
  AUTOMILL_EXPORT TreeGrower(const BinnedTable& bins, const GrowParameters& parameters);

  /// False: the context stopped, and there is no tree. `rows` is reordered: each leaf's rows become contiguous.
  /// `randomness`: seed and index of the tree's own random numbers (columns, thresholds).
  AUTOMILL_EXPORT bool grow(const QuantisedGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                            std::uint64_t index, const RunContext& context);

  const GrownTree& tree() const { return tree_; }
  GrownTree& tree() { return tree_; }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const {
    return {rows_->data() + leaves_[leaf].begin, leaves_[leaf].end - leaves_[leaf].begin};
  }
  /// Bytes of the buffers of a grower with these parameters.
  AUTOMILL_EXPORT static std::uint64_t estimate_bytes(std::size_t rows, std::size_t histogram_size, int num_leaves,
                                                      std::uint64_t histogram_bytes);

 private:
  static constexpr std::int32_t none = -1;
  struct Leaf {
    std::size_t begin = 0, end = 0;
    std::int32_t depth = 0;
    std::int32_t parent = none;  ///< node whose child this leaf is
    bool is_left = false;
    std::int32_t histogram = none;
    double extra_l2 = 0;
    NodeTotals totals;
    Split best;
    std::vector<std::uint32_t> given_up{};  ///< columns whose split left a child without rows
    std::size_t rows() const { return end - begin; }
  };

  void choose_columns(std::uint64_t seed, std::uint64_t index);
  bool may_split(const Leaf& leaf) const;
  std::size_t best_leaf() const;
  bool split(std::size_t leaf);
  void give_up(Leaf& leaf);
  bool find_children(std::size_t left, std::size_t right);
  bool make_histogram(Leaf& leaf);
  bool build_group(const Leaf& leaf, std::size_t active, HistogramView out) const;
  void find_best(Leaf& leaf);
  PackedSum sum_of_rows() const;
  std::int32_t take_histogram();
  void release(Leaf& leaf);
  std::int64_t* plane(std::int32_t histogram, int which) const;
  HistogramView view(std::int32_t histogram) const;
  void finish_leaves();
  bool wide() const { return gradients_->scale.fields.wide; }

  struct ActiveGroup {
    std::size_t group;
    std::vector<std::uint8_t> lanes;
  };
  struct RandomBins {
    double values[lanes_per_block];
  };

  const BinnedTable* bins_;
  GrowParameters parameters_;
  std::vector<ActiveGroup> active_;
  std::vector<std::unique_ptr<std::int64_t[]>> histograms_;
  std::vector<std::int32_t> free_;
  std::size_t histogram_limit_;
  bool planes_are_wide_ = false;
  std::vector<std::uint32_t> scratch_;
  mutable std::vector<std::int64_t> ordered_, ordered_second_;

  // of the tree that is being grown
  const QuantisedGradients* gradients_ = nullptr;
  const RunContext* context_ = nullptr;
  std::vector<std::uint32_t>* rows_ = nullptr;
  std::unique_ptr<SplitFinder> finder_;
  std::vector<Leaf> leaves_;
  GrownTree tree_;
  std::uint64_t seed_ = 0, index_ = 0;
};

/// Rows to the leaves of a tree, on bins: calls visit(leaf, rows) for each leaf that has some. `rows` is reordered.
AUTOMILL_EXPORT void route(const GrownTree& tree, const BinnedTable& bins, std::vector<std::uint32_t>& rows,
                           std::vector<std::uint32_t>& scratch,
                           const std::function<void(std::size_t leaf, std::span<const std::uint32_t> rows)>& visit);

/// Empty arrays with the columns of the bins in use; `used`: trees may split on these table columns.
AUTOMILL_EXPORT TreeArrays empty_arrays(const BinnedTable& bins);
/// Adds a grown tree over raw values.
AUTOMILL_EXPORT void append_tree(const GrownTree& tree, const BinnedTable& bins, TreeArrays& arrays);

}  // namespace automill::tree
