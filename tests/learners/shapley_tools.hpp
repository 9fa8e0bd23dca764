#pragma once
// Random trees, and their Shapley values by the definition: all subsets of columns.

#include <gtest/gtest.h>

#include <automill/learners/tree/contributions.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <bit>
#include <cmath>

#include "tree_tools.hpp"

namespace automill {

struct Shape {
  std::size_t columns = 4, leaves = 8, trees = 3, outputs = 1;
  bool category = false;  ///< the last column is one
  bool chain = false;     ///< each node splits on the next column and one child is a leaf
  bool vectors = false;   ///< each leaf has a value for every output
  bool linear = false;    ///< most leaves are linear models of some numbers, also of such that are not on their paths
  bool bounded = false;   ///< these have bounds that often cut
};

inline std::vector<ColumnPtr> random_columns(const Shape& shape, std::size_t rows, RandomStream& random) {
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < shape.columns; ++c) {
    const std::string name = "c" + std::to_string(c);
    if (shape.category && c + 1 == shape.columns) {
      std::vector<std::string_view> words;
      static const std::string_view all[] = {"a", "b", "c", "d", "e"};
      for (std::size_t i = 0; i < rows; ++i)
        words.push_back(random.below(8) == 0 ? std::string_view{} : all[random.below(5)]);
      columns.push_back(make_category_column(name, words));
      continue;
    }
    std::vector<double> values;
    for (std::size_t i = 0; i < rows; ++i) values.push_back(random.below(8) == 0 ? std::nan("") : random.normal());
    columns.push_back(make_number_column({.name = name}, std::move(values)));
  }
  return columns;
}

/// Random trees over a table; each node has some training rows.
struct Sample {
  explicit Sample(const Shape& shape, std::uint64_t seed = 1, std::size_t rows = 11) {
    RandomStream random(seed, purpose("contributions"), 0);
    table = Table::with_rows(random_columns(shape, rows, random), rows);
    TreeArrays arrays;
    for (std::size_t k = 0; k < shape.outputs; ++k) arrays.base.push_back(random.normal());
    for (std::uint32_t c = 0; c < shape.columns; ++c) arrays.columns.push_back(c);
    arrays.categories.resize(shape.columns);
    if (shape.category) {
      CategoryTable& codes = arrays.categories.back();
      codes.bins = 7;
      for (std::size_t k = 0; k < table[shape.columns - 1].schema().dictionary->size(); ++k)
        codes.bin_of_code.push_back(static_cast<std::uint16_t>(1 + random.below(6)));
    }
    const std::size_t trees = shape.vectors ? shape.trees : shape.trees * shape.outputs;
    for (std::size_t t = 0; t < trees; ++t) add_tree(shape, arrays, random);
    model = std::make_unique<TreeEnsemble>(std::move(arrays));
    model->set_context({table.schema(), OutputSpec{Task::regression, shape.outputs, {}, 0}});
  }

  static void add_tree(const Shape& shape, TreeArrays& a, RandomStream& random) {
    a.roots.push_back(static_cast<std::uint32_t>(a.nodes.size()));
    a.nodes.emplace_back();
    a.rows.push_back(1000000);
    std::vector<std::uint32_t> leaves{a.roots.back()};
    std::uint32_t next_column = 0;
    while (leaves.size() < shape.leaves) {
      const std::size_t which = shape.chain ? leaves.size() - 1 : random.below(leaves.size());
      const std::uint32_t at = leaves[which];
      const auto column = shape.chain ? next_column++ % static_cast<std::uint32_t>(shape.columns)
                                      : static_cast<std::uint32_t>(random.below(shape.columns));
      TreeNode& node = a.nodes[at];
      node.feature = column;
      if (a.categories[column].bins > 1) {
        node.feature |= TreeNode::category;
        node.threshold = static_cast<double>(a.sets.size());
        a.sets.push_back(random.next());
      } else {
        node.threshold = random.normal();
        if (random.below(2) == 0) node.feature |= TreeNode::missing_left;
      }
      node.child = static_cast<std::uint32_t>(a.nodes.size());
      leaves[which] = node.child;
      leaves.push_back(node.child + 1);
      a.nodes.resize(a.nodes.size() + 2);
      const auto left = static_cast<std::uint32_t>(static_cast<double>(a.rows[at]) * (0.1 + 0.8 * random.uniform()));
      a.rows.push_back(left);
      a.rows.push_back(a.rows[at] - left);
    }
    for (std::uint32_t leaf : leaves) {
      a.nodes[leaf].threshold =
          shape.vectors ? static_cast<double>(a.leaf_vectors.size() / shape.outputs) : random.normal();
      if (shape.vectors)
        for (std::size_t k = 0; k < shape.outputs; ++k) a.leaf_vectors.push_back(static_cast<float>(random.normal()));
    }
    a.gains.resize(a.nodes.size());
    if (!shape.linear) return;
    std::sort(leaves.begin(), leaves.end());
    for (std::uint32_t leaf : leaves)
      if (random.below(4) != 0) add_model(shape, a, leaf, random);
  }
  static void add_model(const Shape& shape, TreeArrays& a, std::uint32_t node, RandomStream& random) {
    LinearLeaf leaf{.constant = random.normal()};
    std::vector<LinearTerm> terms;
    double middle = leaf.constant;
    for (std::uint32_t c = 0; c < shape.columns; ++c) {
      if (a.categories[c].bins > 1 || random.below(2) == 0) continue;
      terms.push_back({.coefficient = random.normal(), .cell = c, .mean = random.normal() / 2});
      middle += terms.back().coefficient * terms.back().mean;
    }
    if (shape.bounded) {
      leaf.least = middle - random.uniform();
      leaf.most = middle + random.uniform();
    }
    a.linear.add(node, leaf, terms);
  }

