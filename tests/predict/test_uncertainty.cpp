// Intervals, quantiles and sets of served models: the ranks that they are made of, a row as a batch, files.

#include <automill/predict/automill_predict.h>
#include <gtest/gtest.h>

#include "sample_models.hpp"

namespace automill {
namespace {

Error error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error("none", "", "");
}

void set_row(NamedRowPredictor& one, const Schema& schema, const Table& rows, std::size_t i) {
  one.clear();
  for (const ColumnSchema& column : schema.columns()) {
    const Column& cells = rows.column(column.name);
    if (cells.missing(i)) continue;
    if (column.kind == ColumnKind::category || column.kind == ColumnKind::text)
      one.set(one.column(column.name), cells.text(i));
    else one.set(one.column(column.name), cells.number(i));
  }
}

TEST(ScoreRanks, a_level_is_rounded_away_from_the_middle) {
  const ScoreRanks scores{.rows = 19, .ranks = {1, 19}, .scores = {-1, 1}};
  EXPECT_EQ(scores.rank_of((1 - 0.9) / 2), 1);  // (19 + 1) 0.05, which is a little less as a double
  EXPECT_EQ(scores.rank_of((1 + 0.9) / 2), 19);
  EXPECT_EQ(scores.rank_of(0.12), 2);   // 2.4
  EXPECT_EQ(scores.rank_of(0.88), 18);  // 17.6
  EXPECT_EQ(scores.rank_of(0.5), 10);
  EXPECT_EQ(scores.rank_of(0.01), 0);
  EXPECT_EQ(scores.rank_of(0.99), 20);
  double before = 0;
  for (double level = 0.05; level <= 0.95; level += 0.01) {
    EXPECT_GE(scores.rank_of(level), before);
    before = scores.rank_of(level);
  }
}

TEST(ScoreRanks, between_kept_ranks_scores_are_linear) {
  const ScoreRanks scores{.rows = 100, .ranks = {1, 2, 52, 100}, .scores = {-3, 0, 5, 6}};
  EXPECT_EQ(scores.at(1), -3);
  EXPECT_EQ(scores.at(2), 0);
  EXPECT_EQ(scores.at(27), 2.5);
  EXPECT_EQ(scores.at(1.5), -1.5);
  EXPECT_EQ(scores.at(76), 5.5);
  EXPECT_EQ(scores.at(100), 6);
}

TEST(Intervals, are_the_prediction_and_scores_in_units_of_the_spread) {
  const ServedModel model = samples::intervals();
  const Uncertainty& known = *model.parts().uncertainty;
  const Table rows = samples::people(200, 30);
  const auto predictions = model.predict(rows).raw().values;
  const auto spreads = known.spread->predict(spread_table(model.aligned(rows), predictions)).values;
  const PredictedIntervals intervals = model.predict_interval(rows, 0.9);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    EXPECT_GT(spreads[i], 0);
    EXPECT_EQ(intervals.low[i], std::max(-2.0, predictions[i] + spreads[i] * (5 - 40.0) / 16));  // rank 100 x 0.05
    EXPECT_EQ(intervals.high[i], std::max(-2.0, predictions[i] + spreads[i] * (95 - 40.0) / 16));
  }
  EXPECT_GT(*std::max_element(spreads.begin(), spreads.end()), 1.2 * *std::min_element(spreads.begin(), spreads.end()));
}

TEST(Intervals, are_quantiles_and_these_do_not_cross) {
  const ServedModel model = samples::intervals();
  const Table rows = samples::people(100, 31);
  std::vector<double> levels;
  for (int k = 2; k <= 98; ++k) levels.push_back(0.01 * k);
  const PredictedQuantiles quantiles = model.predict_quantiles(rows, levels);
  for (std::size_t i = 0; i < rows.rows(); ++i)
    EXPECT_TRUE(std::is_sorted(quantiles.values.row(i).begin(), quantiles.values.row(i).end()));
  const PredictedIntervals intervals = model.predict_interval(rows, 0.8);
  const PredictedQuantiles ends = model.predict_quantiles(rows, {(1 - 0.8) / 2, (1 + 0.8) / 2});
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    EXPECT_EQ(intervals.low[i], ends.values.row(i)[0]);
    EXPECT_EQ(intervals.high[i], ends.values.row(i)[1]);
  }
  EXPECT_EQ(model.predict_quantiles(rows).quantiles, (std::vector<double>{0.25, 0.75}));
  const PredictedIntervals narrow = model.predict_interval(rows, 0.5);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    EXPECT_LE(intervals.low[i], narrow.low[i]);
    EXPECT_GE(intervals.high[i], narrow.high[i]);
  }
}

