// The fitted half of tree learners against a walk that is written from the header alone; what the grower makes; damage.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

constexpr std::size_t category_count = 90;  // with "other" and missing: sets of two words

std::shared_ptr<const Schema> three_columns() {
  return Table({number_column("x", {}), number_column("unused", {}), category_column("c", {}, category_count)})
      .schema();
}

/// Rows with missing, infinite and unseen cells among them.
Table sample_rows(std::size_t rows, std::uint64_t seed) {
  std::vector<double> x = random_numbers(rows, seed), unused(rows, missing);
  std::vector<std::int32_t> codes(rows);
  RandomStream random = random_of(seed + 1);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i % 11 == 3) x[i] = missing;
    if (i % 97 == 5) x[i] = i % 2 == 0 ? infinite : -infinite;
    if (i % 5 == 0) x[i] = std::round(4 * x[i]) / 4;  // thresholds themselves
    codes[i] = static_cast<std::int32_t>(random.below(category_count + 2)) - 1;
  }
  return Table({number_column("x", x), number_column("unused", unused), category_column("c", codes, category_count)});
}

void grow_at_random(TreeArrays& arrays, std::size_t node, int depth, RandomStream& random) {
  const auto leaf = [&] { return depth == 0 || random.below(6) == 0; };
  if (leaf()) {
    arrays.nodes[node].threshold = random.normal();
    return;
  }
  TreeNode inner;
  inner.child = static_cast<std::uint32_t>(arrays.nodes.size());
  if (random.below(2) == 0) {
    inner.threshold = std::round(4 * random.normal()) / 4;
    inner.feature = random.below(2) == 0 ? TreeNode::missing_left : 0;
  } else {
    inner.feature = 1 | TreeNode::category;
    inner.threshold = static_cast<double>(arrays.sets.size());
    arrays.sets.push_back(random.next());
    arrays.sets.push_back(random.next());
  }
  arrays.nodes[node] = inner;
  arrays.nodes.resize(arrays.nodes.size() + 2);
  grow_at_random(arrays, inner.child, depth - 1, random);
  grow_at_random(arrays, inner.child + 1, depth - 1, random);
}

TreeArrays random_arrays(ScoreTransform transform, std::size_t width, std::size_t trees, std::uint64_t seed,
                         int depth = 6) {
  RandomStream random = random_of(seed);
  TreeArrays arrays;
  arrays.transform = transform;
  for (std::size_t k = 0; k < width; ++k) arrays.base.push_back(random.normal());
  arrays.columns = {0, 2};
  arrays.categories.resize(2);
  CategoryTable& table = arrays.categories[1];
  table.bins = 80;
  table.missing_bin = 7;
  for (std::size_t k = 0; k < category_count; ++k)
    table.bin_of_code.push_back(static_cast<std::uint16_t>(random.below(80)));
  for (std::size_t t = 0; t < trees; ++t) {
    arrays.roots.push_back(static_cast<std::uint32_t>(arrays.nodes.size()));
    arrays.nodes.emplace_back();
    grow_at_random(arrays, arrays.nodes.size() - 1, depth, random);
  }
  for (std::size_t i = 0; i < arrays.nodes.size(); ++i) {
    arrays.rows.push_back(static_cast<std::uint32_t>(random.below(1000)));
    arrays.gains.push_back(arrays.nodes[i].child != 0 ? static_cast<float>(random.below(100)) : 0.0F);
  }
  return arrays;
}

OutputSpec output_of(ScoreTransform transform, std::size_t width) {
  if (transform == ScoreTransform::logistic) return {Task::binary, 2, {"a", "b"}, 0};
  if (transform == ScoreTransform::softmax) return {Task::multiclass, width, {"a", "b", "c"}, 1};
  return {Task::regression, width, {}, 1};
}

std::unique_ptr<TreeEnsemble> random_model(ScoreTransform transform, std::size_t width = 1, std::size_t trees = 12,
                                           std::uint64_t seed = 1, int depth = 6) {
  auto model = std::make_unique<TreeEnsemble>(random_arrays(transform, width, trees, seed, depth));
  model->set_context({three_columns(), output_of(transform, width)});
  return model;
}

