// Linear support vector machines against scikit-learn (linear_svm_reference.json), the conditions of an optimum, and
// the solvers against each other.

#include <gtest/gtest.h>

#include "learners/piecewise_descent.hpp"
#include "learners/piecewise_newton.hpp"
#include "learners/row_sums.hpp"
#include "learners/score_calibration.hpp"
#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const Value& svm_reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/linear_svm_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "linear_svm_reference.json");
  }();
  return value;
}

/// Weights and intercept without what makes probabilities of scores.
struct Line {
  std::vector<double> weights{};
  double intercept = 0;

  double score(const Columns& x, std::size_t i) const {
    double sum = intercept;
    for (std::size_t j = 0; j < x.size(); ++j) sum += weights[j] * x[j][i];
    return sum;
  }
};

Line line_of(const FitResult& fit, std::size_t score = 0) {
  const LinearModel& model = fitted(fit);
  const bool classes = model.state().link != Link::identity;
  const double slope = classes ? detail(fit, "slope") : 1.0;
  const double offset = classes ? fit.report.details.find("offsets")->array()[score].number() : 0.0;
  Line line{.intercept = (model.intercept(score) - offset) / slope};
  for (std::size_t j = 0; j < model.state().columns(); ++j) line.weights.push_back(model.weight(j, score) / slope);
  return line;
}

/// `y`: -1 and 1, or numbers.
double svm_objective(const Columns& x, const std::vector<double>& y, const std::vector<double>& weights,
                     const Line& line, const std::string& loss, double c, double epsilon) {
  double value = 0;
  for (double w : line.weights) value += 0.5 * w * w;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double score = line.score(x, i);
    const double far = std::max(0.0, loss.ends_with("hinge") ? 1 - y[i] * score : std::abs(y[i] - score) - epsilon);
    value += c * (weights.empty() ? 1.0 : weights[i]) * (loss.starts_with("squared") ? far * far : far);
  }
  return value;
}

std::vector<double> signs(const std::vector<std::int32_t>& labels, std::int32_t positive = 1) {
  std::vector<double> y;
  for (std::int32_t label : labels) y.push_back(label == positive ? 1.0 : -1.0);
  return y;
}

TEST(LinearSvm, AgreesWithScikitLearn) {
  for (const Value& data : svm_reference().at("cases").array()) {
    const Columns x = columns_of(data.at("features"));
    const std::vector<double> target = numbers(data.at("target"));
    const std::string loss = data.at("loss").text();
    const double epsilon = data.at("epsilon").number();
    const bool classes = loss.ends_with("hinge");
    const std::vector<std::int32_t> labels(target.begin(), target.end());
    std::vector<double> weights;
    for (std::size_t i = 0; data.at("weighted").boolean() && i < target.size(); ++i)
      weights.push_back(static_cast<double>(1 + i % 3));
    const auto dataset = classes ? classification(x, labels, 2, weights) : regression(x, target, weights);
    const std::vector<double> y = classes ? signs(labels) : target;
    for (const Value& fit : data.at("fits").array()) {
      const double c = fit.at("C").number();
      const std::string where = loss + " " + std::to_string(c);
      const LinearSvmParameters parameters{.loss = loss,
                                           .c = c,
                                           .epsilon = epsilon,
                                           .fit_intercept = data.at("fit_intercept").boolean(),
                                           .standardize = false,
                                           .tolerance = 1e-9};
      const Line own = line_of(LinearSvm{parameters}.fit(dataset));
      const Line theirs{numbers(fit.at("weights")), fit.at("intercept").number()};
      const double least = svm_objective(x, y, weights, theirs, loss, c, epsilon);
      EXPECT_LE(svm_objective(x, y, weights, own, loss, c, epsilon), least * (1 + 2e-9)) << where;
      // an objective within 1e-9 leaves weights within the root of that
      for (std::size_t j = 0; j < x.size(); ++j) EXPECT_NEAR(own.weights[j], theirs.weights[j], 1e-3) << where;
      EXPECT_NEAR(own.score(x, 0), theirs.score(x, 0), 3e-3) << where;
    }
  }
}

