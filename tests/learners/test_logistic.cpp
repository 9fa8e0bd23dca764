// Logistic regression against scikit-learn (linear_reference.json), finite differences, the conditions of the optimum,
// and properties.

#include <gtest/gtest.h>

#include "data/platform.hpp"
#include "learners/logistic_objective.hpp"
#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

struct Problem {
  Columns x;
  std::vector<std::int32_t> labels;
  std::vector<double> weights;
  std::size_t classes;

  std::shared_ptr<const Dataset> dataset() const { return classification(x, labels, classes, weights); }
};

/// Noisy classes; some columns are mostly 0, so that both layouts of the design are used.
Problem problem(std::size_t rows, std::size_t columns, std::size_t classes, bool weighted = false) {
  Problem made{random_columns(columns, rows, 1), {}, {}, classes};
  add_rare_columns(made.x, 4, rows, 9);
  made.labels = labels_from(linear_target(made.x, 2.0, 2), classes);
  for (std::size_t i = 0; weighted && i < rows; ++i) made.weights.push_back(0.5 + static_cast<double>(i % 3));
  return made;
}

TEST(Logistic, AgreesWithScikitLearn) {
  for (const Value& data : reference().at("logistic").array()) {
    const Columns x = columns_of(data.at("features"));
    std::vector<std::int32_t> labels;
    for (double label : numbers(data.at("labels"))) labels.push_back(static_cast<std::int32_t>(label));
    std::vector<double> weights;
    for (std::size_t i = 0; data.at("weighted").boolean() && i < labels.size(); ++i)
      weights.push_back(static_cast<double>(1 + i % 3));
    const std::size_t classes = data.at("classes").array().size(), scores = classes == 2 ? 1 : classes;
    for (const Value& fit : data.at("fits").array()) {
      const Logistic learner{{.c = fit.at("c").number(), .standardize = false, .tolerance = 1e-9}};
      const FitResult result = learner.fit(classification(x, labels, classes, weights));
      const std::string place = data.at("name").text() + " c " + std::to_string(fit.at("c").number());
      double largest = 0;
      for (const Value& row : fit.at("weights").array())
        for (double weight : numbers(row)) largest = std::max(largest, std::abs(weight));
      for (std::size_t j = 0; j < x.size(); ++j) {
        const std::vector<double> expected = numbers(fit.at("weights").array()[j]);
        // scikit-learn's gradient is 1e-10 at best, curvatures go down to about 1e-4
        for (std::size_t k = 0; k < scores; ++k)
          EXPECT_NEAR(fitted(result).weight(j, k), expected[k], 1e-5 * largest) << place;
      }
      const auto probabilities = result.model->predict(table_of(x));
      const std::vector<double> expected = numbers(fit.at("probabilities_of_first_row"));
      for (std::size_t k = 0; k < classes; ++k) EXPECT_NEAR(probabilities.row(0)[k], expected[k], 1e-6) << place;
    }
  }
}

/// The objective written down plainly: mean weighted loss of the model's probabilities, without the penalty.
double mean_loss(const Problem& p, const Model& model) {
  const Predictions predictions = model.predict(table_of(p.x));
  double loss = 0, total = 0;
  for (std::size_t i = 0; i < p.labels.size(); ++i) {
    const double weight = p.weights.empty() ? 1 : p.weights[i];
    loss -= weight * std::log(predictions.row(i)[static_cast<std::size_t>(p.labels[i])]);
    total += weight;
  }
  return loss / total;
}

