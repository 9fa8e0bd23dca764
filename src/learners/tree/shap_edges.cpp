#include "learners/tree/shap_edges.hpp"

#include <array>
#include <cmath>

#include "learners/tree/tree_cells.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill::tree {

namespace {

constexpr std::size_t deepest_path = 2000;  // kernels call themselves for each split

/// Legendre polynomial of degree n and its derivative.
std::pair<long double, long double> legendre(std::size_t n, long double x) {
  long double before = 1, value = x;
  for (std::size_t k = 2; k <= n; ++k) {
    const long double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return {value, n * (x * value - before) / (x * x - 1)};
}

/// Newton's method from the usual guess; in long double, so that the rounded values are the same everywhere.
ShapRule make_rule(std::size_t n) {
  constexpr long double pi = 3.141592653589793238462643383279502884L;
  ShapRule rule;
  for (std::size_t i = 0; i < n; ++i) {
    long double x = std::cos(pi * (static_cast<long double>(i) + 0.75L) / (static_cast<long double>(n) + 0.5L));
    for (int step = 0; step < 12; ++step) {
      const auto [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    const long double slope = legendre(n, x).second;
    rule.points.push_back(static_cast<double>((1 - x) / 2));
    rule.weights.push_back(static_cast<double>(1 / ((1 - x * x) * slope * slope)));
    rule.left.push_back(static_cast<double>(-2 / (1 + x)));
  }
  return rule;
}

/// Splits above each node; children lie after their parents.
std::size_t depth_of(const TreeArrays& arrays, std::uint32_t root, std::size_t end) {
  std::vector<std::uint32_t> depths(end - root, 0);
  std::uint32_t deepest = 0;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    deepest = std::max(deepest, depths[i]);
    const std::uint32_t child = arrays.nodes[root + i].child;
    if (child != 0) depths[child - root] = depths[child + 1 - root] = depths[i] + 1;
  }
  return deepest;
}

std::size_t end_of(const TreeArrays& arrays, std::size_t tree) {
  return tree + 1 < arrays.trees() ? arrays.roots[tree + 1] : arrays.nodes.size();
}

class FactFinder {
 public:
  FactFinder(const TreeArrays& arrays, TreeFacts& facts) : arrays_(arrays), uses_(cells_of_row(arrays)), facts_(facts) {
    facts_.means.assign(arrays.vector_leaves() ? arrays.width() : 1, 0.0);
  }
  void visit(std::uint32_t at, double share) {
    const TreeNode& node = arrays_.nodes[at];
    if (node.child == 0) {
      facts_.columns = std::max(facts_.columns, different_);
      if (const LinearLeaf* model = arrays_.linear.find(at)) return add_linear(*model, share);
      if (!arrays_.vector_leaves()) facts_.means[0] += share * node.threshold;
      else
        for (std::size_t k = 0; k < facts_.means.size(); ++k)
          facts_.means[k] += share * static_cast<double>(arrays_.leaf_vector(node)[k]);
      return;
    }
    std::size_t& uses = uses_[node.feature & TreeNode::position];
    if (uses++ == 0) ++different_;
    for (std::uint32_t side = 0; side < 2; ++side)
      visit(node.child + side, share * share_of(arrays_, at, node.child + side));
    if (--uses == 0) --different_;
  }

 private:
  void add_linear(const LinearLeaf& model, double share) {
    std::size_t columns = different_;
    for (std::uint32_t i = model.first; i < model.first + model.terms; ++i)
      if (uses_[arrays_.linear.terms[i].cell] == 0) ++columns;  // as in imported models
    facts_.columns = std::max(facts_.columns, columns);
    facts_.means[0] += share * arrays_.linear.middle(model);
  }

  const TreeArrays& arrays_;
  std::vector<std::size_t> uses_;
  std::size_t different_ = 0;
  TreeFacts& facts_;
};

}  // namespace

const ShapRule& shap_rule(std::size_t columns) {
  static constexpr std::array<std::size_t, 8> sizes{2, 3, 4, 6, 8, 16, 32, 128};
  static const std::vector<ShapRule> rules = [] {
    std::vector<ShapRule> made;
    for (std::size_t size : sizes) made.push_back(make_rule(size));
    return made;
  }();
  for (std::size_t i = 0; i < sizes.size(); ++i)
    if (2 * sizes[i] >= columns) return rules[i];
  return rules.back();
}

TreeFacts tree_facts(const TreeArrays& arrays, std::size_t tree) {
  TreeFacts facts{.depth = depth_of(arrays, arrays.roots[tree], end_of(arrays, tree))};
  if (facts.depth > deepest_path)
    throw Error("explain.depth", "tree " + std::to_string(tree),
                "has a path of " + std::to_string(facts.depth) + " splits: at most " + std::to_string(deepest_path) +
                    " can be explained");
  FactFinder(arrays, facts).visit(arrays.roots[tree], 1.0);
  return facts;
}

class ShapEdges::Walk {
 public:
  Walk(const TreeArrays& arrays, ShapEdges& edges)
      : arrays_(arrays), edges_(edges), shares_(cells_of_row(arrays), none) {}
  void visit(std::uint32_t at) {
    const TreeNode& node = arrays_.nodes[at];
    if (node.child == 0) {
      if (edges_.has_terms_) edges_.terms_.add(at, shares_);
      return;
    }
    double& share = shares_[node.feature & TreeNode::position];
    const double before = share;
    for (std::uint32_t side = 0; side < 2; ++side) {
      const std::uint32_t child = node.child + side;
      share = (before == none ? 1.0 : before) * share_of(arrays_, at, child);
      describe(child, before, share);
      visit(child);
    }
    share = before;
  }

 private:
  static constexpr double none = -1;

  void describe(std::uint32_t child, double before, double share) {
    const ShapRule& rule = *edges_.rule_;
    const std::size_t n = rule.points.size(), at = child - edges_.root_;
    const bool first = before == none;
    double* numbers = edges_.numbers_.data() + at * 5 * n;
    for (std::size_t q = 0; q < n; ++q) {
      const double y = rule.points[q], weight = rule.weights[q];
      const double factor = share * (1 - y) + y, old_factor = first ? 1.0 : before * (1 - y) + y;
      const double state = (1 - share) / factor, old_state = first ? 0.0 : (1 - before) / old_factor;
      numbers[q] = factor / old_factor;
      numbers[n + q] = share * (1 - y) / old_factor;
      numbers[2 * n + q] = weight * (state - old_state);
      numbers[3 * n + q] = weight * (rule.left[q] - old_state);
      numbers[4 * n + q] = state;
    }
    edges_.stay_[at] = before > 0 ? share / before : 0.0;
    edges_.first_[at] = first ? 1 : 0;
  }

  const TreeArrays& arrays_;
  ShapEdges& edges_;
  std::vector<double> shares_;  ///< of each column so far
};

void ShapEdges::set(const TreeArrays& arrays, std::size_t tree, const ShapRule& rule) {
  rule_ = &rule;
  root_ = arrays.roots[tree];
  const std::size_t nodes = end_of(arrays, tree) - root_;
  numbers_.resize(nodes * 5 * points());
  stay_.resize(nodes);
  first_.resize(nodes);
  has_terms_ = !arrays.linear.empty();
  if (has_terms_) terms_.start(arrays, root_, nodes, rule);
  Walk(arrays, *this).visit(root_);
}

}  // namespace automill::tree
