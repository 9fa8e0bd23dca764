#include <automill/learners/tree/grower.hpp>

#include "leaf_growth_body.hpp"

namespace automill::tree {

TreeGrower::TreeGrower(const BinnedTable& bins, const GrowParameters& parameters) : LeafGrowth(bins, parameters) {}

std::uint64_t TreeGrower::estimate_bytes(std::size_t rows, std::size_t histogram_size, int num_leaves,
                                         std::uint64_t histogram_bytes) {
  const std::uint64_t one = 8 * histogram_size;
  const std::uint64_t all = one * static_cast<std::uint64_t>(num_leaves + 1);
  return 12 * rows + std::max(3 * one, std::min(all, histogram_bytes));
}

bool TreeGrower::grow(const QuantisedGradients& gradients, std::vector<std::uint32_t>& rows, std::uint64_t seed,
                      std::uint64_t index, const RunContext& context) {
  start(gradients, rows, seed, index, context);
  finder_ = std::make_unique<SplitFinder>(*bins_, gradients.scale, parameters_.split);
  order_.reset();
  if (parameters_.monotone_method == MonotoneMethod::intermediate && !parameters_.split.monotone.empty())
    order_.emplace(tree_, *bins_, parameters_.split.monotone);
  NodeTotals& all = leaves_[0].totals;
  all = {builder_.sum(rows), static_cast<double>(rows.size())};
  all.value = finder_->leaf_value(all, 0);
  if (!grow_leaves()) return false;
  for (const Leaf& leaf : leaves_) tree_.leaves.push_back({leaf.totals.value, leaf.totals.rows});
  return true;
}

void TreeGrower::set_totals(const Leaf& parent, Leaf& left, Leaf& right) {
  left.totals = {parent.best.left, static_cast<double>(left.rows())};
  right.totals = {parent.totals.sum - parent.best.left, static_cast<double>(right.rows())};
  bound_children(parent, left, right);
}

bool TreeGrower::find_after(const Leaf& parent, std::size_t left, std::size_t right) {
  if (!order_) return find_children(left, right);
  const std::vector<std::uint32_t> moved = bound_around(left, right, parent.totals);
  return find_children(left, right) && find_again(moved);
}

void TreeGrower::find_best(Leaf& leaf) {
  leaf.best = Split{};
  const RandomThresholds drawn{seed_, key_of(leaf)};
  with_columns_of(leaf, [&](const ActiveColumns& columns) {
    find_best_of(columns, leaf, parameters_.extra_trees ? &drawn : nullptr);
  });
}

void TreeGrower::find_best_of(const ActiveColumns& columns, Leaf& leaf, const RandomThresholds* random) {
  const HistogramView histogram = builder_.view(integers(leaf));
  for (const ActiveGroup& active : columns.groups) {
    double drawn[lanes_per_block] = {};
    if (random != nullptr)
      for (std::uint8_t lane : active.lanes) drawn[lane] = random->of(bins_->groups()[active.group].columns[lane]);
    finder_->find(active.group, active.lanes, histogram, leaf.totals, random != nullptr ? drawn : nullptr, leaf.best);
  }
  if (!columns.sparse.empty()) finder_->find_sparse(columns.sparse, histogram, leaf.totals, random, leaf.best);
}

}  // namespace automill::tree
