// RealMlp as a learner: what it learns, which round it keeps, limits, and data at the edge.

#include <gtest/gtest.h>

#include "neural_tools.hpp"

using namespace neural_tools;

namespace {

Predictions predict(const Model& model, const DatasetView& view) {
  Predictions out(view.rows(), model.output_spec().width);
  model.predict_aligned(view.features(), out.view(), {});
  return out;
}

double accuracy(const Model& model, const DatasetView& view) {
  const Predictions out = predict(model, view);
  double right = 0;
  for (std::size_t i = 0; i < view.rows(); ++i) {
    const auto row = out.row(i);
    right += std::max_element(row.begin(), row.end()) - row.begin() == view.label(i) ? 1 : 0;
  }
  return right / static_cast<double>(view.rows());
}

/// Residual variance as a share of the target's.
double unexplained(const Model& model, const DatasetView& view, std::size_t output = 0) {
  const Predictions out = predict(model, view);
  double mean = 0, errors = 0, variance = 0;
  const auto n = static_cast<double>(view.rows());
  for (std::size_t i = 0; i < view.rows(); ++i) mean += view.value(i, output) / n;
  for (std::size_t i = 0; i < view.rows(); ++i) {
    errors += std::pow(out.row(i)[output] - view.value(i, output), 2);
    variance += std::pow(view.value(i, output) - mean, 2);
  }
  return errors / variance;
}

bool all_finite(const Predictions& predictions) {
  return std::all_of(predictions.values.begin(), predictions.values.end(), [](double v) { return std::isfinite(v); });
}

TEST(RealMlp, LearnsASignThatFlipsWithAnotherColumn) {  // no linear model can
  const auto data = make_table({.task = Task::binary, .rows = 1500});
  const auto model = RealMlp({.n_epochs = 40}).fit(some_rows(data, 0, 1000)).model;
  EXPECT_GT(accuracy(*model, some_rows(data, 1000, 1500)), 0.93);  // noise of 0.1 around the border leaves 3 %
}

TEST(RealMlp, LearnsSeveralOutputsAndStaysInTheirRange) {
  const auto data = make_table({.task = Task::regression, .rows = 1500, .outputs = 2});
  const DatasetView train = some_rows(data, 0, 1000), rest = some_rows(data, 1000, 1500);
  const auto model = RealMlp({.n_epochs = 60}).fit(train).model;
  const Predictions out = predict(*model, rest);
  for (std::size_t o = 0; o < 2; ++o) {
    EXPECT_LT(unexplained(*model, rest, o), 0.1);  // the noise alone leaves 0.5 %
    double lowest = 1e300, highest = -1e300;
    for (std::size_t i = 0; i < train.rows(); ++i) {
      lowest = std::min(lowest, train.value(i, o));
      highest = std::max(highest, train.value(i, o));
    }
    for (std::size_t i = 0; i < rest.rows(); ++i) {
      EXPECT_GE(out.row(i)[o], lowest);
      EXPECT_LE(out.row(i)[o], highest);
    }
  }
}

TEST(RealMlp, KeepsTheBestRoundAndReplaysIt) {
  const auto data = make_table({.task = Task::multiclass, .rows = 600, .classes = 4});
  const DatasetView train = some_rows(data, 0, 300), held_out = some_rows(data, 300, 600);
  const RealMlp learner({.n_epochs = 60});
  const FitResult best = learner.fit(FitInput{.train = train, .validation = &held_out});
  const std::vector<double>& curve = best.report.learning_curve;
  ASSERT_EQ(curve.size(), 60U);
  const double least = *std::min_element(curve.begin(), curve.end());
  EXPECT_EQ(curve[static_cast<std::size_t>(best.report.rounds) - 1], least);
  const Predictions out = predict(*best.model, held_out);
  double loss = 0;
  for (std::size_t i = 0; i < held_out.rows(); ++i)
    loss -= std::log(out.row(i)[static_cast<std::size_t>(held_out.label(i))]) / static_cast<double>(held_out.rows());
  EXPECT_NEAR(loss, least, 1e-12);  // the same numbers, added in another order
  const FitResult again = learner.fit(FitInput{.train = train, .stop_at_round = best.report.rounds});
  EXPECT_EQ(predict(*again.model, held_out).values, out.values);
}

TEST(RealMlp, RoundsOfLargeTablesArePartsOfAnEpoch) {
  const auto data = make_table({.task = Task::binary, .rows = 1000});
  const FitResult result = RealMlp({.hidden_width = 8, .n_epochs = 2, .batch_size = 2}).fit(data);
  EXPECT_EQ(result.report.details.find("steps")->integer(), 1000);
  EXPECT_EQ(result.report.details.find("rounds_an_epoch")->integer(), 2);  // 500 steps in parts of at most 256
  EXPECT_EQ(result.report.rounds, 4);
}

TEST(RealMlp, AnInterruptedFitPredictsWithTheBestRoundSoFar) {
  const auto data = make_table({.task = Task::binary, .rows = 1000});
  const DatasetView train = some_rows(data, 0, 800), held_out = some_rows(data, 800, 1000);
  FitResult result;
  for (double seconds = 0.5; result.model == nullptr && seconds < 60; seconds *= 2) {  // a busy machine needs longer
    RunContext context;
    context.stop = StopToken({}, Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(seconds)));
    result = RealMlp({.n_epochs = 100000}).fit(FitInput{.train = train, .validation = &held_out}, context);
  }
  ASSERT_NE(result.model, nullptr);
  EXPECT_EQ(result.report.stopped, "deadline");
  EXPECT_GE(result.report.rounds, 1);
  EXPECT_TRUE(all_finite(predict(*result.model, held_out)));
}

