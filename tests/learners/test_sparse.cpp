// Sparse columns: cells against those of dense columns, and trees of both layouts of the same table bit for bit.

#include <gtest/gtest.h>

#include <automill/learners/forest.hpp>

#include "learners/tree/forest_grower.hpp"
#include "learners/tree/symmetric_grower.hpp"
#include "learners/tree/vector_grower.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

struct Cells {
  std::vector<std::int32_t> rows;
  std::vector<double> values;
};

/// Columns most of whose cells are 0: two values, several, many, negative ones, missing ones; and one in 20 is dense.
std::vector<std::vector<double>> mostly_zeros(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  RandomStream random = random_of(seed);
  std::vector<std::vector<double>> all;
  for (std::size_t c = 0; c < columns; ++c) {
    std::vector<double> values(rows, 0.0);
    for (double& value : values) {
      if (c % 20 != 7 && random.below(12) != 0) continue;
      value = c % 4 == 0 ? 1 : c % 4 == 1 ? static_cast<double>(random.below(5)) - 2 : random.normal();
      if (c % 5 == 2 && random.below(3) == 0) value = missing;
    }
    all.push_back(std::move(values));
  }
  return all;
}

Table dense_table(const std::vector<std::vector<double>>& columns) {
  std::vector<ColumnPtr> all;
  for (std::size_t c = 0; c < columns.size(); ++c) all.push_back(number_column("x" + std::to_string(c), columns[c]));
  return Table(std::move(all));
}

Cells cells_of(const std::vector<double>& values) {
  Cells cells;
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (values[row] == 0) continue;
    cells.rows.push_back(static_cast<std::int32_t>(row));
    cells.values.push_back(values[row]);
  }
  return cells;
}

Table sparse_table(const std::vector<std::vector<double>>& columns) {
  std::vector<ColumnPtr> all;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    Cells cells = cells_of(columns[c]);
    all.push_back(make_sparse_column({.name = "x" + std::to_string(c)}, columns[c].size(), std::move(cells.rows),
                                     std::move(cells.values)));
  }
  return Table(std::move(all));
}

std::vector<double> all_numbers(const Column& column) {
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  return values;
}

TEST(SparseColumn, ReadsAsTheDenseColumnDoes) {
  const auto columns = mostly_zeros(500, 5, 1);
  const Table table = sparse_table(columns);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    ASSERT_TRUE(table[c].sparse());
    EXPECT_EQ(table[c].stored(), cells_of(columns[c]).rows.size());
    EXPECT_EQ(bits_of(all_numbers(table[c])), bits_of(columns[c]));
    std::vector<double> part(100), picked(3);
    table[c].numbers(37, part.size(), part.data());
    EXPECT_EQ(bits_of(part), bits_of({columns[c].begin() + 37, columns[c].begin() + 137}));
    const std::vector<std::uint32_t> rows{400, 3, 499};
    table[c].gather(rows, picked.data());
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(bits_of({picked[i]}), bits_of({columns[c][rows[i]]}));
  }
}

TEST(SparseColumn, ChunksMayBeginAnywhere) {
  const std::vector<std::int32_t> rows{1, 4, 5, 9};
  const std::vector<double> values{10, 40, 50, 90};
  const auto chunk = [&](std::size_t first, std::size_t length) {
    return ColumnChunk{.storage = Storage::sparse,
                       .length = length,
                       .data = values.data(),
                       .offsets = rows.data(),
                       .stored = rows.size(),
                       .first = first};
  };
  const Column column({.name = "x"}, {chunk(4, 3), chunk(0, 2)});  // rows 4, 5, 6, 0 and 1
  EXPECT_EQ(all_numbers(column), (std::vector<double>{40, 50, 0, 0, 10}));
  std::vector<std::pair<std::size_t, double>> stored;
  column.for_each_stored([&](std::size_t row, double value) { stored.emplace_back(row, value); });
  EXPECT_EQ(stored, (std::vector<std::pair<std::size_t, double>>{{0, 40}, {1, 50}, {4, 10}}));
}

