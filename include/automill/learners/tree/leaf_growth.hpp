#pragma once
// How trees grow leaf by leaf, of one output (TreeGrower) or of several (VectorGrower): always the leaf with the
// largest gain is split (leaf-wise), or of the leaves of the least depth the one with the largest gain (depth-wise),
// until there are num_leaves. Histograms are built of the smaller child; the larger one is its parent less its sibling.

#include <automill/learners/tree/grown_tree.hpp>
#include <automill/learners/tree/histogram_builder.hpp>
#include <automill/learners/tree/histogram_pool.hpp>

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

/// Builder: of histograms. Totals: of a node. Best: a node's best split; `split_of` gives its Split.
template <class Builder, class Totals, class Best>
class LeafGrowth {
 public:
  const GrownTree& tree() const { return tree_; }
  GrownTree& tree() { return tree_; }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const {
    return {rows_->data() + leaves_[leaf].begin, leaves_[leaf].rows()};
  }

 protected:
  static constexpr std::int32_t none = -1;
  struct Leaf {
    std::size_t begin = 0, end = 0;
    std::int32_t depth = 0;
    std::int32_t parent = none;  ///< node whose child this leaf is
    bool is_left = false;
    std::int32_t histogram = HistogramPool::none;
    double extra_l2 = 0;
    Totals totals{};
    Best best{};
    std::vector<std::uint32_t> given_up{};  ///< columns whose split left a child without rows
    std::vector<std::uint32_t> sets{};      ///< of GrowParameters::interactions, that hold all columns of the path
    std::size_t rows() const { return end - begin; }
  };

  LeafGrowth(const BinnedTable& bins, const GrowParameters& parameters);
  virtual ~LeafGrowth() = default;

  /// Begins a tree: draws its columns and takes all rows into the root.
  template <class Gradients>
  void start(const Gradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed, std::uint64_t index,
             const RunContext& context);
  /// Splits the root, whose totals are known, and what comes of it. False: stopped.
  bool grow_leaves();

  bool more_leaves() const { return static_cast<int>(leaves_.size()) < parameters_.num_leaves; }
  bool may_split(const Leaf& leaf) const;
  /// Histograms and best splits of two new leaves, where they can be split at all. False: stopped.
  bool find_children(std::size_t left, std::size_t right);
  /// False: stopped.
  bool make_histogram(Leaf& leaf);
  /// Sets the best split of two leaves.
  virtual void find_best_of_both(Leaf& a, Leaf& b) {
    find_best(a);
    find_best(b);
  }
  std::int64_t* integers(const Leaf& leaf) { return histograms_.integers(leaf.histogram); }
  /// A node's own random numbers.
  std::uint64_t key_of(const Leaf& leaf) const;
  /// Calls `find` with the columns that a node may use.
  template <class Find>
  void with_columns_of(const Leaf& leaf, const Find& find) const;

  const BinnedTable* bins_;
  GrowParameters parameters_;
  Builder builder_;

  // of the tree that is being grown
  const RunContext* context_ = nullptr;
  std::vector<std::uint32_t>* rows_ = nullptr;
  std::vector<Leaf> leaves_;
  GrownTree tree_;
  std::uint64_t seed_ = 0, index_ = 0;

 private:
  /// Sets leaf.best.
  virtual void find_best(Leaf& leaf) = 0;
  /// Totals of the children of a split leaf, whose rows are divided.
  virtual void set_totals(const Leaf& parent, Leaf& left, Leaf& right) = 0;
  /// After a leaf was split: the best splits of its children, and of others where they have changed. False: stopped.
  virtual bool find_after(const Leaf& parent, std::size_t left, std::size_t right) = 0;

  bool any_column(const Leaf& leaf) const;
  std::vector<bool> columns_of_node(const Leaf& leaf) const;
  void follow_path(const Leaf& parent, Leaf& child, std::uint32_t column) const;
  std::size_t best_leaf() const;
  bool split(std::size_t leaf);
  std::int32_t add_node(const Leaf& parent, std::size_t left_leaf);
  void give_up(Leaf& leaf);
  std::int32_t take_histogram();

  ActiveColumns active_;
  std::vector<bool> chosen_;  ///< table columns that the tree may use
  HistogramPool histograms_;
  std::vector<std::uint32_t> scratch_;
};

}  // namespace automill::tree
