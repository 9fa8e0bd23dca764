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
  second_finder_ = searches_side_by_side() ? std::make_unique<SplitFinder>(*finder_) : nullptr;
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

/// A search of both children is worth two threads.
bool TreeGrower::searches_side_by_side() const {
  constexpr std::size_t worth_threads = 10'000, of_a_category = 8;  // entries of numbers: about 7 us
  if (context_->executor().width() == 1) return false;
  std::size_t work = 0;
  for (const BinnedTable::Group& group : bins_->groups())
    work += group.entries * (group.categorical ? of_a_category : 1);
  return work >= worth_threads;
}

void TreeGrower::find_best(Leaf& leaf) { find_best_with(*finder_, leaf); }

void TreeGrower::find_best_of_both(Leaf& a, Leaf& b) {
  if (second_finder_ == nullptr) return LeafGrowth::find_best_of_both(a, b);
  context_->executor().run(2,
                           [&](std::size_t i) { find_best_with(i == 0 ? *finder_ : *second_finder_, i == 0 ? a : b); });
}

void TreeGrower::find_best_with(const SplitFinder& finder, Leaf& leaf) {
  leaf.best = Split{};
  const RandomThresholds drawn{seed_, key_of(leaf)};
  with_columns_of(leaf, [&](const ActiveColumns& columns) {
    find_best_of(columns, finder, leaf, parameters_.extra_trees ? &drawn : nullptr);
  });
}

void TreeGrower::find_best_of(const ActiveColumns& columns, const SplitFinder& finder, Leaf& leaf,
                              const RandomThresholds* random) {
  const HistogramView histogram = builder_.view(integers(leaf));
  for (const ActiveGroup& active : columns.groups) {
    double drawn[lanes_per_block] = {};
    if (random != nullptr)
      for (std::uint8_t lane : active.lanes) drawn[lane] = random->of(bins_->groups()[active.group].columns[lane]);
    finder.find(active.group, active.lanes, histogram, leaf.totals, random != nullptr ? drawn : nullptr, leaf.best);
  }
  if (!columns.sparse.empty()) finder.find_sparse(columns.sparse, histogram, leaf.totals, random, leaf.best);
}

}  // namespace automill::tree