  Table table;
  std::unique_ptr<TreeEnsemble> model;
};

/// Side that a row of the table takes at a node: 0 is left.
inline std::uint32_t side_of(const Sample& sample, const TreeNode& node, std::size_t row) {
  const TreeArrays& a = sample.model->arrays();
  const std::uint32_t column = node.feature & TreeNode::position;
  const double cell = sample.table[column].number(row);
  if ((node.feature & TreeNode::category) == 0)
    return (std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold) ? 0 : 1;
  const CategoryTable& codes = a.categories[column];
  const std::size_t bin = std::isnan(cell) ? codes.missing_bin : codes.bin_of_code[static_cast<std::size_t>(cell)];
  return ((a.sets[static_cast<std::size_t>(node.threshold)] >> bin) & 1) != 0 ? 0 : 1;
}

constexpr std::size_t nobody = ~std::size_t{0};

/// What a linear leaf adds where the columns of `known` are the row's and the others have their means.
inline double linear_value(const Sample& sample, const LinearLeaf& leaf, double plain, std::size_t row,
                           std::uint32_t known) {
  const auto first = sample.model->arrays().linear.terms.begin() + leaf.first;
  const std::vector<LinearTerm> terms(first, first + leaf.terms);
  double middle = leaf.constant, distance = 0, of_known = 0, holes = 0, known_holes = 0;
  for (const LinearTerm& term : terms) {
    const double cell = sample.table[term.cell].number(row), change = term.coefficient * (cell - term.mean);
    const bool is_known = ((known >> term.cell) & 1) != 0;
    middle += term.coefficient * term.mean;
    (std::isnan(cell) ? holes : distance) += std::isnan(cell) ? 1 : change;
    if (is_known) (std::isnan(cell) ? known_holes : of_known) += std::isnan(cell) ? 1 : change;
  }
  if (holes > 0) return middle + known_holes / holes * (plain - middle);
  const double whole = std::clamp(middle + distance, leaf.least, leaf.most);
  return distance == 0 ? middle : middle + of_known * (whole - middle) / distance;
}
/// Of a row whose cells of `known` are those of `row` and the others those of `background`.
inline double mixed_linear_value(const Sample& sample, const LinearLeaf& leaf, double plain, std::size_t row,
                                 std::uint32_t known, std::size_t background) {
  double sum = leaf.constant;
  for (std::size_t i = leaf.first; i < leaf.first + leaf.terms; ++i) {
    const LinearTerm& term = sample.model->arrays().linear.terms[i];
    sum += term.coefficient * sample.table[term.cell].number(((known >> term.cell) & 1) != 0 ? row : background);
  }
  return std::isnan(sum) ? plain : std::clamp(sum, leaf.least, leaf.most);
}

/// Value of a tree where the columns of `known` (bits) are the row's and the others those of a background row; without
/// one they go both ways.
inline double value_of(const Sample& sample, std::uint32_t at, std::size_t output, std::size_t row, std::uint32_t known,
                       std::size_t background) {
  const TreeArrays& a = sample.model->arrays();
  const TreeNode& node = a.nodes[at];
  if (node.child == 0) {
    if (a.vector_leaves()) return static_cast<double>(a.leaf_vector(node)[output]);
    const LinearLeaf* leaf = a.linear.find(at);
    if (leaf == nullptr) return node.threshold;
    return background == nobody ? linear_value(sample, *leaf, node.threshold, row, known)
                                : mixed_linear_value(sample, *leaf, node.threshold, row, known, background);
  }
  const bool own = ((known >> (node.feature & TreeNode::position)) & 1) != 0;
  const auto below = [&](std::uint32_t side) {
    return value_of(sample, node.child + side, output, row, known, background);
  };
  if (own || background != nobody) return below(side_of(sample, node, own ? row : background));
  const double rows = a.rows[at];
  return a.rows[node.child] / rows * below(0) + a.rows[node.child + 1] / rows * below(1);
}

