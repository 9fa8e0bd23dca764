// TargetEncoder against scikit-learn, against sums by hand, and its fold machinery against single fits.

#include <automill/core/pipeline.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>

#include "encoder_tools.hpp"
#include "preprocess/target_rows.hpp"

using namespace preprocess_tools;

namespace {

constexpr double close = 1e-12;  // relative: sums of a few hundred terms in another order

Target target_of(Task task, const std::vector<double>& values) {
  Target target{.task = task};
  if (!is_classification(task)) {
    target.values = values;
    return target;
  }
  target.classes =
      task == Task::binary ? std::vector<std::string>{"no", "yes"} : std::vector<std::string>{"a", "b", "c"};
  for (double value : values) target.labels.push_back(static_cast<std::int32_t>(value));
  return target;
}

Dataset dataset_of(Table features, Target target) {
  Dataset dataset;
  dataset.features = std::move(features);
  dataset.target = std::move(target);
  return dataset;
}

/// Groups that fall into cells of their own, one a fold: then they are the inner folds.
std::vector<std::uint64_t> groups_of_folds(const Dataset& dataset, const std::vector<double>& fold) {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t offset = 0;; ++offset) {
    Dataset grouped = dataset;
    grouped.groups.clear();
    for (double number : fold) grouped.groups.push_back(static_cast<std::uint64_t>(number) * 1000 + offset);
    const auto shared = make_dataset(grouped);
    const TargetRows rows(OuterFolds{DatasetView(shared)}, 5, true, {});
    std::map<std::uint8_t, double> fold_of_cell;
    bool own = true;
    for (std::size_t row = 0; row < fold.size(); ++row)
      own = own && fold_of_cell.emplace(rows.cell_of_row[row], fold[row]).first->second == fold[row];
    if (own && fold_of_cell.size() == 5) return grouped.groups;
  }
}

void expect_near_columns(const Table& table, const Value& lists) {
  ASSERT_EQ(table.size(), lists.array().size());
  for (std::size_t c = 0; c < table.size(); ++c) {
    const std::vector<double> expected = numbers(lists.array()[c]);
    for (std::size_t row = 0; row < table.rows(); ++row)
      ASSERT_NEAR(table[c].number(row), expected[row], close * std::abs(expected[row]) + 1e-15)
          << table[c].name() << ", row " << row;
  }
}

TEST(TargetEncoder, AgreesWithScikitLearn) {
  const Table table = encoder_reference_categories();
  const std::vector<double> fold = numbers(encoder_reference().at("fold"));
  for (Task task : {Task::regression, Task::binary, Task::multiclass}) {
    Dataset dataset =
        dataset_of(table, target_of(task, numbers(encoder_reference().at("targets").at(task_name(task)))));
    dataset.groups = groups_of_folds(dataset, fold);
    const auto shared = make_dataset(std::move(dataset));
    for (const char* smooth : {"auto", "0.0", "10.0"}) {
      TargetEncoderParameters parameters;
      if (std::string(smooth) != "auto") parameters.smoothing = std::stod(smooth);
      const auto fitted = TargetEncoder{parameters}.fit_transform(DatasetView(shared), {});
      const Value& expected = encoder_reference().at("expected").at(task_name(task) + "_" + smooth);
      expect_near_columns(fitted.train, expected.at("out_of_fold"));
      expect_near_columns(fitted.transformer->transform(table), expected.at("all_rows"));
    }
  }
}

/// 120 rows, a category of eight and one of many values, some missing.
std::shared_ptr<const Dataset> some_rows(Task task, std::uint64_t seed = 1, std::size_t rows = 120) {
  std::vector<std::string> few, many;
  std::vector<double> x, values;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("target encoder test"), i);
    few.push_back(random.uniform() < 0.1 ? "" : "f" + std::to_string(random.below(8)));
    many.push_back("m" + std::to_string(random.below(rows / 2)));
    const double value = 100 + 5 * random.normal() + (few.back() == "f3" ? 10 : 0);
    x.push_back(value);
    values.push_back(task == Task::regression ? value
                     : task == Task::binary   ? (value > 101 ? 1 : 0)
                                              : static_cast<double>(random.below(3)));
  }
  return make_dataset(
      dataset_of(Table({category_column("few", few), number_column("x", x), category_column("many", many)}),
                 target_of(task, values)));
}

