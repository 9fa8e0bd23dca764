// Contributions of trees whose leaves are linear models, against the definition, and of models that were fitted.

#include <automill/learners/gradient_boosting.hpp>
#include <numeric>

#include "learners/tree/mixed_leaf.hpp"
#include "shapley_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace automill {
namespace {

const TreeEnsemble& trees_of(const FitResult& fit) { return dynamic_cast<const TreeEnsemble&>(*fit.model); }

TEST(LinearContributions, AreShapleyValues) {
  expect_definition(Sample({.columns = 1, .leaves = 5, .linear = true}), 11);
  expect_definition(Sample({.columns = 4, .leaves = 1, .linear = true}), 11);  // a leaf by itself
  for (std::uint64_t seed = 0; seed < 8; ++seed)
    for (const bool bounded : {false, true}) {
      expect_definition(Sample({.columns = 3, .leaves = 20, .linear = true, .bounded = bounded}, seed), 11);
      expect_definition(
          Sample({.columns = 6, .leaves = 12, .category = true, .linear = true, .bounded = bounded}, seed), 11);
      expect_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3, .linear = true, .bounded = bounded}, seed),
                        11);
    }
  expect_definition(Sample({.columns = 12, .leaves = 13, .trees = 1, .chain = true, .linear = true}), 2);
}

/// Where no bounds cut, these are the model's own values at the mixed rows.
TEST(LinearContributions, AgainstABackgroundAreShapleyValues) {
  expect_interventional_definition(Sample({.columns = 1, .leaves = 5, .linear = true}), 11);
  expect_interventional_definition(Sample({.columns = 4, .leaves = 1, .linear = true}), 11);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    expect_interventional_definition(Sample({.columns = 3, .leaves = 20, .linear = true}, seed), 11);
    expect_interventional_definition(Sample({.columns = 6, .leaves = 12, .category = true, .linear = true}, seed), 11);
    expect_interventional_definition(Sample({.columns = 5, .leaves = 9, .outputs = 3, .linear = true}, seed), 11);
  }
}

TEST(LinearContributions, BoundsLeadFromOneEndToTheOther) {
  using Cell = tree::MixedTerm::Cell;
  const LinearLeaf leaf{.least = 0, .most = 2};
  const auto changes = [&](std::vector<tree::MixedTerm> terms) {
    const auto mixed = tree::mix_leaf(leaf, 7, terms);
    std::vector<double> all{mixed->rest + 7};
    for (const tree::MixedTerm& term : terms) all.push_back(term.change);
    return all;
  };
  EXPECT_EQ(changes({{.own = 1}, {.own = 0.5}}), (std::vector{0.0, 1.0, 0.5}));
  EXPECT_EQ(changes({{.own = 3}, {.own = 1}}), (std::vector{0.0, 1.5, 0.5}));              // 4 becomes 2
  EXPECT_EQ(changes({{.own = 1, .other = 5}, {.own = 1}}), (std::vector{2.0, 0.0, 0.0}));  // 5 to 2, both cut
  EXPECT_EQ(changes({{.own = 1, .other = 4}, {.own = 0}}), (std::vector{2.0, -1.0, 0.0}));
  EXPECT_EQ(changes({{.own = 4, .other = 2}, {.own = 1, .other = 3}}), (std::vector{2.0, 0.0, 0.0}));  // 5 to 5
  EXPECT_EQ(changes({{.cell = Cell::own, .own = 1, .other = 9}, {.own = 3}}), (std::vector{1.0, 0.0, 1.0}));
}

