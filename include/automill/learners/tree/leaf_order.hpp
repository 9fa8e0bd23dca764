#pragma once
// Which leaves of a tree adjoin along a monotone column. A leaf is a box: of each column some bins (for numbers a range
// of them, with or without missing values). Two leaves are ordered when their boxes share bins of all columns but one
// monotone column, where the numbers of one end just before those of the other begin. Missing values are not ordered.
// Values that are in order for all such pairs rise along the whole column: between two points that differ in it alone
// lies a chain of leaves each of which adjoins the next.
//
//   LeafOrder order(tree, bins, monotone);
//   order.follow();                                  // after each split of the tree
//   for (std::uint32_t leaf : order.below(3)) ...    // its value may not be above that of leaf 3

#include <automill/learners/tree/grown_tree.hpp>

namespace automill::tree {

class LeafOrder {
 public:
  /// All must outlive it.
  AUTOMILL_EXPORT LeafOrder(const GrownTree& tree, const BinnedTable& bins, const std::vector<std::int8_t>& monotone);

  /// Takes up the split of the next node. As TreeGrower numbers them: the leaf that it split goes on as its left child,
  /// and its right child is a leaf with the next number.
  AUTOMILL_EXPORT void follow();

  std::span<const std::uint32_t> below(std::size_t leaf) const { return below_[leaf]; }
  std::span<const std::uint32_t> above(std::size_t leaf) const { return above_[leaf]; }

  /// Each leaf may adjoin each other one.
  static std::uint64_t estimate_bytes(std::uint64_t leaves) { return leaves * (8 * leaves + 64); }

 private:
  static constexpr std::int32_t none = -1;
  struct Place {
    std::int32_t node = none;  ///< whose child it is
    bool is_left = false;
  };
  /// Bins of one column.
  struct Range {
    std::uint32_t first = 1, last = 0;        ///< numbers; none where first > last
    bool missing = false;                     ///< numbers: the bin of missing values
    std::vector<std::uint64_t> categories{};  ///< set of bins
    bool numbers() const { return first <= last; }
    bool overlaps(const Range& other) const;
    bool adjoins(const Range& other) const;
  };
  using Lists = std::vector<std::vector<std::uint32_t>>;

  Range range_of(std::size_t leaf, std::uint32_t column) const;
  static void keep_side(const Split& split, bool left, Range& range);
  void hand_down(std::size_t leaf, std::uint32_t column, const Range& parent, const std::array<Range, 2>& children,
                 Lists& lists, Lists& opposite);

  const GrownTree* tree_;
  const BinnedTable* bins_;
  const std::vector<std::int8_t>* monotone_;
  std::vector<Place> nodes_, leaves_;
  Lists below_, above_;
};

}  // namespace automill::tree
