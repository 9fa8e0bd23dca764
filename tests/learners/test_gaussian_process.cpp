// Gaussian processes against scikit-learn (gaussian_process_reference.json), differences, and properties.

#include <gtest/gtest.h>

#include <automill/core/normal_quantile.hpp>
#include <automill/learners/gaussian_model.hpp>
#include <automill/learners/gaussian_process.hpp>

#include "learners/gaussian_evidence.hpp"
#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

using linear::GaussianCovariance;
using linear::GaussianEvidence;
using linear::GaussianPoints;
using linear::LaplaceEvidence;
using linear::LogParameters;
using linear::RegressionEvidence;
using linear::With;

const Value& reference() {
  static const Value data = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/learners/gaussian_process_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "gaussian_process_reference.json");
  }();
  return data;
}

/// To mean 0 and variance 1.
std::vector<double> standardised(std::vector<double> values) {
  double mean = 0, squares = 0;
  for (double value : values) mean += value / static_cast<double>(values.size());
  for (double& value : values) squares += (value - mean) * (value - mean) / static_cast<double>(values.size());
  for (double& value : values) value = (value - mean) / std::sqrt(squares);
  return values;
}

GaussianPoints points_of(const Columns& columns) {
  GaussianPoints points{columns[0].size(), columns.size(), {}};
  for (const std::vector<double>& column : columns)
    for (double value : standardised(column)) points.values.push_back(value);
  return points;
}

std::vector<std::uint8_t> marks(const std::vector<double>& labels) {
  std::vector<std::uint8_t> result;
  for (double label : labels) result.push_back(label > 0 ? 1 : 0);
  return result;
}

Kernel kernel_of(const Value& each) { return each.at("kernel").text() == "matern" ? Kernel::matern : Kernel::gaussian; }

void expect_near(const std::vector<double>& own, const std::vector<double>& expected, double tolerance,
                 const std::string& where) {
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(own.at(k), expected[k], tolerance * std::max(1.0, std::abs(expected[k]))) << where << " " << k;
}

TEST(GaussianProcess, EvidenceAndItsGradientAgreeWithScikitLearn) {
  const GaussianPoints points = points_of(columns_of(reference().at("features")));
  const std::vector<double> targets = standardised(numbers(reference().at("target")));
  const std::vector<double> ones(targets.size(), 1.0), weights = numbers(reference().at("weights"));
  for (const Value& each : reference().at("evidence").array()) {
    LogParameters at = numbers(each.at("lengths"));
    at.push_back(each.at("signal").number());
    at.push_back(each.at("noise").number());
    for (double& value : at) value = std::log(value);
    const std::string where = each.at("kernel").text() + ", " + std::to_string(at.size() - 2) + " lengths";
    GaussianCovariance covariance(points, kernel_of(each), at.size() == 3);
    ASSERT_TRUE(covariance.prepare({}));
    const auto exact = RegressionEvidence(covariance, targets, ones).at(at, With::gradient, {});
    EXPECT_NEAR(exact->posterior.evidence, each.at("value").number(), 1e-8 * std::abs(each.at("value").number()));
    // beside a noise of 1e-3, rounding is a thousand times as large
    expect_near(exact->gradient, numbers(each.at("gradient")), 1e-8, where);
    const auto weighted = RegressionEvidence(covariance, targets, weights).at(at, With::gradient, {});
    EXPECT_NEAR(weighted->posterior.evidence, each.at("weighted_value").number(),
                1e-8 * std::abs(each.at("weighted_value").number()));
    expect_near(weighted->gradient, numbers(each.at("weighted_gradient")), 1e-8, where + ", weighted");
    at.pop_back();
    // scikit-learn ends where an iteration changes the evidence by less than 1e-10, and takes the Hessian before it
    const auto laplace =
        LaplaceEvidence(covariance, marks(numbers(reference().at("labels"))), ones).at(at, With::gradient, {});
    EXPECT_NEAR(laplace->posterior.evidence, each.at("laplace").number(), 1e-8 * std::abs(each.at("laplace").number()));
    expect_near(laplace->gradient, numbers(each.at("laplace_gradient")), 1e-4, where + ", classes");
  }
}

