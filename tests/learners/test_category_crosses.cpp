// Crosses of category columns: which are found, what trees make of them, and what is said of them.

#include <gtest/gtest.h>

#include <automill/learners/tree/contributions.hpp>

#include "learners/tree/category_crosses.hpp"
#include "learners/tree/tree_cells.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

struct Drawn {
  std::vector<std::vector<std::int32_t>> codes{};  ///< of each column
  std::vector<std::vector<double>> signals{};
  std::vector<double> weights{};
  std::shared_ptr<const BinnedTable> bins{};
  Table table{};
};

using Effect = std::function<double(const std::vector<std::int32_t>&)>;

/// Columns of some categories each, and a target that follows them, with noise.
Drawn draw(std::size_t rows, const std::vector<std::size_t>& categories, const Effect& effect, double noise,
           std::uint64_t seed) {
  RandomStream random = random_of(seed);
  Drawn drawn{.codes = std::vector<std::vector<std::int32_t>>(categories.size()), .signals = {{}}};
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::int32_t> own;
    for (std::size_t c = 0; c < categories.size(); ++c) {
      own.push_back(static_cast<std::int32_t>(random.below(categories[c])));
      drawn.codes[c].push_back(own.back());
    }
    drawn.signals[0].push_back(effect(own) + noise * random.normal());
  }
  drawn.weights.assign(rows, 1.0);
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < categories.size(); ++c)
    columns.push_back(category_column("c" + std::to_string(c), drawn.codes[c], categories[c]));
  drawn.table = Table(columns);
  drawn.bins = binned(drawn.table);
  return drawn;
}

std::vector<BinMapping> crosses_of(const Drawn& drawn, const CrossOptions& options = {}) {
  const std::size_t rows = drawn.bins->rows();
  std::vector<std::uint32_t> columns;
  for (std::uint32_t c = 0; c < drawn.codes.size(); ++c) columns.push_back(c);
  const auto all = first_rows(rows);
  return find_crosses(*drawn.bins, columns, all, all, {drawn.signals, drawn.weights}, options, {});
}

/// Which way a pair of categories pulls, and nothing that one of them tells alone.
double checkerboard(std::int32_t a, std::int32_t b) { return (a + b) % 2 == 0 ? 1 : -1; }

TEST(CategoryCrosses, ColumnsThatTellMoreTogetherAreFound) {
  const Drawn drawn = draw(
      3000, {6, 5, 8, 4}, [](const auto& c) { return checkerboard(c[0], c[2]) + 0.3 * c[1]; }, 0.5, 1);
  const auto crosses = crosses_of(drawn);
  ASSERT_FALSE(crosses.empty());
  EXPECT_EQ(std::minmax(crosses[0].cross->first, crosses[0].cross->second), std::minmax(0U, 2U));
  EXPECT_EQ(crosses[0].bins, 49U) << "6 x 8 pairs and any other";
}

TEST(CategoryCrosses, SumsOfColumnsNeedNone) {
  std::size_t found = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    found += crosses_of(draw(
                            1000, {6, 30, 8, 4}, [](const auto& c) { return c[0] + 0.2 * c[1] - 0.5 * c[2]; }, 1, seed))
                 .size();
  EXPECT_LE(found, 1U) << "6 pairs ten times, at 2.5 standard errors: 0.4 by chance";
}

TEST(CategoryCrosses, SmallColumnsAreLeftToTheirOwnSplits) {
  const Drawn drawn = draw(
      3000, {6, 5, 8, 4}, [](const auto& c) { return checkerboard(c[0], c[2]) + 0.3 * c[1]; }, 0.5, 1);
  EXPECT_TRUE(crosses_of(drawn, {.min_bins = 10}).empty()) << "8 categories and any other are 9 bins";
  EXPECT_FALSE(crosses_of(drawn, {.min_bins = 9}).empty());
}

TEST(CategoryCrosses, ThreeColumnsThatTellMoreTogether) {
  const auto effect = [](const auto& c) {
    return checkerboard(c[0], c[1]) + (c[3] == 0 ? 1.5 : 0.0) * checkerboard(c[0], c[1]);
  };
  const Drawn drawn = draw(4000, {4, 5, 6, 3}, effect, 0.5, 2);
  const auto crosses = crosses_of(drawn, {.most_pairs = 1, .most_triples = 1});
  ASSERT_EQ(crosses.size(), 2U);
  EXPECT_EQ(crosses[1].cross->first, 4U) << "the pair";
  EXPECT_EQ(crosses[1].cross->second, 3U);
  EXPECT_EQ(crosses[1].bins, 61U);
}

