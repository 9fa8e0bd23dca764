#pragma once
// Trees prepared for one row at a time whose nodes are all decided at once (see row_kernels.hpp). A set of categories
// is a slot of its own, that codes which way a row's bin goes.

#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/row_kernels.hpp"

namespace automill::tree {

class RowBlocks {
 public:
  /// Whether coding the cells takes less time than it saves.
  static bool worthwhile(const TreeArrays& arrays);
  /// Nothing where this processor lacks the kernels, or a tree has too many leaves or columns. O(nodes * log(nodes)).
  static std::optional<RowBlocks> prepared(const TreeArrays& arrays);

  /// The row that the other functions speak of.
  void encode(const double* cells) noexcept;
  bool one_value_a_leaf() const { return leaf_nodes_.empty(); }
  /// Of the leaves, where they hold one value of one score.
  double sum(double base) noexcept;
  void find_leaves() noexcept;
  /// Of the leaf that was found in a tree: its value, where leaves hold one, else its node.
  double value(std::size_t tree) const noexcept { return values_[leaf(tree)]; }
  std::uint32_t node(std::size_t tree) const noexcept { return leaf_nodes_[leaf(tree)]; }

 private:
  class Builder;
  /// A cell with sets: its bins have rows of bits.
  struct CategoryCell {
    std::size_t cell = 0, first_row = 0;
  };
  RowBlocks() = default;
  RowForest forest() const noexcept;
  RowCodes codes() const noexcept { return {right_.data(), left_.data(), missing_}; }
  void encode_categories(const double* cells) noexcept;
  std::size_t leaf(std::size_t tree) const noexcept {
    return groups_[tree / RowGroup::trees].first_value[tree % RowGroup::trees] + leaves_[tree];
  }

  std::vector<RowSlot> slots_;  ///< of numbers; slots of sets follow
  std::vector<double> thresholds_;
  std::vector<CategoryCell> category_cells_;
  std::size_t words_ = 0;                  ///< of a row
  std::vector<std::uint64_t> goes_right_;  ///< of a cell's bin: a bit for each slot of a set
  std::vector<RowGroup> groups_;
  std::vector<RowBlock> blocks_;
  std::vector<BlockTarget> targets_;
  std::vector<double> values_;
  std::vector<std::uint32_t> leaf_nodes_;  ///< where leaves are vectors or linear models
  bool one_window_ = false;
  std::vector<std::uint8_t> right_, left_, leaves_;  ///< of the row
  bool missing_ = false;
  RowPlaces places_;
};

}  // namespace automill::tree