/// Leaf of a row, as the header says: numbers up to the threshold go left, missing ones where the node says, categories
/// whose bin is in the set go left, unseen ones have bin 0.
double walk(const TreeArrays& arrays, std::size_t node, double x, double code) {
  const TreeNode& at = arrays.nodes[node];
  if (at.child == 0) return at.threshold;
  bool left = false;
  if ((at.feature & TreeNode::category) != 0) {
    const CategoryTable& table = arrays.categories[at.feature & TreeNode::position];
    std::size_t bin = 0;
    if (std::isnan(code)) bin = table.missing_bin;
    else if (code >= 0 && code < static_cast<double>(table.bin_of_code.size()))
      bin = table.bin_of_code[static_cast<std::size_t>(code)];
    const std::uint64_t word = arrays.sets[static_cast<std::size_t>(at.threshold) + bin / 64];
    left = ((word >> (bin % 64)) & 1) != 0;
  } else {
    left = std::isnan(x) ? (at.feature & TreeNode::missing_left) != 0 : x <= at.threshold;
  }
  return walk(arrays, left ? at.child : at.child + 1, x, code);
}

std::vector<double> walked_scores(const TreeArrays& arrays, const Table& rows, std::size_t row) {
  std::vector<double> scores = arrays.base;
  for (std::size_t t = 0; t < arrays.trees(); ++t)
    scores[t % scores.size()] += walk(arrays, arrays.roots[t], rows[0].number(row), rows[2].number(row));
  return scores;
}

std::vector<double> row_by_row(const Model& model, const Table& rows) {
  const auto predictor = model.row_predictor();
  std::vector<double> cells(rows.size()), out(model.output_spec().width), all;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t c = 0; c < rows.size(); ++c) cells[c] = rows[c].number(i);
    predictor->predict({cells.data(), nullptr}, out);
    all.insert(all.end(), out.begin(), out.end());
  }
  return all;
}

TEST(TreeEnsemble, ScoresAreTheSumsOfTheLeavesBitForBit) {
  for (const auto& [width, trees] : {std::pair<std::size_t, std::size_t>{1, 12}, {3, 12}, {1, 1}})  // one: not prepared
    for (const std::size_t rows : {0, 1, 7, 63, 64, 65, 1500}) {
      const auto model = random_model(ScoreTransform::identity, width, trees, rows + width);
      const Table table = sample_rows(rows, rows);
      std::vector<double> expected;
      for (std::size_t i = 0; i < rows; ++i)
        for (double score : walked_scores(model->arrays(), table, i)) expected.push_back(score);
      EXPECT_EQ(bits_of(model->predict(table).values), bits_of(expected)) << rows;
      EXPECT_EQ(bits_of(row_by_row(*model, table)), bits_of(expected)) << rows;
    }
}

TEST(TreeEnsemble, LargeTreesTooAreTheSumsOfTheirLeaves) {  // too large to be decided at once
  const Table table = sample_rows(200, 1);
  for (const std::size_t width : {1, 3}) {
    const auto model = random_model(ScoreTransform::identity, width, 12, width, 11);
    ASSERT_GT(model->arrays().nodes.size(), 12U * 2 * 128);
    std::vector<double> expected;
    for (std::size_t i = 0; i < 200; ++i)
      for (double score : walked_scores(model->arrays(), table, i)) expected.push_back(score);
    EXPECT_EQ(bits_of(row_by_row(*model, table)), bits_of(expected));
  }
}