TEST(TargetEncoder, EachRowIsEncodedByTheOtherInnerFolds) {
  const auto data = some_rows(Task::regression);
  const OuterFolds outer{DatasetView(data)};
  const TargetRows rows(outer, 4, true, {});
  const auto inner = inner_folds(rows, outer, 0, 4);
  const auto fold_of = [&](std::size_t row) { return inner[rows.cell_of_row[row]]; };
  const auto fitted = TargetEncoder{{.folds = 4, .smoothing = 3}}.fit_transform(DatasetView(data), {});
  ASSERT_EQ(fitted.train.schema()->names(), (std::vector<std::string>{"few_mean", "x", "many_mean"}));
  for (const char* name : {"few", "many"}) {
    const Column& column = data->features.column(name);
    for (std::size_t row = 0; row < data->rows(); ++row) {
      double sum = 0, count = 0, all_sum = 0, all_count = 0;
      for (std::size_t other = 0; other < data->rows(); ++other) {
        if (fold_of(other) == fold_of(row)) continue;
        all_sum += data->target.values[other];
        all_count += 1;
        const bool same = column.missing(row) ? column.missing(other) : column.number(row) == column.number(other);
        sum += same ? data->target.values[other] : 0;
        count += same ? 1 : 0;
      }
      const double expected = (sum + 3 * all_sum / all_count) / (count + 3);
      EXPECT_NEAR(fitted.train.column(std::string(name) + "_mean").number(row), expected, close * expected);
    }
  }
}

TEST(TargetEncoder, LaterRowsAreEncodedByAllTrainingRows) {
  const auto data = make_dataset(dataset_of(Table({category_column("c", {"a", "a", "b", "", "b", "b"})}),
                                            target_of(Task::regression, {1, 3, 10, 7, 20, 30})));
  const auto fitted = TargetEncoder{{.smoothing = 0}}.fit_transform(DatasetView(data), {}).transformer;
  const Table more({category_column("c", {"a", "b", "", "new"})});
  expect_same(values_of(fitted->transform(more), "c_mean"), {2, 20, 7, 71.0 / 6}, 1e-12);
  const auto auto_fitted = TargetEncoder{}.fit_transform(DatasetView(data), {}).transformer;
  const double mean = 71.0 / 6, variance = (1 + 9 + 100 + 49 + 400 + 900) / 6.0 - mean * mean;
  const double inside = 200.0 / 3, weight = variance * 3 / (variance * 3 + inside);
  EXPECT_NEAR(values_of(auto_fitted->transform(more), "c_mean")[1], weight * 20 + (1 - weight) * mean, 1e-12);
}

TEST(TargetEncoder, ClassesAndOutputs) {
  const Table table({category_column("c", {"a", "a", "b", "b"})});
  Target binary = target_of(Task::binary, {1, 0, 1, 1});
  binary.positive = 0;
  const auto shares =
      TargetEncoder{{.smoothing = 0}}.fit_transform(DatasetView(make_dataset(dataset_of(table, binary))), {});
  expect_same(values_of(shares.transformer->transform(table), "c_mean"), {0.5, 0.5, 0, 0}, 1e-15);
  const auto classes = TargetEncoder{{.smoothing = 0}}.fit_transform(
      DatasetView(make_dataset(dataset_of(table, target_of(Task::multiclass, {0, 2, 1, 1})))), {});
  const Table by_class = classes.transformer->transform(table);
  EXPECT_EQ(by_class.schema()->names(), (std::vector<std::string>{"c_mean_a", "c_mean_b", "c_mean_c"}));
  expect_same(values_of(by_class, "c_mean_c"), {0.5, 0.5, 0, 0}, 1e-15);
  expect_same(values_of(by_class, "c_mean_b"), {0, 0, 1, 1}, 1e-15);
  Target outputs{.values = {1, 10, 3, 30, 5, 50, 7, 90}, .outputs = {"low", "high"}};
  const auto two =
      TargetEncoder{{.smoothing = 0}}.fit_transform(DatasetView(make_dataset(dataset_of(table, outputs))), {});
  expect_same(values_of(two.transformer->transform(table), "c_mean_low"), {2, 2, 6, 6}, 1e-14);
  expect_same(values_of(two.transformer->transform(table), "c_mean_high"), {20, 20, 70, 70}, 1e-13);
}