/// At the optimum sum_i w_i (p_ik - y_ik) x_ij + weight_jk / c = 0, and without the second term for intercepts.
void expect_optimum(const Problem& p, double c, const Model& model) {
  const auto& found = dynamic_cast<const LinearModel&>(model);
  const Predictions predictions = model.predict(table_of(p.x));
  const std::size_t scores = p.classes == 2 ? 1 : p.classes, n = p.labels.size();
  for (std::size_t k = 0; k < scores; ++k) {
    const std::size_t shown = scores == 1 ? 1 : k;
    for (std::size_t j = 0; j <= p.x.size(); ++j) {
      double gradient = j < p.x.size() ? found.weight(j, k) / c : 0.0;
      for (std::size_t i = 0; i < n; ++i) {
        const double error = predictions.row(i)[shown] - (static_cast<std::size_t>(p.labels[i]) == shown ? 1 : 0);
        gradient += (p.weights.empty() ? 1 : p.weights[i]) * error * (j < p.x.size() ? p.x[j][i] : 1.0);
      }
      EXPECT_NEAR(gradient / static_cast<double>(n), 0, 1e-7) << "column " << j << " score " << k;
    }
  }
}

TEST(Logistic, MeetsTheConditionsOfTheOptimum) {
  for (std::size_t classes : {2U, 4U})
    for (bool weighted : {false, true})
      for (double c : {0.01, 1.0, 100.0}) {
        const Problem p = problem(700, 6, classes, weighted);
        const FitResult result = Logistic{{.c = c, .standardize = false, .tolerance = 1e-9}}.fit(p.dataset());
        EXPECT_EQ(result.report.stopped, "finished");
        expect_optimum(p, c, *result.model);
      }
}

TEST(Logistic, ManyColumnsMeetTheConditionsOfTheOptimum) {
  const Problem p = problem(300, 560, 3);  // above 512: the diagonal of the Hessian alone
  expect_optimum(p, 0.1, *Logistic{{.c = 0.1, .standardize = false, .tolerance = 1e-9}}.fit(p.dataset()).model);
}

linear::LogisticObjective objective_of(const linear::Design& design, const Problem& p,
                                       const std::shared_ptr<const Dataset>& dataset) {
  linear::LabelledRows rows;
  rows.tiles = *design.read_tiles(dataset->features, design.rows().rows, {});
  for (std::uint32_t from : design.rows().keys_from) rows.labels.push_back(p.labels[from]);
  rows.weights = design.rows().weights;
  rows.total_weight = design.rows().total_weight;
  return {design, std::move(rows), p.classes};
}

TEST(Logistic, GradientEqualsFiniteDifferences) {
  for (std::size_t classes : {2U, 3U}) {
    const Problem p = problem(600, 5, classes, true);
    const auto dataset = p.dataset();
    linear::Design design(DatasetView(dataset), true, {});
    design.lay_out(linear::Layout::sparse_where_possible);
    ASSERT_LT(design.dense_columns(), design.columns());
    const auto objective = objective_of(design, p, dataset);
    std::vector<double> point = objective.start();
    RandomStream stream(3, purpose("point"));
    for (double& value : point) value += 0.3 * stream.normal();
    const auto at = objective.evaluate(point, 0.1, {});
    for (std::size_t i = 0; i < point.size(); ++i) {
      constexpr double step = 1e-5;
      std::vector<double> up = point, down = point;
      up[i] += step;
      down[i] -= step;
      const double slope =
          (objective.evaluate(up, 0.1, {})->value - objective.evaluate(down, 0.1, {})->value) / (2 * step);
      EXPECT_NEAR(at->gradient[i], slope, 1e-9) << i;  // step^2 plus rounding 1e-16 / step
    }
  }
}

TEST(Logistic, SparseAndDenseLayoutsAreTheSameProblem) {
  const Problem p = problem(600, 5, 3, true);
  const auto dataset = p.dataset();
  linear::Design sparse(DatasetView(dataset), true, {}), dense(DatasetView(dataset), true, {});
  sparse.lay_out(linear::Layout::sparse_where_possible);
  dense.lay_out(linear::Layout::dense);
  ASSERT_EQ(dense.dense_columns(), dense.columns());
  const auto a = objective_of(sparse, p, dataset), b = objective_of(dense, p, dataset);
  std::vector<double> point = a.start();
  for (std::size_t i = 0; i < point.size(); ++i) point[i] += 0.01 * static_cast<double>(i % 7);
  const auto at = a.evaluate(point, 0.1, {}), same = b.evaluate(point, 0.1, {});
  EXPECT_NEAR(at->value, same->value, 1e-14);
  for (std::size_t i = 0; i < point.size(); ++i) EXPECT_NEAR(at->gradient[i], same->gradient[i], 1e-14);
}

