#pragma once
// Grows one tree of several outputs. Leaves have no values yet: those take the full gradients of each output.
//
//   VectorGrower grower(*bins, parameters);
//   if (grower.grow(gradients, rows, seed, index, context)) use(grower.tree());
//   grower.leaf_rows(3);                                  // rows that fell into leaf 3

#include <automill/learners/tree/leaf_growth.hpp>

#include "learners/tree/vector_split.hpp"

namespace automill::tree {

class VectorGrower final : public LeafGrowth<VectorHistogramBuilder, VectorTotals, VectorSplit> {
 public:
  /// Of the parameters: growth, leaves, depth, column fractions, interactions, and what VectorSplitFinder takes of the
  /// splits'.
  VectorGrower(const BinnedTable& bins, const GrowParameters& parameters);

  /// False: the context stopped, and there is no tree. `rows` is reordered: each leaf's rows become contiguous.
  bool grow(const VectorGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed, std::uint64_t index,
            const RunContext& context);

  /// Bytes of the buffers of a grower with these parameters, for `outputs` outputs.
  static std::uint64_t estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs,
                                      const GrowParameters& parameters);

 private:
  void find_best(Leaf& leaf) override;
  void set_totals(const Leaf& parent, Leaf& left, Leaf& right) override;
  bool find_after(const Leaf& parent, std::size_t left, std::size_t right) override;

  std::optional<VectorSplitFinder> finder_;
};

}  // namespace automill::tree
