// Robust and generalised linear regression against scikit-learn (generalized_linear_reference.json), closed forms, and
// properties.

#include <gtest/gtest.h>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const Value& generalized_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/generalized_linear_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "generalized_linear_reference.json");
  }();
  return value;
}

/// A linear model with the scale of its errors.
struct RobustLine {
  std::vector<double> weights{};
  double intercept = 0, scale = 0;
};

double huber_objective(const Dataset& data, const Columns& x, const RobustLine& line, double epsilon, double alpha) {
  double loss = 0, total = 0, squares = 0;
  for (double w : line.weights) squares += w * w;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    double residual = data.target.values[i] - line.intercept;
    for (std::size_t j = 0; j < x.size(); ++j) residual -= x[j][i] * line.weights[j];
    const double z = std::abs(residual) / line.scale, weight = data.weights.empty() ? 1.0 : data.weights[i];
    loss += weight * line.scale * (1 + (z <= epsilon ? z * z : 2 * epsilon * z - epsilon * epsilon));
    total += weight;
  }
  return loss / total + 0.5 * alpha * squares;
}

RobustLine line_of(const FitResult& result, std::size_t columns) {
  RobustLine line{.intercept = fitted(result).intercept(), .scale = detail(result, "scale")};
  for (std::size_t j = 0; j < columns; ++j) line.weights.push_back(fitted(result).weight(j));
  return line;
}

TEST(GeneralizedLinear, AgreesWithScikitLearn) {
  for (const Value& data : generalized_reference().at("cases").array()) {
    const Columns x = columns_of(data.at("features"));
    const std::vector<double> y = numbers(data.at("target"));
    std::vector<double> weights;
    for (std::size_t i = 0; data.at("weighted").boolean() && i < y.size(); ++i)
      weights.push_back(static_cast<double>(1 + i % 3));
    const auto dataset = regression(x, y, weights);
    for (const Value& fit : data.at("fits").array()) {
      Object values = data.at("parameters").object();
      values["alpha"] = fit.at("alpha").number();
      values["standardize"] = false;
      values["tolerance"] = 1e-9;
      const FitResult result = GeneralizedLinear{}.with_parameters(values)->fit(dataset);
      const std::string objective = values.find("objective")->text();
      const std::string where = objective + " " + std::to_string(fit.at("alpha").number());
      const std::vector<double> expected = numbers(fit.at("weights"));
      // HuberRegressor ends where its objective falls by less than 2e-9 of it: some 1e-4 of the weights
      const double tolerance = objective == "huber" ? 3e-4 : 1e-7;
      double largest = 0;
      for (double w : expected) largest = std::max(largest, std::abs(w));
      for (std::size_t j = 0; j < expected.size(); ++j)
        EXPECT_NEAR(fitted(result).weight(j), expected[j], tolerance * largest) << where << " column " << j;
      EXPECT_NEAR(fitted(result).intercept(), fit.at("intercept").number(),
                  tolerance * std::abs(fit.at("intercept").number()))
          << where;
      EXPECT_NEAR(detail(result, "alpha"), fit.at("alpha").number(), 1e-9 * fit.at("alpha").number()) << where;
      if (objective != "huber") continue;
      const Value* epsilon = values.find("epsilon");
      const double bend = epsilon == nullptr ? 1.35 : epsilon->number(), alpha = fit.at("alpha").number();
      const double theirs =
          huber_objective(*dataset, x, {expected, fit.at("intercept").number(), fit.at("scale").number()}, bend, alpha);
      const double ours = huber_objective(*dataset, x, line_of(result, x.size()), bend, alpha);
      EXPECT_LE(ours, theirs) << where;
      EXPECT_NEAR(ours, theirs, 1e-7 * theirs) << where;
    }
  }
}

TEST(GeneralizedLinear, TheMeanOfACountIsTheMeanOfItsGroup) {
  // one column of two values, no penalty to speak of: the maximum likelihood is the mean of either group
  const Columns x{{0, 0, 0, 1, 1}};
  const auto dataset = regression(x, {2, 3, 7, 20, 10});
  for (const char* objective : {"poisson", "gamma", "tweedie"}) {
    const FitResult fit = GeneralizedLinear{{.objective = objective, .alpha = 1e-15, .tolerance = 1e-10}}.fit(dataset);
    const auto values = fit.model->predict(dataset->features).values;
    EXPECT_NEAR(values[0], 4, 1e-7) << objective;
    EXPECT_NEAR(values[4], 15, 1e-7) << objective;
  }
}

TEST(GeneralizedLinear, OutliersHardlyMoveARobustLine) {
  const Columns x = random_columns(3, 300, 1);
  std::vector<double> y(300);
  RandomStream noise(2, purpose("noise"));
  for (std::size_t i = 0; i < 300; ++i) y[i] = 10 + 2 * x[0][i] - x[1][i] + 0.3 * noise.normal();
  for (std::size_t i = 0; i < 300; i += 12) y[i] += 500 * (1 + x[0][i]);  // one of twelve is wrong
  const auto dataset = regression(x, y);
  const FitResult robust = GeneralizedLinear{}.fit(dataset), squares = Ridge{}.fit(dataset);
  EXPECT_NEAR(fitted(robust).weight(0), 2, 0.15);
  EXPECT_NEAR(fitted(robust).weight(1), -1, 0.15);
  EXPECT_NEAR(fitted(robust).intercept(), 10, 0.15);
  EXPECT_GT(std::abs(fitted(squares).weight(0) - 2) + std::abs(fitted(squares).intercept() - 10), 10);
}