TEST(Logistic, ChoosesTheStrengthOnTheValidationRows) {
  const Problem p = problem(600, 30, 2);
  auto train = std::make_shared<std::vector<std::uint32_t>>(),
       held_out = std::make_shared<std::vector<std::uint32_t>>();
  for (std::uint32_t i = 0; i < 600; ++i) (i < 200 ? train : held_out)->push_back(i);
  const auto dataset = p.dataset();
  const DatasetView training(dataset, RowSet{train, 1}), validation(dataset, RowSet{held_out, 2});
  const FitResult chosen = Logistic{}.fit(FitInput{.train = training, .validation = &validation});
  Problem rest{selected_rows(p.x, {held_out->begin(), held_out->end()}), {}, {}, 2};
  for (std::uint32_t i : *held_out) rest.labels.push_back(p.labels[i]);
  const double c = detail(chosen, "c"), loss = mean_loss(rest, *chosen.model);
  const std::vector<double>& curve = chosen.report.learning_curve;
  ASSERT_FALSE(curve.empty());
  EXPECT_NEAR(*std::min_element(curve.begin(), curve.end()), loss, 1e-3);  // the path ends at 1e-4, the model at 1e-5
  for (double factor : {0.03, 30.0}) {
    const FitResult other = Logistic{{.c = c * factor}}.fit(training);
    EXPECT_GT(mean_loss(rest, *other.model), loss) << factor;
  }
}

TEST(Logistic, WithoutValidationTheStrengthSuitsNewRows) {
  // many noise columns: weak penalties must lose, and the choice must be near the best on 4,000 new rows
  Problem all = problem(4300, 60, 2);
  std::vector<std::size_t> train_rows, test_rows;
  for (std::size_t i = 0; i < 4300; ++i) (i < 300 ? train_rows : test_rows).push_back(i);
  Problem train{selected_rows(all.x, train_rows), selected(all.labels, train_rows), {}, 2},
      test{selected_rows(all.x, test_rows), selected(all.labels, test_rows), {}, 2};
  const double loss = mean_loss(test, *Logistic{}.fit(train.dataset()).model);
  double best = 1e9;
  for (double c : {1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0})
    best = std::min(best, mean_loss(test, *Logistic{{.c = c}}.fit(train.dataset()).model));
  EXPECT_LT(loss, 1.05 * best);
  EXPECT_LT(1.2 * best, mean_loss(test, *Logistic{{.c = 100.0}}.fit(train.dataset()).model));
}

TEST(Logistic, RepeatedRowsEqualWeights) {
  const Problem p = problem(200, 4, 3);
  std::vector<std::size_t> rows;
  Problem weighted = p;
  for (std::size_t i = 0; i < 200; ++i) {
    weighted.weights.push_back(static_cast<double>(1 + i % 3));
    for (std::size_t copy = 0; copy <= i % 3; ++copy) rows.push_back(i);
  }
  const Problem repeated{selected_rows(p.x, rows), selected(p.labels, rows), {}, 3};
  const FitResult a = Logistic{}.fit(weighted.dataset()), b = Logistic{}.fit(repeated.dataset());
  EXPECT_EQ(detail(a, "c"), detail(b, "c"));
  const auto of_a = a.model->predict(table_of(p.x)).values, of_b = b.model->predict(table_of(p.x)).values;
  for (std::size_t i = 0; i < of_a.size(); ++i) EXPECT_NEAR(of_a[i], of_b[i], 1e-9);
}

