// The elastic net against scikit-learn (elastic_net_reference.json), the conditions of its optimum, and properties.

#include <gtest/gtest.h>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const Value& elastic_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/elastic_net_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "elastic_net_reference.json");
  }();
  return value;
}

/// A linear model as the textbook writes it, and what it is judged by.
struct Line {
  std::vector<std::vector<double>> weights{};  // [column][score]
  std::vector<double> intercepts{};
};

struct Problem {
  Columns x;
  std::vector<double> y{}, weights{};
  std::vector<std::int32_t> labels{};
  std::size_t classes = 0;
  double alpha = 0, l1_ratio = 0;

  std::size_t rows() const { return x[0].size(); }
  double weight(std::size_t i) const { return weights.empty() ? 1.0 : weights[i]; }
  std::shared_ptr<const Dataset> dataset() const {
    return classes == 0 ? regression(x, y, weights) : classification(x, labels, classes, weights);
  }

  double objective(const Line& line) const {
    double loss = 0, total = 0, penalty = 0;
    for (std::size_t i = 0; i < rows(); ++i) {
      std::vector<double> scores = line.intercepts;
      for (std::size_t k = 0; k < scores.size(); ++k)
        for (std::size_t j = 0; j < x.size(); ++j) scores[k] += x[j][i] * line.weights[j][k];
      total += weight(i);
      loss += weight(i) * (classes == 0 ? 0.5 * (y[i] - scores[0]) * (y[i] - scores[0]) : log_loss(scores, i));
    }
    for (const auto& row : line.weights)
      for (double w : row) penalty += l1_ratio * std::abs(w) + 0.5 * (1 - l1_ratio) * w * w;
    return loss / total + alpha * penalty;
  }
  double log_loss(std::vector<double> scores, std::size_t i) const {
    if (scores.size() == 1) scores = {0, scores[0]};
    double sum = 0;
    for (double score : scores) sum += std::exp(score);
    return std::log(sum) - scores[static_cast<std::size_t>(labels[i])];
  }
};

Line line_of(const FitResult& result) {
  const LinearModel& model = fitted(result);
  Line line;
  for (std::size_t j = 0; j < model.state().columns(); ++j) {
    line.weights.emplace_back();
    for (std::size_t k = 0; k < model.state().scores(); ++k) line.weights[j].push_back(model.weight(j, k));
  }
  for (std::size_t k = 0; k < model.state().scores(); ++k) line.intercepts.push_back(model.intercept(k));
  return line;
}

Problem problem_of(const Value& data) {
  Problem problem{.x = columns_of(data.at("features"))};
  if (data.at("weighted").boolean())
    for (std::size_t i = 0; i < problem.rows(); ++i) problem.weights.push_back(static_cast<double>(1 + i % 3));
  return problem;
}

ElasticNet net_of(const Problem& problem, double tolerance) {
  return ElasticNet{
      {.alpha = problem.alpha, .l1_ratio = problem.l1_ratio, .standardize = false, .tolerance = tolerance}};
}

TEST(ElasticNet, RegressionHasTheObjectiveOfScikitLearn) {
  for (const Value& data : elastic_reference().at("regression").array()) {
    Problem problem = problem_of(data);
    problem.y = numbers(data.at("target"));
    for (const Value& fit : data.at("fits").array()) {
      problem.alpha = fit.at("alpha").number();
      problem.l1_ratio = fit.at("l1_ratio").number();
      Line theirs{.intercepts = {fit.at("intercept").number()}};
      for (double w : numbers(fit.at("weights"))) theirs.weights.push_back({w});
      const Line ours = line_of(net_of(problem, 1e-10).fit(problem.dataset()));
      const double expected = problem.objective(theirs);
      EXPECT_NEAR(problem.objective(ours), expected, 1e-10 * expected) << data.at("name").text() << problem.alpha;
      for (std::size_t j = 0; j < ours.weights.size(); ++j) {
        // a flat optimum: an objective to 1e-14 leaves weights open to about its root
        EXPECT_NEAR(ours.weights[j][0], theirs.weights[j][0], 1e-5) << data.at("name").text() << j;
        EXPECT_EQ(ours.weights[j][0] == 0, theirs.weights[j][0] == 0) << data.at("name").text() << j;
      }
    }
  }
}