TEST(LinearSvm, SquaredLossesEndWhereTheirSlopesAreZero) {
  Columns x = random_columns(4, 200, 3);
  add_rare_columns(x, 3, 200, 4);
  const std::vector<double> y = linear_target(x, 1, 5);
  for (const bool classes : {true, false}) {
    const auto labels = labels_from(y, 2);
    const auto dataset = classes ? classification(x, labels, 2) : regression(x, y);
    const Line line = line_of(LinearSvm{
        {.loss = classes ? "squared_hinge" : "squared_epsilon_insensitive",
         .c = 0.3,
         .epsilon = 0.2,
         .standardize = false,
         .tolerance = 1e-12}}.fit(dataset));
    std::vector<double> slopes = line.weights;
    double of_intercept = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double t = classes ? (labels[i] == 1 ? 1.0 : -1.0) : y[i], rest = t - line.score(x, i);
      const double beyond = classes                ? (t * rest > 0 ? rest : 0.0)
                            : std::abs(rest) > 0.2 ? rest - std::copysign(0.2, rest)
                                                   : 0.0;
      for (std::size_t j = 0; j < x.size(); ++j) slopes[j] -= 2 * 0.3 * beyond * x[j][i];
      of_intercept -= 2 * 0.3 * beyond;
    }
    for (double slope : slopes) EXPECT_NEAR(slope, 0, 1e-5);
    EXPECT_NEAR(of_intercept, 0, 1e-5);
  }
}

/// A design with the rows of a loss, for the solvers themselves.
struct Problem {
  Problem(const Columns& x, bool classes, bool squared)
      : dataset(regression(x, linear_target(x, 1, 7))), design(DatasetView(dataset), true, {}) {
    design.lay_out(linear::Layout::sparse_where_possible);
    tiles = *design.read_tiles(dataset->features, design.rows().rows, {});
    rows = {.squared = squared, .epsilon = classes ? 0.0 : 0.3};
    for (std::size_t i = 0; i < dataset->rows(); ++i) {
      const double cost = 0.2 * static_cast<double>(1 + i % 3), bound = squared ? infinity : cost;
      const double sign = dataset->target.values[i] > 3 ? 1.0 : -1.0;
      rows.targets.push_back(classes ? sign : dataset->target.values[i]);
      rows.costs.push_back(cost);
      rows.lower.push_back(classes && sign > 0 ? 0.0 : -bound);
      rows.upper.push_back(classes && sign < 0 ? 0.0 : bound);
      order.push_back(static_cast<std::uint32_t>(i));
    }
  }
  double objective(const linear::PiecewisePoint& point) const {
    double value = 0;
    for (double w : point.weights) value += 0.5 * w * w;
    const auto scores = linear::scores_of_rows(design, tiles, rows.size(), point.weights, point.intercept, {});
    for (std::size_t i = 0; i < rows.size(); ++i) value += rows.loss(i, rows.targets[i] - (*scores)[i]);
    return value;
  }

  static constexpr double infinity = std::numeric_limits<double>::infinity();
  std::shared_ptr<const Dataset> dataset;
  linear::Design design;
  std::vector<linear::Tile> tiles{};
  linear::PiecewiseRows rows{};
  std::vector<std::uint32_t> order{};
};