/// Over several blocks of rows, and with weights.
TEST(GaussianProcess, GradientsAreThoseOfDifferences) {
  const std::size_t rows = 300;
  const Columns x = random_columns(3, rows, 1);
  const GaussianPoints points = points_of(x);
  std::vector<double> weights, labels;
  for (std::size_t i = 0; i < rows; ++i) {
    weights.push_back(0.5 + static_cast<double>(i % 4));
    labels.push_back(std::sin(2 * x[0][i]) + x[1][i] > 0.3 ? 1 : 0);
  }
  for (Kernel kernel : {Kernel::matern, Kernel::gaussian})
    for (bool one_length : {false, true}) {
      GaussianCovariance covariance(points, kernel, one_length);
      ASSERT_TRUE(covariance.prepare({}));
      RegressionEvidence exact(covariance, standardised(linear_target(x, 1, 2)), weights);
      LaplaceEvidence laplace(covariance, marks(labels), weights);
      for (GaussianEvidence* evidence :
           {static_cast<GaussianEvidence*>(&exact), static_cast<GaussianEvidence*>(&laplace)}) {
        LogParameters at(evidence->parameters(), 0.3);
        if (!one_length) at[1] = -0.2;
        if (evidence == &exact) at.back() = -1.5;
        const auto result = evidence->at(at, With::gradient, {});
        for (std::size_t k = 0; k < at.size(); ++k) {
          constexpr double step = 1e-4;
          LogParameters up = at, down = at;
          up[k] += step;
          down[k] -= step;
          const double difference = (evidence->at(up, With::weights, {})->posterior.evidence -
                                     evidence->at(down, With::weights, {})->posterior.evidence) /
                                    (2 * step);
          EXPECT_NEAR(result->gradient[k], difference, 1e-5 * std::max(1.0, std::abs(difference))) << k;
        }
      }
    }
}

TEST(GaussianProcess, ValuesAndDeviationsAgreeWithScikitLearn) {
  const auto dataset = regression(columns_of(reference().at("features")), numbers(reference().at("target")));
  const Table others = table_of(columns_of(reference().at("others")));
  // 0.8413... is one standard deviation above the mean
  constexpr double one = 0.8413447460685429;
  for (const Value& fit : reference().at("values").array()) {
    GaussianProcessParameters parameters{.kernel = fit.at("kernel").text(),
                                         .length_scale = fit.at("length_scale").number(),
                                         .signal = fit.at("signal").number(),
                                         .noise = fit.at("noise").number()};
    const std::vector<double> mean = GaussianProcess{parameters}.fit(dataset).model->predict(others).values;
    expect_near(mean, numbers(fit.at("mean")), 1e-9, "mean");
    parameters.quantiles = Array{0.5, one};
    const Predictions both = GaussianProcess{parameters}.fit(dataset).model->predict(others);
    ASSERT_EQ(both.width, 2U);
    const std::vector<double> expected = numbers(fit.at("deviation"));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(both.row(i)[0], mean[i], 1e-10 * std::abs(mean[i]));
      EXPECT_NEAR(both.row(i)[1] - both.row(i)[0], expected[i], 1e-6 * expected[i]) << i;
    }
  }
}

TEST(GaussianProcess, ProbabilitiesAgreeWithScikitLearn) {
  const Columns features = columns_of(reference().at("features"));
  const Table others = table_of(columns_of(reference().at("others")));
  for (const Value& fit : reference().at("classes").array()) {
    const auto classes = static_cast<std::size_t>(fit.at("classes").number());
    std::vector<std::int32_t> labels;
    for (double label : numbers(reference().at("labels")))
      labels.push_back(std::min(static_cast<std::int32_t>(label), static_cast<std::int32_t>(classes) - 1));
    const GaussianProcessParameters parameters{.kernel = fit.at("kernel").text(),
                                               .length_scale = fit.at("length_scale").number(),
                                               .signal = fit.at("signal").number()};
    const Predictions own =
        GaussianProcess{parameters}.fit(classification(features, labels, classes)).model->predict(others);
    for (std::size_t i = 0; i < own.rows(); ++i)
      for (std::size_t k = 0; k < classes; ++k) {
        // scikit-learn takes the mean of the logistic function within 1e-4; its latent values end 1e-10 from the best
        EXPECT_NEAR(own.row(i)[k], numbers(fit.at("exact").array()[i])[k], 1e-6);
        EXPECT_NEAR(own.row(i)[k], numbers(fit.at("probabilities").array()[i])[k], 1e-4);
      }
  }
}

TEST(GaussianProcess, TheMeanOfTheLogisticFunction) {
  // symmetric in the mean, the function itself without variance; the others by scipy's quad (1.17.1), within 1e-12
  EXPECT_EQ(mean_sigmoid(0.7, 0), math::sigmoid(0.7));
  for (double variance : {0.01, 1.0, 25.0, 1e4}) {
    EXPECT_NEAR(mean_sigmoid(0, variance), 0.5, 1e-12);
    EXPECT_NEAR(mean_sigmoid(1.3, variance) + mean_sigmoid(-1.3, variance), 1, 1e-12);
  }
  EXPECT_NEAR(mean_sigmoid(1, 4), 0.6477264385258689, 1e-8);
  EXPECT_NEAR(mean_sigmoid(-3, 50), 0.3404737948579584, 1e-8);
}