TEST(CategoryCrosses, BinsAreThePairs) {
  const Drawn drawn = draw(
      800, {7, 9, 5}, [](const auto& c) { return checkerboard(c[0], c[1]); }, 0.1, 3);
  const auto crosses = crosses_of(drawn, {.most_pairs = 1, .most_triples = 0, .most_bins = 20});
  ASSERT_EQ(crosses.size(), 1U);
  std::vector<BinMapping> mappings = drawn.bins->mappings();
  mappings.push_back(crosses[0]);
  const auto first = category_bins(*drawn.bins, mappings, crosses[0].cross->first);
  const auto second = category_bins(*drawn.bins, mappings, crosses[0].cross->second);
  const auto bins = category_bins(*drawn.bins, mappings, mappings.size() - 1);
  std::map<std::pair<int, int>, std::size_t> counts, bin_of;
  for (std::size_t row = 0; row < 800; ++row) ++counts[{first[row], second[row]}];
  std::size_t least_kept = 800, most_left = 0;
  for (std::size_t row = 0; row < 800; ++row) {
    const std::pair<int, int> pair{first[row], second[row]};
    const auto [known, is_new] = bin_of.emplace(pair, bins[row]);
    EXPECT_EQ(known->second, bins[row]);
    if (bins[row] == 0) most_left = std::max(most_left, counts[pair]);
    else least_kept = std::min(least_kept, counts[pair]);
  }
  EXPECT_EQ(crosses[0].bins, 21U);
  EXPECT_GE(least_kept, most_left) << "the most frequent pairs have bins";
}

// ---- whole fits ----

std::shared_ptr<const Dataset> dataset_of(const Drawn& drawn) {
  Dataset dataset;
  dataset.features = drawn.table;
  dataset.target.values = drawn.signals[0];
  return make_dataset(std::move(dataset));
}

GradientBoostingParameters few_rounds() {
  GradientBoostingParameters parameters = GradientBoostingParameters::symmetric();
  parameters.n_estimators = 80;
  parameters.learning_rate = 0.1;
  return parameters;
}

Drawn crossed_rows() {
  const auto effect = [](const auto& c) { return 2 * checkerboard(c[0], c[2]) + 0.3 * c[1]; };
  return draw(2500, {20, 5, 25}, effect, 0.3, 5);
}

TEST(CategoryCrosses, AFitUsesThem) {
  const Drawn drawn = crossed_rows();
  const auto fit = GradientBoosting(few_rounds()).fit(dataset_of(drawn));
  const auto& model = dynamic_cast<const TreeEnsemble&>(*fit.model);
  ASSERT_FALSE(model.arrays().crosses.empty());
  EXPECT_EQ(model.arrays().categories.size(), model.arrays().cells());
  const auto predictions = model.predict(drawn.table).values;
  double missed = 0;
  for (std::size_t row = 0; row < predictions.size(); ++row)
    missed += std::pow(predictions[row] - drawn.signals[0][row], 2);
  EXPECT_LT(std::sqrt(missed / 2500), 0.6) << "2.0 without crosses, the noise is 0.3";
}

Predictions first_predictions(const Model& model, const Table& table, std::size_t rows) {
  Predictions predictions(rows, 1);
  model.predict_aligned(TableView(table).part(0, rows), {predictions.values.data(), rows, 1}, {});
  return predictions;
}

TEST(CategoryCrosses, OneRowBatchesAndLoadedModelsAgree) {
  const Drawn drawn = crossed_rows();
  const auto fit = GradientBoosting(few_rounds()).fit(dataset_of(drawn));
  const Predictions batch = fit.model->predict(drawn.table);  // swept
  const Predictions few = first_predictions(*fit.model, drawn.table, 100);
  const auto one = fit.model->row_predictor();
  Registry registry;
  registry.add_model_loader("tree_ensemble", load_tree_ensemble);
  const Archive archive = linear_tools::saved(*fit.model);
  const auto loaded = registry.load_model(ArchiveReader(archive), fit.model->context());
  EXPECT_EQ(bits_of(loaded->predict(drawn.table).values), bits_of(batch.values));
  EXPECT_EQ(loaded->describe(), fit.model->describe());
  for (std::size_t row = 0; row < 100; ++row) {
    EXPECT_EQ(few.values[row], batch.values[row]);
    std::vector<double> numbers;
    for (const auto& codes : drawn.codes) numbers.push_back(codes[row]);
    double alone = 0;
    one->predict({.numbers = numbers.data()}, {&alone, 1});
    EXPECT_EQ(alone, batch.values[row]);
  }
}

