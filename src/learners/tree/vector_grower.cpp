#include "learners/tree/vector_grower.hpp"

#include "leaf_growth_body.hpp"

namespace automill::tree {

VectorGrower::VectorGrower(const BinnedTable& bins, const GrowParameters& parameters) : LeafGrowth(bins, parameters) {}

std::uint64_t VectorGrower::estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs,
                                           const GrowParameters& parameters) {
  const std::size_t entry_size = VectorGradients::entry_size_of(outputs);
  const std::uint64_t one = std::max<std::uint64_t>(1, 8 * histogram_size * entry_size);
  const std::uint64_t all = one * static_cast<std::uint64_t>(parameters.num_leaves + 1);
  return rows * (4 + 8 * entry_size) + std::max(3 * one, std::min(all, parameters.histogram_bytes));
}

bool VectorGrower::grow(const VectorGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                        std::uint64_t index, const RunContext& context) {
  start(gradients, rows, seed, index, context);
  finder_.emplace(*bins_, gradients, parameters_.split);
  leaves_[0].totals = {builder_.sum(rows), static_cast<double>(rows.size())};
  if (!grow_leaves()) return false;
  for (const Leaf& leaf : leaves_) tree_.leaves.push_back({.rows = leaf.totals.rows});
  return true;
}

void VectorGrower::set_totals(const Leaf& parent, Leaf& left, Leaf& right) {
  left.totals = {parent.best.left, static_cast<double>(left.rows())};
  right.totals = {parent.totals.sum, static_cast<double>(right.rows())};
  for (std::size_t k = 0; k < right.totals.sum.size(); ++k) right.totals.sum[k] -= left.totals.sum[k];
}

bool VectorGrower::find_after(const Leaf&, std::size_t left, std::size_t right) { return find_children(left, right); }

void VectorGrower::find_best(Leaf& leaf) {
  leaf.best = VectorSplit{};
  with_columns_of(leaf, [&](const ActiveColumns& columns) {
    for (const ActiveGroup& active : columns.groups)
      finder_->find(active.group, active.lanes, integers(leaf), leaf.totals, leaf.best);
    if (!columns.sparse.empty()) finder_->find_sparse(columns.sparse, integers(leaf), leaf.totals, leaf.best);
  });
}

}  // namespace automill::tree