TEST(RealMlp, EarlyStoppingWaitsThreeTimesTheBestRoundAndFortyMore) {
  Dataset noise;  // nothing to learn: the first rounds are the best
  RandomStream random(1, purpose("noise"));
  std::vector<double> x;
  for (int i = 0; i < 200; ++i) {
    x.push_back(random.normal());
    noise.target.values.push_back(random.normal());
  }
  noise.features = Table({make_number_column({.name = "x"}, x)});
  const auto data = make_dataset(std::move(noise));
  const DatasetView train = some_rows(data, 0, 100), held_out = some_rows(data, 100, 200);
  const FitResult result = RealMlp({.hidden_width = 32, .n_epochs = 2000, .early_stopping = true})
                               .fit(FitInput{.train = train, .validation = &held_out});
  EXPECT_EQ(result.report.stopped, "early stopping");
  EXPECT_EQ(static_cast<std::int64_t>(result.report.learning_curve.size()), 3 * result.report.rounds + 41);
}

TEST(RealMlp, MembersAreAveragedAndTheirThreadsGiveTheSameBits) {
  const auto data = make_table({.task = Task::multiclass, .rows = 200, .classes = 3});
  const auto ensemble = RealMlp({.n_epochs = 5, .n_ens = 3}).fit(data).model;
  const auto& networks = static_cast<const NeuralModel&>(*ensemble).networks();
  ASSERT_EQ(networks.members.size(), 3U);
  const Predictions together = predict(*ensemble, DatasetView(data));
  std::vector<double> mean(together.values.size());
  for (const Network& member : networks.members) {
    auto alone = std::make_shared<FittedNetworks>(networks);
    alone->members = {member};
    NeuralModel model(alone);
    model.set_context(ensemble->context());
    const Predictions out = predict(model, DatasetView(data));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += out.values[i] / 3;
  }
  for (std::size_t i = 0; i < mean.size(); ++i) EXPECT_NEAR(together.values[i], mean[i], 1e-15);
  EXPECT_NE(networks.members[0].layers[0].weights, networks.members[1].layers[0].weights);
}