TEST(ElasticNet, ClassesHaveTheObjectiveOfScikitLearn) {
  for (const Value& data : elastic_reference().at("classes").array()) {
    Problem problem = problem_of(data);
    for (double label : numbers(data.at("labels"))) problem.labels.push_back(static_cast<std::int32_t>(label));
    problem.classes = static_cast<std::size_t>(data.at("classes").integer());
    for (const Value& fit : data.at("fits").array()) {
      problem.alpha = fit.at("alpha").number();
      problem.l1_ratio = fit.at("l1_ratio").number();
      Line theirs{.intercepts = numbers(fit.at("intercepts"))};
      for (const Value& row : fit.at("weights").array()) theirs.weights.push_back(numbers(row));
      const Line ours = line_of(net_of(problem, 1e-9).fit(problem.dataset()));
      const double expected = problem.objective(theirs);
      EXPECT_NEAR(problem.objective(ours), expected, 1e-9 * expected) << data.at("name").text() << problem.alpha;
      for (std::size_t j = 0; j < ours.weights.size(); ++j)
        for (std::size_t k = 0; k < ours.weights[j].size(); ++k)
          EXPECT_NEAR(ours.weights[j][k], theirs.weights[j][k], 1e-4) << data.at("name").text() << j;
    }
  }
}

/// Regression with more than 1,000 columns goes through the rows: the conditions of the optimum hold there, too.
TEST(ElasticNet, WideRegressionMeetsTheConditionsOfItsOptimum) {
  Problem problem{.x = random_columns(700, 90, 1)};
  add_rare_columns(problem.x, 400, 90, 2);
  problem.y = linear_target({problem.x[0], problem.x[5], problem.x[710]}, 0.5, 3);
  problem.alpha = 0.2;
  problem.l1_ratio = 0.7;
  const FitResult result = net_of(problem, 1e-8).fit(problem.dataset());
  const Line line = line_of(result);
  const std::vector<double> fit = result.model->predict(table_of(problem.x)).values;
  const double unit = static_cast<double>(problem.rows());
  double total = 0;
  std::size_t used = 0;
  for (std::size_t i = 0; i < problem.rows(); ++i) total += problem.y[i] - fit[i];
  EXPECT_NEAR(total / unit, 0, 1e-7);
  for (std::size_t j = 0; j < problem.x.size(); ++j) {
    double slope = 0;
    for (std::size_t i = 0; i < problem.rows(); ++i) slope += problem.x[j][i] * (problem.y[i] - fit[i]) / unit;
    const double weight = line.weights[j][0], l1 = problem.alpha * problem.l1_ratio;
    slope -= problem.alpha * (1 - problem.l1_ratio) * weight;
    // the tolerance is in units of the target's deviation, about 2
    if (weight == 0) EXPECT_LT(std::abs(slope), l1 + 1e-7) << j;
    else EXPECT_NEAR(slope, weight > 0 ? l1 : -l1, 1e-7) << j;
    used += weight != 0 ? 1 : 0;
  }
  EXPECT_GT(used, 3U);
  EXPECT_LT(used, 90U);
}

