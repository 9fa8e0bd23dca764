// What is found, what is not, and what must change nothing.

#include <automill/core/pipeline.hpp>

#include "feature_tools.hpp"

namespace {

using namespace feature_tools;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(GenerateFeatures, finds_a_ratio) {
  for (Task task : {Task::regression, Task::binary}) {
    const auto data = ratio_problem(3000, task);
    const auto found = fitted(GenerateFeatures{{.validate = false}}, data);  // boosting gains little by it
    ASSERT_FALSE(added(*found).empty()) << task_name(task);
    EXPECT_TRUE(contains(added(*found), "x0 / x1")) << task_name(task);
    EXPECT_NE(found->describe().find("x0 / x1: ratio of x0 to x1\n"), std::string::npos) << found->describe();
    const Table out = found->transform(data->features);
    for (std::size_t i = 0; i < 50; ++i)
      EXPECT_EQ(out.column("x0 / x1").number(i), data->features[0].number(i) / data->features[1].number(i));
  }
}

TEST(GenerateFeatures, finds_what_is_made_of_three) {
  const Random random(4000, 5, 3);
  const auto data = problem(table_of(random), Task::regression,
                            [&](std::size_t i) { return random.x[0][i] * random.x[2][i] / random.x[1][i]; });
  const auto names = added(*fitted(GenerateFeatures{}, data));
  EXPECT_TRUE(contains(names, "(x0 * x2) / x1") || contains(names, "(x2 * x0) / x1") ||
              contains(names, "(x0 / x1) * x2") || contains(names, "(x2 / x1) * x0"))
      << fitted(GenerateFeatures{}, data)->describe();
  for (const std::string& name : added(*fitted(GenerateFeatures{{.order = 2}}, data)))
    EXPECT_EQ(name.find('('), std::string::npos) << name;
}

TEST(GenerateFeatures, finds_the_difference_to_the_mean_of_a_group) {
  const Random random(3000, 3, 4);
  Table table = table_of(random);
  std::vector<double> price;
  for (std::size_t i = 0; i < 3000; ++i)
    price.push_back(50.0 * static_cast<double>(random.color[i] * 7 % 6) + 10 * random.x[0][i]);
  std::vector<ColumnPtr> columns = table.columns();
  columns.push_back(make_number_column({.name = "price"}, price));
  const auto data = problem(Table(std::move(columns)), Task::binary, [&](std::size_t i) { return random.x[0][i]; });
  // x0 itself would be the shorter way
  const auto hidden =
      with_columns(*data, std::vector<ColumnPtr>(data->features.columns().begin() + 1, data->features.columns().end()));
  const auto names = added(*fitted(GenerateFeatures{}, hidden));
  EXPECT_TRUE(contains(names, "price - mean by color") || contains(names, "price / mean by color") ||
              contains(names, "rank(price by color)"))
      << fitted(GenerateFeatures{}, hidden)->describe();
}

TEST(GenerateFeatures, finds_categories_that_tell_more_together) {
  const Random random(4000, 2, 5);
  const auto data = problem(table_of(random), Task::binary, [&](std::size_t i) {
    return mix64(100 * random.color[i] + random.size[i]) % 2 == 0 ? 1.0 : -1.0;
  });
  const auto quick = fitted(GenerateFeatures{{.groups = false}}, data);
  for (const std::string& name : added(*quick)) EXPECT_EQ(name, "color & size");
  const Table out = quick->transform(data->features);
  if (out.size() > data->features.size()) {
    const Column& cross = out.column("color & size");
    ASSERT_EQ(cross.kind(), ColumnKind::category);
    for (std::size_t i = 0; i < 100; ++i)
      EXPECT_EQ(cross.text(i), std::string(data->features.column("color").text(i)) + " & " +
                                   std::string(data->features.column("size").text(i)));
  }
}

// By the shuffles, a column is added in 1 of 100 runs on noise. 200 runs: more than 8 have a probability below 0.0002.
TEST(GenerateFeatures, noise_gives_nothing) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto data = noise_problem(200 + seed, 6, seed % 2 == 0 ? Task::regression : Task::binary, seed);
    found += added(*fitted(GenerateFeatures{}, data)).empty() ? 0 : 1;
  }
  EXPECT_LE(found, 8);
}