TEST(SparseColumn, RowsMustAscendWithinTheColumn) {
  const auto code = [](std::vector<std::int32_t> rows) {
    const std::vector<double> values(rows.size(), 1.0);
    return error_code([&] { make_sparse_column({.name = "x"}, 5, rows, values); });
  };
  EXPECT_EQ(code({0, 4}), "");
  EXPECT_EQ(code({0, 5}), "data.sparse_rows");
  EXPECT_EQ(code({-1, 4}), "data.sparse_rows");
  EXPECT_EQ(code({3, 3}), "data.sparse_rows");
  EXPECT_EQ(code({3, 2}), "data.sparse_rows");
  EXPECT_EQ(
      error_code([] { make_sparse_column({.name = "x"}, 5, std::vector<std::int32_t>{1}, std::vector<double>{}); }),
      "data.length_mismatch");
}

TEST(SparseColumn, RowKeysAreThoseOfTheDenseTable) {
  const auto columns = mostly_zeros(300, 10, 2);
  Target target;
  target.values = random_numbers(300, 3);
  EXPECT_EQ(row_keys(sparse_table(columns), target), row_keys(dense_table(columns), target));
}

TEST(SparseColumn, CopiesOfRowsStaySparse) {
  const auto columns = mostly_zeros(300, 4, 24);
  const Table sparse = sparse_table(columns), dense = dense_table(columns);
  const std::vector<std::uint32_t> ascending{0, 5, 5, 6, 80, 299}, mixed{80, 5, 299};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::pair<TableView, TableView> views[] = {{TableView(sparse, ascending), TableView(dense, ascending)},
                                                     {TableView(sparse, 40, 200), TableView(dense, 40, 200)},
                                                     {TableView(sparse, mixed), TableView(dense, mixed)}};
    for (const auto& [a, b] : views) {
      const ColumnPtr copy = copy_column(a, c);
      EXPECT_EQ(bits_of(all_numbers(*copy)), bits_of(all_numbers(*copy_column(b, c))));
      EXPECT_EQ(copy->sparse(), a.ascending());
    }
  }
}

// ---- bins ----

constexpr std::size_t never = ~std::size_t{0};
std::shared_ptr<const BinnedTable> bins_of(const Table& table, bool sparse, std::size_t max_bin = 255) {
  return binned(table, {.max_bin = max_bin, .min_sparse = sparse ? std::size_t{1} : never});
}

std::size_t bin_of(const BinnedTable& bins, std::uint32_t column, std::size_t row) {
  const auto& sparse = bins.sparse().columns();
  const auto lane = std::find(sparse.begin(), sparse.end(), column) - sparse.begin();
  if (lane < std::ssize(sparse)) return bins.sparse().bin(static_cast<std::size_t>(lane), row);
  const Place place = place_of(bins, column);
  return bins.code(bins.groups()[place.group], place.lane, row);
}

