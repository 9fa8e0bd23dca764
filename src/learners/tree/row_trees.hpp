#pragma once
// Trees prepared for one row at a time: cells become codes among the thresholds of all trees, so that a node takes half
// of its bytes, and leaves lead to themselves, so that no walk asks whether it has ended.

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

class RowTrees {
 public:
  static constexpr std::size_t walks = 8;  ///< that overlap in time

  /// Whether coding the cells takes less time than it saves, and the prepared nodes are few enough to stay in a cache.
  static bool worthwhile(const TreeArrays& arrays);
  /// `arrays` must outlive it. O(nodes * log(nodes)).
  explicit RowTrees(const TreeArrays& arrays);

  /// Room for the codes of a row.
  std::size_t slots() const { return 2 * cells_ + 2; }
  void encode(const double* cells, std::uint16_t* codes) const noexcept;
  bool one_value_a_leaf() const { return !values_.empty(); }
  /// Of a leaf, where they hold one value.
  double value(std::uint32_t leaf) const noexcept { return values_[nodes_[leaf].code]; }
  /// Takes each walk from the node where it stands to a leaf.
  void walk(const double* cells, const std::uint16_t* codes, std::uint32_t (&at)[walks]) const noexcept;

 private:
  /// Goes right where the code in its slot is above its own. Leaves have the slot that holds 0, and any code: the
  /// number of their value.
  struct Node {
    std::uint16_t slot = 0, code = 0;
    std::uint32_t child = 0;
  };
  /// Slots of a cell: missing values go right, or left; then one for leaves, and one that no code is in.
  std::uint16_t leaf_slot() const { return static_cast<std::uint16_t>(2 * cells_); }
  std::uint16_t category_slot() const { return static_cast<std::uint16_t>(2 * cells_ + 1); }
  void collect_thresholds();
  std::span<const double> thresholds_of(std::size_t cell) const;
  Node prepared(std::uint32_t at);
  Node prepared_leaf(std::uint32_t at);
  template <bool categories>
  void walk_kind(const double* cells, const std::uint16_t* codes, std::uint32_t (&at)[walks]) const noexcept;

  const TreeArrays* arrays_;
  std::size_t cells_;
  bool categories_ = false;
  std::vector<std::uint32_t> first_;  ///< threshold of each cell, and the end
  std::vector<double> thresholds_;    ///< of a cell: ascending, each once
  std::vector<double> values_;        ///< of leaves; empty where they are vectors or linear models
  std::vector<Node> nodes_;           ///< as in the arrays
};

}  // namespace automill::tree