TEST(RealMlp, WeightsCountAndRowsWithoutWeightDoNot) {
  const auto data = make_table({.task = Task::regression, .rows = 200});
  Dataset weighted = *data;
  weighted.weights.assign(200, 2.0);
  for (std::size_t i = 0; i < 100; ++i) weighted.weights[i] = 0;
  const auto half = RealMlp({.n_epochs = 5}).fit(make_dataset(weighted)).model;
  const auto alone = RealMlp({.n_epochs = 5}).fit(some_rows(data, 100, 200)).model;
  EXPECT_EQ(predict(*half, DatasetView(data)).values, predict(*alone, DatasetView(data)).values);
  weighted.weights.assign(200, 0.0);
  EXPECT_THROW(RealMlp{}.fit(make_dataset(weighted)), Error);
  weighted.weights[3] = -1;
  EXPECT_THROW(RealMlp{}.fit(make_dataset(weighted)), Error);
}

TEST(RealMlp, FewRowsOfManyColumnsAndClassesOfOneRow) {
  Dataset wide;
  RandomStream random(3, purpose("wide"));
  std::vector<ColumnPtr> columns;
  for (int c = 0; c < 60; ++c) {
    std::vector<double> values;
    for (int i = 0; i < 12; ++i) values.push_back(c % 10 == 0 ? 4.0 : random.normal());
    columns.push_back(make_number_column({.name = "x" + std::to_string(c)}, std::move(values)));
  }
  wide.features = Table(std::move(columns));
  wide.target.task = Task::multiclass;
  for (int i = 0; i < 12; ++i) {
    wide.target.classes.push_back("class " + std::to_string(100 + i));
    wide.target.labels.push_back(i);
  }
  const auto data = make_dataset(std::move(wide));
  const auto model = RealMlp({.n_epochs = 60}).fit(data).model;
  EXPECT_TRUE(all_finite(predict(*model, DatasetView(data))));
  EXPECT_GT(accuracy(*model, DatasetView(data)), 0.9);  // each row can be told by heart
}

TEST(RealMlp, WeightsThatRunAwayEndTheFit) {
  const auto data = make_table({.task = Task::regression, .rows = 300});
  const FitResult result =
      RealMlp(
          {.hidden_layers = 8, .activation = "relu", .learning_rate = 10.0, .n_epochs = 200, .scale_lr_factor = 100})
          .fit(data);
  ASSERT_NE(result.model, nullptr);
  EXPECT_TRUE(all_finite(predict(*result.model, DatasetView(data))));
}

TEST(RealMlp, LabelSmoothingDrawsProbabilitiesTogether) {
  const auto data = make_table({.task = Task::binary, .rows = 400});
  const auto spread = [&](double smoothing) {
    const auto model = RealMlp({.label_smoothing = smoothing, .n_epochs = 60}).fit(data).model;
    const Predictions out = predict(*model, DatasetView(data));
    double sum = 0;
    for (std::size_t i = 0; i < out.rows(); ++i) sum += std::abs(out.row(i)[1] - 0.5);
    return sum / static_cast<double>(out.rows());
  };
  EXPECT_LT(spread(0.3), 0.37);  // labels of 0.15 and 0.85
  EXPECT_GT(spread(0.0), 0.42);
}