TEST(GaussianProcess, FindsNoWorseParametersThanScikitLearn) {
  const Columns features = columns_of(reference().at("features"));
  const GaussianProcess learner{{.restarts = 3}};
  const auto numbers_fit = learner.fit(regression(features, numbers(reference().at("target"))));
  EXPECT_GT(detail(numbers_fit, "log_marginal_likelihood"), reference().at("best").at("regression").number() - 1e-3);
  std::vector<std::int32_t> labels;
  for (double label : numbers(reference().at("labels"))) labels.push_back(label > 0 ? 1 : 0);
  const auto classes_fit = learner.fit(classification(features, labels, 2));
  EXPECT_GT(detail(classes_fit, "log_marginal_likelihood"), reference().at("best").at("classes").number() - 1e-3);
}

/// Rows whose first column alone matters.
std::shared_ptr<const Dataset> wave(std::size_t rows, std::uint64_t seed, double noise = 0.2) {
  const Columns x = random_columns(4, rows, seed);
  RandomStream random(seed, purpose("noise"));
  std::vector<double> y;
  for (double value : x[0]) y.push_back(10 + std::sin(3 * value) + noise * random.normal());
  return regression(x, y);
}

double root_mean_square(const FitResult& fit, const Dataset& data) {
  const std::vector<double> values = fit.model->predict(data.features).values;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    sum += (values[i] - data.target.values[i]) * (values[i] - data.target.values[i]);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(GaussianProcess, LearnsWhichColumnsMatterAndTheNoise) {
  const auto train = wave(600, 1), test = wave(500, 2);
  const FitResult fit = GaussianProcess{}.fit(train);
  EXPECT_LT(root_mean_square(fit, *test), 0.23);  // the noise is 0.2
  const Array& scales = fit.report.details.find("length_scales")->array();
  for (std::size_t j = 1; j < 4; ++j) EXPECT_GT(scales[j].number(), 10 * scales[0].number());
  // of the variance 0.04 + about 0.5
  EXPECT_NEAR(detail(fit, "noise"), 0.04 / 0.54, 0.03);
  EXPECT_GT(root_mean_square(GaussianProcess{{.relevance = false}}.fit(train), *test), 0.24);
}

TEST(GaussianProcess, QuantilesCoverNewRows) {
  const auto train = wave(500, 1), test = wave(2000, 2);
  const Predictions bounds = GaussianProcess{{.quantiles = Array{0.1, 0.9}}}.fit(train).model->predict(test->features);
  double inside = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    EXPECT_LT(bounds.row(i)[0], bounds.row(i)[1]);
    inside += test->target.values[i] > bounds.row(i)[0] && test->target.values[i] < bounds.row(i)[1] ? 1 : 0;
  }
  EXPECT_NEAR(inside / 2000, 0.8, 0.03);  // three standard errors of a share
}

TEST(GaussianProcess, OfManyRowsItLearnsFromASample) {
  const auto train = wave(1500, 1), test = wave(500, 2);
  const FitResult all = GaussianProcess{}.fit(train), some = GaussianProcess{{.max_rows = 100}}.fit(train);
  EXPECT_EQ(detail(all, "rows"), 1500);
  EXPECT_EQ(detail(some, "rows"), 100);
  EXPECT_EQ(dynamic_cast<const GaussianModel&>(*some.model).state().size(), 100U);
  EXPECT_LT(root_mean_square(all, *test), root_mean_square(some, *test));
}

