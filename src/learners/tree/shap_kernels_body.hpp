// The body of the Shapley kernel; included by one translation unit a level, which defines AUTOMILL_KERNEL (name of the
// function) and AUTOMILL_TARGET (function attribute). Every level gives the same bits.

#include "learners/tree/shap_kernels.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill::tree {
namespace {

typedef double Eight __attribute__((vector_size(64), may_alias));        // a number a row
typedef std::int64_t Which __attribute__((vector_size(64), may_alias));  // all bits or none a row

AUTOMILL_TARGET inline __attribute__((always_inline)) void spread(double x, Eight& out) {
  out = Eight{x, x, x, x, x, x, x, x};
}

template <std::size_t points, bool with_pairs>
class ShapWalk {
 public:
  AUTOMILL_TARGET explicit ShapWalk(const ShapInput& input)
      : in_(input),
        nodes_(input.arrays->nodes.data()),
        sums_(reinterpret_cast<Eight*>(input.sums)),
        pairs_(reinterpret_cast<Eight*>(input.pairs)),
        follows_(reinterpret_cast<Which*>(input.follows)),
        levels_(reinterpret_cast<Level*>(input.scratch)),
        terms_(input.edges->terms()),
        columns_(input.arrays->cells()) {}

  AUTOMILL_TARGET void run() {
    for (std::size_t q = 0; q < points; ++q) spread(1.0, levels_[0].products[q]);
    visit(in_.arrays->roots[in_.tree], levels_);
  }

 private:
  struct Level {
    Eight products[points], sums[points],
        states[points];                ///< F so far; v F of the leaves below; g of the edge's column
    alignas(64) std::uint32_t column;  ///< of the path's slot with the number of this level
    const Eight* column_states;
  };
  static_assert(sizeof(Level) == shap_scratch(0, points) * sizeof(double));

  /// Fills sums of the level with what the leaves below the node give. Not inlined into itself: the code would be
  /// large.
  AUTOMILL_TARGET __attribute__((noinline)) void visit(std::uint32_t at, Level* here) {
    const TreeNode node = nodes_[at];
    if (node.child == 0) {
      if (terms_ != nullptr)
        if (const ShapTerms::Leaf* leaf = terms_->find(at)) return add_linear(*leaf, here);
      Eight value;
      spread(leaf_value(node), value);
      for (std::size_t q = 0; q < points; ++q) here->sums[q] = value * here->products[q];
      return;
    }
    const std::uint32_t column = node.feature & TreeNode::position;
    Which right;
    ask(node, column, right);
    for (std::size_t q = 0; q < points; ++q) here->sums[q] = Eight{};
    const Which left = ~right;
    if (in_.edges->edge(node.child).first) {
      descend<true>(node.child, column, left, here);
      descend<true>(node.child + 1, column, right, here);
    } else {
      descend<false>(node.child, column, left, here);
      descend<false>(node.child + 1, column, right, here);
    }
  }

  template <bool first>
  AUTOMILL_TARGET void descend(std::uint32_t child, std::uint32_t column, const Which& goes, Level* here) {
    Level* next = here + 1;
    const ShapEdges::Edge edge = in_.edges->edge(child);
    const Which then = follows_[column], now = goes & then;
    Eight stay;
    spread(edge.stay, stay);
    for (std::size_t q = 0; q < points; ++q) {
      Eight follow, leave;
      spread(edge.follow[q], follow);
      spread(edge.leave[q], leave);
      Eight factor = now ? follow : leave;
      if (!first) factor = then ? factor : stay;
      next->products[q] = here->products[q] * factor;
    }
    const Eight* states = with_pairs ? enter<first>(edge, column, now, next) : nullptr;
    follows_[column] = now;
    visit(child, next);
    follows_[column] = then;
    if (with_pairs) leave_path<first>(column, states);
    Eight sum{};
    for (std::size_t q = 0; q < points; ++q) {
      const Eight below = next->sums[q];
      here->sums[q] += below;
      Eight follow, leave;
      spread(edge.follow_gain[q], follow);
      spread(edge.leave_gain[q], leave);
      Eight gain = now ? follow : leave;
      if (!first) gain = then ? gain : Eight{};
      const Eight part = below * gain;
      sum += part;
      if (with_pairs) next->sums[q] = part;
    }
    sums_[column] += sum;
    if (with_pairs) add_pairs(column, next->sums);
  }

  /// The column's g below this edge; gives back those that held before.
  template <bool first>
  AUTOMILL_TARGET const Eight* enter(const ShapEdges::Edge& edge, std::uint32_t column, const Which& now, Level* next) {
    for (std::size_t q = 0; q < points; ++q) {
      Eight follow, left;
      spread(edge.state[q], follow);
      spread(in_.edges->rule().left[q], left);
      next->states[q] = now ? follow : left;
    }
    if (first) {
      in_.slots[column] = static_cast<std::uint32_t>(on_path_);
      levels_[on_path_++].column = column;
    }
    const Eight* before = levels_[in_.slots[column]].column_states;
    levels_[in_.slots[column]].column_states = next->states;
    return before;
  }
  template <bool first>
  AUTOMILL_TARGET void leave_path(std::uint32_t column, const Eight* states) {
    if (first) --on_path_;
    else levels_[in_.slots[column]].column_states = states;
  }
  /// A column whose g changed, with every other one on the path.
  AUTOMILL_TARGET void add_pairs(std::uint32_t column, const Eight* parts) {
    for (std::size_t slot = 0; slot < on_path_; ++slot) {
      const Level& other = levels_[slot];
      if (other.column == column) continue;
      Eight sum{};
      for (std::size_t q = 0; q < points; ++q) sum += parts[q] * other.column_states[q];
      pairs_[column * columns_ + other.column] += sum;
    }
  }

