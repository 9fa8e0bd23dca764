// Values of new leaves and the bounds that monotone columns set to them.

#include <automill/learners/tree/grower.hpp>
#include <set>

#include "leaf_growth_body.hpp"

namespace automill::tree {

/// Values of the children, in order. Without neighbours that bound them, leaves on either side of a split on a monotone
/// column stay on their side of the point halfway between both values.
void TreeGrower::bound_children(const Leaf& parent, Leaf& left, Leaf& right) const {
  for (Leaf* child : {&left, &right}) {
    child->totals.lower = parent.totals.lower;
    child->totals.upper = parent.totals.upper;
    child->totals.value = finder_->leaf_value(child->totals, child->extra_l2, &parent.totals);
  }
  const Split& split = parent.best;
  const int order = order_of_children(*bins_, parameters_.split.monotone, split.column, split.bin, split.missing_left);
  if (order == 0) return;
  NodeTotals& low = order > 0 ? left.totals : right.totals;
  NodeTotals& high = order > 0 ? right.totals : left.totals;
  const double middle = low.value + (high.value - low.value) / 2;
  if (!order_) low.upper = high.lower = middle;
  low.value = std::min(low.value, middle);
  high.value = std::max(high.value, middle);
}

/// True: the bounds have moved.
bool TreeGrower::bound_by_neighbours(std::size_t leaf) {
  NodeTotals& totals = leaves_[leaf].totals;
  const double lower = totals.lower, upper = totals.upper;
  totals.lower = -std::numeric_limits<double>::infinity();
  totals.upper = std::numeric_limits<double>::infinity();
  for (std::uint32_t below : order_->below(leaf)) totals.lower = std::max(totals.lower, leaves_[below].totals.value);
  for (std::uint32_t above : order_->above(leaf)) totals.upper = std::min(totals.upper, leaves_[above].totals.value);
  return totals.lower != lower || totals.upper != upper;
}

/// Bounds of two new leaves and of those around them; returns the others whose bounds have moved. The new leaves have
/// values within the bounds of their parent; each adjoins some of its neighbours only and may go further.
std::vector<std::uint32_t> TreeGrower::bound_around(std::size_t left, std::size_t right, const NodeTotals& parent) {
  order_->follow();
  std::set<std::uint32_t> around;
  for (std::size_t child : {left, right}) {
    bound_by_neighbours(child);
    Leaf& leaf = leaves_[child];
    leaf.totals.value = finder_->leaf_value(leaf.totals, leaf.extra_l2, &parent);
    for (const auto& side : {order_->below(child), order_->above(child)}) around.insert(side.begin(), side.end());
  }
  around.erase(static_cast<std::uint32_t>(right));
  around.insert(static_cast<std::uint32_t>(left));  // the right one has moved since
  std::vector<std::uint32_t> moved;
  for (std::uint32_t leaf : around)
    if (bound_by_neighbours(leaf) && leaf != left) moved.push_back(leaf);
  return moved;
}

/// Best splits of leaves whose bounds have moved. False: stopped.
bool TreeGrower::find_again(std::span<const std::uint32_t> leaves) {
  if (!more_leaves()) return true;
  for (std::uint32_t index : leaves) {
    Leaf& leaf = leaves_[index];
    if (!may_split(leaf)) continue;
    if (context_->stop.stop_requested() || (leaf.histogram == none && !make_histogram(leaf))) return false;
    find_best(leaf);
  }
  return true;
}

}  // namespace automill::tree
