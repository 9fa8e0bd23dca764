#pragma once
// Grows one tree of one output.
//
//   TreeGrower grower(*bins, parameters);
//   if (grower.grow(gradients, rows, seed, index, context)) use(grower.tree());   // rows: of the table
//   grower.leaf_rows(3);                                                          // rows that fell into leaf 3

#include <automill/learners/tree/leaf_growth.hpp>
#include <automill/learners/tree/leaf_order.hpp>

namespace automill::tree {

class TreeGrower final : public LeafGrowth<HistogramBuilder, NodeTotals, Split> {
 public:
  AUTOMILL_EXPORT TreeGrower(const BinnedTable& bins, const GrowParameters& parameters);

  /// False: the context stopped, and there is no tree. `rows` is reordered: each leaf's rows become contiguous.
  /// `seed`, `index`: of the tree's own random numbers (columns, thresholds).
  AUTOMILL_EXPORT bool grow(const QuantisedGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                            std::uint64_t index, const RunContext& context);

  /// Bytes of the buffers of a grower with these parameters.
  AUTOMILL_EXPORT static std::uint64_t estimate_bytes(std::size_t rows, std::size_t histogram_size, int num_leaves,
                                                      std::uint64_t histogram_bytes);

 private:
  bool searches_side_by_side() const;
  void find_best(Leaf& leaf) override;
  void find_best_of_both(Leaf& a, Leaf& b) override;
  void find_best_with(const SplitFinder& finder, Leaf& leaf);
  void find_best_of(const ActiveColumns& columns, const SplitFinder& finder, Leaf& leaf,
                    const RandomThresholds* random);
  void set_totals(const Leaf& parent, Leaf& left, Leaf& right) override;
  bool find_after(const Leaf& parent, std::size_t left, std::size_t right) override;
  void bound_children(const Leaf& parent, Leaf& left, Leaf& right) const;
  bool bound_by_neighbours(std::size_t leaf);
  std::vector<std::uint32_t> bound_around(std::size_t left, std::size_t right, const NodeTotals& parent);
  bool find_again(std::span<const std::uint32_t> leaves);

  std::unique_ptr<SplitFinder> finder_, second_finder_;  ///< one a thread
  std::optional<LeafOrder> order_;                       ///< where neighbours bound the leaves
};

}  // namespace automill::tree