TEST(LinearSvm, NewtonAndDescentFindTheSameOptimum) {
  Columns x = random_columns(5, 300, 3);
  add_rare_columns(x, 4, 300, 4);
  for (const bool classes : {true, false})
    for (const bool squared : {true, false})
      for (const bool intercept : {true, false}) {
        const Problem problem(x, classes, squared);
        const linear::PiecewiseOptions options{.intercept = intercept, .tolerance = 1e-8, .max_steps = 100000};
        linear::PiecewisePoint start{.weights = std::vector<double>(problem.design.columns())};
        linear::DescentState state;
        const auto newton = fit_by_newton(problem.design, problem.tiles, problem.rows, start, options, {});
        const auto descent =
            fit_by_descent(problem.design, problem.tiles, problem.rows, problem.order, state, options, {});
        const double value = problem.objective(newton.point), other = problem.objective(descent.point);
        const std::string where = std::string(classes ? "classes " : "numbers ") + (squared ? "squared " : "") +
                                  (intercept ? "intercept" : "");
        EXPECT_NEAR(value, other, 2e-8 * value) << where;
        EXPECT_LT(newton.steps, 200) << where;
        EXPECT_LT(descent.steps, 20000) << where;
        for (std::size_t i = 0; i < problem.rows.size(); i += 37)
          EXPECT_NEAR(newton.point.scores[i], descent.point.scores[i], 0.01) << where;
      }
}

TEST(LinearSvm, ManyColumnsTakeConjugateGradients) {
  const Columns x = random_columns(linear::most_curved_columns + 10, 90, 3);
  for (const bool classes : {true, false}) {
    const Problem problem(x, classes, true);
    const linear::PiecewiseOptions options{.tolerance = 1e-9};
    linear::PiecewisePoint start{.weights = std::vector<double>(problem.design.columns())};
    linear::DescentState state;
    const auto newton = fit_by_newton(problem.design, problem.tiles, problem.rows, start, options, {});
    const auto descent = fit_by_descent(problem.design, problem.tiles, problem.rows, problem.order, state,
                                        {.tolerance = 1e-9, .max_steps = 100000}, {});
    const double value = problem.objective(descent.point);
    EXPECT_NEAR(problem.objective(newton.point), value, 1e-8 * value);
  }
}

TEST(LinearSvm, AbsoluteErrorsOfFewRowsEndAtTheSameOptimum) {
  // an interior point method; by the next smaller epsilon the other one
  const Columns x = random_columns(30, 100, 3);
  const auto dataset = regression(x, linear_target(x, 1, 7));
  for (double c : {0.01, 1.0}) {
    const LinearSvmParameters parameters{.c = c, .tolerance = 1e-8};
    LinearSvmParameters other = parameters;
    other.epsilon = 1e-12;
    const auto a = LinearSvm{parameters}.fit(dataset).model->predict(dataset->features).values;
    const auto b = LinearSvm{other}.fit(dataset).model->predict(dataset->features).values;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 0.01) << c;
  }
}

TEST(LinearSvm, ProbabilitiesAreThoseOfTheData) {
  // y follows a logistic line: probabilities should be about as good as those of logistic regression
  for (const char* loss : {"hinge", "squared_hinge"}) {
    const Columns x = random_columns(3, 4000, 8);
    std::vector<std::int32_t> labels(4000);
    RandomStream draws(9, purpose("labels"));
    for (std::size_t i = 0; i < 4000; ++i)
      labels[i] = draws.uniform() < 1 / (1 + std::exp(-(1.5 * x[0][i] - x[1][i] - 1))) ? 1 : 0;
    const auto dataset = classification(x, labels, 2);
    const auto log_loss = [&](const Model& model) {
      double sum = 0;
      const Predictions shares = model.predict(dataset->features);
      for (std::size_t i = 0; i < 4000; ++i) sum -= std::log(shares.row(i)[static_cast<std::size_t>(labels[i])]);
      return sum / 4000;
    };
    const double own = log_loss(*LinearSvm{{.loss = loss}}.fit(dataset).model);
    EXPECT_LT(own, log_loss(*Logistic{}.fit(dataset).model) + 0.005) << loss;
  }
}