TEST(GenerateFeatures, limits_hold) {
  const auto data = ratio_problem(2000);
  EXPECT_EQ(added(*fitted(GenerateFeatures{{.max_features = 1}}, data)).size(), 1U);
  EXPECT_TRUE(added(*fitted(GenerateFeatures{{.max_features = 0}}, data)).empty());
  EXPECT_TRUE(added(*fitted(GenerateFeatures{{.max_candidates = 0}}, data)).empty());
  EXPECT_TRUE(added(*fitted(GenerateFeatures{{.arithmetic = false, .groups = false, .crosses = false}}, data)).empty());
  EXPECT_TRUE(added(*fitted(GenerateFeatures{}, ratio_problem(30))).empty());
}

TEST(GenerateFeatures, order_of_columns_constants_and_copies_change_nothing) {
  const auto data = ratio_problem(1500);
  const auto& columns = data->features.columns();
  const auto plain = fitted(GenerateFeatures{{.validate = false}}, data);
  ASSERT_FALSE(added(*plain).empty());
  std::vector<ColumnPtr> more(columns.rbegin(), columns.rend());
  more.insert(more.begin() + 1, make_number_column({.name = "constant"}, std::vector<double>(1500, 3.5)));
  more.push_back(make_number_column({.name = "copy"}, values_of(data->features, "x1")));
  const auto other = fitted(GenerateFeatures{{.validate = false}}, with_columns(*data, more));
  ASSERT_EQ(added(*other), added(*plain));
  const Table a = plain->transform(data->features), b = other->transform(Table(more));
  for (const std::string& name : added(*plain)) EXPECT_EQ(values_of(a, name), values_of(b, name)) << name;
}

TEST(GenerateFeatures, what_is_held_out_changes_no_bit) {
  const auto data = ratio_problem(1200, Task::binary);
  std::vector<std::uint32_t> train;
  for (std::uint32_t row = 0; row < 1200; ++row)
    if (row % 3 != 0) train.push_back(row);
  Dataset changed = *data;
  for (std::size_t row = 0; row < 1200; row += 3) changed.target.labels[row] = 1 - changed.target.labels[row];
  changed.keys.clear();
  const Pipeline pipeline(GenerateFeatures{{.validate = false}}, GradientBoosting{{.n_estimators = 20}});
  const auto a = pipeline.fit(rows_of(data, train)), b = pipeline.fit(rows_of(make_dataset(std::move(changed)), train));
  EXPECT_EQ(a.model->predict(data->features).values, b.model->predict(data->features).values);
}

TEST(GenerateFeatures, order_of_rows_threads_and_weights_change_no_bit) {
  const auto data = ratio_problem(1500);
  const auto plain = fitted(GenerateFeatures{{.validate = false}}, data);
  ASSERT_FALSE(added(*plain).empty());
  std::vector<std::uint32_t> shuffled(1500), repeated;
  std::iota(shuffled.begin(), shuffled.end(), 0U);
  RandomStream(3, purpose("shuffled")).shuffle(shuffled);
  const auto copied = [&](const std::vector<std::uint32_t>& rows) {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < data->features.size(); ++c)
      columns.push_back(copy_column(TableView(data->features, rows), c));
    Dataset other;
    other.features = Table(std::move(columns));
    for (std::uint32_t row : rows) other.target.values.push_back(data->target.values[row]);
    return other;
  };
  EXPECT_TRUE(same_archive(archive_of(*fitted(GenerateFeatures{{.validate = false}}, make_dataset(copied(shuffled)))),
                           archive_of(*plain)));
  const auto executor = make_executor(3);
  const auto threads =
      GenerateFeatures{{.validate = false}}.fit_transform(data, {.run_with = executor.get()}).transformer;
  EXPECT_TRUE(same_archive(archive_of(*threads), archive_of(*plain)));
  Dataset weighted = *data;
  for (std::uint32_t row = 0; row < 1500; ++row) {
    const std::size_t copies = row % 3;
    weighted.weights.push_back(static_cast<double>(copies));
    repeated.insert(repeated.end(), copies, row);
  }
  EXPECT_TRUE(
      same_archive(archive_of(*fitted(GenerateFeatures{{.validate = false}}, make_dataset(copied(repeated)))),
                   archive_of(*fitted(GenerateFeatures{{.validate = false}}, make_dataset(std::move(weighted))))));
}