TEST(TreeEnsemble, PredictionsAreTransformedScores) {
  const Table table = sample_rows(300, 3);
  const auto binary = random_model(ScoreTransform::logistic), counts = random_model(ScoreTransform::exponential),
             classes = random_model(ScoreTransform::softmax, 3);
  const Predictions p = binary->predict(table), e = counts->predict(table), k = classes->predict(table);
  for (std::size_t i = 0; i < 300; ++i) {
    // our own exp is within two units in the last place, and a few operations follow
    const long double score = walked_scores(binary->arrays(), table, i)[0];
    EXPECT_NEAR(p.row(i)[0], static_cast<double>(1 / (1 + std::exp(-score))),
                1e-15);  // the positive class is the first
    EXPECT_EQ(p.row(i)[1], 1 - p.row(i)[0]);
    const long double rate = std::exp(static_cast<long double>(walked_scores(counts->arrays(), table, i)[0]));
    EXPECT_NEAR(e.row(i)[0], static_cast<double>(rate), static_cast<double>(1e-15L * rate));
    const auto scores = walked_scores(classes->arrays(), table, i);
    long double sum = 0;
    for (double s : scores) sum += std::exp(static_cast<long double>(s));
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(k.row(i)[c], static_cast<double>(std::exp(static_cast<long double>(scores[c])) / sum), 2e-15);
  }
  for (const auto* model : {binary.get(), counts.get(), classes.get()})
    EXPECT_EQ(bits_of(row_by_row(*model, table)), bits_of(model->predict(table).values));
}