/// Through products of columns and through rows: more than 512 columns take the latter.
TEST(ElasticNet, WideClassesMeetTheConditionsOfTheirOptimum) {
  for (std::size_t classes : {2, 3}) {
    Problem problem{.x = random_columns(500, 120, 1)};
    add_rare_columns(problem.x, 100, 120, 2);
    problem.labels = labels_from(linear_target({problem.x[0], problem.x[5], problem.x[510]}, 0.5, 3), classes);
    problem.classes = classes;
    problem.alpha = 0.05;
    problem.l1_ratio = 0.8;
    const FitResult result = net_of(problem, 1e-8).fit(problem.dataset());
    const Line line = line_of(result);
    const Predictions fit = result.model->predict(table_of(problem.x));
    for (std::size_t k = 0; k < line.intercepts.size(); ++k)
      for (std::size_t j = 0; j < problem.x.size(); ++j) {
        const std::size_t label = classes == 2 ? 1 : k;
        double slope = 0;
        for (std::size_t i = 0; i < problem.rows(); ++i)
          slope += problem.x[j][i] *
                   ((static_cast<std::size_t>(problem.labels[i]) == label ? 1.0 : 0.0) - fit.row(i)[label]) / 120.0;
        const double weight = line.weights[j][k], l1 = problem.alpha * problem.l1_ratio;
        slope -= problem.alpha * (1 - problem.l1_ratio) * weight;
        if (weight == 0) EXPECT_LT(std::abs(slope), l1 + 3e-8) << j;
        else EXPECT_NEAR(slope, weight > 0 ? l1 : -l1, 3e-8) << j;
      }
  }
}

TEST(ElasticNet, FromTheLargestSlopeOnEveryWeightIsZero) {
  // standardised columns and target: the largest slope is a correlation
  const Columns x = random_columns(4, 60, 1);
  const auto data = regression(x, linear_target(x, 1, 2));
  const FitResult free = ElasticNet{{.alpha = 1e-6, .l1_ratio = 1.0}}.fit(data);
  EXPECT_EQ(free.report.details.find("columns")->integer(), 4);
  const FitResult none = ElasticNet{{.alpha = 1.0, .l1_ratio = 1.0}}.fit(data);
  EXPECT_EQ(none.report.details.find("columns")->integer(), 0);
  double mean = 0;
  for (double value : data->target.values) mean += value / 60;
  EXPECT_NEAR(none.model->predict(table_of(x)).values[7], mean, 1e-12);
}

TEST(ElasticNet, UnitsOfColumnsAndTargetDoNotMatter) {
  Columns x = random_columns(5, 100, 1);
  std::vector<double> y = linear_target(x, 2, 2);
  const ElasticNetParameters parameters{.alpha = 0.1, .tolerance = 1e-10};
  const FitResult before = ElasticNet{parameters}.fit(regression(x, y));
  for (double& value : x[1]) value = value * 1e6 + 7;
  for (double& value : y) value = value * 1e-3 - 40;
  const FitResult after = ElasticNet{parameters}.fit(regression(x, y));
  const Columns raw = random_columns(5, 100, 1);
  const auto a = before.model->predict(table_of(raw)).values, b = after.model->predict(table_of(x)).values;
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i] * 1e-3 - 40, b[i], 1e-8);
}

/// Few columns tell: the path finds them and leaves most others out, and predicts new rows better than ridge
/// regression.
TEST(ElasticNet, FindsTheColumnsThatTell) {
  const std::size_t rows = 120, columns = 200;
  const Columns all = random_columns(columns, 2 * rows, 1);
  std::vector<double> y(2 * rows);
  RandomStream noise(4, purpose("noise"));
  for (std::size_t i = 0; i < 2 * rows; ++i) y[i] = 2 * all[3][i] - 2 * all[50][i] + all[120][i] + noise.normal();
  std::vector<std::size_t> first(rows), second(rows);
  std::iota(first.begin(), first.end(), 0U);
  std::iota(second.begin(), second.end(), rows);
  const auto train = regression(selected_rows(all, first), selected(y, first));
  const Table test = table_of(selected_rows(all, second));
  const auto error = [&](const FitResult& fit) {
    double squares = 0;
    const std::vector<double> values = fit.model->predict(test).values;
    for (std::size_t i = 0; i < rows; ++i) squares += (values[i] - y[rows + i]) * (values[i] - y[rows + i]);
    return squares / static_cast<double>(rows);
  };
  const FitResult net = ElasticNet{{.l1_ratio = 0.9}}.fit(train), ridge = Ridge{}.fit(train);
  for (std::size_t j : {3, 50, 120}) EXPECT_NE(fitted(net).weight(j), 0) << j;
  EXPECT_LT(net.report.details.find("columns")->integer(), 60);
  EXPECT_LT(error(net), 1.6);  // the noise alone is 1
  EXPECT_LT(error(net), 0.5 * error(ridge));
}