/// A row of weight 2 has half the noise of one of weight 1: what it says is what the mean of two rows says.
TEST(GaussianProcess, WeightsDivideTheNoise) {
  const Columns x = random_columns(2, 40, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  Columns doubled = x;
  std::vector<double> values, weights(40, 2.0);
  for (std::vector<double>& column : doubled) column.insert(column.end(), column.begin(), column.begin() + 40);
  for (double shift : {0.3, -0.3})
    for (double value : y) values.push_back(value + shift);
  // the same function of a target whose variance is larger: parameters in the unit of the target
  const auto variance = [](const std::vector<double>& of) {
    double mean = 0, squares = 0;
    for (double value : of) mean += value / static_cast<double>(of.size());
    for (double value : of) squares += (value - mean) * (value - mean) / static_cast<double>(of.size());
    return squares;
  };
  const double pairs = variance(values), singles = variance(y);
  const auto two = GaussianProcess{{.length_scale = 1.5, .signal = 2 / pairs, .noise = 0.4 / pairs}}.fit(
      regression(doubled, values));
  const auto one = GaussianProcess{{.length_scale = 1.5, .signal = 2 / singles, .noise = 0.2 / singles}}.fit(
      regression(x, y, weights));
  const Table at = table_of(random_columns(2, 30, 9));
  expect_near(one.model->predict(at).values, two.model->predict(at).values, 1e-9, "mean");
}

TEST(GaussianProcess, AFitThatIsCutIsAUsableModelAndIsRepeated) {
  // more rows than the first sample has; classes that overlap
  const Columns x = random_columns(3, 300, 1);
  const std::vector<double> noisy = linear_target(x, 2, 2);
  const GaussianProcess learner{{.restarts = 0}};
  for (const auto& data : {wave(300, 3), classification(x, labels_from(noisy, 3), 3)}) {
    const std::int64_t all = learner.fit(data).report.rounds;
    ASSERT_GT(all, 10);
    for (std::int64_t rounds : {std::int64_t{0}, std::int64_t{1}, all / 3, all - 1}) {
      const FitInput input{.train = data, .stop_at_round = rounds};
      const FitResult fit = learner.fit(input), again = learner.fit(input);
      EXPECT_EQ(fit.report.rounds, rounds);
      EXPECT_EQ(saved(*fit.model).arrays.size(), saved(*again.model).arrays.size());
      const std::vector<double> values = fit.model->predict(data->features).values;
      EXPECT_EQ(values, again.model->predict(data->features).values);
      for (double value : values) EXPECT_TRUE(std::isfinite(value));
    }
  }
}

TEST(GaussianProcess, QuantilesOfClassesAreRefused) {
  const Columns x = random_columns(2, 20, 1);
  try {
    GaussianProcess{{.quantiles = Array{0.5}}}.fit(classification(x, labels_from(x[0], 2), 2));
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "fit.quantiles");
  }
}

TEST(GaussianProcess, DegenerateDataGiveFiniteModels) {
  const auto finite = [](const std::shared_ptr<const Dataset>& data) {
    for (const GaussianProcessParameters& parameters :
         {GaussianProcessParameters{}, GaussianProcessParameters{.length_scale = 1e-3, .signal = 1e6, .noise = 1e-10},
          GaussianProcessParameters{.kernel = "gaussian", .length_scale = 1e6, .signal = 1e-6, .noise = 1e-10}}) {
      const FitResult fit = GaussianProcess{parameters}.fit(data);
      for (double value : fit.model->predict(data->features).values) EXPECT_TRUE(std::isfinite(value));
    }
  };
  const Columns x = random_columns(2, 20, 1);
  const std::vector<double> y = linear_target(x, 1, 2);
  finite(regression({x[0], x[0], x[1]}, y));
  finite(regression(x, std::vector<double>(20, 4.2)));
  finite(regression({{1, 2}, {2, 5}}, {5, 6}));
  finite(regression({{0, 0, 0, 1, 1, 1}}, {1, 2, 3, 4, 5, 6}));  // two places for six rows
  finite(regression({{0, 0, 0, 1, 1, 1}}, {1, 1, 1, 2, 2, 2}));  // without noise
  finite(classification(x, labels_from(x[0], 2), 2));            // a line parts them
  finite(classification(x, labels_from(x[0], 20), 20));          // one row of each class
  finite(classification(x, std::vector<std::int32_t>(20, 1), 3));
}

TEST(GaussianProcess, IsSavedAndDamageIsRefused) {
  const Columns x = random_columns(3, 40, 1);
  Registry registry = loaders();
  registry.add_model_loader("gaussian_model", load_gaussian_model);
  const GaussianProcess levels{{.quantiles = Array{0.1, 0.5, 0.9}}};
  for (const FitResult& fit : {GaussianProcess{}.fit(classification(x, labels_from(x[0], 2), 2)),
                               GaussianProcess{}.fit(classification(x, labels_from(x[0], 3), 3)),
                               GaussianProcess{}.fit(regression(x, linear_target(x, 1, 2))),
                               levels.fit(regression(x, linear_target(x, 1, 2)))}) {
    const Archive good = saved(*fit.model);
    const auto loaded = registry.load_model(ArchiveReader(good), fit.model->context());
    EXPECT_EQ(loaded->predict(table_of(x)).values, fit.model->predict(table_of(x)).values);
    EXPECT_EQ(predict_row_by_row(*loaded, x), fit.model->predict(table_of(x)).values);
    for (std::size_t array = 0; array < good.arrays.size(); ++array) {
      if (good.arrays[array].bytes.empty()) continue;
      Archive shorter = good;
      shorter.arrays[array].bytes.resize(shorter.arrays[array].bytes.size() - element_size(shorter.arrays[array].type));
      EXPECT_THROW(registry.load_model(ArchiveReader(shorter), fit.model->context()), Error) << array;
    }
  }
}

}  // namespace