TEST(LinearSvm, CalibrationFindsTheSlopeThatIsThere) {
  ScoredRows rows{.classes = 3};
  RandomStream draws(1, purpose("scores"));
  for (int i = 0; i < 20000; ++i) {
    double scores[3], shares[3], sum = 0;
    const double offsets[3] = {0, 0.5, -1};
    for (int k = 0; k < 3; ++k) sum += shares[k] = std::exp(2 * (scores[k] = draws.normal()) + offsets[k]);
    double left = draws.uniform() * sum;
    std::int32_t label = 0;
    while (label < 2 && (left -= shares[label]) > 0) ++label;
    rows.scores.insert(rows.scores.end(), scores, scores + 3);
    rows.labels.push_back(label);
    rows.weights.push_back(1);
  }
  const auto found = calibrate_scores(rows, {});
  EXPECT_NEAR(found->slope, 2, 0.06);  // 3 standard errors of 20,000 rows
  EXPECT_NEAR(found->offsets[1], 0.5, 0.06);
  EXPECT_NEAR(found->offsets[2], -1, 0.09);
  // scores that tell the wrong way tell nothing: the shares of the classes are left
  for (double& score : rows.scores) score = -score;
  EXPECT_EQ(calibrate_scores(rows, {})->slope, 0);
}

TEST(LinearSvm, SeveralClassesAreToldFromTheOthers) {
  const Columns x = random_columns(3, 150, 5);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < 150; ++i)
    labels.push_back(x[0][i] > std::max(x[1][i], x[2][i]) ? 0 : x[1][i] > x[2][i] ? 1 : 2);
  const auto dataset = classification(x, labels, 3);
  const LinearSvmParameters parameters{.loss = "hinge", .standardize = false, .tolerance = 1e-8};
  const FitResult all = LinearSvm{parameters}.fit(dataset);
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<std::int32_t> one;
    for (std::int32_t label : labels) one.push_back(label == static_cast<std::int32_t>(k) ? 1 : 0);
    const Line own = line_of(all, k), alone = line_of(LinearSvm{parameters}.fit(classification(x, one, 2)));
    for (std::size_t j = 0; j < x.size(); ++j) EXPECT_NEAR(own.weights[j], alone.weights[j], 1e-6);
    EXPECT_NEAR(own.intercept, alone.intercept, 1e-6);
  }
  double right = 0;
  const Predictions shares = all.model->predict(dataset->features);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = shares.row(i);
    right += std::max_element(row.begin(), row.end()) - row.begin() == labels[i] ? 1 : 0;
  }
  EXPECT_GT(right / 150, 0.9);
}

TEST(LinearSvm, WithoutAnInterceptARowOfZerosScoresZero) {
  Columns x = random_columns(2, 60, 2);
  for (double& value : x[0]) value += 4;
  add_rare_columns(x, 2, 60, 3);
  const std::vector<double> y = linear_target(x, 1, 2);
  for (const char* loss : {"epsilon_insensitive", "squared_epsilon_insensitive"})
    for (const bool standardize : {true, false}) {
      const FitResult fit =
          LinearSvm{{.loss = loss, .fit_intercept = false, .standardize = standardize}}.fit(regression(x, y));
      EXPECT_NEAR(fitted(fit).intercept(), 0, 1e-9) << loss;
    }
}