TEST(TreeEnsemble, ThreadsDoNotChangeABit) {
  const auto model = random_model(ScoreTransform::softmax, 3);
  const Table table = sample_rows(5000, 4);
  const auto expected = bits_of(model->predict(table).values);
  for (int width : {2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    EXPECT_EQ(bits_of(model->predict(table, context).values), expected) << width;
  }
}

TEST(TreeEnsemble, RowsThatWereNotReachedAreMissing) {
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  for (double value : random_model(ScoreTransform::identity)->predict(sample_rows(200, 1), late).values)
    EXPECT_TRUE(std::isnan(value));
}

TEST(TreeEnsemble, WithoutTreesTheBaseIsPredicted) {
  TreeArrays arrays;
  arrays.base = {2.5};
  TreeEnsemble model(arrays);
  model.set_context({three_columns(), {}});
  const Table table = sample_rows(20, 1);
  EXPECT_EQ(model.predict(table).values, std::vector<double>(20, 2.5));
  EXPECT_EQ(row_by_row(model, table), std::vector<double>(20, 2.5));
}

TEST(TreeEnsemble, GainsAreAddedUpByColumn) {
  const auto model = random_model(ScoreTransform::identity);
  std::vector<double> expected(3, 0.0);
  const TreeArrays& a = model->arrays();
  for (std::size_t i = 0; i < a.nodes.size(); ++i)
    if (a.nodes[i].child != 0)
      expected[(a.nodes[i].feature & TreeNode::category) != 0 ? 2 : 0] += static_cast<double>(a.gains[i]);
  EXPECT_EQ(model->feature_gains(), expected);
  EXPECT_GT(expected[0], 0);
  EXPECT_GT(expected[2], 0);
  const auto leaves =
      std::count_if(a.nodes.begin(), a.nodes.end(), [](const TreeNode& node) { return node.child == 0; });
  EXPECT_EQ(model->describe(2), "  tree_ensemble: 12 trees, " + std::to_string(leaves) + " leaves, 2 columns\n");
}

Registry loader() {
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  return registry;
}

TEST(TreeEnsemble, ALoadedModelIsTheSame) {
  const Table table = sample_rows(500, 6);
  for (const auto transform :
       {ScoreTransform::identity, ScoreTransform::logistic, ScoreTransform::softmax, ScoreTransform::exponential}) {
    const auto model = random_model(transform, transform == ScoreTransform::softmax ? 3 : 1);
    const Archive archive = linear_tools::saved(*model);
    const auto loaded = loader().load_model(ArchiveReader(archive), model->context());
    EXPECT_EQ(bits_of(loaded->predict(table).values), bits_of(model->predict(table).values));
    const auto& trees = dynamic_cast<const TreeEnsemble&>(*loaded);
    EXPECT_EQ(trees.feature_gains(), model->feature_gains());
    EXPECT_EQ(trees.arrays().rows, model->arrays().rows);
    EXPECT_EQ(trees.describe(), model->describe());
  }
}

/// Saves arrays that were changed; empty where loading them is allowed.
std::string loading(const std::function<void(TreeArrays&)>& damage,
                    OutputSpec output = output_of(ScoreTransform::identity, 1)) {
  TreeArrays arrays = random_arrays(ScoreTransform::identity, 1, 5, 3);
  damage(arrays);
  TreeEnsemble model(arrays);
  model.set_context({three_columns(), output});
  const Archive archive = linear_tools::saved(model);
  return error_code([&] { loader().load_model(ArchiveReader(archive), model.context()); });
}

/// The first node of a kind.
TreeNode& node_where(TreeArrays& arrays, bool category) {
  for (TreeNode& node : arrays.nodes)
    if (node.child != 0 && ((node.feature & TreeNode::category) != 0) == category) return node;
  throw std::logic_error("no such node");
}

TEST(TreeEnsemble, DamageIsRefused) {
  EXPECT_EQ(loading([](TreeArrays&) {}), "");
  const std::vector<std::function<void(TreeArrays&)>> damages{
      [](TreeArrays& a) { node_where(a, false).child = 1'000'000; },
      [](TreeArrays& a) {
        node_where(a, false).child = static_cast<std::uint32_t>(a.nodes.size() - 1);
      },                                                                                            // no right child
      [](TreeArrays& a) { a.nodes[a.nodes[a.roots[0]].child].child = a.nodes[a.roots[0]].child; },  // its own child
      [](TreeArrays& a) { a.nodes[a.roots[0]].child = a.roots[1]; },                                // another tree
      [](TreeArrays& a) { node_where(a, false).feature = 2; },
      [](TreeArrays& a) { node_where(a, false).feature = 1; },                  // a category as a number
      [](TreeArrays& a) { node_where(a, true).feature = TreeNode::category; },  // a number as a category
      [](TreeArrays& a) { node_where(a, true).threshold = -1; },
      [](TreeArrays& a) { node_where(a, true).threshold = 0.5; },
      [](TreeArrays& a) { node_where(a, true).threshold = missing; },
      [](TreeArrays& a) { node_where(a, true).threshold = static_cast<double>(a.sets.size() - 1); },
      [](TreeArrays& a) { a.columns[1] = 3; },
      [](TreeArrays& a) { a.columns.pop_back(); },
      [](TreeArrays& a) { a.categories[1].bin_of_code[4] = 80; },
      [](TreeArrays& a) { a.categories[1].bin_of_code.pop_back(); },
      [](TreeArrays& a) { a.categories[1].missing_bin = 80; },
      [](TreeArrays& a) { a.categories[1].bins = 1; },
      [](TreeArrays& a) { a.categories[0].bins = 2; },
      [](TreeArrays& a) { a.base.clear(); },
      [](TreeArrays& a) { a.base.push_back(1); },
      [](TreeArrays& a) { a.roots[0] = 1; },
      [](TreeArrays& a) { std::swap(a.roots[1], a.roots[2]); },
      [](TreeArrays& a) { a.roots.clear(); },
      [](TreeArrays& a) { a.roots.push_back(static_cast<std::uint32_t>(a.nodes.size())); },
      [](TreeArrays& a) { a.rows.pop_back(); },
      [](TreeArrays& a) { a.gains.push_back(0); },
      [](TreeArrays& a) { a.transform = ScoreTransform::logistic; }};
  for (std::size_t i = 0; i < damages.size(); ++i) EXPECT_EQ(loading(damages[i]), "model_file.invalid") << i;
  // five trees are no whole number of rounds of three scores
  EXPECT_EQ(loading(
                [](TreeArrays& a) {
                  a.base = {1, 2, 3};
                  a.transform = ScoreTransform::softmax;
                },
                output_of(ScoreTransform::softmax, 3)),
            "model_file.invalid");
}

/// Each leaf has a vector of three values.
TreeArrays with_vectors(TreeArrays arrays) {
  RandomStream random(5, purpose("leaf vectors"));
  arrays.base = {0.25, 0.5, 0.125};
  double next = 0;
  for (TreeNode& node : arrays.nodes) {
    if (node.child != 0) continue;
    node.threshold = next++;
    for (int k = 0; k < 3; ++k) arrays.leaf_vectors.push_back(static_cast<float>(random.normal()));
  }
  return arrays;
}

TEST(TreeEnsemble, VectorLeavesAddToAllScores) {
  const TreeArrays arrays = with_vectors(random_arrays(ScoreTransform::identity, 1, 7, 4));
  TreeEnsemble model(arrays);
  model.set_context({three_columns(), output_of(ScoreTransform::identity, 3)});
  const Table rows = sample_rows(700, 2);
  const Predictions predictions = model.predict(rows);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::vector<double> scores = arrays.base;
    for (std::size_t t = 0; t < arrays.trees(); ++t) {
      const auto number = static_cast<std::size_t>(walk(arrays, arrays.roots[t], rows[0].number(i), rows[2].number(i)));
      for (std::size_t k = 0; k < 3; ++k) scores[k] += static_cast<double>(arrays.leaf_vectors[3 * number + k]);
    }
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(predictions.values[3 * i + k], scores[k]);
  }
  EXPECT_EQ(row_by_row(model, rows), predictions.values);
  const Archive archive = linear_tools::saved(model);
  EXPECT_EQ(loader().load_model(ArchiveReader(archive), model.context())->predict(rows).values, predictions.values);
  EXPECT_EQ(loading([](TreeArrays& a) { a = with_vectors(a); }, output_of(ScoreTransform::identity, 3)), "");
  for (const auto& damage : std::vector<std::function<void(TreeArrays&)>>{
           [](TreeArrays& a) { a.leaf_vectors.pop_back(); },
           [](TreeArrays& a) { a.leaf_vectors.resize(a.leaf_vectors.size() - 3); },
           [](TreeArrays& a) { a.nodes.back().threshold = 0.5; }, [](TreeArrays& a) { a.nodes.back().threshold = -1; },
           [](TreeArrays& a) { a.nodes.back().threshold = missing; }})
    EXPECT_EQ(loading(
                  [&](TreeArrays& a) {
                    a = with_vectors(a);
                    damage(a);
                  },
                  output_of(ScoreTransform::identity, 3)),
              "model_file.invalid");
}