  /// Fills sums of the level as `visit` does, and adds what the columns of terms get beside them.
  AUTOMILL_TARGET __attribute__((noinline)) void add_linear(const ShapTerms::Leaf& leaf, Level* here) {
    Eight middle;
    spread(leaf.middle, middle);
    for (std::size_t q = 0; q < points; ++q) here->sums[q] = middle;
    const Lengths lengths = measure(leaf);
    for (std::uint32_t i = leaf.first; i < leaf.first + leaf.terms; ++i) {
      const ShapTerms::Term term = terms_->term(i);
      Eight value;
      read_distance(term, value);
      value = value != value ? lengths.missing : value * lengths.others;
      value = follows_[term.cell] ? value : Eight{};
      Eight parts[points], sum{};
      for (std::size_t q = 0; q < points; ++q) {
        Eight known, own;
        spread(term.known[q], known);
        spread(term.own[q], own);
        here->sums[q] += value * known;
        sum += parts[q] = value * own * here->products[q];
      }
      sums_[term.cell] += sum;
      if (with_pairs) add_pairs(term.cell, parts);
    }
    for (std::size_t q = 0; q < points; ++q) here->sums[q] *= here->products[q];
  }
  /// d of a term whose cell is missing, and the factor of those of the others.
  struct Lengths {
    Eight missing, others;
  };
  AUTOMILL_TARGET Lengths measure(const ShapTerms::Leaf& leaf) {
    Eight sum{}, count{}, one, middle, plain, least, most;
    spread(1.0, one);
    spread(leaf.middle, middle);
    spread(leaf.plain, plain);
    spread(leaf.least, least);
    spread(leaf.most, most);
    for (std::uint32_t i = leaf.first; i < leaf.first + leaf.terms; ++i) {
      Eight value;
      read_distance(terms_->term(i), value);
      sum += value;
      count += value != value ? one : Eight{};
    }
    const Eight whole = middle + sum;
    Eight others = whole > most ? (most - middle) / sum : one;
    others = whole < least ? (least - middle) / sum : others;
    return {(plain - middle) / count, count > Eight{} ? Eight{} : others};
  }
  /// The coefficient times the cell's distance from the mean; infinite cells are taken as very large ones.
  AUTOMILL_TARGET void read_distance(const ShapTerms::Term& term, Eight& value) {
    Eight coefficient, mean, largest, cell;
    spread(term.coefficient, coefficient);
    spread(term.mean, mean);
    spread(1e300, largest);
    __builtin_memcpy(&cell, in_.cells + term.cell * in_.stride, sizeof cell);
    value = coefficient * (cell - mean);
    value = value > largest ? largest : value;
    value = value < -largest ? -largest : value;
  }

  AUTOMILL_TARGET void ask(const TreeNode& node, std::uint32_t column, Which& right) {
    const double* cells = in_.cells + column * in_.stride;
    if ((node.feature & TreeNode::category) != 0) {
      for (std::size_t row = 0; row < shap_rows; ++row)
        right[row] = -static_cast<std::int64_t>(goes_right(*in_.arrays, node, cells[row]));
      return;
    }
    Eight threshold, cell;
    spread(node.threshold, threshold);
    __builtin_memcpy(&cell, cells, sizeof cell);
    right = cell > threshold;
    if ((node.feature & TreeNode::missing_left) == 0) right |= cell != cell;
  }
  AUTOMILL_TARGET double leaf_value(const TreeNode& leaf) const {
    return in_.arrays->vector_leaves() ? static_cast<double>(in_.arrays->leaf_vector(leaf)[in_.output])
                                       : leaf.threshold;
  }

  const ShapInput& in_;
  const TreeNode* nodes_;
  Eight *sums_, *pairs_;
  Which* follows_;
  Level* levels_;
  const ShapTerms* terms_;
  std::size_t columns_, on_path_ = 0;
};

template <bool with_pairs>
AUTOMILL_TARGET void run(const ShapInput& input) {
  switch (input.edges->points()) {
    case 2:
      return ShapWalk<2, with_pairs>(input).run();
    case 3:
      return ShapWalk<3, with_pairs>(input).run();
    case 4:
      return ShapWalk<4, with_pairs>(input).run();
    case 6:
      return ShapWalk<6, with_pairs>(input).run();
    case 8:
      return ShapWalk<8, with_pairs>(input).run();
    case 16:
      return ShapWalk<16, with_pairs>(input).run();
    case 32:
      return ShapWalk<32, with_pairs>(input).run();
    default:
      return ShapWalk<128, with_pairs>(input).run();
  }
}

}  // namespace

AUTOMILL_TARGET void AUTOMILL_KERNEL(const ShapInput& input) {
  input.pairs != nullptr ? run<true>(input) : run<false>(input);
}

}  // namespace automill::tree