TEST(GeneralizedLinear, UnitsOfTheTargetDoNotMatter) {
  const Columns x = random_columns(4, 150, 1);
  std::vector<double> y = linear_target(x, 1, 2);
  for (double& value : y) value = std::exp(0.3 * value);
  std::vector<double> thousands = y;
  for (double& value : thousands) value *= 1e3;
  for (const char* objective : {"huber", "poisson", "gamma", "tweedie"}) {
    const GeneralizedLinearParameters parameters{.objective = objective, .alpha = 0.01, .tolerance = 1e-10};
    const auto a = GeneralizedLinear{parameters}.fit(regression(x, y)).model->predict(table_of(x)).values;
    const auto b = GeneralizedLinear{parameters}.fit(regression(x, thousands)).model->predict(table_of(x)).values;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(1e3 * a[i], b[i], 1e-6 * std::abs(b[i]) + 1e-6) << objective;
  }
}

TEST(GeneralizedLinear, RowsAndBatchesAgreeAndTheLinkIsSaved) {
  const Columns x = random_columns(3, 60, 1);
  std::vector<double> y = linear_target(x, 1, 2);
  for (double& value : y) value = std::exp(0.2 * value);
  const FitResult fit = GeneralizedLinear{{.objective = "gamma"}}.fit(regression(x, y));
  const auto values = fit.model->predict(table_of(x)).values;
  EXPECT_EQ(values, predict_row_by_row(*fit.model, x));
  const auto loaded = loaders().load_model(ArchiveReader(saved(*fit.model)), fit.model->context());
  EXPECT_EQ(values, loaded->predict(table_of(x)).values);
  const double huge = std::numeric_limits<double>::max();
  for (double value : loaded->predict(table_of({{huge, -huge}, {huge, -huge}, {-huge, huge}})).values) {
    EXPECT_TRUE(std::isfinite(value));
    EXPECT_GT(value, 0);
  }
}

TEST(GeneralizedLinear, DegenerateDataGiveFiniteModels) {
  const Columns x = random_columns(3, 20, 1);
  for (const char* objective : {"huber", "poisson", "gamma", "tweedie"}) {
    const auto finite = [&](const Columns& columns, const std::vector<double>& y, std::optional<double> alpha = {}) {
      const auto data = regression(columns, y);
      const FitResult fit = GeneralizedLinear{{.objective = objective, .alpha = alpha}}.fit(data);
      for (double value : fit.model->predict(data->features).values) EXPECT_TRUE(std::isfinite(value)) << objective;
    };
    std::vector<double> y(20);
    for (std::size_t i = 0; i < 20; ++i) y[i] = 1.0 + static_cast<double>(i % 7);
    for (double alpha : {1e-18, 1.0, 1e12}) {
      finite({x[0], x[0], x[1]}, y, alpha);  // collinear
      finite(random_columns(40, 20, 3), y, alpha);
    }
    finite({std::vector<double>(20, 7.0), x[0]}, y);
    finite(x, std::vector<double>(20, 4.2));
    finite({{1}, {2}}, {5});
    finite({}, {5, 6, 7});
    finite({{1, 2, 3}, {2, 5, 9}}, {1e300, 1e-300, 1});
  }
  // a line through all points leaves no scale
  std::vector<double> line(20);
  for (std::size_t i = 0; i < 20; ++i) line[i] = 1 + 2 * x[0][i];
  const FitResult fit = GeneralizedLinear{{.alpha = 1e-12}}.fit(regression(x, line));
  EXPECT_NEAR(fitted(fit).weight(0), 2, 1e-4);
}

TEST(GeneralizedLinear, TargetsThatTheLossDoesNotTakeAreRefused) {
  const Columns x = random_columns(1, 3, 1);
  const auto code = [&](const char* objective, const std::vector<double>& y) {
    try {
      GeneralizedLinear{{.objective = objective}}.fit(regression(x, y));
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  EXPECT_EQ(code("poisson", {1, -1, 2}), "fit.target_negative");
  EXPECT_EQ(code("tweedie", {1, -1, 2}), "fit.target_negative");
  EXPECT_EQ(code("gamma", {1, 0, 2}), "fit.target_not_positive");
  EXPECT_EQ(code("poisson", {0, 0, 0}), "fit.target_zero");
  EXPECT_EQ(code("poisson", {0, 0, 1}), "");
}

TEST(GeneralizedLinear, AStoppedFitCanBeRepeated) {
  const Columns x = random_columns(5, 400, 1);
  const auto data = regression(x, linear_target(x, 2, 2));
  const FitResult whole = GeneralizedLinear{}.fit(data);
  for (std::int64_t rounds : {std::int64_t{1}, whole.report.rounds - 1, whole.report.rounds}) {
    const FitResult part = GeneralizedLinear{}.fit(FitInput{.train = DatasetView(data), .stop_at_round = rounds});
    EXPECT_EQ(part.report.rounds, rounds);
    if (rounds == whole.report.rounds) EXPECT_EQ(fitted(part).state().weights, fitted(whole).state().weights);
  }
}

}  // namespace