TEST(TreeEnsemble, NumbersMayStandForCategories) {
  TreeArrays arrays = random_arrays(ScoreTransform::identity, 1, 9, 6);
  arrays.columns = {0, 1};  // the column of the table is one of numbers now
  TreeEnsemble model(arrays);
  model.set_context({three_columns(), output_of(ScoreTransform::identity, 1)});
  for (const double value : {0.0, 0.75, 3.0, 4.5, 1e9, -0.5, -1.0, -3.0, missing}) {
    const Table rows(
        {number_column("x", {0.3}), number_column("unused", {value}), category_column("c", {0}, category_count)});
    // the whole part is the code; -0.5 has the whole part 0
    const double code = std::isnan(value) ? value : value > -1 ? std::trunc(value) + 0.0 : value;
    double expected = 0.5;
    for (std::size_t t = 0; t < arrays.trees(); ++t) expected += walk(arrays, arrays.roots[t], 0.3, code);
    EXPECT_NEAR(model.predict(rows).values[0] - arrays.base[0], expected - 0.5, 1e-12) << value;
  }
}

TEST(TreeEnsemble, TransformsOfClassesAndShares) {
  double out[3] = {0.2, 0, 0};
  tree::transform_scores(ScoreTransform::probability, out, 1, 1, out);
  EXPECT_EQ(out[0], 0.8);
  EXPECT_EQ(out[1], 0.2);
  const double scores[3] = {0, std::log(3.0), -std::log(3.0)};  // sigmoids 1/2, 3/4, 1/4
  tree::transform_scores(ScoreTransform::one_vs_all, scores, 3, 0, out);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(out[k], (k == 0 ? 0.5 : k == 1 ? 0.75 : 0.25) / 1.5, 1e-15);
  tree::transform_scores(ScoreTransform::sigmoid, scores, 3, 0, out);
  EXPECT_NEAR(out[1], 0.75, 1e-15);
  tree::transform_scores(ScoreTransform::ascending, scores, 3, 0, out);
  EXPECT_EQ((std::vector<double>{out[0], out[1], out[2]}), (std::vector<double>{scores[2], scores[0], scores[1]}));
}

