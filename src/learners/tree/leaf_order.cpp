#include <automill/learners/tree/leaf_order.hpp>

namespace automill::tree {

LeafOrder::LeafOrder(const GrownTree& tree, const BinnedTable& bins, const std::vector<std::int8_t>& monotone)
    : tree_(&tree), bins_(&bins), monotone_(&monotone), leaves_(1), below_(1), above_(1) {}

bool LeafOrder::Range::overlaps(const Range& other) const {
  if ((missing && other.missing) || std::max(first, other.first) <= std::min(last, other.last)) return true;
  for (std::size_t word = 0; word < categories.size(); ++word)
    if ((categories[word] & other.categories[word]) != 0) return true;
  return false;
}

/// The numbers of one end just before those of the other begin.
bool LeafOrder::Range::adjoins(const Range& other) const {
  return numbers() && other.numbers() && (last + 1 == other.first || other.last + 1 == first);
}

void LeafOrder::keep_side(const Split& split, bool left, Range& range) {
  if (split.categorical) {
    for (std::size_t word = 0; word < range.categories.size(); ++word)
      range.categories[word] &= left ? split.left_bins[word] : ~split.left_bins[word];
    return;
  }
  range.missing = range.missing && split.missing_left == left;
  if (left) range.last = std::min(range.last, split.bin);
  else range.first = std::max(range.first, split.bin + 1);
}

/// What the splits on a leaf's path leave of a column.
LeafOrder::Range LeafOrder::range_of(std::size_t leaf, std::uint32_t column) const {
  const BinMapping& mapping = bins_->mappings()[column];
  Range range;
  if (mapping.categorical) {
    range.categories.assign((mapping.bins + 63) / 64, ~std::uint64_t{0});
    range.categories.back() >>= (64 - mapping.bins % 64) % 64;  // bins that are there
  } else {
    range.last = static_cast<std::uint32_t>(mapping.bins) - 1;
    range.missing = true;
  }
  for (Place at = leaves_[leaf]; at.node != none; at = nodes_[static_cast<std::size_t>(at.node)]) {
    const Split& split = tree_->nodes[static_cast<std::size_t>(at.node)].split;
    if (split.column == column) keep_side(split, at.is_left, range);
  }
  return range;
}

void LeafOrder::follow() {
  const auto node = static_cast<std::int32_t>(nodes_.size());
  std::int32_t place = node;
  while (place >= 0) place = tree_->nodes[static_cast<std::size_t>(place)].left;
  const auto leaf = static_cast<std::size_t>(~place);
  const std::size_t added = leaves_.size();
  const Split& split = tree_->nodes[static_cast<std::size_t>(node)].split;

  const Range parent = range_of(leaf, split.column);
  std::array<Range, 2> children{parent, parent};
  keep_side(split, true, children[0]);
  keep_side(split, false, children[1]);
  nodes_.push_back(leaves_[leaf]);
  leaves_[leaf] = {node, true};
  leaves_.push_back({node, false});
  below_.emplace_back();
  above_.emplace_back();
  hand_down(leaf, split.column, parent, children, below_, above_);
  hand_down(leaf, split.column, parent, children, above_, below_);
  const int sign = (*monotone_)[split.column];
  if (sign == 0 || !children[0].adjoins(children[1])) return;
  const std::size_t low = sign > 0 ? leaf : added, high = sign > 0 ? added : leaf;
  above_[low].push_back(static_cast<std::uint32_t>(high));
  below_[high].push_back(static_cast<std::uint32_t>(low));
}

/// Only what adjoined a leaf can adjoin its children. Along the column of the split, the child at that end does; those
/// that adjoin along another column share bins of this one with one child or both.
void LeafOrder::hand_down(std::size_t leaf, std::uint32_t column, const Range& parent,
                          const std::array<Range, 2>& children, Lists& lists, Lists& opposite) {
  const auto old = static_cast<std::uint32_t>(leaf), added = static_cast<std::uint32_t>(leaves_.size() - 1);
  const std::vector<std::uint32_t> neighbours = std::exchange(lists[old], {});
  for (std::uint32_t neighbour : neighbours) {
    const Range range = range_of(neighbour, column);
    const bool shared = parent.overlaps(range);
    std::erase(opposite[neighbour], old);
    for (std::size_t side = 0; side < 2; ++side) {
      if (!(shared ? children[side].overlaps(range) : children[side].adjoins(range))) continue;
      const std::uint32_t child = side == 0 ? old : added;
      lists[child].push_back(neighbour);
      opposite[neighbour].push_back(child);
    }
  }
}

}  // namespace automill::tree
