#pragma once
// Path-dependent Shapley values of one tree, and their interactions, for eight rows at a time: a row a vector lane.
//
// On the way to a leaf each column j has a share z_j (of the training rows that go the same ways at its nodes) and o_j
// (1 where the row itself goes them, else 0). With f_j = z_j (1 - y) + o_j y and g_j = (o_j - z_j) / f_j, a leaf of
// value v gives (Lundberg et al. 2018, the Shapley kernel written as a beta integral)
//   column i           the integral over y from 0 to 1 of  v F g_i,      F: the product of all f_j of the path
//   columns i and j    half the integral of                v F g_i g_j
// The integrals are sums over the points of a Gauss-Legendre rule, exact for twice as many columns as it has points.
// v F is summed over the leaves below an edge on the way back, times the change of g that the edge makes: a tree costs
// O(nodes * points) a row (such sums: Yu et al. 2022, "Linear TreeShap"), its interactions the length of paths more.
// g is -1 / (1 - y) for every column that a row has left: later edges of that column change nothing. What linear leaves
// add to this: shap_terms.hpp.

#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/shap_edges.hpp"

namespace automill::tree {

constexpr std::size_t shap_rows = 8;

struct ShapInput {
  const TreeArrays* arrays = nullptr;
  std::size_t tree = 0, output = 0;  ///< output: which of a leaf vector's values; not read where leaves are numbers
  const ShapEdges* edges = nullptr;  ///< of the tree
  const double* cells = nullptr;     ///< of eight rows: column c begins at c * stride
  std::size_t stride = 8;
  double* scratch = nullptr;        ///< shap_scratch(depth, points) doubles, aligned to 64 bytes
  std::int64_t* follows = nullptr;  ///< eight of all bits set for each column, aligned to 64 bytes
  std::uint32_t* slots = nullptr;   ///< room for one a column
  double* sums = nullptr;           ///< [column][row], aligned to 64 bytes: contributions are added
  double* pairs = nullptr;          ///< null: none; [column][column][row]: (i, j) and (j, i) together get interactions
};

/// Of each level: products, sums and g of eight rows, and who is on the path.
constexpr std::size_t shap_scratch(std::size_t depth, std::size_t points) {
  return (depth + 1) * (3 * points + 1) * shap_rows;
}

/// Adds a tree's contributions.
using ShapKernel = void (*)(const ShapInput& input);

void baseline_shap(const ShapInput& input);
void avx2_shap(const ShapInput& input);
void avx512_shap(const ShapInput& input);
/// The kernel of the best level that this processor runs.
ShapKernel shap_kernel();

}  // namespace automill::tree