TEST(ElasticNet, ThePenaltyHasTheLeastHeldOutLossOfThePath) {
  for (std::size_t classes : {0, 2, 3}) {
    const Columns x = random_columns(8, 200, 5);
    const std::vector<double> y = linear_target(x, 4, 6);
    const auto data = classes == 0 ? regression(x, y) : classification(x, labels_from(y, classes), classes);
    const FitResult fit = ElasticNet{}.fit(data);
    const std::vector<double>& losses = fit.report.learning_curve;
    const auto best = std::min_element(losses.begin(), losses.end()) - losses.begin();
    ASSERT_GT(losses.size(), 5U);
    EXPECT_GT(best, 0);
    // of the path, alpha is that many equal parts of the way from the strongest to 1e-4 of it
    const FitResult first = ElasticNet{}.fit(FitInput{.train = DatasetView(data), .stop_at_round = 1});
    EXPECT_NEAR(detail(fit, "alpha"), detail(first, "alpha") * std::pow(1e-4, static_cast<double>(best) / 99),
                1e-9 * detail(fit, "alpha"));
  }
}

TEST(ElasticNet, ThreadsDoNotChangeABit) {
  Columns x = random_columns(12, 3000, 1);
  add_rare_columns(x, 6, 3000, 2);
  const std::vector<double> y = linear_target(x, 3, 3);
  for (std::size_t classes : {0, 2, 4}) {
    const auto data = classes == 0 ? regression(x, y) : classification(x, labels_from(y, classes), classes);
    std::vector<double> bits;
    for (int width : {1, 3}) {
      const auto threads = make_executor(width);
      RunContext context;
      context.run_with = threads.get();
      const FitResult fit = ElasticNet{{.n_alphas = 20}}.fit(data, context);
      if (bits.empty()) bits = fitted(fit).state().weights;
      EXPECT_EQ(bits, fitted(fit).state().weights) << classes;
    }
  }
}

TEST(ElasticNet, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const std::shared_ptr<const Dataset>& data, ElasticNetParameters parameters = {}) {
    const FitResult fit = ElasticNet{parameters}.fit(data);
    for (double value : fit.model->predict(data->features).values) EXPECT_TRUE(std::isfinite(value));
  };
  const Columns x = random_columns(3, 20, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  const std::vector<std::int32_t> apart = labels_from(x[0], 2);
  for (double alpha : {1e-12, 1e-3, 1e12}) {
    const ElasticNetParameters given{.alpha = alpha};
    finite(regression({x[0], x[0], x[1], x[1]}, y), given);       // collinear
    finite(classification({x[0], x[0], x[1]}, apart, 2), given);  // separable
    finite(classification(x, labels_from(x[1], 5), 5), given);
    finite(regression(random_columns(30, 10, 3), std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}), given);
  }
  finite(classification({x[0]}, apart, 2));
  finite(classification(x, std::vector<std::int32_t>(20, 1), 2));  // one class
  finite(classification(x, std::vector<std::int32_t>(20, 1), 3));
  finite(regression(x, std::vector<double>(20, 4.2)));
  finite(regression({{1}, {2}}, {5}));
  finite(regression({{1, 2}, {2, 5}}, {5, 6}));
  finite(regression({}, {5, 6, 7}));
}

TEST(ElasticNet, ProductsThatOverflowAreRefused) {
  const auto data = regression({{1e200, -1e200, 3, 5}, {1, 2, 3, 4}}, {1, 2, 3, 5});
  try {
    ElasticNet{{.standardize = false}}.fit(data);
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.overflow");
  }
  EXPECT_TRUE(std::isfinite(ElasticNet{}.fit(data).model->predict(data->features).values[0]));
}

}  // namespace
