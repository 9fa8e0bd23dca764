// The body of the Shapley kernel; included by one translation unit a level, which defines AUTOMILL_KERNEL (name of the
// function) and AUTOMILL_TARGET (function attribute). Every level gives the same bits.

#include "learners/tree/shap_kernels.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill::tree {
namespace {

typedef double Eight __attribute__((vector_size(64), may_alias));  // points of the rule

template <std::size_t groups>
class ShapWalk {
 public:
  AUTOMILL_TARGET explicit ShapWalk(const ShapInput& input) : in_(input), nodes_(input.arrays->nodes.data()) {}

  AUTOMILL_TARGET void run() {
    Level& root = level(0);
    for (std::size_t i = 0; i < shap_rows * groups; ++i) root.products[i] = Eight{} + 1.0;
    visit(in_.arrays->roots[in_.tree], 0);
  }

 private:
  /// What is known of the edge that leads to a node, and of the node. Index 1: where the row goes that way, 0: where
  /// not.
  struct Level {
    Eight products[shap_rows * groups], sums[shap_rows * groups];
    Eight factor[2][groups], reciprocal[2][groups];
    alignas(64) double share;  ///< z of the edge's column so far
    std::uint32_t follows;     ///< o of the edge's column so far, a bit a row
  };
  static_assert(sizeof(Level) == shap_scratch(0, groups) * sizeof(double));
  AUTOMILL_TARGET Level& level(std::size_t depth) const { return reinterpret_cast<Level*>(in_.scratch)[depth]; }

  /// Fills sums of the level with what the leaves below the node give.
  AUTOMILL_TARGET void visit(std::uint32_t at, std::uint32_t depth) {
    Level& here = level(depth);
    const TreeNode node = nodes_[at];
    if (node.child == 0) {
      for (std::size_t i = 0; i < shap_rows * groups; ++i) here.sums[i] = node.threshold * here.products[i];
      return;
    }
    const std::uint32_t column = node.feature & TreeNode::position;
    std::uint32_t right = 0;
    for (std::uint32_t row = 0; row < shap_rows; ++row)
      right |= goes_right(*in_.arrays, node, in_.cells[row * in_.columns + column]) << row;
    for (std::size_t i = 0; i < shap_rows * groups; ++i) here.sums[i] = Eight{};
    for (std::uint32_t side = 0; side < 2; ++side) {
      descend(node.child + side, depth, column, share_of(*in_.arrays, at, node.child + side),
              side == 1 ? right : ~right);
    }
  }

  AUTOMILL_TARGET void descend(std::uint32_t child, std::uint32_t depth, std::uint32_t column, double share,
                               std::uint32_t follows) {
    Level &here = level(depth), &next = level(depth + 1);
    const std::uint32_t before = in_.levels[column];  // the last edge of this column; 0: none
    const double old_share = before > 0 ? level(before).share : 1.0;
    const std::uint32_t old_follows = before > 0 ? level(before).follows : ~0U;
    const double new_share = old_share * share;
    const std::uint32_t both = follows & old_follows;
    for (std::size_t g = 0; g < groups; ++g) {
      const Eight y = points(g), absent = new_share * (1.0 - y);
      next.factor[0][g] = absent;
      next.factor[1][g] = absent + y;
      next.reciprocal[0][g] = new_share > 0 ? 1.0 / absent : Eight{};
      next.reciprocal[1][g] = 1.0 / next.factor[1][g];
    }
    for (std::size_t row = 0; row < shap_rows; ++row) {
      const Eight* factor = next.factor[(both >> row) & 1];
      const Eight* undo = level(before).reciprocal[(old_follows >> row) & 1];
      for (std::size_t g = 0; g < groups; ++g) {
        Eight product = here.products[row * groups + g] * factor[g];
        if (before > 0) product *= undo[g];
        next.products[row * groups + g] = product;
      }
    }
    in_.levels[column] = depth + 1;
    next.share = new_share;
    next.follows = both;
    visit(child, depth + 1);
    in_.levels[column] = before;
    Eight* out = reinterpret_cast<Eight*>(in_.sums) + column * shap_rows * groups;
    for (std::size_t row = 0; row < shap_rows; ++row) {
      const std::uint32_t now = (both >> row) & 1, then = (old_follows >> row) & 1;
      const double gain = now - new_share, loss = then - old_share;
      const Eight *divide = next.reciprocal[now], *undo = level(before).reciprocal[then];
      for (std::size_t g = 0; g < groups; ++g) {
        const Eight below = next.sums[row * groups + g];
        here.sums[row * groups + g] += below;
        Eight change = gain * divide[g];
        if (before > 0) change -= loss * undo[g];
        out[row * groups + g] += below * change;
      }
    }
  }

  AUTOMILL_TARGET const Eight& points(std::size_t group) const {
    return reinterpret_cast<const Eight*>(in_.points)[group];
  }

  const ShapInput& in_;
  const TreeNode* nodes_;
};

template <std::size_t groups>
AUTOMILL_TARGET void run(const ShapInput& input) {
  ShapWalk<groups>(input).run();
}

}  // namespace

AUTOMILL_TARGET void AUTOMILL_KERNEL(const ShapInput& input) {
  switch (input.groups) {
    case 1:
      return run<1>(input);
    case 2:
      return run<2>(input);
    case 4:
      return run<4>(input);
    case 8:
      return run<8>(input);
    default:
      return run<16>(input);
  }
}

}  // namespace automill::tree