TEST(TargetEncoder, ColumnsPassOrStayAsAsked) {
  const Table table({category_column("two", {"a", "b", "a", "b"}), category_column("four", {"p", "q", "r", "s"})});
  const auto data = make_dataset(dataset_of(table, target_of(Task::regression, {1, 2, 3, 4})));
  const auto names = [&](TargetEncoderParameters parameters) {
    return TargetEncoder{parameters}.fit_transform(DatasetView(data), {}).train.schema()->names();
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({.columns_from = 3}), (Names{"two", "four_mean"}));
  EXPECT_EQ(names({.keep = true}), (Names{"two", "two_mean", "four", "four_mean"}));
  const auto kept = TargetEncoder{{.keep = true}}.fit_transform(DatasetView(data), {});
  expect_equal_tables(kept.transformer->transform(table).without({"two_mean", "four_mean"}), table);
  expect_equal_tables(kept.train.without({"two_mean", "four_mean"}), table);
}

TEST(TargetEncoder, OrderedRowsSeeOnlyRowsBefore) {
  const auto data = some_rows(Task::regression, 3);
  const OuterFolds outer{DatasetView(data)};
  const TargetRows rows(outer, 5, true, {});
  const auto fitted = TargetEncoder{{.scheme = "ordered", .smoothing = 2}}.fit_transform(DatasetView(data), {});
  const Column& column = data->features.column("few");
  for (std::size_t place = 0; place < rows.size(); ++place) {
    double sum = 0, count = 0, all_sum = 0;
    for (std::size_t before = 0; before < place; ++before) {
      const std::size_t row = rows.rows[place], other = rows.rows[before];
      all_sum += data->target.values[other];
      const bool same = column.missing(row) ? column.missing(other) : column.number(row) == column.number(other);
      sum += same ? data->target.values[other] : 0;
      count += same ? 1 : 0;
    }
    const double expected = place == 0 ? 0 : (sum + 2 * all_sum / static_cast<double>(place)) / (count + 2);
    EXPECT_NEAR(fitted.train.column("few_mean").number(rows.rows[place]), expected, close * expected);
  }
}

TEST(TargetEncoder, OrderedGroupsDoNotSeeThemselves) {
  Dataset grouped = *some_rows(Task::regression, 4);
  for (std::size_t row = 0; row < grouped.rows(); ++row) grouped.groups.push_back(row / 4);
  const auto data = make_dataset(grouped);
  for (std::size_t row = 8; row < 12; ++row) grouped.target.values[row] += 1000;  // group 2
  const auto changed = make_dataset(grouped);
  for (const char* scheme : {"ordered", "folds"}) {
    const TargetEncoder encoder{{.scheme = scheme}};
    const Table before = encoder.fit_transform(DatasetView(data), {}).train;
    const Table after = encoder.fit_transform(DatasetView(changed), {}).train;
    for (std::size_t row = 8; row < 12; ++row)
      for (const char* name : {"few_mean", "many_mean"})
        EXPECT_EQ(before.column(name).number(row), after.column(name).number(row)) << scheme << " " << row;
  }
}

TEST(TargetEncoder, FoldsTogetherAreFoldsAlone) {
  for (Task task : {Task::regression, Task::binary, Task::multiclass})
    for (const char* scheme : {"folds", "ordered"}) {
      const auto data = some_rows(task, 5, 300);
      SplitPlan plan = make_folds(*data, 4, 7);
      plan.fold_of[0] = SplitPlan::never_held_out;
      plan.fold_of[1] = SplitPlan::never_used;
      plan.finish();
      SplitPlan forward = plan;
      forward.forward = true;
      forward.finish();
      for (const SplitPlan& each : {plan, forward}) {
        const FoldedDataset folded(data, each);
        const TargetEncoder encoder{{.scheme = scheme}};
        const auto together = encoder.fit_transform_folds(folded, {});
        for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
          const auto alone = encoder.fit_transform(folded.train(fold), {});
          ASSERT_EQ(together[fold].train.schema()->names(), alone.train.schema()->names());
          for (const std::string& name : alone.train.schema()->names())
            if (alone.train.column(name).kind() == ColumnKind::number)
              expect_same(values_of(together[fold].train, name), values_of(alone.train, name), 1e-10);
          const Table rows = together[fold].transformer->transform(data->features),
                      expected = alone.transformer->transform(data->features);
          for (const char* name : {"few", "many"}) {
            const std::string column = std::string(name) + (task == Task::multiclass ? "_mean_b" : "_mean");
            expect_same(values_of(rows, column), values_of(expected, column), 1e-10);
          }
        }
      }
    }
}

