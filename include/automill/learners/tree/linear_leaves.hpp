#pragma once
// Linear models in the leaves of trees (Shi, Li and Li 2019, "Gradient Boosting With Piece-Wise Linear Regression
// Trees", arXiv 1802.05640). A row adds  constant + sum of coefficient * cell, in the order of the terms and within
// bounds; where a cell is missing, the plain value of the leaf.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace automill {

struct LinearTerm {
  double coefficient = 0;
  std::uint32_t cell = 0;                                  ///< of a number; a leaf names it once
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< of the rows that the leaf learned from; NaN: not known
};

struct LinearLeaf {
  double constant = 0;
  double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
  std::uint32_t first = 0, terms = 0;  ///< of LinearLeaves::terms
};

/// Of all trees of an ensemble. Empty where every leaf is a value, and then it takes no memory.
struct LinearLeaves {
  std::vector<std::uint32_t> of_node{};  ///< by node: 1 + its place in `leaves`, 0 without a model; ends after the last
  std::vector<LinearLeaf> leaves{};      ///< in the order of their nodes
  std::vector<LinearTerm> terms{};

  bool empty() const { return leaves.empty(); }
  /// Null where the leaf is a plain value.
  const LinearLeaf* find(std::size_t node) const {
    return node < of_node.size() && of_node[node] != 0 ? &leaves[of_node[node] - 1] : nullptr;
  }
  /// What a row adds in a leaf. `cell(i, term)`: its cell that the leaf's term i names.
  template <class Cell>
  double value(const LinearLeaf& leaf, double plain, const Cell& cell) const {
    double sum = leaf.constant;
    for (std::uint32_t i = 0; i < leaf.terms; ++i) {
      const LinearTerm& term = terms[leaf.first + i];
      sum += term.coefficient * cell(i, term);
    }
    if (sum != sum) return plain;  // a missing cell is NaN
    return std::clamp(sum, leaf.least, leaf.most);
  }
  /// What a leaf adds where all cells have their means: NaN where some are not known.
  double middle(const LinearLeaf& leaf) const {
    double sum = leaf.constant;
    for (std::uint32_t i = leaf.first; i < leaf.first + leaf.terms; ++i) sum += terms[i].coefficient * terms[i].mean;
    return std::clamp(sum, leaf.least, leaf.most);
  }

  /// Gives a leaf its model; nodes come in ascending order. `leaf.first` is set here.
  void add(std::size_t node, LinearLeaf leaf, const std::vector<LinearTerm>& of_leaf) {
    of_node.resize(node + 1, 0);
    leaf.first = static_cast<std::uint32_t>(terms.size());
    leaf.terms = static_cast<std::uint32_t>(of_leaf.size());
    leaves.push_back(leaf);
    terms.insert(terms.end(), of_leaf.begin(), of_leaf.end());
    of_node[node] = static_cast<std::uint32_t>(leaves.size());
  }
  /// Drops the models of nodes from `nodes` on.
  void cut(std::size_t nodes) {
    if (nodes >= of_node.size()) return;
    of_node.resize(nodes);
    while (!of_node.empty() && of_node.back() == 0) of_node.pop_back();
    leaves.resize(of_node.empty() ? 0 : of_node.back());
    terms.resize(leaves.empty() ? 0 : leaves.back().first + leaves.back().terms);
  }
  void shrink_to_fit() {
    of_node.shrink_to_fit();
    leaves.shrink_to_fit();
    terms.shrink_to_fit();
  }
  std::uint64_t bytes() const {
    return 4 * of_node.capacity() + sizeof(LinearLeaf) * leaves.capacity() + sizeof(LinearTerm) * terms.capacity();
  }
};

}  // namespace automill
