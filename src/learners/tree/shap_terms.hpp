#pragma once
// Leaves that are linear models, as path-dependent Shapley values see them.
//
// Where the columns S of a row are known, a leaf adds
//   c + the sum of d_j over its terms j in S,
// c being what it adds where all cells have their means (LinearLeaves::middle), and d_j the coefficient times the
// cell's distance from its mean. Where the leaf's bounds cut what it adds to the row, all d_j are made shorter by one
// factor, so that the sum for all columns is the bound. Where cells are missing, the leaf adds its plain value: their
// columns share its distance from c in equal parts, and the others have d_j = 0. Rows without missing cells that no
// bound cuts so have the columns that are not known at their means.
//
// The term of column k is one more leaf of value d_k on the path, whose factor is 0 where k is not known: o_k y in
// place of f_k (shap_kernels.hpp). With F the product of the leaf's f_j, it gives to
//   columns i other than k   the integral of   d_k (o_k y / f_k) F g_i,   as if the leaf's value were d_k o_k y / f_k,
//   column k                 the integral of   d_k (o_k / f_k) F,         and that is d_k (o_k z_k / f_k^2) F more.

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

struct ShapRule;

class ShapTerms {
 public:
  struct Leaf {
    double middle, plain, least, most;
    std::uint32_t first, terms;  ///< of term()
  };
  struct Term {
    double coefficient, mean;
    std::uint32_t cell;
    const double *known, *own;  ///< at each point: y / f_k, and the rule's weight times z_k / f_k^2
  };

  /// Forgets the leaves of another tree; `nodes` of this one begin at `root`.
  void start(const TreeArrays& arrays, std::uint32_t root, std::size_t nodes, const ShapRule& rule);
  /// `shares`: z of each cell on the leaf's path, negative for others.
  void add(std::uint32_t node, const std::vector<double>& shares);

  /// Null where the leaf is a plain value.
  const Leaf* find(std::uint32_t node) const {
    const std::uint32_t place = places_[node - root_];
    return place != 0 ? &leaves_[place - 1] : nullptr;
  }
  Term term(std::uint32_t number) const {
    const LinearTerm& term = terms_[number];
    const double* known = numbers_.data() + 2 * number * points_;
    return {term.coefficient, term.mean, term.cell, known, known + points_};
  }

 private:
  const TreeArrays* arrays_ = nullptr;
  const ShapRule* rule_ = nullptr;
  std::uint32_t root_ = 0;
  std::size_t points_ = 0;
  std::vector<std::uint32_t> places_{};  ///< by node: 1 + its place in `leaves_`, 0 without a model
  std::vector<Leaf> leaves_{};
  std::vector<LinearTerm> terms_{};
  std::vector<double> numbers_{};  ///< [term][known, own][point]
};

}  // namespace automill::tree