TEST(TreeEnsemble, UnknownVersionsAndTransformsAreRefused) {
  const auto model = random_model(ScoreTransform::identity);
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, Value>>{{"transform", "cubic"}, {"state_version", 6}, {"sets", 3}}) {
    Archive archive = linear_tools::saved(*model);
    archive.root.object()[key] = value;
    EXPECT_EQ(error_code([&] { loader().load_model(ArchiveReader(archive), model->context()); }), "model_file.invalid")
        << key;
  }
}

/// Rows of a tree that is grown on bins of numbers and categories.
struct Grown {
  Table table;
  std::shared_ptr<const BinnedTable> bins;
  QuantisedGradients gradients;
  std::vector<std::uint32_t> rows;
};

Grown growing(std::size_t rows, std::size_t max_bin, bool heavy) {
  Grown grown;
  grown.table = sample_rows(rows, 9);
  grown.bins = binned(grown.table, {.max_bin = max_bin});
  grown.gradients.gradients = random_numbers(rows, 10);
  grown.gradients.hessians.assign(rows, 1.0);
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = grown.table[0].number(i), code = grown.table[2].number(i);
    grown.gradients.gradients[i] += (std::isnan(x) ? 2 : x > 0.3 ? 1 : -1) + (std::fmod(code, 7) == 3 ? 3 : 0);
    grown.gradients.hessians[i] = 0.5 + 0.1 * static_cast<double>(i % 9);
  }
  grown.gradients.heavy_tails = heavy;
  if (heavy) grown.gradients.gradients[1] = 1e9;
  grown.rows = first_rows(rows);
  grown.gradients.pack(grown.rows, random_keys(rows, 2), rows, 1);
  return grown;
}

TEST(TreeEnsemble, BinnedRowsAndRawRowsReachTheSameLeaf) {
  for (const std::size_t max_bin : {20, 255, 900})
    for (const bool heavy : {false, true}) {
      Grown grown = growing(4000, max_bin, heavy);
      ASSERT_EQ(grown.gradients.scale.fields.wide, heavy);
      GrowParameters parameters{.num_leaves = 40};
      parameters.split.cat_smooth = 1;
      parameters.split.min_rows_per_group = 10;
      TreeGrower grower(*grown.bins, parameters);
      ASSERT_TRUE(grower.grow(grown.gradients, grown.rows, 1, 0, {}));
      EXPECT_EQ(grower.tree().leaves.size(), 40U);
      const bool has_category = std::any_of(grower.tree().nodes.begin(), grower.tree().nodes.end(),
                                            [](const auto& node) { return node.split.categorical; });
      EXPECT_TRUE(has_category);
      TreeArrays arrays = empty_arrays(*grown.bins);
      arrays.base = {0};
      append_tree(grower.tree(), *grown.bins, arrays);
      TreeEnsemble model(arrays);
      model.set_context({grown.table.schema(), {}});
      const auto predictions = model.predict(grown.table).values;
      std::vector<bool> seen(4000, false);
      for (std::size_t leaf = 0; leaf < 40; ++leaf) {
        EXPECT_GE(grower.leaf_rows(leaf).size(), 1U);
        EXPECT_EQ(static_cast<double>(grower.leaf_rows(leaf).size()), grower.tree().leaves[leaf].rows);
        for (std::uint32_t row : grower.leaf_rows(leaf)) {
          EXPECT_FALSE(seen[row]);
          seen[row] = true;
          ASSERT_EQ(predictions[row], grower.tree().leaves[leaf].value);
        }
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 4000);
      // other rows, unseen categories among them, routed on bins
      const Table other = sample_rows(700, 20);
      const auto other_bins = grown.bins->like(other, {});
      const auto other_predictions = model.predict(other).values;
      std::vector<std::uint32_t> rows = first_rows(700), scratch;
      std::size_t routed = 0;
      route(grower.tree(), *other_bins, rows, scratch, [&](std::size_t leaf, std::span<const std::uint32_t> here) {
        for (std::uint32_t row : here) ASSERT_EQ(other_predictions[row], grower.tree().leaves[leaf].value) << row;
        routed += here.size();
      });
      EXPECT_EQ(routed, 700U);
    }
}

