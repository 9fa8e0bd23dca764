// Contributions of trees against the definition: Shapley values by all subsets of columns, where a tree that does not
// know a column goes both ways in proportion to its training rows.

#include <gtest/gtest.h>

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/contributions.hpp>
#include <automill/learners/tree/simd_level.hpp>
#include <bit>
#include <numeric>

#include "learners/tree/shap_kernels.hpp"
#include "tree_tools.hpp"

namespace automill {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct Shape {
  std::size_t columns = 4, leaves = 8, trees = 3, outputs = 1;
  bool category = false;  ///< the last column is one
  bool chain = false;     ///< each node splits on the next column and one child is a leaf
  bool vectors = false;   ///< each leaf has a value for every output
};

std::vector<ColumnPtr> random_columns(const Shape& shape, std::size_t rows, RandomStream& random) {
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
    for (std::size_t i = 0; i < rows; ++i) values.push_back(random.below(8) == 0 ? missing : random.normal());
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
  }

  Table table;
  std::unique_ptr<TreeEnsemble> model;
};

/// Side that a row of the table takes at a node: 0 is left.
std::uint32_t side_of(const Sample& sample, const TreeNode& node, std::size_t row) {
  const TreeArrays& a = sample.model->arrays();
  const std::uint32_t column = node.feature & TreeNode::position;
  const double cell = sample.table[column].number(row);
  if ((node.feature & TreeNode::category) == 0)
    return (std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold) ? 0 : 1;
  const CategoryTable& codes = a.categories[column];
  const std::size_t bin = std::isnan(cell) ? codes.missing_bin : codes.bin_of_code[static_cast<std::size_t>(cell)];
  return ((a.sets[static_cast<std::size_t>(node.threshold)] >> bin) & 1) != 0 ? 0 : 1;
}

double leaf_value(const TreeArrays& a, const TreeNode& leaf, std::size_t output) {
  return a.vector_leaves() ? static_cast<double>(a.leaf_vector(leaf)[output]) : leaf.threshold;
}

constexpr std::size_t nobody = ~std::size_t{0};

/// Value of a tree where the columns of `known` (bits) are the row's and the others those of a background row; without
/// one they go both ways.
double value_of(const Sample& sample, std::uint32_t at, std::size_t output, std::size_t row, std::uint32_t known,
                std::size_t background) {
  const TreeArrays& a = sample.model->arrays();
  const TreeNode& node = a.nodes[at];
  if (node.child == 0) return leaf_value(a, node, output);
  const bool own = ((known >> (node.feature & TreeNode::position)) & 1) != 0;
  const auto below = [&](std::uint32_t side) {
    return value_of(sample, node.child + side, output, row, known, background);
  };
  if (own || background != nobody) return below(side_of(sample, node, own ? row : background));
  const double rows = a.rows[at];
  return a.rows[node.child] / rows * below(0) + a.rows[node.child + 1] / rows * below(1);
}

/// The score of an output for each set of known columns.
std::vector<double> game(const Sample& sample, std::size_t row, std::size_t output, std::size_t background = nobody) {
  const TreeArrays& a = sample.model->arrays();
  std::vector<double> values(std::size_t{1} << a.columns.size(), a.base[output]);
  for (std::uint32_t known = 0; known < values.size(); ++known)
    for (std::size_t t = 0; t < a.trees(); ++t)
      if (a.vector_leaves() || t % a.width() == output)
        values[known] += value_of(sample, a.roots[t], output, row, known, background);
  return values;
}

/// k! (n - 1 - k)! / n!
double shapley_weight(std::size_t k, std::size_t n) {
  const auto log_factorial = [](std::size_t x) { return std::lgamma(static_cast<double>(x) + 1); };
  return std::exp(log_factorial(k) + log_factorial(n - 1 - k) - log_factorial(n));
}

