#pragma once
// Grows one tree of several outputs, as TreeGrower grows trees of one: leaf-wise or depth-wise, histograms of the
// smaller child. Leaves have no values yet: those take the full gradients of each output.
//
//   VectorGrower grower(*bins, parameters);
//   if (grower.grow(gradients, rows, seed, index, context)) use(grower.tree());
//   grower.leaf_rows(3);                                  // rows that fell into leaf 3

#include <automill/learners/tree/grower.hpp>

#include "learners/tree/vector_split.hpp"

namespace automill::tree {

class VectorGrower {
 public:
  /// Of the parameters: growth, leaves, depth, column fractions, and what VectorSplitFinder takes of the splits'.
  VectorGrower(const BinnedTable& bins, const GrowParameters& parameters);

  /// False: the context stopped, and there is no tree. `rows` is reordered: each leaf's rows become contiguous.
  bool grow(const VectorGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed, std::uint64_t index,
            const RunContext& context);

  GrownTree& tree() { return tree_; }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const {
    return {rows_->data() + leaves_[leaf].begin, leaves_[leaf].rows()};
  }
  /// Bytes of the buffers of a grower with these parameters, for `outputs` outputs.
  static std::uint64_t estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs,
                                      const GrowParameters& parameters);

 private:
  static constexpr std::int32_t none = -1;
  struct Leaf {
    std::size_t begin = 0, end = 0;
    std::int32_t depth = 0;
    std::int32_t parent = none;  ///< node whose child this leaf is
    bool is_left = false;
    std::int32_t histogram = none;
    VectorTotals totals;
    VectorSplit best;
    std::vector<std::uint32_t> given_up{};  ///< columns whose split left a child without rows
    std::size_t rows() const { return end - begin; }
  };

  bool start(const VectorGradients& gradients);
  ActiveColumns columns_of_node(const Leaf& leaf) const;
  bool may_split(const Leaf& leaf) const;
  bool more_leaves() const { return static_cast<int>(leaves_.size()) < parameters_.num_leaves; }
  std::size_t best_leaf() const;
  bool split(std::size_t leaf);
  std::int32_t add_node(const Leaf& parent, std::size_t left_leaf);
  void give_up(Leaf& leaf);
  bool find_children(std::size_t left, std::size_t right);
  bool make_histogram(Leaf& leaf);
  void find_best(Leaf& leaf);
  std::int32_t take_histogram();
  void release(Leaf& leaf);
  std::int64_t* integers(const Leaf& leaf) { return histograms_[static_cast<std::size_t>(leaf.histogram)].data(); }

  const BinnedTable* bins_;
  GrowParameters parameters_;
  VectorHistogramBuilder builder_;
  ActiveColumns active_;
  std::vector<LinesOfIntegers> histograms_;
  std::vector<std::int32_t> free_;
  std::vector<std::uint32_t> scratch_;

  // of the tree that is being grown
  const RunContext* context_ = nullptr;
  std::vector<std::uint32_t>* rows_ = nullptr;
  std::optional<VectorSplitFinder> finder_;
  std::vector<Leaf> leaves_;
  GrownTree tree_;
  std::uint64_t seed_ = 0, index_ = 0;
};

}  // namespace automill::tree