TEST(Logistic, OrderOfRowsHardlyMatters) {
  const Problem p = problem(500, 5, 2);
  std::vector<std::size_t> rows(500);
  std::iota(rows.begin(), rows.end(), 0U);
  RandomStream(1, purpose("shuffle")).shuffle(rows);
  const Problem shuffled{selected_rows(p.x, rows), selected(p.labels, rows), {}, 2};
  const FitResult a = Logistic{}.fit(p.dataset()), b = Logistic{}.fit(shuffled.dataset());
  EXPECT_EQ(detail(a, "c"), detail(b, "c"));
  const auto of_a = a.model->predict(table_of(p.x)).values, of_b = b.model->predict(table_of(p.x)).values;
  for (std::size_t i = 0; i < of_a.size(); ++i) EXPECT_NEAR(of_a[i], of_b[i], 1e-4);
}

TEST(Logistic, WideTablesTakeNoMatrixOfColumns) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep memory that was freed";
#endif
  const std::size_t rows = 60, wide = 6000;  // such a matrix has 288 MB
  const Columns x = random_columns(wide, rows, 1);
  std::vector<std::int32_t> labels(rows);
  for (std::size_t i = 0; i < rows; ++i) labels[i] = x[0][i] + x[1][i] > 0 ? 1 : 0;
  const auto data = classification(x, labels, 2);
  const std::uint64_t before = peak_resident_bytes();
  Logistic({.max_iterations = 10}).fit(FitInput{.train = DatasetView(data)}, {});
  EXPECT_LT(peak_resident_bytes() - before, 150U << 20);
}

TEST(Logistic, ThreadsDoNotChangeABit) {
  for (std::size_t classes : {2U, 3U}) {
    const Problem p = problem(9000, 10, classes, true);
    const auto dataset = p.dataset();
    std::vector<double> bits;
    for (int width : {1, 2, 7}) {
      const auto threads = make_executor(width);
      RunContext context;
      context.run_with = threads.get();
      const FitResult result = Logistic{}.fit(dataset, context);
      std::vector<double> all = fitted(result).state().weights;
      const auto predictions = result.model->predict(table_of(p.x), context).values;
      all.insert(all.end(), predictions.begin(), predictions.end());
      if (bits.empty()) bits = all;
      EXPECT_EQ(bits, all) << width;
    }
  }
}

TEST(Logistic, SeparableDataGiveAFiniteConfidentModel) {
  const Columns x{{-3, -2, -1, 1, 2, 3}};
  const auto dataset = classification(x, {0, 0, 0, 1, 1, 1}, 2);
  for (const Logistic& learner : {Logistic{}, Logistic{{.c = 1e12}}, Logistic{{.c = 1e12, .tolerance = 1e-12}}}) {
    const FitResult result = learner.fit(dataset);
    EXPECT_TRUE(std::isfinite(fitted(result).weight(0)));
    const Predictions p = result.model->predict(table_of(x));
    EXPECT_LT(p.row(2)[1], 0.5);
    EXPECT_GT(p.row(3)[1], 0.5);
  }
}

TEST(Logistic, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const Columns& x, const std::vector<std::int32_t>& labels, std::size_t classes,
                         std::optional<double> c = {}) {
    const FitResult result = Logistic{{.c = c}}.fit(classification(x, labels, classes));
    const Predictions p = result.model->predict(table_of(x));
    for (std::size_t i = 0; i < p.rows(); ++i) {
      double sum = 0;
      for (double value : p.row(i)) {
        EXPECT_TRUE(value >= 0 && value <= 1) << value;
        sum += value;
      }
      EXPECT_NEAR(sum, 1, 1e-14);
    }
    return p.values;
  };
  const Columns x = random_columns(3, 20, 1);
  const std::vector<std::int32_t> labels = labels_from(x[0], 2);
  for (std::optional<double> c : {std::optional<double>{}, std::optional<double>{1e12}}) {
    finite({x[0], x[0], x[1], x[1]}, labels, 2, c);
    finite({std::vector<double>(20, 7.0), x[1]}, labels, 2, c);
    finite({std::vector<double>(20, 7.0)}, labels, 2, c);
    finite({{1}, {2}}, {1}, 2, c);
    finite({{1}, {2}}, {1}, 3, c);
    finite({{1, 2}, {2, 5}, {0, 1}}, {0, 1}, 2, c);
    finite(random_columns(30, 10, 3), {0, 1, 2, 0, 1, 2, 0, 1, 2, 0}, 3, c);
  }
  // classes that training does not have: about half a row
  EXPECT_NEAR(finite({std::vector<double>(20, 7.0)}, std::vector<std::int32_t>(20, 0), 2)[1], 0.5 / 21, 0.002);
  const auto three = finite({x[1]}, labels, 3);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_GT(three[3 * i + 2], 0);
    EXPECT_LT(three[3 * i + 2], 0.1);
  }
}

