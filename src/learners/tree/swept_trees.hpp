#pragma once
// Trees prepared for batches: thresholds are turned into byte codes once a batch, then each tree is swept (see
// sweep_kernels.hpp). Trees with more than 256 leaves are left to the walk.

#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/sweep_kernels.hpp"

namespace automill::tree {

class SweptTrees {
 public:
  explicit SweptTrees(const TreeArrays& arrays);

  bool swept(std::size_t tree) const { return trees_[tree].swept; }
  bool all_swept() const { return all_swept_; }
  std::size_t slots() const { return slots_.size(); }
  /// Position of the cell that a slot codes. Slots of a cell lie side by side.
  std::uint32_t cell(std::size_t slot) const { return slots_[slot].cell; }
  /// Codes of the slot's cell in 256 rows.
  void encode(std::size_t slot, const double* cells, std::uint8_t* codes) const;
  /// Some leaf is a linear model: `find_leaves` is to be asked, not `add`.
  bool linear(std::size_t tree) const { return trees_[tree].linear; }
  /// The node of the tree's leaf of each of 256 rows.
  void find_leaves(std::size_t tree, const std::uint8_t* codes, std::uint32_t* nodes) const;
  /// Adds the tree's leaf of each of 256 rows to its score, or to all. codes: [slot][256]; scores: [output][256].
  void add(std::size_t tree, const std::uint8_t* codes, double* scores) const;

 private:
  /// A cell's codes relative to 255 of its thresholds, missing values lowest or highest; or classes of its bins.
  struct Slot {
    std::uint32_t cell = 0, first = 0, count = 0;
    std::uint8_t missing = 0;
    bool category = false;
  };
  struct Tree {
    std::size_t first_node = 0, first_value = 0;
    std::uint32_t leaves = 0;
    std::size_t levels = 0;  ///< of a symmetric tree
    bool swept = false, categories = false, linear = false;
  };
  class Builder;
  void sweep(const Tree& tree, const std::uint8_t* codes, std::uint8_t* leaves) const;

  std::vector<Slot> slots_;
  std::vector<double> thresholds_, values_;  ///< values of a tree: [value of a leaf][leaf]
  std::size_t width_, values_of_leaf_;
  std::vector<std::uint8_t> classes_;  ///< of the bins of category slots
  std::vector<SweptNode> nodes_;
  std::vector<CodeSet> sets_;
  std::vector<std::uint32_t> leaf_nodes_;  ///< beside values_; empty without linear leaves
  std::vector<Tree> trees_;
  bool all_swept_ = true;
};

}  // namespace automill::tree
