// Intervals, quantiles and sets of trained models: coverage on rows that nobody saw, spreads that follow the noise.

#include <automill/core/pipeline.hpp>

#include "automl/held_out_errors.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

/// y = x^2 + noise whose standard deviation is 0.1 + |x|.
Table unequal(std::size_t rows, std::uint64_t seed) {
  std::vector<double> x, z, y;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("unequal noise"), i);
    x.push_back(4 * random.uniform() - 2);
    z.push_back(random.normal());
    y.push_back(x.back() * x.back() + (0.1 + std::abs(x.back())) * random.normal());
  }
  return Table({tables::number("x", x), tables::number("z", z), tables::number("target", y)});
}

struct Coverage {
  double share = 0, width = 0;
};
Coverage coverage_of(const ServedModel& model, const Table& rows, double coverage) {
  const PredictedIntervals intervals = model.predict_interval(rows, coverage);
  Coverage found;
  const double n = static_cast<double>(rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const double truth = rows.column("target").number(i);
    found.share += (truth >= intervals.low[i] && truth <= intervals.high[i] ? 1 : 0) / n;
    found.width += (intervals.high[i] - intervals.low[i]) / n;
  }
  return found;
}

const AutoMLModel& unequal_model() {
  static const AutoMLModel model =
      train(unequal(1500, 1), {.target = "target", .max_trials = 4, .threads = 1, .folds = 5});
  return model;
}

/// Held-out predictions of 0 for a target that is noise of this spread.
struct Noise {
  Noise(std::size_t rows, std::uint64_t seed, const std::function<double(double)>& spread) {
    Dataset made;
    std::vector<double> x;
    for (std::uint64_t i = 0; i < rows; ++i) {
      RandomStream random(seed, purpose("noise of a spread"), i);
      x.push_back(random.uniform());
      made.target.values.push_back(spread(x.back()) * random.normal());
      row_numbers.push_back(static_cast<std::uint32_t>(i));
    }
    made.features = Table({tables::number("x", x)});
    dataset = make_dataset(std::move(made));
    predictions = Predictions(rows, 1);
  }
  std::shared_ptr<const Uncertainty> learn(const Executor* executor = nullptr, MemoryMeter* memory = nullptr) const {
    RunContext context;
    context.run_with = executor;
    context.memory = memory;
    return learn_uncertainty(
        {.dataset = dataset.get(), .rows = row_numbers, .predictions = &predictions, .context = context});
  }
  std::shared_ptr<const Dataset> dataset;
  std::vector<std::uint32_t> row_numbers;
  Predictions predictions;
};

TEST(ScoreRanksOf, a_small_sample_is_kept_whole_and_a_large_one_at_its_ends) {
  std::vector<double> scores;
  for (int i = 0; i < 1000; ++i) scores.push_back(static_cast<double>((i * 37) % 1000));
  const ScoreRanks small = ranks_of(scores);
  ASSERT_EQ(small.ranks.size(), 1000U);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(small.scores[i], static_cast<double>(i));
  scores.clear();
  for (int i = 0; i < 50000; ++i) scores.push_back(static_cast<double>((i * 7919LL) % 50000));
  const ScoreRanks large = ranks_of(scores);
  EXPECT_LE(large.ranks.size(), 513U);
  EXPECT_EQ(large.ranks.front(), 1U);
  EXPECT_EQ(large.ranks.back(), 50000U);
  for (std::size_t i = 0; i < large.ranks.size(); ++i)
    EXPECT_EQ(large.scores[i], static_cast<double>(large.ranks[i]) - 1);
  for (const double level : {0.001, 0.01, 0.025, 0.5, 0.975, 0.999})  // uniform scores: linear is exact
    EXPECT_NEAR(large.at(large.rank_of(level)), 50000 * level, 1.5);
}

TEST(ScoreRanksOf, a_new_score_is_covered_as_often_as_the_ranks_say) {
  // of 19 and one more, each is the outermost with probability 1 / 20: 90 % lie between, whatever the distribution
  constexpr int draws = 4000;
  int inside = 0;
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    RandomStream random(3, purpose("draws of twenty"), draw);
    std::vector<double> scores(19);
    for (double& score : scores) score = math::exp(2 * random.normal());
    const ScoreRanks ranks = ranks_of(scores);
    const double fresh = math::exp(2 * random.normal());
    inside += fresh >= ranks.at(ranks.rank_of(0.05)) && fresh <= ranks.at(ranks.rank_of(0.95)) ? 1 : 0;
  }
  EXPECT_NEAR(inside / static_cast<double>(draws), 0.9, 3.5 * std::sqrt(0.09 / draws));  // 3.5 standard errors
}

