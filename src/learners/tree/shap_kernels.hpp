#pragma once
// Path-dependent Shapley values of one tree for eight rows at a time.
//
// On the way to a leaf each column j has a share z_j (of the training rows that go the same ways at its nodes) and o_j
// (1 where the row itself goes them, else 0). The leaf's value v gives column i (Lundberg et al. 2018, with the Shapley
// kernel written as a beta integral)
//   v (o_i - z_i) * integral over y from 0 to 1 of the product over j != i of (z_j (1 - y) + o_j y).
// The integral is a sum over the points of a Gauss-Legendre rule, exact for twice as many columns as it has points. All
// points are carried along at once, and what the leaves below a node give is added up on the way back, so that a tree
// costs O(nodes * points) a row (such sums: Yu et al. 2022, "Linear TreeShap").

#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill::tree {

constexpr std::size_t shap_rows = 8;

struct ShapInput {
  const TreeArrays* arrays = nullptr;
  std::size_t tree = 0, depth = 0;  ///< most splits between its root and a leaf
  const double* cells = nullptr;    ///< [row][columns]
  std::size_t columns = 0;
  const double* points = nullptr;   ///< of the rule, in (0, 1)
  std::size_t groups = 1;           ///< of eight points: 1, 2, 4, 8 or 16
  double* scratch = nullptr;        ///< shap_scratch(depth, groups) doubles, aligned to 64 bytes
  std::uint32_t* levels = nullptr;  ///< a zero for each column
  double* sums = nullptr;  ///< [column][row][point], aligned to 64 bytes: contributions before the rule's weights
};

/// Of each level: products and sums of eight rows, factors and their reciprocals where a row follows and where not, and
/// what is known of the edge above.
constexpr std::size_t shap_scratch(std::size_t depth, std::size_t groups) {
  return (depth + 1) * ((2 * shap_rows + 4) * 8 * groups + 8);
}

/// Adds a tree's contributions to the sums.
using ShapKernel = void (*)(const ShapInput& input);

void baseline_shap(const ShapInput& input);
void avx2_shap(const ShapInput& input);
void avx512_shap(const ShapInput& input);
/// The kernel of the best level that this processor runs.
ShapKernel shap_kernel();

}  // namespace automill::tree