void expect_sums(const TreeEnsemble& model, const Table& table) {
  const TableView rows(table);
  const Contributions why = contributions(model, rows), against = contributions(model, rows, rows.part(3, 20));
  const Interactions pairs = interactions(model, rows);
  for (std::size_t row = 0; row < rows.rows(); ++row)
    for (std::size_t k = 0; k < why.outputs; ++k) {
      double score = model.arrays().base[k];
      std::vector<double> numbers(why.columns), cells(model.arrays().cells());
      for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = table[model.arrays().columns[c]].number(row);
      for (std::size_t t = k; t < model.arrays().trees(); t += why.outputs) {
        std::uint32_t at = model.arrays().roots[t];
        while (model.arrays().nodes[at].child != 0) {
          const TreeNode& node = model.arrays().nodes[at];
          const double cell = cells[node.feature & TreeNode::position];
          const bool left = std::isnan(cell) ? (node.feature & TreeNode::missing_left) != 0 : cell <= node.threshold;
          at = node.child + (left ? 0 : 1);
        }
        score += model.arrays().leaf_value(at, cells.data());
      }
      const double near = 1e-9 * std::max(1.0, std::abs(score));
      const auto total = [](std::span<const double> values) {
        return std::accumulate(values.begin(), values.end(), 0.0);
      };
      EXPECT_NEAR(total(why.of(row, k)), score, near) << row;
      EXPECT_NEAR(total(against.of(row, k)), score, near) << row;
      for (std::size_t i = 0; i < why.columns; ++i) {
        double line = 0;
        for (std::size_t j = 0; j < why.columns; ++j) line += pairs.of(row, k, i, j);
        EXPECT_NEAR(line, why.of(row, k)[i], near) << row;
      }
    }
}

TEST(LinearContributions, SumToTheScore) {
  Columns x = linear_tools::random_columns(5, 1500, 1);
  for (std::size_t i = 0; i < x[0].size(); i += 11) x[i % 4][i] = std::nan("");
  std::vector<double> y;
  for (std::size_t i = 0; i < x[0].size(); ++i)
    y.push_back(std::isnan(x[0][i]) ? 1 : x[0][i] * x[4][i] + std::sin(x[4][i]));
  Columns far = x;  // beyond what leaves have seen: bounds cut
  for (auto& column : far) {
    column.resize(300);
    for (double& value : column) value *= 5;
  }
  far[4][7] = std::numeric_limits<double>::infinity();
  for (const std::size_t classes : {0, 2, 3}) {
    const auto dataset =
        classes == 0 ? regression(x, y) : classification(x, linear_tools::labels_from(y, classes), classes);
    const FitResult fit = GradientBoosting({.n_estimators = 12, .linear_tree = true}).fit(dataset);
    ASSERT_FALSE(trees_of(fit).arrays().linear.empty());
    expect_sums(trees_of(fit), table_of(far));
  }
}

TEST(LinearContributions, SeveralOutputsHaveTheirOwn) {
  const Columns x = linear_tools::random_columns(2, 600, 30);
  Dataset dataset;
  dataset.features = table_of(x);
  dataset.target.outputs = {"a", "b"};
  for (std::size_t i = 0; i < 600; ++i)
    dataset.target.values.insert(dataset.target.values.end(), {3 * x[0][i], 1 - x[1][i]});
  const FitResult fit =
      GradientBoosting({.n_estimators = 5, .num_leaves = 4, .linear_tree = true}).fit(make_dataset(std::move(dataset)));
  expect_sums(trees_of(fit), table_of(x));
  const Contributions why = contributions(trees_of(fit), TableView(table_of(x)));
  EXPECT_LT(std::abs(why.of(0, 1)[0]), 0.1 * std::abs(why.of(0, 0)[0]));
}

/// y = 2 x on both sides of a split: the tree and its lines together are one line.
TEST(LinearContributions, ALineContributesItsDistanceFromTheMean) {
  const Columns x = linear_tools::random_columns(1, 400, 3);
  std::vector<double> y;
  for (double value : x[0]) y.push_back(2 * value);
  const FitResult fit = GradientBoosting({.n_estimators = 1, .num_leaves = 2, .learning_rate = 1, .linear_tree = true})
                            .fit(regression(x, y));
  const double mean = std::accumulate(x[0].begin(), x[0].end(), 0.0) / 400;
  const Contributions why = contributions(trees_of(fit), TableView(table_of(x)));
  for (std::size_t i = 0; i < 400; ++i) {
    EXPECT_NEAR(why.of(i, 0)[0], 2 * (x[0][i] - mean), 1e-6) << i;
    EXPECT_NEAR(why.of(i, 0)[1], 2 * mean, 1e-6) << i;
  }
}