TEST(GenerateFeatures, infinite_and_missing_cells) {
  auto data = ratio_problem(1500);
  std::vector<ColumnPtr> columns = data->features.columns();
  std::vector<double> x1 = values_of(data->features, "x1");
  for (std::size_t i = 0; i < x1.size(); i += 10) x1[i] = i % 20 == 0 ? missing : 0;
  x1[1] = std::numeric_limits<double>::infinity();
  columns[1] = make_number_column({.name = "x1"}, x1);
  data = with_columns(*data, columns);
  const auto found = fitted(GenerateFeatures{}, data);
  ASSERT_TRUE(contains(added(*found), "x0 / x1")) << found->describe();
  const std::vector<double> values = values_of(found->transform(data->features), "x0 / x1");
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(std::isnan(values[i]), i % 10 == 0) << i;
}

TEST(GenerateFeatures, several_outputs) {
  const Random random(2000, 4, 9);
  Dataset data;
  data.features = table_of(random);
  data.target.outputs = {"a", "b"};
  for (std::size_t i = 0; i < 2000; ++i) {
    data.target.values.push_back(random.x[0][i] / random.x[1][i]);
    data.target.values.push_back(random.x[0][i]);
  }
  EXPECT_TRUE(
      contains(added(*fitted(GenerateFeatures{{.validate = false}}, make_dataset(std::move(data)))), "x0 / x1"));
}

TEST(GenerateFeatures, is_loaded_as_it_was) {
  const auto data = ratio_problem(1000);
  const auto found = fitted(GenerateFeatures{}, data);
  const Archive saved = archive_of(*found);
  const auto loaded = builtin_models().load_transformer(ArchiveReader(saved), data->features.schema());
  EXPECT_EQ(loaded->describe(), found->describe());
  EXPECT_TRUE(same_archive(archive_of(*loaded), saved));
}

/// 1 - AUC of scores; ties count half.
double auc(const std::vector<double>& scores, const std::vector<std::int32_t>& labels) {
  double better = 0, pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    for (std::size_t j = 0; j < scores.size(); ++j)
      if (labels[i] == 1 && labels[j] == 0) {
        better += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        ++pairs;
      }
  return better / pairs;
}

// A column that is chosen by rows that are held out would lift these above chance (as stopping early by them would).
// The mean of 200 AUCs of 150 rows, each with a standard deviation of about sqrt(151 / (12 * 75 * 75)) = 0.047, is
// within 0.5 +- 0.0135 (4 standard errors).
TEST(GenerateFeatures, out_of_fold_predictions_of_noise_are_at_chance) {
  const Pipeline pipeline(GenerateFeatures{{.chance = 0.5}},
                          GradientBoosting{{.n_estimators = 15, .num_leaves = 7, .early_stopping_rounds = 0}});
  double held_out = 0, fresh = 0;
  constexpr int runs = 200;
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    const auto data = noise_problem(150, 5, Task::binary, 1000 + seed),
               other = noise_problem(150, 5, Task::binary, 5000 + seed);
    const FoldedDataset folded(data, make_folds(*data, 3, seed));
    std::vector<double> scores(150);
    const auto fits = pipeline.fit_folds(folded, {});
    for (std::size_t fold = 0; fold < 3; ++fold) {
      const Predictions all = fits[fold].model->predict(data->features);
      for (std::uint32_t row : folded.held_out(fold).row_numbers()) scores[row] = all.row(row)[1];
    }
    held_out += auc(scores, data->target.labels);
    const Predictions unseen = fits[0].model->predict(other->features);
    for (std::size_t i = 0; i < 150; ++i) scores[i] = unseen.row(i)[1];
    fresh += auc(scores, other->target.labels);
  }
  EXPECT_LT(held_out / runs, 0.5135);
  EXPECT_NEAR(fresh / runs, 0.5, 0.0135);
}

}  // namespace