TEST(CategoryCrosses, ValidationRowsAreScoredAsTheModelScoresThem) {
  const Drawn drawn = crossed_rows();
  const auto dataset = dataset_of(drawn);
  std::vector<std::uint32_t> train, held_out;
  for (std::uint32_t row = 0; row < 2500; ++row) (row % 5 == 0 ? held_out : train).push_back(row);
  const auto view = [&](const std::vector<std::uint32_t>& rows, std::uint64_t identity) {
    return DatasetView(dataset, {std::make_shared<const std::vector<std::uint32_t>>(rows), identity});
  };
  const DatasetView training = view(train, 1), validation = view(held_out, 2);
  const auto fit = GradientBoosting(few_rounds()).fit({.train = training, .validation = &validation});
  ASSERT_FALSE(dynamic_cast<const TreeEnsemble&>(*fit.model).arrays().crosses.empty());
  const auto& kept = fit.report.checkpoints.at(fit.report.rounds);
  const auto predictions = fit.model->predict(drawn.table).values;
  for (std::size_t i = 0; i < held_out.size(); ++i) EXPECT_NEAR(kept.values[i], predictions[held_out[i]], 1e-12);
}

TEST(CategoryCrosses, ContributionsBelongToTheirColumnsAlike) {
  const Drawn drawn = crossed_rows();
  const auto fit = GradientBoosting(few_rounds()).fit(dataset_of(drawn));
  const auto& model = dynamic_cast<const TreeEnsemble&>(*fit.model);
  const TableView rows = TableView(drawn.table).part(0, 40);
  const auto predictions = first_predictions(model, drawn.table, 40).values;
  const Contributions own = contributions(model, rows, {}), against = contributions(model, rows, rows, {});
  const Interactions pairs = interactions(model, rows, {});
  double largest = 0;
  for (std::size_t row = 0; row < 40; ++row) {
    for (const Contributions* each : {&own, &against})
      EXPECT_NEAR(std::accumulate(each->values.begin() + static_cast<std::ptrdiff_t>(row * 4),
                                  each->values.begin() + static_cast<std::ptrdiff_t>(row * 4 + 4), 0.0),
                  predictions[row], 1e-9);
    for (std::size_t c = 0; c < 3; ++c) {
      double sum = 0;
      for (std::size_t other = 0; other < 3; ++other) {
        sum += pairs.values[row * 9 + c * 3 + other];
        EXPECT_NEAR(pairs.values[row * 9 + c * 3 + other], pairs.values[row * 9 + other * 3 + c], 1e-12);
      }
      EXPECT_NEAR(sum, own.values[row * 4 + c], 1e-9);
    }
    largest = std::max(largest, std::abs(pairs.values[row * 9 + 2]));
  }
  EXPECT_GT(largest, 0.3) << "columns 0 and 2 act together";
}

TEST(CategoryCrosses, DamageIsRefused) {
  const Drawn drawn = crossed_rows();
  const auto fit = GradientBoosting(few_rounds()).fit(dataset_of(drawn));
  const auto& model = dynamic_cast<const TreeEnsemble&>(*fit.model);
  const auto loading = [&](const std::function<void(TreeArrays&)>& damage) {
    TreeArrays arrays = model.arrays();
    damage(arrays);
    TreeEnsemble damaged(arrays);
    damaged.set_context(model.context());
    Registry registry;
    registry.add_model_loader("tree_ensemble", load_tree_ensemble);
    const Archive archive = linear_tools::saved(damaged);
    return error_code([&] { registry.load_model(ArchiveReader(archive), model.context()); });
  };
  EXPECT_EQ(loading([](TreeArrays&) {}), "");
  const std::vector<std::function<void(TreeArrays&)>> damages{
      [](TreeArrays& a) { a.crosses[0].first = static_cast<std::uint32_t>(a.columns.size()); },  // itself
      [](TreeArrays& a) { a.crosses[0].second = 1'000'000; },
      [](TreeArrays& a) { a.crosses[0].keys.clear(); },
      [](TreeArrays& a) { std::swap(a.crosses[0].keys[0], a.crosses[0].keys[1]); },
      [](TreeArrays& a) { a.crosses[0].keys.pop_back(); },  // a bin less than its sets hold
      [](TreeArrays& a) { a.categories.pop_back(); },
      [](TreeArrays& a) { a.crosses.pop_back(); }};
  for (std::size_t i = 0; i < damages.size(); ++i) EXPECT_EQ(loading(damages[i]), "model_file.invalid") << i;
}

}  // namespace