/// The score of an output for each set of known columns.
inline std::vector<double> game(const Sample& sample, std::size_t row, std::size_t output,
                                std::size_t background = nobody) {
  const TreeArrays& a = sample.model->arrays();
  std::vector<double> values(std::size_t{1} << a.columns.size(), a.base[output]);
  for (std::uint32_t known = 0; known < values.size(); ++known)
    for (std::size_t t = 0; t < a.trees(); ++t)
      if (a.vector_leaves() || t % a.width() == output)
        values[known] += value_of(sample, a.roots[t], output, row, known, background);
  return values;
}

/// k! (n - 1 - k)! / n!
inline double shapley_weight(std::size_t k, std::size_t n) {
  const auto log_factorial = [](std::size_t x) { return std::lgamma(static_cast<double>(x) + 1); };
  return std::exp(log_factorial(k) + log_factorial(n - 1 - k) - log_factorial(n));
}

/// By definition: columns, then what is known of nobody.
inline std::vector<double> by_definition(const std::vector<double>& value) {
  const auto n = static_cast<std::size_t>(std::countr_zero(value.size()));
  std::vector<double> result(n + 1, 0.0);
  for (std::uint32_t known = 0; known < value.size(); ++known)
    for (std::size_t c = 0; c < n; ++c)
      if (((known >> c) & 1) == 0)
        result[c] += shapley_weight(static_cast<std::size_t>(std::popcount(known)), n) *
                     (value[known | (1U << c)] - value[known]);
  result[n] = value[0];
  return result;
}

/// The interaction of two columns by definition: half the Shapley interaction index.
inline double interaction_by_definition(const std::vector<double>& value, std::size_t i, std::size_t j) {
  const auto n = static_cast<std::size_t>(std::countr_zero(value.size()));
  const std::uint32_t first = 1U << i, second = 1U << j;
  double sum = 0;
  for (std::uint32_t known = 0; known < value.size(); ++known)
    if ((known & (first | second)) == 0)
      sum += shapley_weight(static_cast<std::size_t>(std::popcount(known)), n - 1) / 2 *
             (value[known | first | second] - value[known | first] - value[known | second] + value[known]);
  return sum;
}

inline void expect_definition(const Sample& sample, std::size_t rows) {
  const Contributions all = contributions(*sample.model, TableView(sample.table));
  const Interactions pairs = interactions(*sample.model, TableView(sample.table));
  ASSERT_EQ(all.rows(), sample.table.rows());
  ASSERT_EQ(pairs.rows(), sample.table.rows());
  const std::size_t n = all.columns;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t k = 0; k < all.outputs; ++k) {
      const std::vector<double> value = game(sample, row, k), expected = by_definition(value);
      for (std::size_t c = 0; c < expected.size(); ++c)  // a few hundred operations on values of about 1
        EXPECT_NEAR(all.of(row, k)[c], expected[c], 1e-12) << "row " << row << ", column " << c;
      for (std::size_t i = 0; i < n; ++i) {
        double line = 0;
        for (std::size_t j = 0; j < n; ++j) {
          line += pairs.of(row, k, i, j);
          EXPECT_EQ(pairs.of(row, k, i, j), pairs.of(row, k, j, i));
          if (i != j) EXPECT_NEAR(pairs.of(row, k, i, j), interaction_by_definition(value, i, j), 1e-12);
        }
        EXPECT_NEAR(line, expected[i], 1e-12);
      }
    }
}

/// Against some rows of the same table, one of them twice.
inline void expect_interventional_definition(const Sample& sample, std::size_t rows) {
  const std::vector<std::uint32_t> background{2, 5, 5, 7, 10};
  const Contributions all = contributions(*sample.model, TableView(sample.table), TableView(sample.table, background));
  ASSERT_EQ(all.rows(), sample.table.rows());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t k = 0; k < all.outputs; ++k) {
      std::vector<double> mean;
      for (std::uint32_t other : background) {
        const std::vector<double> value = game(sample, row, k, other);
        mean.resize(value.size(), 0.0);
        for (std::size_t i = 0; i < value.size(); ++i) mean[i] += value[i] / static_cast<double>(background.size());
      }
      const std::vector<double> expected = by_definition(mean);
      for (std::size_t c = 0; c < expected.size(); ++c)
        EXPECT_NEAR(all.of(row, k)[c], expected[c], 1e-12) << "row " << row << ", column " << c;
    }
}

}  // namespace automill