/// By definition: columns, then what is known of nobody.
std::vector<double> by_definition(const std::vector<double>& value) {
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
double interaction_by_definition(const std::vector<double>& value, std::size_t i, std::size_t j) {
  const auto n = static_cast<std::size_t>(std::countr_zero(value.size()));
  const std::uint32_t first = 1U << i, second = 1U << j;
  double sum = 0;
  for (std::uint32_t known = 0; known < value.size(); ++known)
    if ((known & (first | second)) == 0)
      sum += shapley_weight(static_cast<std::size_t>(std::popcount(known)), n - 1) / 2 *
             (value[known | first | second] - value[known | first] - value[known | second] + value[known]);
  return sum;
}

void expect_definition(const Sample& sample, std::size_t rows) {
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

TEST(Contributions, AreShapleyValues) {
  expect_definition(Sample({.columns = 1, .leaves = 5}), 11);  // one column again and again
  expect_definition(Sample({.columns = 4, .leaves = 1}), 11);
  expect_definition(Sample({.columns = 4, .leaves = 2}), 11);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    expect_definition(Sample({.columns = 3, .leaves = 20}, seed), 11);
    expect_definition(Sample({.columns = 6, .leaves = 12, .category = true}, seed), 11);
    expect_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3}, seed), 11);
    expect_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3, .vectors = true}, seed), 11);
  }
}
TEST(Contributions, LongPathsTakeMorePoints) {
  expect_definition(Sample({.columns = 12, .leaves = 40, .trees = 2, .chain = true}), 3);
  expect_definition(Sample({.columns = 17, .leaves = 18, .trees = 1, .chain = true}), 2);  // beyond eight points
}

/// Against some rows of the same table, one of them twice.
void expect_interventional_definition(const Sample& sample, std::size_t rows) {
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

TEST(Contributions, AgainstABackgroundAreShapleyValues) {
  expect_interventional_definition(Sample({.columns = 1, .leaves = 5}), 11);
  expect_interventional_definition(Sample({.columns = 4, .leaves = 1}), 11);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    expect_interventional_definition(Sample({.columns = 3, .leaves = 20}, seed), 11);
    expect_interventional_definition(Sample({.columns = 6, .leaves = 12, .category = true}, seed), 11);
    expect_interventional_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3}, seed), 11);
    expect_interventional_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3, .vectors = true}, seed), 11);
  }
  expect_interventional_definition(Sample({.columns = 12, .leaves = 40, .trees = 2, .chain = true}), 3);
}

TEST(Contributions, AgainstABackgroundSumToTheDifferenceOfScores) {
  for (const Shape& shape : {Shape{.columns = 30, .leaves = 64, .trees = 20},
                             Shape{.columns = 100, .leaves = 101, .trees = 2, .chain = true},
                             Shape{.columns = 300, .leaves = 301, .trees = 1, .chain = true},
                             Shape{.columns = 8, .leaves = 31, .trees = 9, .outputs = 3, .category = true}}) {
    const Sample sample(shape, 5, 70);
    const TableView all(sample.table);
    const Contributions why = contributions(*sample.model, all, all.part(40, 30));
    const Predictions scores = sample.model->predict(sample.table);
    for (std::size_t k = 0; k < shape.outputs; ++k) {
      double mean = 0;
      for (std::size_t row = 40; row < 70; ++row) mean += scores.row(row)[k] / 30;
      for (std::size_t row = 0; row < 70; ++row) {
        const auto values = why.of(row, k);
        EXPECT_NEAR(values.back(), mean, 1e-12 * std::max(1.0, std::abs(mean)));
        const double sum = std::accumulate(values.begin(), values.end(), 0.0);
        EXPECT_NEAR(sum, scores.row(row)[k], 1e-9 * std::max(1.0, std::abs(scores.row(row)[k])));
      }
    }
  }
}

TEST(Contributions, SumToTheScore) {
  for (const Shape& shape : {Shape{.columns = 30, .leaves = 64, .trees = 50},
                             Shape{.columns = 200, .leaves = 200, .trees = 3, .chain = true},
                             Shape{.columns = 8, .leaves = 31, .trees = 30, .outputs = 3, .category = true}}) {
    const Sample sample(shape, 5, 70);
    const Contributions all = contributions(*sample.model, TableView(sample.table));
    const Predictions scores = sample.model->predict(sample.table);
    for (std::size_t row = 0; row < 70; ++row)
      for (std::size_t k = 0; k < shape.outputs; ++k) {
        double sum = 0;
        for (double value : all.of(row, k)) sum += value;
        EXPECT_NEAR(sum, scores.row(row)[k], 1e-9 * std::max(1.0, std::abs(scores.row(row)[k])));
      }
  }
}

