// Linear quantiles against scikit-learn (quantile_regression_reference.json), closed forms, and properties.

#include <gtest/gtest.h>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const Value& quantile_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/quantile_regression_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "quantile_regression_reference.json");
  }();
  return value;
}

double pinball(double residual, double level) { return residual > 0 ? level * residual : (level - 1) * residual; }

/// Mean loss and penalty of score k.
double quantile_objective(const Dataset& data, const Columns& x, const LinearModel& line, double level, double l1,
                          double l2, std::size_t k = 0) {
  double loss = 0, total = 0, penalty = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    double residual = data.target.values[i] - line.intercept(k);
    for (std::size_t j = 0; j < x.size(); ++j) residual -= x[j][i] * line.weight(j, k);
    const double weight = data.weights.empty() ? 1.0 : data.weights[i];
    loss += weight * pinball(residual, level);
    total += weight;
  }
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double w = line.weight(j, k);
    penalty += l1 * std::abs(w) + 0.5 * l2 * w * w;
  }
  return loss / total + penalty;
}

TEST(QuantileRegression, AgreesWithScikitLearn) {
  for (const Value& data : quantile_reference().at("cases").array()) {
    const Columns x = columns_of(data.at("features"));
    const std::vector<double> y = numbers(data.at("target"));
    std::vector<double> weights;
    for (std::size_t i = 0; data.at("weighted").boolean() && i < y.size(); ++i)
      weights.push_back(static_cast<double>(1 + i % 3));
    const auto dataset = regression(x, y, weights);
    const double level = data.at("quantile").number();
    for (const Value& fit : data.at("fits").array()) {
      const double alpha = fit.at("alpha").number();
      const std::string where = std::to_string(level) + " " + std::to_string(alpha);
      const FitResult own =
          QuantileRegression{{.quantile = level, .alpha = alpha, .standardize = false, .tolerance = 1e-10}}.fit(
              dataset);
      const std::vector<double> expected = numbers(fit.at("weights"));
      LinearState theirs = fitted(own).state();
      theirs.weights = expected;
      theirs.intercepts = {fit.at("intercept").number()};
      std::fill(theirs.centers.begin(), theirs.centers.end(), 0.0);
      const double least = quantile_objective(*dataset, x, LinearModel(theirs), level, alpha, 0);
      EXPECT_LE(quantile_objective(*dataset, x, fitted(own), level, alpha, 0), least * (1 + 1e-9)) << where;
      // the vertex, up to what 1e-10 of the objective leaves
      for (std::size_t j = 0; j < x.size(); ++j) EXPECT_NEAR(fitted(own).weight(j), expected[j], 1e-5) << where;
      EXPECT_NEAR(fitted(own).intercept(), fit.at("intercept").number(), 1e-5) << where;
    }
  }
}

TEST(QuantileRegression, WithoutColumnsItIsTheQuantile) {
  const std::vector<double> y{5, 1, 9, 3, 7, 4, 2};
  for (const auto& [level, expected] : {std::pair{0.5, 4.0}, {0.1, 1.0}, {0.8, 7.0}}) {
    const FitResult fit = QuantileRegression{{.quantile = level, .tolerance = 1e-10}}.fit(regression({}, y));
    EXPECT_NEAR(fitted(fit).intercept(), expected, 1e-6) << level;
  }
}

TEST(QuantileRegression, AnL2PenaltyIsAtItsOptimum) {
  // no line near it is better: the objective is convex
  const Columns x = random_columns(3, 120, 1);
  const auto dataset = regression(x, linear_target(x, 1, 2));
  for (double alpha : {0.01, 1.0}) {
    const QuantileRegression learner{
        {.quantile = 0.3, .alpha = alpha, .penalty = "l2", .standardize = false, .tolerance = 1e-10}};
    const FitResult fit = learner.fit(dataset);
    const double least = quantile_objective(*dataset, x, fitted(fit), 0.3, 0, alpha);
    RandomStream draws(3, purpose("directions"));
    for (int trial = 0; trial < 200; ++trial) {
      LinearState near = fitted(fit).state();
      const double length = std::pow(10.0, -static_cast<double>(trial % 6));
      for (double& weight : near.weights) weight += length * draws.normal();
      near.intercepts[0] += length * draws.normal();
      EXPECT_GE(quantile_objective(*dataset, x, LinearModel(near), 0.3, 0, alpha), least * (1 - 1e-9));
    }
  }
}

TEST(QuantileRegression, AStrongL1PenaltyLeavesOutColumns) {
  const Columns x = random_columns(6, 300, 1);
  std::vector<double> y(300);
  RandomStream noise(2, purpose("noise"));
  for (std::size_t i = 0; i < 300; ++i) y[i] = 3 * x[0][i] + noise.normal();
  const FitResult fit = QuantileRegression{{.alpha = 0.1}}.fit(regression(x, y));
  EXPECT_GT(fitted(fit).weight(0), 1);
  for (std::size_t j = 1; j < 6; ++j) EXPECT_NEAR(fitted(fit).weight(j), 0, 1e-6);
}

