// PiecewiseLinear: closed forms, and bins of a target against a search of every split.

#include "number_tools.hpp"
#include "preprocess/target_bins.hpp"

using namespace preprocess_tools;

namespace {

TEST(PiecewiseLinear, RisesInsideItsBin) {
  const Table table = one_column({0, 1, 2, 3, 4, 10, 16});
  const auto fitted = fit_checked(PiecewiseLinear{{.bins = 3}}, rows_of(table));  // edges 0, 2, 4, 16
  EXPECT_EQ(fitted->output_schema()->names(), (std::vector<std::string>{"n_piece_1", "n_piece_2", "n_piece_3"}));
  const Table out = fitted->transform(one_column({-3, 0, 0.5, 2, 3, 7, 16, 40, missing, infinite, -infinite}));
  expect_same(values_of(out, "n_piece_1"), {0, 0, 0.25, 1, 1, 1, 1, 1, missing, 1, 0});
  expect_same(values_of(out, "n_piece_2"), {0, 0, 0, 0, 0.5, 1, 1, 1, missing, 1, 0});
  expect_same(values_of(out, "n_piece_3"), {0, 0, 0, 0, 0, 0.25, 1, 1, missing, 1, 0});
}

TEST(PiecewiseLinear, LinesGoOn) {
  const Table table = one_column({0, 1, 2, 3, 4, 10, 16});
  const auto fitted = fit_checked(PiecewiseLinear{{.bins = 3, .beyond = "linear"}}, rows_of(table));
  const Table out = fitted->transform(one_column({-3, 40, missing}));
  expect_same(values_of(out, "n_piece_1"), {-1.5, 1, missing});
  expect_same(values_of(out, "n_piece_2"), {0, 1, missing});
  expect_same(values_of(out, "n_piece_3"), {0, 3, missing});
}

TEST(PiecewiseLinear, EqualQuantilesAreOneEdge) {
  const auto fitted = fit_checked(PiecewiseLinear{{.bins = 4}}, rows_of(one_column({0, 0, 0, 0, 0, 0, 1, 2})));
  EXPECT_EQ(fitted->output_schema()->size(), 2);  // edges 0, 0.25, 2
  EXPECT_EQ(fit_checked(PiecewiseLinear{}, rows_of(one_column({7, 7, missing})))->output_schema()->size(), 0);
}

TEST(PiecewiseLinear, TreeSplitsWhereTheTargetChanges) {
  std::vector<double> values, targets;
  for (int i = 0; i < 1000; ++i) {
    values.push_back(i);
    targets.push_back(i <= 300 ? 1 : i <= 800 ? 5 : 2);
  }
  const PiecewiseLinear tree{{.bins = 3, .method = "tree", .min_rows = 10}};
  const auto fitted = fit_checked(tree, rows_with(one_column(values), targets));
  const Archive archive = saved(*fitted);
  ASSERT_EQ(archive.arrays[0].size(), 4);
  std::vector<double> edges(4);
  std::memcpy(edges.data(), archive.arrays[0].bytes.data(), 32);
  EXPECT_EQ(edges[0], 0);
  EXPECT_NEAR(edges[1], 300, 999.0 / 256);  // candidates are 257 quantiles
  EXPECT_NEAR(edges[2], 800, 999.0 / 256);
  EXPECT_EQ(edges[3], 999);
}

/// Squared error of leaves that end at the edges.
double error_of(const std::vector<double>& values, const std::vector<double>& targets,
                const std::vector<double>& edges) {
  std::vector<std::vector<double>> leaves(edges.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i)
    leaves[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), values[i]) - edges.begin())].push_back(
        targets[i]);
  double error = 0;
  for (const auto& leaf : leaves) {
    double mean = 0;
    for (double y : leaf) mean += y / static_cast<double>(leaf.size());
    for (double y : leaf) error += (y - mean) * (y - mean);
  }
  return error;
}

TEST(TargetBins, FirstSplitIsTheBestOfAll) {
  RandomStream random(2, purpose("bins"));
  for (int round = 0; round < 20; ++round) {
    std::vector<double> values, targets, candidates{-1, -0.5, 0, 0.3, 0.8, 1.5};
    for (int i = 0; i < 60; ++i) {
      values.push_back(random.normal());
      targets.push_back(100 + random.normal() + (values.back() > 0.4 ? 0.5 : 0));
    }
    const DatasetView rows = rows_with(one_column(values), targets);
    const auto found = target_bins(rows, {}, 0, candidates, {.bins = 2, .min_rows = 5});
    ASSERT_EQ(found.size(), 1);
    for (double candidate : candidates) {
      const auto below = std::count_if(values.begin(), values.end(), [&](double v) { return v <= candidate; });
      if (below < 5 || below > 55) continue;
      EXPECT_LE(error_of(values, targets, found), error_of(values, targets, {candidate}) + 1e-6);
    }
  }
}

TEST(TargetBins, ClassesAreSplitByGini) {
  Dataset dataset;
  std::vector<double> values;
  dataset.target = {.task = Task::multiclass, .classes = {"a", "b", "c"}, .labels = {}};
  for (int i = 0; i < 300; ++i) {
    values.push_back(i);
    dataset.target.labels.push_back(i < 100 ? 0 : i < 250 ? 2 : 1);
  }
  dataset.features = one_column(values);
  const DatasetView rows(make_dataset(std::move(dataset)));
  std::vector<double> candidates;
  for (int i = 9; i < 300; i += 10) candidates.push_back(i);
  EXPECT_EQ(target_bins(rows, {}, 0, candidates, {.bins = 9, .min_rows = 5}), (std::vector<double>{99, 249}));
}

TEST(TargetBins, TargetThatDoesNotChangeHasOneBin) {
  const DatasetView rows = rows_with(one_column({1, 2, 3, 4}), {7, 7, 7, 7});
  EXPECT_TRUE(target_bins(rows, {}, 0, {1, 2, 3}, {.bins = 4, .min_rows = 1}).empty());
}

TEST(PiecewiseLinear, HoldsForEveryTransformerOfNumbers) {
  for (const char* method : {"quantile", "tree"}) {
    const PiecewiseLinear transformer{{.bins = 5, .method = method, .min_rows = 3}};
    expect_weights_are_copies(transformer);
    expect_order_does_not_matter(transformer);
    expect_degenerate_columns_work(transformer);
    expect_other_kinds_pass(transformer);
  }
}

TEST(PiecewiseLinear, DamagedFileIsRefused) {
  const auto fitted = fit_checked(PiecewiseLinear{{.bins = 2}}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["beyond"] = "curved"; });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 4); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 5); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(16); });
}

}  // namespace