TEST(SparseBins, AreThoseOfTheDenseLayout) {
  const auto columns = mostly_zeros(2'000, 40, 4);
  for (const Table& table : {dense_table(columns), sparse_table(columns)}) {
    const auto dense = bins_of(dense_table(columns), false), sparse = bins_of(table, true);
    EXPECT_TRUE(dense->sparse().empty());
    EXPECT_EQ(sparse->sparse().size(), 38U) << "all but the two dense columns";
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
      EXPECT_EQ(sparse->mappings()[c].edges, dense->mappings()[c].edges);
      for (std::size_t row = 0; row < 2'000; ++row) ASSERT_EQ(bin_of(*sparse, c, row), bin_of(*dense, c, row));
    }
  }
}

TEST(SparseBins, AFewColumnsStayDense) {
  EXPECT_TRUE(binned(sparse_table(mostly_zeros(500, 31, 5)))->sparse().empty());
  EXPECT_FALSE(binned(sparse_table(mostly_zeros(500, 41, 5)))->sparse().empty());
}

TEST(SparseBins, OtherRowsGetTheSameMappings) {
  const auto columns = mostly_zeros(400, 40, 6), others = mostly_zeros(300, 40, 7);
  const auto bins = bins_of(sparse_table(columns), true);
  const std::vector<std::uint32_t> listed{5, 17, 18, 299}, twice{7, 7, 200, 3}, mixed{290, 8, 17, 2, 30};
  for (const Table& table : {dense_table(others), sparse_table(others)})
    for (const auto& rows : {listed, twice, mixed, first_rows(300)}) {
      const auto like = bins->like(TableView(table, rows), {});
      for (std::uint32_t c = 0; c < others.size(); ++c)
        for (std::size_t i = 0; i < rows.size(); ++i)
          ASSERT_EQ(bin_of(*like, c, i), bins->mappings()[c].bin(others[c][rows[i]]));
      const SparseColumns& sparse = like->sparse();
      for (std::size_t lane = 0; lane < sparse.size(); ++lane) {
        const SparseColumns::Lane cells = sparse.lane(lane);
        EXPECT_TRUE(std::is_sorted(cells.rows, cells.rows + cells.size + 1));
        for (std::size_t i = 0; i < cells.size; ++i)
          EXPECT_EQ(sparse.bin_of_place(lane, cells.places[i]), sparse.bin(lane, cells.rows[i]));
      }
    }
}

TEST(SparseBins, EdgesOfALargeTableComeFromTheSampledRows) {
  const auto columns = mostly_zeros(3'000, 40, 8);
  const BinningOptions options{.sample = 700, .min_sparse = 1};
  const auto dense = binned(dense_table(columns), options), sparse = binned(sparse_table(columns), options);
  for (std::size_t c = 0; c < columns.size(); ++c) EXPECT_EQ(sparse->mappings()[c].edges, dense->mappings()[c].edges);
}

// ---- trees ----

QuantisedGradients packed(std::size_t rows, bool wide) {
  QuantisedGradients gradients;
  gradients.gradients = random_numbers(rows, 9);
  gradients.hessians = random_numbers(rows, 10);
  for (double& hessian : gradients.hessians) hessian = 0.1 + hessian * hessian;
  gradients.heavy_tails = wide;
  if (wide) gradients.gradients[3] = 1e9;
  gradients.kind = HessianKind::varying;
  gradients.pack(first_rows(rows), random_keys(rows, 11), rows, 1);
  return gradients;
}

void expect_equal(const GrownTree& a, const GrownTree& b) {
  ASSERT_GE(a.nodes.size(), 1U);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const auto &x = a.nodes[i], &y = b.nodes[i];
    EXPECT_EQ(x.split.column, y.split.column);
    EXPECT_EQ(x.split.bin, y.split.bin);
    EXPECT_EQ(x.split.missing_left, y.split.missing_left);
    EXPECT_EQ(bits_of({x.split.gain, x.rows}), bits_of({y.split.gain, y.rows}));
    EXPECT_EQ(x.left, y.left);
    EXPECT_EQ(x.right, y.right);
  }
  for (std::size_t i = 0; i < a.leaves.size(); ++i)
    EXPECT_EQ(bits_of({a.leaves[i].value, a.leaves[i].rows}), bits_of({b.leaves[i].value, b.leaves[i].rows}));
}

TEST(SparseTrees, LeafWiseTreesAreThoseOfTheDenseLayout) {
  const auto columns = mostly_zeros(3'000, 60, 12);
  const Table table = sparse_table(columns);
  std::vector<GrowParameters> settings(6);
  for (auto& setting : settings) setting.split.min_rows = 5;
  settings[1].extra_trees = true;
  settings[2].column_fraction = 0.5;
  settings[2].node_column_fraction = 0.3;
  settings[3].split.monotone.assign(columns.size(), 0);
  for (std::size_t c = 0; c < columns.size(); c += 3) settings[3].split.monotone[c] = c % 2 == 0 ? 1 : -1;
  settings[3].monotone_method = MonotoneMethod::intermediate;
  settings[4].split.path_smooth = 3;
  settings[4].growth = Growth::depth_wise;
  settings[5].split.l1 = 0.5;
  settings[5].histogram_bytes = 1;  // built again at each split
  for (const bool wide : {false, true})
    for (std::size_t max_bin : {std::size_t{255}, std::size_t{1'000}})
      for (const GrowParameters& setting : settings) {
        const QuantisedGradients gradients = packed(3'000, wide);
        ASSERT_EQ(gradients.scale.fields.wide, wide);
        std::vector<GrownTree> trees;
        for (const bool sparse : {false, true}) {
          const auto bins = bins_of(table, sparse, max_bin);
          TreeGrower grower(*bins, setting);
          auto rows = first_rows(3'000);
          ASSERT_TRUE(grower.grow(gradients, rows, 1, 0, {}));
          trees.push_back(grower.tree());
        }
        expect_equal(trees[0], trees[1]);
      }
}

TEST(SparseTrees, SymmetricTreesAreThoseOfTheDenseLayout) {
  const auto columns = mostly_zeros(3'000, 60, 13);
  const Table table = sparse_table(columns);
  for (const bool wide : {false, true})
    for (const double noise : {0.0, 0.5})
      for (const double min_rows : {0.0, 5.0}) {
        const std::vector<QuantisedGradients> gradients(min_rows > 0 ? 3 : 1, packed(3'000, wide));
        std::vector<GrownTree> trees;
        for (const bool sparse : {false, true}) {
          const auto bins = bins_of(table, sparse);
          SymmetricGrower grower({.depth = 4, .min_rows = min_rows, .l2 = 1, .column_fraction = 0.7});
          auto rows = first_rows(3'000);
          ASSERT_TRUE(grower.grow(*bins, gradients, rows, noise, 1, 0, {}));
          trees.push_back(grower.tree());
        }
        expect_equal(trees[0], trees[1]);
      }
}

TEST(SparseTrees, TreesOfSeveralOutputsAreThoseOfTheDenseLayout) {
  const auto columns = mostly_zeros(3'000, 60, 25);
  const Table table = sparse_table(columns);
  for (const std::size_t outputs : {std::size_t{3}, std::size_t{6}})
    for (const double fraction : {1.0, 0.5}) {
      VectorGradients gradients(std::vector<double>(outputs, 1.0));
      gradients.begin(3'000, 1);
      for (std::size_t k = 0; k < outputs; ++k) {
        QuantisedGradients own;
        own.gradients = random_numbers(3'000, 30 + k);
        own.hessians = std::vector<double>(3'000, 0.5);
        own.kind = HessianKind::varying;
        gradients.add(k, own);
      }
      gradients.pack(first_rows(3'000), 3'000);
      std::vector<GrownTree> trees;
      for (const bool sparse : {false, true}) {
        const auto bins = bins_of(table, sparse);
        VectorGrower grower(*bins,
                            {.column_fraction = fraction, .node_column_fraction = fraction, .split = {.min_rows = 5}});
        auto rows = first_rows(3'000);
        ASSERT_TRUE(grower.grow(gradients, rows, 1, 0, {}));
        trees.push_back(grower.tree());
      }
      expect_equal(trees[0], trees[1]);
    }
}

TEST(SparseTrees, ForestTreesAreThoseOfTheDenseLayout) {
  const auto columns = mostly_zeros(2'000, 60, 14);
  const auto dataset = numeric_dataset(sparse_table(columns), random_numbers(2'000, 15));
  const auto rows = first_rows(2'000);
  const ForestTarget target = forest_target(DatasetView(dataset));
  std::vector<std::uint8_t> copies(rows.size());
  RandomStream random = random_of(16);
  for (auto& copy : copies) copy = static_cast<std::uint8_t>(random.below(3));
  for (const bool random_thresholds : {false, true}) {
    std::vector<ForestTree> trees;
    for (const bool sparse : {false, true}) {
      const auto bins = bins_of(dataset->features, sparse);
      const auto columns_of_trees = forest_columns(*bins);
      ForestGrower grower(*bins, columns_of_trees, rows, target,
                          {.tried_columns = 20, .random_thresholds = random_thresholds});
      trees.push_back(*grower.grow(copies, random_of(17), {}));
    }
    ASSERT_GT(trees[0].nodes.size(), 100U);
    ASSERT_EQ(trees[0].nodes.size(), trees[1].nodes.size());
    for (std::size_t i = 0; i < trees[0].nodes.size(); ++i) {
      EXPECT_EQ(bits_of({trees[0].nodes[i].threshold}), bits_of({trees[1].nodes[i].threshold}));
      EXPECT_EQ(trees[0].nodes[i].feature, trees[1].nodes[i].feature);
      EXPECT_EQ(trees[0].nodes[i].child, trees[1].nodes[i].child);
    }
    EXPECT_EQ(trees[0].out_of_bag, trees[1].out_of_bag);
  }
}

// ---- learners ----

std::vector<double> predictions(const Estimator& learner, const std::shared_ptr<const Dataset>& dataset, int width) {
  const auto threads = make_executor(width);
  RunContext context;
  context.run_with = threads.get();
  return learner.fit(dataset, context).model->predict(dataset->features).values;
}

TEST(SparseLearners, TablesOfBothKindsAndAnyNumberOfThreadsGiveTheSameModel) {
  const std::size_t rows = 6'000;
  const auto columns = mostly_zeros(rows, 80, 18);
  std::vector<double> y = random_numbers(rows, 19);
  for (std::size_t i = 0; i < rows; ++i) y[i] = 0.3 * y[i] + columns[0][i] - 2 * columns[4][i] + columns[8][i];
  const auto dense = numeric_dataset(dense_table(columns), y), sparse = numeric_dataset(sparse_table(columns), y);
  const GradientBoosting boosting({.n_estimators = 20, .subsample = 0.8});
  auto symmetric = GradientBoostingParameters::symmetric();
  symmetric.n_estimators = 10;
  const RandomForest forest({.n_estimators = 5});
  for (const Estimator* learner : {static_cast<const Estimator*>(&boosting), static_cast<const Estimator*>(&forest)}) {
    const auto expected = bits_of(predictions(*learner, dense, 1));
    EXPECT_EQ(bits_of(predictions(*learner, sparse, 1)), expected);
    EXPECT_EQ(bits_of(predictions(*learner, sparse, 3)), expected);
  }
  EXPECT_EQ(bits_of(predictions(GradientBoosting(symmetric), sparse, 2)),
            bits_of(predictions(GradientBoosting(symmetric), dense, 1)));
}

TEST(SparseLearners, AModelKeepsTheColumnsThatItSplitsOn) {
  const auto columns = mostly_zeros(1'000, 50, 20);
  std::vector<double> y;
  for (std::size_t i = 0; i < 1'000; ++i) y.push_back(columns[0][i] + 3 * columns[16][i]);
  const auto dataset = numeric_dataset(sparse_table(columns), y);
  const FitResult fit = GradientBoosting({.n_estimators = 3, .num_leaves = 3}).fit(dataset);
  const auto& arrays = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
  EXPECT_EQ(arrays.columns, (std::vector<std::uint32_t>{0, 16}));
  EXPECT_EQ(arrays.categories.size(), 2U);
}

TEST(SparseLearners, ValidationOnAnotherTable) {
  const auto columns = mostly_zeros(1'000, 50, 21), others = mostly_zeros(400, 50, 22);
  const auto target = [](const std::vector<std::vector<double>>& x) {
    std::vector<double> y = random_numbers(x[0].size(), 23);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = 0.5 * y[i] + x[0][i];
    return y;
  };
  const auto train = numeric_dataset(sparse_table(columns), target(columns));
  std::vector<std::vector<double>> curves;
  for (const Table& table : {sparse_table(others), dense_table(others)}) {
    const DatasetView held_out(numeric_dataset(table, target(others)));
    curves.push_back(GradientBoosting({.n_estimators = 20})
                         .fit(FitInput{.train = DatasetView(train), .validation = &held_out})
                         .report.learning_curve);
  }
  EXPECT_EQ(bits_of(curves[0]), bits_of(curves[1]));
}

}  // namespace