TEST(QuantileRegression, LevelsStandSideBySideAndDoNotCross) {
  Columns x = random_columns(2, 400, 1);
  std::vector<double> y(400);
  RandomStream noise(2, purpose("noise"));
  for (std::size_t i = 0; i < 400; ++i) y[i] = x[0][i] + (1 + 0.5 * std::abs(x[1][i])) * noise.normal();
  const auto dataset = regression(x, y);
  const FitResult fit = QuantileRegression{{.quantiles = Array{0.1, 0.5, 0.9}}}.fit(dataset);
  const Predictions values = fit.model->predict(dataset->features);
  ASSERT_EQ(values.width, 3U);
  const double levels[] = {0.1, 0.5, 0.9};
  for (std::size_t k = 0; k < 3; ++k) {
    double below = 0;
    for (std::size_t i = 0; i < 400; ++i) below += y[i] <= values.row(i)[k] + 1e-6 ? 1 : 0;
    EXPECT_NEAR(below / 400, levels[k], 0.02);
  }
  // far away the lines cross; what is predicted does not
  for (double& value : x[1]) value *= 1000;
  const Predictions far = fit.model->predict(table_of(x));
  for (std::size_t i = 0; i < 400; ++i) EXPECT_TRUE(std::is_sorted(far.row(i).begin(), far.row(i).end()));
  EXPECT_EQ(far.values, predict_row_by_row(*fit.model, x));
  const auto loaded = loaders().load_model(ArchiveReader(saved(*fit.model)), fit.model->context());
  EXPECT_EQ(loaded->predict(table_of(x)).values, far.values);
}

TEST(QuantileRegression, UnitsDoNotMatterWhereColumnsAreStandardized) {
  const Columns x = random_columns(3, 80, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  Columns other = x;
  std::vector<double> thousands = y;
  for (double& value : other[1]) value = 1e6 * value - 7;
  for (double& value : thousands) value *= 1e3;
  for (const char* penalty : {"l1", "l2"}) {
    const QuantileRegression learner{{.alpha = 0.05, .penalty = penalty, .tolerance = 1e-11}};
    const auto a = learner.fit(regression(x, y)).model->predict(table_of(x)).values;
    const auto b = learner.fit(regression(other, thousands)).model->predict(table_of(other)).values;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(1e3 * a[i], b[i], 0.1) << penalty;
  }
}

TEST(QuantileRegression, DegenerateDataGiveFiniteModels) {
  const Columns x = random_columns(3, 20, 1);
  std::vector<double> y(20), line(20);
  for (std::size_t i = 0; i < 20; ++i) {
    y[i] = 1.0 + static_cast<double>(i % 7);
    line[i] = 1 + 2 * x[0][i];
  }
  std::vector<double> few(20, 0.0);
  few[3] = few[4] = 2;
  for (const char* penalty : {"l1", "l2"})
    for (double alpha : {0.0, 1e-12, 0.1, 1e12})
      for (double level : {1e-6, 0.5, 0.99}) {
        const QuantileRegression learner{{.quantile = level, .alpha = alpha, .penalty = penalty}};
        const auto finite = [&](const std::shared_ptr<const Dataset>& data) {
          for (double value : learner.fit(data).model->predict(data->features).values)
            EXPECT_TRUE(std::isfinite(value)) << penalty << " " << alpha << " " << level;
        };
        for (const Columns& columns : {Columns{x[0], x[0], x[1]}, random_columns(40, 20, 3),
                                       Columns{std::vector<double>(20, 7.0), x[0]}, Columns{}}) {
          finite(regression(columns, y));
          finite(regression(columns, line));
          finite(regression(columns, std::vector<double>(20, 4.2)));
          finite(regression(columns, y, few));
        }
        finite(regression({{1}, {2}}, {5}));
        finite(regression({{1, 2, 3}, {2, 5, 9}}, {1e300, 1e-300, 1}));
      }
  // a line through all points is found
  EXPECT_NEAR(fitted(QuantileRegression{}.fit(regression(x, line))).weight(0), 2, 1e-6);
}

TEST(QuantileRegression, AStoppedFitCanBeRepeated) {
  const Columns x = random_columns(5, 300, 1);
  const auto data = regression(x, linear_target(x, 2, 2));
  const QuantileRegression learner{{.quantiles = Array{0.2, 0.7}}};
  const FitResult whole = learner.fit(data);
  for (std::int64_t rounds : {std::int64_t{1}, whole.report.rounds - 1, whole.report.rounds}) {
    const FitResult part = learner.fit(FitInput{.train = DatasetView(data), .stop_at_round = rounds});
    EXPECT_EQ(part.report.rounds, rounds);
    if (rounds == whole.report.rounds) EXPECT_EQ(fitted(part).state().weights, fitted(whole).state().weights);
  }
}

}  // namespace