TEST(RealMlp, NumbersAreCentredAndScaledByQuartiles) {
  Dataset simple;
  simple.features =
      Table({make_number_column({.name = "x"}, {0, 1, 2, 3, 10}), make_number_column({.name = "rare"}, {5, 5, 5, 5, 9}),
             make_number_column({.name = "constant"}, {7, 7, 7, 7, 7}),
             make_number_column({.name = "holes"}, {1, 2, std::nan(""), 3, 4})});
  simple.target.values = {1, 2, 3, 4, 5};
  const DatasetView view(make_dataset(std::move(simple)));
  const auto order = order_by_content(view, {});
  const NetworkInput input = fit_input(view, order, {}, {});
  ASSERT_EQ(input.numbers.size(), 4U);
  const auto clipped = [](double x) { return x / std::sqrt(1 + x * x / 9); };
  EXPECT_NEAR(scaled_number(input.numbers[0], 5), clipped((5.0 - 2) / (3 - 1)), 1e-6);  // median 2, quartiles 1 and 3
  EXPECT_NEAR(scaled_number(input.numbers[1], 9), clipped(2.0 * (9 - 5) / (9 - 5)),
              1e-6);  // quartiles alike: the range
  EXPECT_EQ(scaled_number(input.numbers[0], std::nan("")), 0);
  EXPECT_NEAR(scaled_number(input.numbers[2], 4), clipped((4 - 2.5) / (3 - 2)), 1e-6);  // of 1, 2, 2.5, 3, 4
  EXPECT_NEAR(scaled_number(input.numbers[3], std::nan("")), clipped(2.0), 1e-6);       // one of five: the range
  EXPECT_NEAR(scaled_number(input.numbers[0], 1e308), 3, 1e-6);
}

TEST(RealMlp, CategoriesAreColumnsWhereTheyAreFew) {
  const DatasetView view(make_table({.task = Task::regression, .rows = 400}));
  const auto order = order_by_content(view, {});
  const NetworkInput input = fit_input(view, order, {.max_one_hot = 9, .category_width = 6}, {});
  ASSERT_EQ(input.numbers.size(), 4U);  // a, b, whether b is missing, c
  EXPECT_TRUE(input.numbers[2].indicator);
  EXPECT_GT(scaled_number(input.numbers[2], std::nan("")), scaled_number(input.numbers[2], 1.0));
  ASSERT_EQ(input.categories.size(), 3U);  // flag, few, many
  EXPECT_TRUE(input.categories[0].boolean);
  EXPECT_EQ(input.categories[1].width, 4U);
  EXPECT_FALSE(input.categories[1].learned());
  EXPECT_TRUE(input.categories[2].learned());
  EXPECT_EQ(input.categories[2].rows, 16U);
  EXPECT_EQ(input.categories[2].width, 6U);
  EXPECT_EQ(input.width(4), 4U * 4 + 1 + 4 + 6);
  EXPECT_EQ(table_row(input.categories[2], std::nan("")), 0U);
  EXPECT_EQ(table_row(input.categories[2], 15), 0U);  // unseen
}

TEST(RealMlp, SavedAndLoadedItPredictsTheSameBitsAndRefusesDamage) {
  const auto data = make_table({.task = Task::multiclass, .rows = 100, .classes = 3});
  const auto model = RealMlp({.hidden_width = 20, .n_epochs = 3, .n_ens = 2}).fit(data).model;
  Archive archive;
  ArchiveWriter writer(archive);
  model->save(writer);
  const Registry none;
  const auto loaded = load_neural_model(ArchiveReader(archive), model->context(), 1, none);
  loaded->set_context(model->context());
  EXPECT_EQ(predict(*loaded, DatasetView(data)).values, predict(*model, DatasetView(data)).values);
  for (std::size_t a = 0; a < archive.arrays.size(); ++a) {
    if (archive.arrays[a].size() == 0) continue;
    Archive shorter = archive;
    shorter.arrays[a].bytes.resize(shorter.arrays[a].bytes.size() - element_size(shorter.arrays[a].type));
    EXPECT_THROW(load_neural_model(ArchiveReader(shorter), model->context(), 1, none), Error) << "array " << a;
    if (archive.arrays[a].type != ElementType::float32) continue;
    Archive infinite = archive;
    const float value = std::numeric_limits<float>::infinity();
    std::memcpy(infinite.arrays[a].bytes.data(), &value, sizeof value);
    EXPECT_THROW(load_neural_model(ArchiveReader(infinite), model->context(), 1, none), Error) << "array " << a;
  }
  EXPECT_THROW(load_neural_model(ArchiveReader(archive), model->context(), 2, none), Error);
}

}  // namespace