TEST(Logistic, PredictionsAreFiniteForAnyInput) {
  const Problem p = problem(100, 2, 3);
  const FitResult result = Logistic{}.fit(p.dataset());
  const double huge = std::numeric_limits<double>::max();
  Columns extreme(p.x.size(), {huge, -huge, std::nan(""), std::numeric_limits<double>::infinity()});
  for (double value : result.model->predict(table_of(extreme)).values) EXPECT_TRUE(value >= 0 && value <= 1) << value;
}

TEST(Logistic, ARowAndABatchAgreeAndSoDoesTheLoadedModel) {
  for (std::size_t classes : {2U, 5U}) {
    const Problem p = problem(600, 7, classes);
    const FitResult result = Logistic{{.c = 1.0}}.fit(p.dataset());
    const auto batch = result.model->predict(table_of(p.x)).values;
    EXPECT_EQ(batch, predict_row_by_row(*result.model, p.x));
    const Archive archive = saved(*result.model);
    const auto loaded = loaders().load_model(ArchiveReader(archive), result.model->context());
    EXPECT_EQ(batch, loaded->predict(table_of(p.x)).values);
  }
}

TEST(Logistic, StopsAndReplays) {
  const Problem p = problem(900, 8, 3);
  const auto dataset = p.dataset();
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  const FitResult none = Logistic{}.fit(dataset, late);  // not one column was read: there is no model yet
  EXPECT_EQ(none.report.stopped, "deadline");
  EXPECT_EQ(none.model, nullptr);
  const FitResult stopped = Logistic{}.fit(FitInput{.train = DatasetView(dataset), .stop_at_round = 0});
  for (double weight : fitted(stopped).state().weights) EXPECT_EQ(weight, 0);  // the class shares alone
  const Predictions shares = stopped.model->predict(table_of(p.x));
  EXPECT_NEAR(shares.row(0)[0], 1.0 / 3, 1e-12);
  const FitResult full = Logistic{}.fit(dataset);
  EXPECT_EQ(full.report.stopped, "finished");
  const std::int64_t rounds = full.report.rounds;
  ASSERT_GT(rounds, static_cast<std::int64_t>(full.report.learning_curve.size()));
  double last = 1e9;
  for (std::int64_t round : {std::int64_t{0}, std::int64_t{2}, rounds - 1, rounds}) {
    const FitResult replayed = Logistic{}.fit(FitInput{.train = DatasetView(dataset), .stop_at_round = round});
    EXPECT_EQ(replayed.report.rounds, round);
    const double loss = mean_loss(p, *replayed.model);
    EXPECT_LT(loss, last);
    last = loss;
    if (round == rounds) {
      EXPECT_EQ(fitted(replayed).state().weights, fitted(full).state().weights);
    }
  }
}

TEST(Logistic, MissingValuesAreRefused) {
  try {
    Logistic{}.fit(classification({{1, std::nan(""), 3}}, {0, 1, 1}, 2));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.missing");
    EXPECT_EQ(error.place(), "x0");
  }
}

TEST(Logistic, MemoryIsAskedForAndGivenBack) {
  const Problem p = problem(3000, 10, 2);
  MemoryMeter enough, little(1000);
  RunContext context;
  context.memory = &enough;
  Logistic{}.fit(p.dataset(), context);
  EXPECT_GT(enough.peak(), 3000U * 10 * 8);
  EXPECT_EQ(enough.used(), 0U);
  context.memory = &little;
  EXPECT_THROW(Logistic{}.fit(p.dataset(), context), Error);
}

}  // namespace