TEST(Sets, hold_the_likeliest_class_and_what_is_likely_enough) {
  const ServedModel model = samples::sets();
  const Table rows = samples::people(300, 32);
  const Predictions probabilities = model.predict(rows).probabilities();
  std::size_t before = 0;
  for (const double coverage : {0.1, 0.6, 0.8, 0.95, 0.999}) {
    const PredictedSets sets = model.predict_set(rows, coverage);
    const double most = model.parts().uncertainty->most_score(coverage);
    std::size_t members = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      const auto row = probabilities.row(i);
      for (std::size_t k = 0; k < 3; ++k) {
        const bool likeliest = row[k] == *std::max_element(row.begin(), row.end());
        EXPECT_EQ(sets.contains(i, k), likeliest || 1 - row[k] <= most);
        members += sets.contains(i, k) ? 1 : 0;
      }
      EXPECT_GE(sets.labels(i).size(), 1U);
    }
    EXPECT_GE(members, before);  // more coverage, larger sets
    before = members;
  }
  EXPECT_EQ(before, 3 * rows.rows());                           // 99.9 % cannot be told from 99 rows: all classes
  EXPECT_EQ(model.parts().uncertainty->most_score(0.6), 0.25);  // rank 100 x 0.6
}

TEST(Uncertainty, one_row_is_a_batch_bit_for_bit) {
  const Table rows = samples::people(300, 33);
  const ServedModel numbers = samples::intervals(), classes = samples::sets();
  const PredictedIntervals intervals = numbers.predict_interval(rows, 0.9);
  const PredictedSets sets = classes.predict_set(rows, 0.8);
  NamedRowPredictor number = numbers.row_predictor(), label = classes.row_predictor();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    set_row(number, numbers.schema(), rows, i);
    set_row(label, classes.schema(), rows, i);
    const Interval interval = number.predict_interval(0.9);
    EXPECT_EQ(interval.low, intervals.low[i]);
    EXPECT_EQ(interval.high, intervals.high[i]);
    const auto members = label.predict_set(0.8);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(members[k] != 0, sets.contains(i, k));
  }
}

TEST(Uncertainty, survives_the_file) {
  const Table rows = samples::people(100, 34);
  const ServedModel numbers = samples::intervals(), classes = samples::sets();
  const ServedModel again = load(numbers.bytes()), labels = load(classes.bytes());
  EXPECT_EQ(again.bytes(), numbers.bytes());
  EXPECT_EQ(labels.bytes(), classes.bytes());
  EXPECT_EQ(again.predict_interval(rows, 0.9).low, numbers.predict_interval(rows, 0.9).low);
  EXPECT_EQ(again.predict_quantiles(rows).values.values, numbers.predict_quantiles(rows).values.values);
  EXPECT_EQ(labels.predict_set(rows, 0.8).members(), classes.predict_set(rows, 0.8).members());
  EXPECT_EQ(labels.target().costs, classes.target().costs);
}

TEST(Uncertainty, golden_files_without_it_say_so) {
  const ServedModel numbers = load(std::string(AUTOMILL_TEST_DATA "/golden/regression_0.1.0.automill"));
  const ServedModel classes = load(std::string(AUTOMILL_TEST_DATA "/golden/binary_0.1.0.automill"));
  const Table rows = samples::people(5, 35);
  const Error error = error_of([&] { numbers.predict_interval(rows); });
  EXPECT_EQ(error.code(), "model.no_intervals");
  EXPECT_EQ(std::string(error.what()),
            "predict_interval: this model does not hold what intervals and sets are made of (models of train and refit "
            "have it; files from before, single learners, imported models and other combinations of members do not) "
            "[model.no_intervals]");
  EXPECT_EQ(error_of([&] { numbers.predict_quantiles(rows); }).code(), "model.no_intervals");
  EXPECT_EQ(error_of([&] { classes.predict_set(rows); }).code(), "model.no_intervals");
  NamedRowPredictor one = numbers.row_predictor();
  EXPECT_EQ(error_of([&] { one.predict_interval(); }).code(), "model.no_intervals");
}

TEST(Uncertainty, golden_files_with_it_keep_their_bits) {
  const ServedModel numbers = load(std::string(AUTOMILL_TEST_DATA "/golden/intervals_0.1.0.automill"));
  const ServedModel classes = load(std::string(AUTOMILL_TEST_DATA "/golden/sets_0.1.0.automill"));
  const Table rows = samples::people(50, 36);
  EXPECT_EQ(numbers.predict_interval(rows, 0.9).high, samples::intervals().predict_interval(rows, 0.9).high);
  EXPECT_EQ(classes.predict_set(rows, 0.8).members(), samples::sets().predict_set(rows, 0.8).members());
}

TEST(Uncertainty, what_does_not_fit_is_refused_with_the_right_name) {
  const Table rows = samples::people(5, 37);
  const ServedModel numbers = samples::intervals(), classes = samples::sets();
  const auto text = [&](const auto& call) { return std::string(error_of(call).what()); };
  EXPECT_EQ(text([&] { classes.predict_interval(rows); }),
            "predict_interval: this is a multiclass model (use predict_set) [predict.wrong_kind]");
  EXPECT_EQ(text([&] { classes.predict_quantiles(rows); }),
            "predict_quantiles: this is a multiclass model (use predict_set) [predict.wrong_kind]");
  EXPECT_EQ(text([&] { numbers.predict_set(rows); }),
            "predict_set: this is a regression model (use predict_interval) [predict.wrong_kind]");
  for (const double wrong : {0.0, 1.0, -0.5, 90.0, samples::missing}) {
    EXPECT_EQ(error_of([&] { numbers.predict_interval(rows, wrong); }).code(), "option.out_of_range") << wrong;
    EXPECT_EQ(error_of([&] { numbers.predict_quantiles(rows, {0.5, wrong}); }).code(), "option.out_of_range");
    EXPECT_EQ(error_of([&] { classes.predict_set(rows, wrong); }).code(), "option.out_of_range");
  }
  EXPECT_EQ(text([&] { numbers.predict_interval(rows, 0.99); }),
            "coverage: a level of 0.005 cannot be told from 99 held-out rows (they tell levels from 0.01 to 0.99: "
            "intervals of up to 0.98) [predict.too_few_rows]");
  EXPECT_NO_THROW(numbers.predict_interval(rows, 0.98));
}