TEST(Spread, follows_noise_that_changes_and_ignores_noise_that_does_not) {
  const Noise growing(2000, 1, [](double x) { return 0.2 + 2 * x; });
  const auto known = growing.learn();
  ASSERT_NE(known->spread, nullptr);
  const Table rows({tables::number("x", {0.05, 0.95}), tables::number("prediction", {0, 0})});
  const auto spreads = known->spread->predict(rows).values;
  const double ratio = spreads[1] / spreads[0], truth = (0.2 + 1.9) / (0.2 + 0.1);
  EXPECT_GT(ratio, 0.3 * truth);  // half of the median is added to the sizes: it changes less than the truth
  EXPECT_LT(ratio, 1.3 * truth);
  int kept = 0;
  for (std::uint64_t seed = 10; seed < 20; ++seed)
    kept += Noise(500, seed, [](double) { return 1.0; }).learn()->spread != nullptr ? 1 : 0;
  EXPECT_LE(kept, 4);  // each of them has to be better by a standard error: one in six by chance
}

TEST(Spread, is_the_same_for_any_number_of_threads) {
  const Noise noise(1500, 5, [](double x) { return 0.1 + x; });
  const auto pool = make_executor(3);
  const auto alone = noise.learn(), together = noise.learn(pool.get());
  EXPECT_EQ(alone->scores.scores, together->scores.scores);
  ASSERT_NE(alone->spread, nullptr);
  const Table rows({tables::number("x", {0.1, 0.4, 0.8}), tables::number("prediction", {0, 0, 0})});
  EXPECT_EQ(alone->spread->predict(rows).values, together->spread->predict(rows).values);
}

TEST(Spread, where_nothing_is_wrong_or_rows_are_few_it_is_one) {
  const auto exact = Noise(300, 6, [](double) { return 0.0; }).learn();
  EXPECT_EQ(exact->spread, nullptr);
  EXPECT_EQ(exact->scores.at(150), 0);
  EXPECT_EQ(exact->quantile(3, 1, 150), 0);  // no target of training is above
  EXPECT_EQ(Noise(50, 7, [](double x) { return x; }).learn()->spread, nullptr);
  EXPECT_EQ(Noise(1, 8, [](double) { return 1.0; }).learn()->scores.rows, 1U);
}

TEST(Spread, where_memory_is_short_it_is_one) {
  const Noise noise(1500, 5, [](double x) { return 0.1 + x; });
  MemoryMeter enough(64 << 20), short_of_it(64 << 10);
  EXPECT_NE(noise.learn(nullptr, &enough)->spread, nullptr);
  const auto known = noise.learn(nullptr, &short_of_it);
  EXPECT_EQ(known->spread, nullptr);
  EXPECT_EQ(known->scores.rows, 1500U);
}

TEST(TrainedIntervals, cover_new_rows_as_often_as_they_say) {
  const Table fresh = unequal(4000, 2);
  for (const double coverage : {0.8, 0.9, 0.95}) {
    const Coverage found = coverage_of(unequal_model(), fresh, coverage);
    // 1,500 held-out rows and 4,000 new ones: a standard error of 1.2 points at 80 %; the ensemble is a little better
    // than its fold models
    EXPECT_NEAR(found.share, coverage, 0.035) << coverage;
  }
}

TEST(TrainedIntervals, are_wide_where_the_noise_is) {
  const Table edges({tables::number("x", {0, 1.9}), tables::number("z", {0, 0})});
  const PredictedIntervals intervals = unequal_model().predict_interval(edges, 0.9);
  const double narrow = intervals.high[0] - intervals.low[0], wide = intervals.high[1] - intervals.low[1];
  EXPECT_GT(wide, 3 * narrow);  // the noise is 20 times as large
}

TEST(TrainedIntervals, are_in_the_file_and_in_single_rows) {
  const ServedModel again = load(unequal_model().bytes());
  const Table rows = unequal(50, 3);
  const PredictedIntervals wanted = unequal_model().predict_interval(rows, 0.9);
  EXPECT_EQ(again.predict_interval(rows, 0.9).low, wanted.low);
  NamedRowPredictor one = again.row_predictor();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const char* name : {"x", "z"}) one.set(one.column(name), rows.column(name).number(i));
    EXPECT_EQ(one.predict_interval(0.9).high, wanted.high[i]);
  }
  EXPECT_EQ(again.bytes(), unequal_model().bytes());
}

TEST(TrainedIntervals, are_small_in_the_file) {
  const ModelParts& parts = unequal_model().parts();
  auto without = std::make_shared<ModelParts>(parts);
  without->uncertainty = nullptr;
  const std::size_t bytes = unequal_model().bytes().size() - ServedModel(without).bytes().size();
  EXPECT_LT(bytes, 40000U);
}