TEST(LinearSvm, UnitsDoNotMatterWhereColumnsAreStandardized) {
  const Columns x = random_columns(3, 80, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  Columns other = x;
  std::vector<double> thousands = y;
  for (double& value : other[1]) value = 1e6 * value - 7;
  for (double& value : thousands) value *= 1e3;
  for (const char* loss : {"epsilon_insensitive", "squared_epsilon_insensitive"}) {
    const LinearSvm svm{{.loss = loss, .epsilon = 0.1, .tolerance = 1e-10}};
    const auto a = svm.fit(regression(x, y)).model->predict(table_of(x)).values;
    const auto b = svm.fit(regression(other, thousands)).model->predict(table_of(other)).values;
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(1e3 * a[i], b[i], 0.1) << loss;
  }
}

TEST(LinearSvm, DegenerateDataGiveFiniteModels) {
  const Columns x = random_columns(3, 20, 1);
  const auto finite = [](const std::shared_ptr<const Dataset>& data, const LinearSvmParameters& parameters) {
    const FitResult fit = LinearSvm{parameters}.fit(data);
    for (double value : fit.model->predict(data->features).values)
      EXPECT_TRUE(std::isfinite(value)) << parameters.loss.value_or("") << " " << parameters.c;
  };
  std::vector<double> y(20), line(20);
  std::vector<std::int32_t> labels(20), separable(20);
  for (std::size_t i = 0; i < 20; ++i) {
    y[i] = 1.0 + static_cast<double>(i % 7);
    line[i] = 1 + 2 * x[0][i];
    labels[i] = i % 3 == 0 ? 1 : 0;
    separable[i] = x[0][i] > 0 ? 1 : 0;
  }
  for (const bool squared : {true, false})
    for (double c : {1e-12, 1.0, 1e12})
      for (bool intercept : {true, false}) {
        const LinearSvmParameters numbers{.loss = squared ? "squared_epsilon_insensitive" : "epsilon_insensitive",
                                          .c = c,
                                          .fit_intercept = intercept};
        const LinearSvmParameters classes{
            .loss = squared ? "squared_hinge" : "hinge", .c = c, .fit_intercept = intercept};
        for (const Columns& columns : {Columns{x[0], x[0], x[1]}, random_columns(40, 20, 3),
                                       Columns{std::vector<double>(20, 7.0), x[0]}, Columns{}}) {
          finite(regression(columns, y), numbers);
          finite(regression(columns, line), numbers);
          finite(regression(columns, std::vector<double>(20, 4.2)), numbers);
          finite(classification(columns, labels, 2), classes);
          finite(classification(columns, separable, 2), classes);
          finite(classification(columns, std::vector<std::int32_t>(20, 1), 2), classes);
        }
        finite(classification({{1, 2, 4}, {2, 5, 1}}, {0, 1, 2}, 3), classes);  // one row a class
        finite(classification({{1}, {2}}, {1}, 2), classes);
        finite(regression({{1}, {2}}, {5}), numbers);
        finite(regression({{1, 2, 3}, {2, 5, 9}}, {1e300, 1e-300, 1}), numbers);
        std::vector<double> few(20, 0.0);
        few[3] = few[4] = 2;
        finite(classification(x, labels, 2, few), classes);
        finite(regression(x, y, few), numbers);
      }
}

TEST(LinearSvm, ALossOfAnotherTaskIsRefused) {
  const Columns x = random_columns(1, 6, 1);
  const auto code = [](const std::shared_ptr<const Dataset>& data, const char* loss) {
    try {
      LinearSvm{{.loss = loss}}.fit(data);
    } catch (const Error& error) {
      return error.code();
    }
    return std::string();
  };
  EXPECT_EQ(code(regression(x, {1, 2, 3, 4, 5, 7}), "hinge"), "fit.loss");
  EXPECT_EQ(code(classification(x, {0, 1, 0, 1, 0, 1}, 2), "squared_epsilon_insensitive"), "fit.loss");
}

TEST(LinearSvm, AStoppedFitCanBeRepeated) {
  const Columns x = random_columns(5, 300, 1);
  const auto data = classification(x, labels_from(linear_target(x, 2, 2), 2), 2);
  const LinearSvm svm{{.loss = "hinge"}};
  const FitResult whole = svm.fit(data);
  for (std::int64_t rounds : {std::int64_t{1}, whole.report.rounds / 2, whole.report.rounds - 1, whole.report.rounds}) {
    const FitResult part = svm.fit(FitInput{.train = DatasetView(data), .stop_at_round = rounds});
    EXPECT_EQ(part.report.rounds, rounds);
    if (rounds == whole.report.rounds) EXPECT_EQ(fitted(part).state().weights, fitted(whole).state().weights);
  }
}

}  // namespace