TEST(TreeEnsemble, LeavesAreNewtonStepsOfTheirRows) {
  Grown grown = growing(3000, 255, false);
  GrowParameters parameters{.num_leaves = 15};
  parameters.split.l2 = 2;
  TreeGrower grower(*grown.bins, parameters);
  ASSERT_TRUE(grower.grow(grown.gradients, grown.rows, 1, 0, {}));
  for (std::size_t leaf = 0; leaf < grower.tree().leaves.size(); ++leaf) {
    long double g = 0, h = 2;
    for (std::uint32_t row : grower.leaf_rows(leaf)) {
      g += grown.gradients.gradients[row];
      h += grown.gradients.hessians[row];
    }
    const double rows = static_cast<double>(grower.leaf_rows(leaf).size()), value = grower.tree().leaves[leaf].value;
    // a child of a split on categories has a larger penalty; both formulas are told apart by far
    const double plain = static_cast<double>(-g / h), penalised = static_cast<double>(-g / (h + 10));
    const double bound = rows *
                         (grown.gradients.scale.gradient_unit + grown.gradients.scale.hessian_unit * std::abs(value)) /
                         static_cast<double>(h);
    EXPECT_LE(std::min(std::abs(value - plain), std::abs(value - penalised)), bound) << leaf;
  }
}

std::vector<std::pair<std::uint32_t, double>> shape_of(const GrownTree& tree) {
  std::vector<std::pair<std::uint32_t, double>> shape;
  for (const auto& node : tree.nodes) shape.emplace_back(node.split.column * 100'000 + node.split.bin, node.split.gain);
  for (const auto& leaf : tree.leaves) shape.emplace_back(0, leaf.value);
  return shape;
}

TEST(TreeEnsemble, FewHistogramsGiveTheSameTree) {
  for (const bool heavy : {false, true}) {
    std::vector<std::pair<std::uint32_t, double>> expected;
    for (const std::uint64_t bytes : {std::uint64_t{1} << 28, std::uint64_t{1} << 16, std::uint64_t{1}}) {
      Grown grown = growing(5000, 255, heavy);
      GrowParameters parameters{.num_leaves = 60, .histogram_bytes = bytes};
      TreeGrower grower(*grown.bins, parameters);
      ASSERT_TRUE(grower.grow(grown.gradients, grown.rows, 1, 0, {}));
      const auto shape = shape_of(grower.tree());
      if (expected.empty()) expected = shape;
      EXPECT_TRUE(shape == expected) << bytes;
    }
    EXPECT_EQ(expected.size(), 59U + 60U);
  }
}

TEST(TreeEnsemble, GrowthKeepsItsLimits) {
  for (const int depth : {1, 2, 4}) {
    Grown grown = growing(3000, 255, false);
    TreeGrower grower(*grown.bins, {.num_leaves = 1000, .max_depth = depth});
    ASSERT_TRUE(grower.grow(grown.gradients, grown.rows, 1, 0, {}));
    EXPECT_LE(grower.tree().leaves.size(), std::size_t{1} << depth);
    EXPECT_GT(grower.tree().leaves.size(), std::size_t{1} << (depth - 1));
  }
  Grown grown = growing(3000, 255, false);
  TreeGrower stump(*grown.bins, {.num_leaves = 1});
  ASSERT_TRUE(stump.grow(grown.gradients, grown.rows, 1, 0, {}));
  EXPECT_EQ(stump.tree().leaves.size(), 1U);
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  Grown many = growing(5000, 255, false);
  EXPECT_FALSE(TreeGrower(*many.bins, {}).grow(many.gradients, many.rows, 1, 0, late));
}

}  // namespace