/// Predictions of all rows by the models of all folds.
std::vector<double> fold_predictions(const Estimator& estimator, const FoldedDataset& folded, bool together) {
  std::vector<double> all;
  std::vector<FitResult> fits = together ? estimator.fit_folds(folded, {}) : estimator.Estimator::fit_folds(folded, {});
  for (const FitResult& fit : fits) {
    const auto values = fit.require_model("pipeline").predict(folded.dataset()->features).values;
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

TEST(TargetEncoder, PipelinesLearnTheSameOfFoldsTogetherAndAlone) {
  for (Task task : {Task::regression, Task::binary, Task::multiclass}) {
    const auto data = some_rows(task, 9, 400);
    const FoldedDataset folded(data, make_folds(*data, 8, 3));
    const ColumnTransformer columns(
        {{"few", TargetEncoder{}, {"few"}}, {"many", TargetEncoder{{.folds = 3}}, {"many"}}});
    // of classes every bit is the same; sums of numbers are rounded in another order, which a ridge model passes on
    std::vector<Pipeline> pipelines;
    if (task == Task::regression) {
      pipelines = {Pipeline{TargetEncoder{}, Ridge{}}, Pipeline{columns, Ridge{}}};
    } else {
      const GradientBoosting boosting{{.n_estimators = 10, .min_child_samples = 5}};
      pipelines = {Pipeline{TargetEncoder{}, boosting}, Pipeline{columns, boosting}};
    }
    for (const Pipeline& pipeline : pipelines) {
      const auto together = fold_predictions(pipeline, folded, true), alone = fold_predictions(pipeline, folded, false);
      ASSERT_EQ(together.size(), 8 * 400 * data->target.width());
      if (task != Task::regression) EXPECT_EQ(together, alone);
      for (std::size_t i = 0; i < alone.size(); ++i)
        ASSERT_NEAR(together[i], alone[i], 1e-9 * std::max(1.0, std::abs(alone[i]))) << i;
    }
  }
}

TEST(TargetEncoder, InnerFoldsSpreadClassesAndDoNotDependOnOtherParts) {
  Dataset dataset = *some_rows(Task::multiclass, 6, 1000);
  for (std::size_t row = 0; row < 1000; ++row) dataset.target.labels[row] = row % 25 == 0 ? 2 : row % 3 == 0 ? 1 : 0;
  dataset.keys.clear();
  const auto data = make_dataset(dataset);
  const OuterFolds outer{DatasetView(data)};
  const TargetRows rows(outer, 5, true, {});
  const auto inner = inner_folds(rows, outer, 0, 5);
  std::map<std::pair<int, int>, int> held;
  for (std::size_t row = 0; row < 1000; ++row) ++held[{data->target.labels[row], inner[rows.cell_of_row[row]]}];
  for (int fold = 0; fold < 5; ++fold) {
    EXPECT_NEAR((held[{2, fold}]), 8, 4) << fold;     // 40 rows in 20 cells
    EXPECT_NEAR((held[{1, fold}]), 64, 16) << fold;   // 320 rows
    EXPECT_NEAR((held[{0, fold}]), 128, 24) << fold;  // 640 rows
  }
}

TEST(TargetEncoder, RowOrderAndThreadsChangeNoBit) {
  for (Task task : {Task::regression, Task::multiclass}) {
    const auto data = some_rows(task, 8, 3000);
    std::vector<std::uint32_t> order(data->rows());
    std::iota(order.begin(), order.end(), 0U);
    RandomStream(1, purpose("order")).shuffle(order);
    Dataset other = dataset_of(FittedTransformerPipeline::copy_rows(TableView(data->features, order)), {});
    other.target = Target{.task = task, .classes = data->target.classes};
    for (std::uint32_t row : order) {
      if (task == Task::regression) other.target.values.push_back(data->target.values[row]);
      else other.target.labels.push_back(data->target.labels[row]);
    }
    const auto shuffled = make_dataset(std::move(other));
    const auto executor = make_executor(3);
    for (const char* scheme : {"folds", "ordered"}) {
      const TargetEncoder encoder{{.scheme = scheme}};
      const auto straight = encoder.fit_transform(DatasetView(data), {});
      const auto mixed = encoder.fit_transform(DatasetView(shuffled), {.run_with = executor.get()});
      for (const std::string& name : straight.train.schema()->names()) {
        std::vector<double> back(data->rows());
        for (std::size_t i = 0; i < order.size(); ++i) back[order[i]] = mixed.train.column(name).number(i);
        expect_same(back, values_of(straight.train, name));
      }
      expect_equal_tables(straight.transformer->transform(data->features),
                          mixed.transformer->transform(data->features));
    }
  }
}

TEST(TargetEncoder, WeightsCountAsRows) {
  const Table table({category_column("c", {"a", "a", "b", "b", "b"})});
  for (double scale : {1.0, 0.25}) {
    Dataset weighted = dataset_of(table, target_of(Task::regression, {1, 4, 10, 20, 30}));
    weighted.weights = {2 * scale, scale, scale, scale, 0};
    const auto fitted = TargetEncoder{{.smoothing = 0}}.fit_transform(DatasetView(make_dataset(weighted)), {});
    expect_same(values_of(fitted.transformer->transform(table), "c_mean"), {2, 2, 15, 15, 15}, 1e-14);
  }
  Dataset bad = dataset_of(table, target_of(Task::regression, {1, 4, 10, 20, 30}));
  bad.weights = {1, 1, -1, 1, 1};
  EXPECT_THROW(TargetEncoder{}.fit_transform(DatasetView(make_dataset(bad)), {}), Error);
}

TEST(TargetEncoder, EdgesOfData) {
  const auto encode = [](Table table, Target target) {
    const auto fitted =
        TargetEncoder{}.fit_transform(DatasetView(make_dataset(dataset_of(table, std::move(target)))), {});
    return std::pair(values_of(fitted.train, "c_mean"), values_of(fitted.transformer->transform(table), "c_mean"));
  };
  const auto one = encode(Table({category_column("c", {"a"})}), target_of(Task::regression, {5}));
  expect_same(one.first, {0});
  expect_same(one.second, {5});
  const auto none = encode(Table({category_column("c", {})}), target_of(Task::regression, {}));
  EXPECT_TRUE(none.first.empty());
  const auto missing_only = encode(Table({category_column("c", {"", "", ""})}), target_of(Task::regression, {4, 4, 4}));
  expect_same(missing_only.second, {4, 4, 4});
  const auto constant = encode(Table({category_column("c", {"a", "b", "a"})}), target_of(Task::regression, {7, 7, 7}));
  expect_same(constant.second, {7, 7, 7}, 1e-14);
  const auto huge = encode(Table({category_column("c", {"a", "b", "a", "b"})}),
                           target_of(Task::regression, {1e308, -1e308, 1e308, 1e308}));
  for (double value : huge.second) EXPECT_TRUE(std::isfinite(value));
  const auto far = encode(Table({category_column("c", {"a", "a", "b", "b"})}),
                          target_of(Task::regression, {1e9 + 1, 1e9 + 3, 1e9 + 11, 1e9 + 13}));
  const double weight = 52.0 / (52.0 + 1);  // variance 26, two rows, 1 inside
  expect_same(far.second, {1e9 + 7 - 5 * weight, 1e9 + 7 - 5 * weight, 1e9 + 7 + 5 * weight, 1e9 + 7 + 5 * weight},
              1e-6);
}

TEST(TargetEncoder, SavedAndLoadedAndRowByRow) {
  const auto data = some_rows(Task::multiclass, 9);
  const auto fitted = TargetEncoder{{.keep = true}}.fit_transform(DatasetView(data), {}).transformer;
  const Table batch = fitted->transform(data->features);
  expect_equal_tables(loaded(saved(*fitted), *fitted)->transform(data->features), batch);
  expect_equal_tables(row_by_row(*fitted, data->features), batch);
  EXPECT_EQ(fitted->describe(2), "  target_encoder: 2 category columns become 6 numbers\n");
}

TEST(TargetEncoder, DamagedFileIsRefused) {
  const auto fitted = TargetEncoder{}.fit_transform(DatasetView(some_rows(Task::regression)), {}).transformer;
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 1, missing); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(8); });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["suffixes"] = Array{}; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["suffixes"] = Array{"a", "b"}; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["columns"].array().pop_back(); });
  expect_refused(*fitted, [](Archive& a) {
    std::swap(a.root.object()["columns"].array()[0], a.root.object()["columns"].array()[1]);
  });
}

TEST(TargetEncoder, AStopLeavesIt) {
  std::stop_source source;
  source.request_stop();
  EXPECT_THROW(
      TargetEncoder{}.fit_transform(DatasetView(some_rows(Task::regression)), {.stop = StopToken(source.get_token())}),
      Stopped);
}

}  // namespace