TEST(TrainedIntervals, refit_makes_them_again_with_the_same_quantiles) {
  const AutoMLModel model = train(
      unequal(600, 4), {.target = "target", .max_trials = 3, .threads = 1, .folds = 4, .quantiles = {0.2, 0.4, 0.7}});
  const Table rows = unequal(20, 5);
  EXPECT_EQ(model.predict_quantiles(rows).quantiles, (std::vector<double>{0.2, 0.4, 0.7}));
  EXPECT_EQ(load(model.bytes()).predict_quantiles(rows).values.values, model.predict_quantiles(rows).values.values);
  const AutoMLModel again = refit(model, unequal(700, 6), {.threads = 1});
  EXPECT_EQ(again.predict_quantiles(rows).quantiles, (std::vector<double>{0.2, 0.4, 0.7}));
  EXPECT_EQ(again.parts().uncertainty->scores.rows, 700U);
}

TEST(TrainedIntervals, never_go_below_zero_where_no_target_does) {
  Table counts = unequal(500, 7);
  std::vector<double> y;
  for (std::size_t i = 0; i < counts.rows(); ++i) y.push_back(std::abs(counts.column("target").number(i)));
  counts = tables::with(counts, tables::number("target", y));
  const AutoMLModel model = train(counts, {.target = "target", .max_trials = 3, .threads = 1, .folds = 4});
  const PredictedIntervals intervals = model.predict_interval(counts, 0.95);
  EXPECT_EQ(*std::min_element(intervals.low.begin(), intervals.low.end()), 0);
}

TEST(TrainedIntervals, other_combinations_of_members_have_none) {
  const AutoMLModel single = unequal_model().member(unequal_model().member_names()[0]);
  EXPECT_EQ(code_of([&] { single.predict_interval(unequal(5, 8)); }), "model.no_intervals");
}

TEST(TrainedIntervals, text_stays_out_of_the_spread) {
  Table rows = unequal(400, 9);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    texts.push_back("note number " + std::to_string(i) + (i % 2 == 0 ? " calm" : " wild"));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  rows = tables::with(rows, make_text_column("note", views));
  const AutoMLModel model = train(rows, {.target = "target", .max_trials = 3, .threads = 1, .folds = 3});
  const Table some = tables::first_rows(rows, 20);
  const PredictedIntervals batch = model.predict_interval(some, 0.8);
  NamedRowPredictor one = model.row_predictor();
  for (std::size_t i = 0; i < some.rows(); ++i) {
    one.clear();
    for (const auto& column : model.schema().columns()) {
      if (column.kind == ColumnKind::text) one.set(one.column(column.name), some.column(column.name).text(i));
      else one.set(one.column(column.name), some.column(column.name).number(i));
    }
    EXPECT_EQ(one.predict_interval(0.8).low, batch.low[i]);
  }
}

TEST(TrainedSets, hold_the_truth_as_often_as_they_say) {
  const AutoMLModel model =
      train(tables::plain(Task::multiclass, 1200), {.target = "target", .max_trials = 4, .threads = 1, .folds = 5});
  const Table fresh = tables::plain(Task::multiclass, 3000, 2);
  const auto& classes = model.classes();
  const PredictionResult likeliest = model.predict(fresh);
  double sizes_before = 0, right = 0;
  for (std::size_t i = 0; i < fresh.rows(); ++i)
    right += likeliest.labels()[i] == fresh.column("target").text(i) ? 1.0 / 3000 : 0;
  for (const double coverage : {0.5, 0.8, 0.9, 0.95}) {
    const PredictedSets sets = model.predict_set(fresh, coverage);
    double share = 0, size = 0;
    for (std::size_t i = 0; i < fresh.rows(); ++i) {
      const auto truth = static_cast<std::size_t>(
          std::find(classes.begin(), classes.end(), fresh.column("target").text(i)) - classes.begin());
      share += sets.contains(i, truth) ? 1.0 / 3000 : 0;
      size += static_cast<double>(sets.labels(i).size()) / 3000;
    }
    // where the likeliest class is right more often than asked for, sets have one class
    EXPECT_NEAR(share, std::max(coverage, right), 0.03) << coverage;
    EXPECT_GE(size, std::max(1.0, sizes_before) - 1e-9);  // sums of 1 / 3,000
    sizes_before = size;
  }
  EXPECT_EQ(code_of([&] { model.predict_interval(fresh); }), "predict.wrong_kind");
  EXPECT_EQ(refit(model, tables::plain(Task::multiclass, 500, 3), {.threads = 1}).parts().uncertainty->scores.rows,
            500U);
}

TEST(Quantiles, are_checked_before_training) {
  const Table rows = tables::plain(Task::regression, 60), classes = tables::plain(Task::binary, 60);
  for (const double wrong : {0.0, 1.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(code_of([&] { train(rows, {.target = "target", .quantiles = {0.5, wrong}}); }), "option.out_of_range");
  EXPECT_EQ(code_of([&] { train(classes, {.target = "target", .quantiles = {0.5}}); }), "option.contradiction");
}

}  // namespace
}  // namespace automill
