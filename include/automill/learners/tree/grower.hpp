#pragma once
// Grows one tree: always the leaf with the largest gain is split (leaf-wise), or of the leaves of the least depth the
// one with the largest gain (depth-wise), until there are num_leaves. Histograms are built of the smaller child; the
// larger one is its parent less its sibling.
//
//   TreeGrower grower(*bins, parameters);
//   grower.start(rows);                                   // training rows of this tree, by row of the table
//   if (grower.grow(gradients, randomness, context)) use(grower.tree());
//   grower.leaf_rows(3);                                  // rows that fell into leaf 3

#include <automill/learners/tree/histogram_builder.hpp>
#include <automill/learners/tree/leaf_order.hpp>

namespace automill::tree {

enum class Growth { leaf_wise, depth_wise };

/// What bounds the values below a split on a monotone column: the point halfway between the values of both children, or
/// (LightGBM's "intermediate"; Auguste, Malory and Smirnov 2020, arXiv 2011.00986) the present values of those leaves
/// that adjoin.
enum class MonotoneMethod { basic, intermediate };

struct GrowParameters {
  Growth growth = Growth::leaf_wise;
  int num_leaves = 31;
  int max_depth = -1;                 ///< -1: no limit
  double column_fraction = 1.0;       ///< columns drawn for each tree
  double node_column_fraction = 1.0;  ///< of those, drawn for each node
  /// Table columns that may follow each other on a path: all of a path are together in one of these sets. Empty: any.
  std::vector<std::vector<std::uint32_t>> interactions{};
  bool extra_trees = false;  ///< one random threshold a column and node
  SplitParameters split{};
  MonotoneMethod monotone_method = MonotoneMethod::basic;
  std::uint64_t histogram_bytes = 256ULL << 20;  ///< most that histograms may take; what does not fit is built again
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
    std::vector<std::uint32_t> sets{};      ///< of GrowParameters::interactions, that hold all columns of the path
    std::size_t rows() const { return end - begin; }
  };

  void choose_columns();
  bool any_column(const Leaf& leaf) const;
  std::vector<bool> columns_of_node(const Leaf& leaf) const;
  std::uint64_t key_of(const Leaf& leaf) const;
  void follow_path(const Leaf& parent, Leaf& child, std::uint32_t column) const;
  void bound_children(const Leaf& parent, const Split& split, Leaf& left, Leaf& right) const;
  bool bound_by_neighbours(std::size_t leaf);
  std::vector<std::uint32_t> bound_around(std::size_t left, std::size_t right, const NodeTotals& parent);
  bool may_split(const Leaf& leaf) const;
  std::size_t best_leaf() const;
  bool split(std::size_t leaf);
  void give_up(Leaf& leaf);
  bool find_children(std::size_t left, std::size_t right);
  bool find_again(std::span<const std::uint32_t> leaves);
  bool make_histogram(Leaf& leaf);
  void find_best(Leaf& leaf);
  void find_best_of(const ActiveColumns& columns, Leaf& leaf, HistogramView histogram, const RandomThresholds* random);
  std::int32_t take_histogram();
  void release(Leaf& leaf);
  std::int64_t* integers(const Leaf& leaf) const { return histograms_[static_cast<std::size_t>(leaf.histogram)].get(); }
  void finish_leaves();

  const BinnedTable* bins_;
  GrowParameters parameters_;
  HistogramBuilder builder_;
  ActiveColumns active_;
  std::vector<bool> chosen_;  ///< table columns that the tree may use
  std::vector<std::unique_ptr<std::int64_t[]>> histograms_;
  std::vector<std::int32_t> free_;
  std::size_t histogram_limit_;
  std::size_t histogram_size_ = 0;  ///< of those in integers
  std::vector<std::uint32_t> scratch_;

  // of the tree that is being grown
  const RunContext* context_ = nullptr;
  std::vector<std::uint32_t>* rows_ = nullptr;
  std::unique_ptr<SplitFinder> finder_;
  std::vector<Leaf> leaves_;
  GrownTree tree_;
  std::optional<LeafOrder> order_;  ///< where neighbours bound the leaves
  std::uint64_t seed_ = 0, index_ = 0;
};

}  // namespace automill::tree
