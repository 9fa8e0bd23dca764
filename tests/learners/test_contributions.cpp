// Contributions of trees against the definition: Shapley values by all subsets of columns, where a tree that does not
// know a column goes both ways in proportion to its training rows.

#include <gtest/gtest.h>

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/contributions.hpp>
#include <automill/learners/tree/simd_level.hpp>
#include <bit>

#include "learners/tree/shap_kernels.hpp"
#include "tree_tools.hpp"

namespace automill {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

struct Shape {
  std::size_t columns = 4, leaves = 8, trees = 3, outputs = 1;
  bool category = false;  ///< the last column is one
  bool chain = false;     ///< each node splits on the next column and one child is a leaf
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
    for (std::size_t t = 0; t < shape.trees * shape.outputs; ++t) add_tree(shape, arrays, random);
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
    for (std::uint32_t leaf : leaves) a.nodes[leaf].threshold = random.normal();
    a.gains.resize(a.nodes.size());
  }

  Table table;
  std::unique_ptr<TreeEnsemble> model;
};

/// Mean of a tree where the columns of `known` (bits) are the row's and the others go both ways.
double expectation(const Sample& sample, std::uint32_t at, std::size_t row, std::uint32_t known) {
  const TreeArrays& a = sample.model->arrays();
  const TreeNode& node = a.nodes[at];
  if (node.child == 0) return node.threshold;
  const std::uint32_t column = node.feature & TreeNode::position;
  if (((known >> column) & 1) == 0) {
    const double rows = a.rows[at];
    return a.rows[node.child] / rows * expectation(sample, node.child, row, known) +
           a.rows[node.child + 1] / rows * expectation(sample, node.child + 1, row, known);
  }
  const double cell = sample.table[column].number(row);
  bool left;
  if ((node.feature & TreeNode::category) != 0) {
    const CategoryTable& codes = a.categories[column];
    const std::size_t bin = std::isnan(cell) ? codes.missing_bin : codes.bin_of_code[static_cast<std::size_t>(cell)];
    left = ((a.sets[static_cast<std::size_t>(node.threshold)] >> bin) & 1) != 0;
  } else {
    left = std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold;
  }
  return expectation(sample, node.child + (left ? 0 : 1), row, known);
}

/// By definition, for one output: columns, then the mean.
std::vector<double> by_definition(const Sample& sample, std::size_t row, std::size_t output) {
  const TreeArrays& a = sample.model->arrays();
  const std::size_t n = a.columns.size();
  std::vector<double> value(std::size_t{1} << n, 0.0), result(n + 1, 0.0), weight(n);
  for (std::uint32_t known = 0; known < value.size(); ++known)
    for (std::size_t t = output; t < a.trees(); t += a.width())
      value[known] += expectation(sample, a.roots[t], row, known);
  for (std::size_t k = 0; k < n; ++k)  // k! (n - 1 - k)! / n!
    weight[k] = std::exp(std::lgamma(k + 1.0) + std::lgamma(static_cast<double>(n - k)) - std::lgamma(n + 1.0));
  for (std::uint32_t known = 0; known < value.size(); ++known)
    for (std::size_t c = 0; c < n; ++c)
      if (((known >> c) & 1) == 0)
        result[c] += weight[static_cast<std::size_t>(std::popcount(known))] * (value[known | (1U << c)] - value[known]);
  result[n] = value[0] + a.base[output];
  return result;
}

void expect_definition(const Sample& sample, std::size_t rows) {
  const Contributions all = contributions(*sample.model, TableView(sample.table));
  ASSERT_EQ(all.rows(), sample.table.rows());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t k = 0; k < all.outputs; ++k) {
      const std::vector<double> expected = by_definition(sample, row, k);
      for (std::size_t c = 0; c < expected.size(); ++c)  // a few hundred operations on values of about 1
        EXPECT_NEAR(all.of(row, k)[c], expected[c], 1e-12) << "row " << row << ", column " << c;
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
  }
}
TEST(Contributions, LongPathsTakeMorePoints) {
  expect_definition(Sample({.columns = 12, .leaves = 40, .trees = 2, .chain = true}), 3);
  expect_definition(Sample({.columns = 17, .leaves = 18, .trees = 1, .chain = true}), 2);  // beyond eight points
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

  const TreeArrays& arrays = sample.model->arrays();
  std::vector<tree::ShapKernel> levels{tree::baseline_shap};
  if (tree::best_simd_level() >= tree::SimdLevel::avx2) levels.push_back(tree::avx2_shap);
  if (tree::best_simd_level() >= tree::SimdLevel::avx512) levels.push_back(tree::avx512_shap);
  for (const std::size_t groups : {1U, 2U, 4U, 8U, 16U}) {
    std::vector<std::vector<double>> sums;
    for (const tree::ShapKernel level : levels) {
      const std::size_t points = 8 * groups, size = 20 * tree::shap_rows * points;
      std::vector<double> memory(tree::shap_scratch(50, groups) + size + points + 24), cells(tree::shap_rows * 20);
      const auto align = [](double* at) {
        return reinterpret_cast<double*>((reinterpret_cast<std::uintptr_t>(at) + 63) / 64 * 64);
      };
      double* at = align(memory.data());
      double* rule = align(at + size);
      double* scratch = align(rule + points);
      for (std::size_t q = 0; q < points; ++q) rule[q] = (static_cast<double>(q) + 0.5) / static_cast<double>(points);
      for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = sample.table[i % 20].number(i / 20);
      std::vector<std::uint32_t> last(20, 0);
      for (std::size_t t = 0; t < arrays.trees(); ++t)
        level({.arrays = &arrays,
               .tree = t,
               .depth = 50,
               .cells = cells.data(),
               .columns = 20,
               .points = rule,
               .groups = groups,
               .scratch = scratch,
               .levels = last.data(),
               .sums = at});
      sums.emplace_back(at, at + size);
    }
    for (const auto& other : sums) EXPECT_EQ(other, sums[0]);
  }
}

TEST(Contributions, RowsThatWereNotReachedAreMissing) {
  const Sample sample({});
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  for (double value : contributions(*sample.model, TableView(sample.table), late).values)
    EXPECT_TRUE(std::isnan(value));
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
}

}  // namespace
}  // namespace automill