TEST(LinearContributions, MeansAreThoseOfTheLeafsRows) {
  const Columns x = linear_tools::random_columns(3, 500, 4);
  std::vector<double> y, weights;
  for (std::size_t i = 0; i < 500; ++i) {
    y.push_back(x[0][i] * x[1][i] + x[2][i]);
    weights.push_back(0.5 + static_cast<double>(i % 4));
  }
  const FitResult fit =
      GradientBoosting({.n_estimators = 1, .num_leaves = 5, .linear_tree = true}).fit(regression(x, y, weights));
  const TreeArrays& a = trees_of(fit).arrays();
  std::vector<double> sums(a.linear.terms.size()), shares(a.linear.terms.size());
  for (std::size_t i = 0; i < 500; ++i) {
    std::uint32_t at = 0;
    while (a.nodes[at].child != 0)
      at = a.nodes[at].child +
           (x[a.columns[a.nodes[at].feature & TreeNode::position]][i] <= a.nodes[at].threshold ? 0 : 1);
    const LinearLeaf* leaf = a.linear.find(at);
    ASSERT_NE(leaf, nullptr);
    for (std::size_t t = leaf->first; t < leaf->first + leaf->terms; ++t) {
      sums[t] += weights[i] * x[a.columns[a.linear.terms[t].cell]][i];
      shares[t] += weights[i];
    }
  }
  for (std::size_t t = 0; t < sums.size(); ++t) EXPECT_NEAR(a.linear.terms[t].mean, sums[t] / shares[t], 1e-6) << t;
  for (std::size_t node = 0; node < a.nodes.size(); ++node)  // nothing is missing
    if (const LinearLeaf* leaf = a.linear.find(node))
      EXPECT_NEAR(a.linear.middle(*leaf), a.nodes[node].threshold, 1e-6);
}

TEST(LinearContributions, FilesThreadsAndOrderDoNotChangeABit) {
  Columns x = linear_tools::random_columns(4, 1200, 5);
  for (std::size_t i = 0; i < 1200; i += 13) x[2][i] = std::nan("");
  std::vector<double> y;
  for (std::size_t i = 0; i < 1200; ++i) y.push_back(x[0][i] * x[1][i] + std::sin(x[3][i]));
  const auto order = shuffled_rows(1200, 6);
  const GradientBoosting boosting({.n_estimators = 10, .linear_tree = true});
  const auto threads = make_executor(4);
  RunContext context;
  context.run_with = threads.get();
  const FitResult fit = boosting.fit(regression(x, y));
  const FitResult other =
      boosting.fit(regression(linear_tools::selected_rows(x, order), linear_tools::selected(y, order)), context);
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  const Archive archive = linear_tools::saved(*fit.model);
  const auto loaded = registry.load_model(ArchiveReader(archive), fit.model->context());

  const Table table = table_of(x);
  const TableView rows(table);
  const auto expected = contributions(trees_of(fit), rows).values;
  EXPECT_EQ(bits_of(contributions(trees_of(other), rows, context).values), bits_of(expected));
  EXPECT_EQ(bits_of(contributions(dynamic_cast<const TreeEnsemble&>(*loaded), rows).values), bits_of(expected));
  EXPECT_EQ(bits_of(contributions(trees_of(fit), rows.part(100, 50)).values),
            bits_of({expected.begin() + 100 * 5, expected.begin() + 150 * 5}));
  const TableView some = rows.part(0, 40);
  EXPECT_EQ(bits_of(contributions(trees_of(other), rows, some, context).values),
            bits_of(contributions(trees_of(fit), rows, some).values));
  EXPECT_EQ(bits_of(interactions(trees_of(other), rows, context).values),
            bits_of(interactions(trees_of(fit), rows).values));
}

TEST(LinearContributions, WithoutMeansABackgroundIsNeeded) {
  const Sample known({.columns = 3, .linear = true});
  TreeArrays arrays = known.model->arrays();
  for (LinearTerm& term : arrays.linear.terms) term.mean = std::nan("");
  TreeEnsemble model(arrays);
  model.set_context(known.model->context());
  const TableView rows(known.table);
  EXPECT_EQ(error_code([&] { contributions(model, rows); }), "explain.linear_leaves");
  EXPECT_EQ(error_code([&] { interactions(model, rows); }), "explain.linear_leaves");
  EXPECT_EQ(bits_of(contributions(model, rows, rows).values), bits_of(contributions(*known.model, rows, rows).values));
}

TEST(LinearContributions, RowsThatWereNotReachedAreMissing) {
  const Sample sample({.linear = true});
  const TableView rows(sample.table);
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  for (double value : contributions(*sample.model, rows, late).values) EXPECT_TRUE(std::isnan(value));
  for (double value : contributions(*sample.model, rows, rows, late).values) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace automill
