// Contributions of trees against the definition: Shapley values by all subsets of columns, where a tree that does not
// know a column goes both ways in proportion to its training rows.

#include <gtest/gtest.h>

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/contributions.hpp>
#include <automill/learners/tree/simd_level.hpp>
#include <numeric>

#include "learners/tree/shap_kernels.hpp"
#include "shapley_tools.hpp"

namespace automill {
namespace {

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

/// All kernels of this processor, with every rule.
void expect_levels_agree(const Sample& sample) {
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

  expect_levels_agree(sample);
  expect_levels_agree(Sample({.columns = 20, .leaves = 50, .trees = 10, .linear = true, .bounded = true}, 8, 300));
}

/// A number, and below it a cross of two columns: what nobody, each of both and both together know is 2, 4, 4 and 8.
TEST(Contributions, CrossesActTogetherWithNumbers) {
  TreeArrays a;
  a.base = {0};
  a.columns = {0, 1, 2};
  const CategoryTable codes{.bin_of_code = {1, 2}, .bins = 3};
  a.categories = {{}, codes, codes, {.bins = 2}};
  a.crosses = {{1, 2, {4}}};  // bin 1 of both
  a.roots = {0};
  a.nodes = {{0, 1, 0}, {0, 0, 0}, {0, 3, TreeNode::category | 3U}, {8, 0, 0}, {0, 0, 0}};
  a.sets = {2};
  a.rows = {4, 2, 2, 1, 1};
  a.gains.resize(5);
  TreeEnsemble model(a);
  std::vector<ColumnPtr> columns;
  for (const auto& [name, value] : {std::pair{"a", 1.0}, {"b", 0.0}, {"c", 0.0}})
    columns.push_back(make_number_column({.name = name}, {value}));
  const Table table(columns);
  model.set_context({table.schema(), {}});
  const std::vector<double> alone{3, 1.5, 1.5, 2}, together{2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5};
  const auto why = contributions(model, TableView(table)).values, pairs = interactions(model, TableView(table)).values;
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(why[i], alone[i], 1e-14) << i;
  for (std::size_t i = 0; i < together.size(); ++i) EXPECT_NEAR(pairs[i], together[i], 1e-14) << i;
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