TEST(Uncertainty, rows_of_a_file_are_checked) {
  const auto broken = [](const std::function<void(Uncertainty&)>& change, ModelParts parts) {
    auto known = std::make_shared<Uncertainty>(*parts.uncertainty);
    change(*known);
    parts.uncertainty = std::move(known);
    return error_of([&] { load(samples::share(std::move(parts)).bytes()); }).code();
  };
  const ModelParts numbers = samples::intervals().parts(), classes = samples::sets().parts();
  EXPECT_EQ(broken([](Uncertainty&) {}, numbers), "none");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.ranks[3] = 3; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.rows = 100; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores = {.rows = 1}; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.scores[3] = 99; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.scores[3] = samples::missing; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.scores.pop_back(); }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.least = 3, u.most = 2; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.quantiles = {0.5, 1}; }, numbers), "model_file.invalid");
  EXPECT_EQ(broken([](Uncertainty& u) { u.scores.scores.back() = 1.5; }, classes), "model_file.invalid");
  EXPECT_EQ(broken([&](Uncertainty& u) { u.spread = numbers.uncertainty->spread; }, classes), "model_file.invalid");
  ModelParts costs = classes;
  costs.target.costs.pop_back();
  EXPECT_EQ(broken([](Uncertainty&) {}, costs), "model_file.invalid");
  costs.target.costs.push_back(-1);
  EXPECT_EQ(broken([](Uncertainty&) {}, costs), "model_file.invalid");
}

TEST(Costs, the_label_of_three_classes_is_the_one_of_the_least_expected_cost) {
  const ServedModel model = samples::sets();
  const PredictionResult result = model.predict(samples::people(200, 38));
  std::size_t other = 0;
  for (std::size_t i = 0; i < result.rows(); ++i) {
    const auto p = result.probabilities().row(i);
    std::size_t best = 0;
    double least = 1e9;
    for (std::size_t k = 0; k < 3; ++k) {
      double cost = 0;
      for (std::size_t j = 0; j < 3; ++j) cost += p[j] * model.target().costs[3 * j + k];
      if (cost < least) best = k, least = cost;
    }
    EXPECT_EQ(result.label_indices()[i], best);
    other += best != static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin()) ? 1 : 0;
  }
  EXPECT_GT(other, 5U);  // not the likeliest
}

TEST(CApi, gives_intervals_and_sets) {
  const auto bytes = samples::intervals().bytes(), of_classes = samples::sets().bytes();
  automill_model* numbers = automill_load_bytes(bytes.data(), bytes.size());
  automill_model* classes = automill_load_bytes(of_classes.data(), of_classes.size());
  automill_row *number = automill_row_new(numbers), *label = automill_row_new(classes);
  NamedRowPredictor one = samples::intervals().row_predictor();
  const Interval wanted = one.predict_interval(0.8);
  double low = 0, high = 0;
  ASSERT_EQ(automill_row_predict_interval(number, 0.8, &low, &high), AUTOMILL_OK);
  EXPECT_EQ(low, wanted.low);
  EXPECT_EQ(high, wanted.high);
  EXPECT_EQ(automill_row_predict_interval(number, 1.5, &low, &high), AUTOMILL_ERROR);
  EXPECT_NE(std::string(automill_last_error()).find("[option.out_of_range]"), std::string::npos);
  EXPECT_EQ(automill_row_predict_interval(label, 0.8, &low, &high), AUTOMILL_ERROR);
  EXPECT_NE(std::string(automill_last_error()).find("use predict_set"), std::string::npos);
  unsigned char members[3] = {7, 7, 7};
  ASSERT_EQ(automill_row_predict_set(label, 0.999, members, 3), AUTOMILL_OK);
  EXPECT_EQ(members[0] + members[1] + members[2], 3);
  EXPECT_EQ(automill_row_predict_set(label, 0.9, members, 2), AUTOMILL_ERROR);
  EXPECT_NE(std::string(automill_last_error()).find("[c_api.room]"), std::string::npos);
  EXPECT_EQ(automill_row_predict_interval(number, 0.8, nullptr, &high), AUTOMILL_ERROR);
  for (automill_row* row : {number, label}) automill_row_free(row);
  for (automill_model* model : {numbers, classes}) automill_free(model);
}

}  // namespace
}  // namespace automill
