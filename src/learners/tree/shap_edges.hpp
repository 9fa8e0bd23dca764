#pragma once
// What path-dependent Shapley values need of a tree beside the rows: the integration rule that its paths ask for, and
// factors of its edges and of the terms of linear leaves.

#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/shap_terms.hpp"

namespace automill::tree {

/// Points and weights of a Gauss-Legendre rule on (0, 1).
struct ShapRule {
  std::vector<double> points{}, weights{};
  std::vector<double> left{};  ///< -1 / (1 - y): g of a column that the row has left
};

/// The smallest rule that is exact for paths of so many different columns. Kept by the library.
const ShapRule& shap_rule(std::size_t columns);

/// Facts of a tree that its paths are made of.
struct TreeFacts {
  std::size_t depth = 0, columns = 0;  ///< splits of the longest path; most different columns of one and its leaf
  std::vector<double> means{};  ///< of its leaves over the training rows: one, or one an output; a linear leaf's middle
};
/// Error explain.depth: more than 2000 splits on a path.
TreeFacts tree_facts(const TreeArrays& arrays, std::size_t tree);

/// Factors of the edges of a tree; the edge is named by the node that it leads to.
class ShapEdges {
 public:
  /// What an edge does, each one number a point. `follow`: for rows that go this way and took all edges of the column
  /// before; `leave`: for rows that took those but go the other way. Products are multiplied; gains are changes of g,
  /// times the rule's weights. `state` is g of rows that follow.
  struct Edge {
    const double *follow, *leave, *follow_gain, *leave_gain, *state;
    double stay;  ///< multiplies products of rows that had left the column before
    bool first;   ///< the first edge of its column on the path
  };

  /// Describes a tree; room is used again.
  void set(const TreeArrays& arrays, std::size_t tree, const ShapRule& rule);
  const ShapRule& rule() const { return *rule_; }
  std::size_t points() const { return rule_->points.size(); }
  Edge edge(std::uint32_t node) const {
    const std::size_t at = node - root_, n = points();
    const double* first = numbers_.data() + at * 5 * n;
    return {first, first + n, first + 2 * n, first + 3 * n, first + 4 * n, stay_[at], first_[at] != 0};
  }
  /// Null where the ensemble has no linear leaves.
  const ShapTerms* terms() const { return has_terms_ ? &terms_ : nullptr; }

 private:
  class Walk;
  const ShapRule* rule_ = nullptr;
  std::uint32_t root_ = 0;
  std::vector<double> numbers_{}, stay_{};
  std::vector<std::uint8_t> first_{};
  ShapTerms terms_{};
  bool has_terms_ = false;
};

}  // namespace automill::tree