TEST(Contributions, ThreadsAndLevelsDoNotChangeABit) {
  const Sample sample({.columns = 20, .leaves = 50, .trees = 10}, 7, 300);
  const auto expected = contributions(*sample.model, TableView(sample.table)).values;
  const auto threads = make_executor(5);
  RunContext context;
  context.run_with = threads.get();
  EXPECT_EQ(contributions(*sample.model, TableView(sample.table), context).values, expected);
  const TableView all(sample.table), some = all.part(100, 50);
  EXPECT_EQ(contributions(*sample.model, all, some, context).values, contributions(*sample.model, all, some).values);
  EXPECT_EQ(interactions(*sample.model, some, context).values, interactions(*sample.model, some).values);
  EXPECT_EQ(contributions(*sample.model, some).values,
            std::vector(expected.begin() + 100 * 21, expected.begin() + 150 * 21));

  const TreeArrays& arrays = sample.model->arrays();
  std::vector<tree::ShapKernel> levels{tree::baseline_shap};
  if (tree::best_simd_level() >= tree::SimdLevel::avx2) levels.push_back(tree::avx2_shap);
  if (tree::best_simd_level() >= tree::SimdLevel::avx512) levels.push_back(tree::avx512_shap);
  for (const std::size_t columns : {1U, 5U, 8U, 11U, 16U, 20U, 50U, 200U}) {
    tree::ShapEdges edges;
    const std::size_t points = tree::shap_rule(columns).points.size(), rows = tree::shap_rows;
    std::vector<std::vector<double>> sums;
    for (const tree::ShapKernel level : levels) {
      const std::size_t pairs = 20 * 20 * rows;
      std::vector<double> memory(tree::shap_scratch(50, points) + 20 * rows + pairs + 16, 0.0), cells(rows * 20);
      std::vector<std::int64_t> bits(20 * rows + 8, -1);
      const auto align = [](auto* at) {
        return reinterpret_cast<decltype(at)>((reinterpret_cast<std::uintptr_t>(at) + 63) / 64 * 64);
      };
      double* at = align(memory.data());
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = sample.table[i / rows].number(i % rows);
      std::vector<std::uint32_t> slots(20, 0);
      for (std::size_t t = 0; t < arrays.trees(); ++t) {
        edges.set(arrays, t, tree::shap_rule(columns));
        level({.arrays = &arrays,
               .tree = t,
               .edges = &edges,
               .cells = cells.data(),
               .stride = rows,
               .scratch = at + 20 * rows + pairs,
               .follows = align(bits.data()),
               .slots = slots.data(),
               .sums = at,
               .pairs = at + 20 * rows});
      }
      sums.emplace_back(at, at + 20 * rows + pairs);
    }
    for (const auto& other : sums) EXPECT_EQ(other, sums[0]);
  }
}

TEST(Contributions, RowsThatWereNotReachedAreMissing) {
  const Sample sample({});
  const TableView rows(sample.table);
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  for (double value : contributions(*sample.model, rows, late).values) EXPECT_TRUE(std::isnan(value));
  for (double value : contributions(*sample.model, rows, rows, late).values) EXPECT_TRUE(std::isnan(value));
  for (double value : interactions(*sample.model, rows, late).values) EXPECT_TRUE(std::isnan(value));
}

TEST(Contributions, WhatCannotBeExplainedIsRefused) {
  const Sample sample({});
  const TableView rows(sample.table);
  const auto code = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.code();
    }
    return {};
  };
  EXPECT_EQ(code([&] { contributions(*sample.model, rows, rows.part(0, 0)); }), "explain.background");
  const Sample deep({.columns = 2, .leaves = 2002, .trees = 1, .chain = true});
  EXPECT_EQ(code([&] { contributions(*deep.model, rows); }), "explain.depth");
}

TEST(Contributions, WithoutTreesOrRows) {
  TreeArrays arrays;
  arrays.base = {2.5};
  TreeEnsemble model(arrays);
  const Sample sample({.columns = 2});
  model.set_context({sample.table.schema(), {}});
  const Contributions all = contributions(model, TableView(sample.table));
  EXPECT_EQ(std::vector(all.of(3, 0).begin(), all.of(3, 0).end()), (std::vector{0.0, 0.0, 2.5}));
  EXPECT_EQ(contributions(model, TableView(sample.table, 0, 0)).rows(), 0U);
  const TableView rows(sample.table);
  const Contributions against = contributions(model, rows, rows);
  EXPECT_EQ(std::vector(against.of(3, 0).begin(), against.of(3, 0).end()), (std::vector{0.0, 0.0, 2.5}));
  EXPECT_EQ(interactions(model, rows).values, std::vector<double>(4 * sample.table.rows(), 0.0));
}

}  // namespace
}  // namespace automill
