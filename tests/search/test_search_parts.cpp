// The parts of the strategies against scikit-learn and scipy (search_reference.json), finite differences and closed
// forms.

#include <automill/core/random.hpp>
#include <cmath>
#include <numeric>

#include "search/box_minimizer.hpp"
#include "search/gaussian_likelihood.hpp"
#include "search/gaussian_process.hpp"
#include "search/normal_terms.hpp"
#include "search/score_scale.hpp"
#include "search/sobol.hpp"
#include "search/trust_region.hpp"
#include "search_tools.hpp"

namespace {

using namespace search_tools;
using namespace automill::search;
using automill_eigen::Index;

TEST(Sobol, equals_scipy) {
  const Value file = reference();
  const SobolSequence sequence(128, 0, Scrambling::none);
  const std::vector<double> coordinates = numbers(file.at("sobol_coordinates"));
  std::vector<double> point(128);
  std::uint32_t index = 0;
  for (const Value& row : file.at("sobol").array()) {
    sequence.point(index++, point);
    const std::vector<double> expected = numbers(row);
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(point[static_cast<std::size_t>(coordinates[i])], expected[i]);
  }
  EXPECT_EQ(index, 64u);
}

TEST(Sobol, scrambled_points_keep_one_in_every_cell) {
  // nested scrambling keeps the net: 64 points have one in each interval of 1/64, and in each of the 8 x 8 cells of the
  // first two coordinates
  for (std::uint64_t seed : {1, 2, 3}) {
    const SobolSequence sequence(130, seed);
    std::vector<double> point(130);
    std::vector<int> cells(64, 0), intervals(64, 0);
    for (std::uint32_t i = 0; i < 64; ++i) {
      sequence.point(i, point);
      for (double each : point) EXPECT_TRUE(each > 0 && each < 1);
      ++cells[static_cast<std::size_t>(point[0] * 8) * 8 + static_cast<std::size_t>(point[1] * 8)];
      ++intervals[static_cast<std::size_t>(point[77] * 64)];
    }
    EXPECT_EQ(cells, std::vector<int>(64, 1));
    EXPECT_EQ(intervals, std::vector<int>(64, 1));
  }
}

TEST(NormalTerms, equal_scipy) {
  const Value file = reference();
  for (const Value& each : file.at("improvement").array()) {
    const double z = each.at("z").number(), expected = each.at("log_h").number();
    EXPECT_NEAR(improvement_terms(z).log_h, expected, 1e-11 * std::max(1.0, std::abs(expected))) << z;
  }
  for (const Value& each : file.at("cdf").array()) {
    const double expected = each.at("value").number();
    EXPECT_NEAR(normal_cdf(each.at("z").number()), expected, 1e-11 * expected);
  }
}

TEST(NormalTerms, derivatives_agree_with_differences) {
  for (double z : {-40.0, -3.0, -1.2, -0.7, 0.0, 1.5, 4.0}) {
    const double step = 1e-5;
    const ImprovementTerms terms = improvement_terms(z);
    const double slope = (improvement_terms(z + step).log_h - improvement_terms(z - step).log_h) / (2 * step);
    EXPECT_NEAR(terms.cdf_over_h, slope, 1e-6 * std::max(1.0, std::abs(slope))) << z;
    EXPECT_NEAR(terms.pdf_over_h, 1 - z * terms.cdf_over_h, 1e-8 * std::max(1.0, std::abs(terms.pdf_over_h))) << z;
  }
}

TEST(ScoreScale, is_the_likeliest_of_the_transforms_tried) {
  const Value file = reference().at("transform");
  const std::vector<double> expected = numbers(file.at("result")), found = scaled_scores(numbers(file.at("scores")));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-9);
  EXPECT_EQ(scaled_scores({3, 3, 3}), (std::vector<double>{0, 0, 0}));
}

struct ProcessCase {
  GaussianData data;
  GaussianHyperparameters hyperparameters;
  Matrix at;
};

Matrix matrix_of(const Value& rows) {
  const auto n = static_cast<Index>(rows.array().size()), d = static_cast<Index>(rows.array()[0].array().size());
  Matrix matrix(n, d);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < d; ++j)
      matrix(i, j) = rows.array()[static_cast<std::size_t>(i)].array()[static_cast<std::size_t>(j)].number();
  return matrix;
}

ProcessCase process_case(const Value& file) {
  ProcessCase result;
  result.data.inputs = matrix_of(file.at("x"));
  const std::vector<double> y = numbers(file.at("y"));
  result.data.targets = automill_eigen::Map<const ColumnVector>(y.data(), static_cast<Index>(y.size()));
  for (double length : numbers(file.at("lengths"))) result.hyperparameters.lengths.push_back(std::log(length));
  result.hyperparameters.signal = std::log(file.at("signal").number());
  result.hyperparameters.noise = std::log(file.at("noise").number());
  result.at = matrix_of(file.at("at"));
  return result;
}

TEST(GaussianProcess, predictions_equal_scikit_learn) {
  const Value file = reference();
  for (const Value& each : file.at("processes").array()) {
    ProcessCase given = process_case(each);
    GaussianProcess process(std::vector<bool>(given.hyperparameters.lengths.size(), false));
    process.condition(given.data, given.hyperparameters);
    std::vector<GaussianPrediction> found(static_cast<std::size_t>(given.at.rows()));
    process.predict(given.at, found);
    const std::vector<double> mean = numbers(each.at("mean")), deviation = numbers(each.at("deviation"));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(found[i].mean, mean[i], 1e-7);  // 1e-10 of the signal is added to the diagonal
      EXPECT_NEAR(found[i].deviation, deviation[i], 1e-7);
    }
  }
}

TEST(GaussianProcess, likelihood_and_gradient_equal_scikit_learn) {
  const Value file = reference();
  for (const Value& each : file.at("processes").array()) {
    const ProcessCase given = process_case(each);
    const std::size_t d = given.hyperparameters.lengths.size();
    std::vector<double> parameters = given.hyperparameters.lengths, gradient(d + 2);
    parameters.insert(parameters.end(), {given.hyperparameters.signal, given.hyperparameters.noise});
    double value = GaussianProcess::objective(given.data, std::vector<bool>(d, false), parameters, gradient);
    std::vector<double> of_priors(d + 2);
    value -= gaussian_priors(parameters, of_priors);
    for (std::size_t k = 0; k < d + 2; ++k) gradient[k] -= of_priors[k];
    const double n = static_cast<double>(given.data.inputs.rows());
    EXPECT_NEAR(-value - 0.5 * n * std::log(2 * 3.14159265358979323846), each.at("log_likelihood").number(), 1e-9);
    EXPECT_NEAR(-gradient[d], each.at("by_signal").number(), 1e-8);
    EXPECT_NEAR(-gradient[d + 1], each.at("by_noise").number(), 1e-8);
    const std::vector<double> by_lengths = numbers(each.at("by_lengths"));
    for (std::size_t k = 0; k < d; ++k) EXPECT_NEAR(-gradient[k], by_lengths[k], 1e-8);
  }
}

TEST(GaussianProcess, priors_are_those_that_are_stated) {
  // two lengths about their mean, the mean about usual_log_length, signal about 1, noise about e^-6: by hand
  const std::vector<double> parameters{0.5, -0.1, 0.3, -4.0};
  std::vector<double> gradient(4), ignored(4);
  const double mean_z = (0.2 - usual_log_length(2)) / std::sqrt(3.0);
  EXPECT_NEAR(gaussian_priors(parameters, gradient), 0.5 * (2 * 0.3 * 0.3 + mean_z * mean_z + 0.3 * 0.3 + 1), 1e-12);
  EXPECT_NEAR(usual_log_length(2), std::sqrt(2.0) + std::log(2.0) / 2 - 3, 1e-12);
  for (std::size_t k = 0; k < 4; ++k) {
    std::vector<double> above = parameters, below = parameters;
    above[k] += 1e-5;
    below[k] -= 1e-5;
    EXPECT_NEAR(gradient[k], (gaussian_priors(above, ignored) - gaussian_priors(below, ignored)) / 2e-5, 1e-9);
  }
}

TEST(GaussianProcess, gradients_of_predictions_agree_with_differences) {
  ProcessCase given = process_case(reference().at("processes").array()[1]);
  std::vector<bool> categorical(5, false);
  categorical[2] = true;
  for (Index i = 0; i < given.data.inputs.rows(); ++i) given.data.inputs(i, 2) = static_cast<double>(i % 3);
  GaussianProcess process(categorical);
  process.condition(given.data, given.hyperparameters);
  std::vector<double> at{0.3, 0.6, 1, 0.2, 0.7};
  const GaussianGradient found = process.predict_with_gradient(at);
  EXPECT_NEAR(found.at.mean, process.predict(at).mean, 1e-12);
  for (std::size_t k = 0; k < at.size(); ++k) {
    if (categorical[k]) {
      EXPECT_EQ(found.mean[k], 0);
      continue;
    }
    const double step = 1e-5;
    std::vector<double> above = at, below = at;
    above[k] += step;
    below[k] -= step;
    const GaussianPrediction high = process.predict(above), low = process.predict(below);
    EXPECT_NEAR(found.mean[k], (high.mean - low.mean) / (2 * step), 1e-7);
    EXPECT_NEAR(found.deviation[k], (high.deviation - low.deviation) / (2 * step), 1e-7);
  }
}

TEST(GaussianProcess, learns_which_coordinates_matter) {
  RandomStream random(5, purpose("test"));
  GaussianData data{Matrix(60, 3), ColumnVector(60)};
  for (Index i = 0; i < 60; ++i) {
    for (Index k = 0; k < 3; ++k) data.inputs(i, k) = random.uniform();
    data.inputs(i, 2) = static_cast<double>(random.below(2));
    data.targets[i] = std::sin(6 * data.inputs(i, 0)) + 0.05 * random.normal();
  }
  GaussianProcess process({false, false, true});
  const GaussianHyperparameters found = process.fitted(data, {process.default_hyperparameters()}, 100);
  process.condition(data, found);
  EXPECT_LT(found.lengths[0] + 1.5, found.lengths[1]);
  EXPECT_LT(found.lengths[0] + 1.5, found.lengths[2]);
  EXPECT_NEAR(std::exp(0.5 * found.noise), 0.05, 0.025);
  EXPECT_NEAR(process.predict(std::vector<double>{0.5, 0.5, 1}).mean, std::sin(3.0), 0.1);
}

TEST(GaussianProcess, conditioned_row_by_row_predicts_the_same) {
  const ProcessCase given = process_case(reference().at("processes").array()[1]);
  GaussianProcess at_once(std::vector<bool>(5, false)), by_rows = at_once;
  at_once.condition(given.data, given.hyperparameters);
  for (Index rows : {10, 11, 20, 25})
    by_rows.condition({given.data.inputs.topRows(rows), given.data.targets.head(rows)}, given.hyperparameters);
  for (Index i = 0; i < given.at.rows(); ++i) {
    std::vector<double> at;
    for (Index k = 0; k < 5; ++k) at.push_back(given.at(i, k));
    EXPECT_NEAR(by_rows.predict(at).mean, at_once.predict(at).mean, 1e-9);  // other roundings
    EXPECT_NEAR(by_rows.predict(at).deviation, at_once.predict(at).deviation, 1e-9);
  }
}

TEST(GaussianProcess, takes_equal_points_and_one_point) {
  GaussianProcess process({false});
  GaussianData twice{Matrix::Constant(4, 1, 0.5), ColumnVector::Zero(4)};
  process.condition(twice, process.fitted(twice, {process.default_hyperparameters()}, 20));
  EXPECT_NEAR(process.predict(std::vector<double>{0.5}).mean, 0, 1e-9);
  process.condition({Matrix::Constant(1, 1, 0.2), ColumnVector::Ones(1)}, process.default_hyperparameters());
  EXPECT_GT(process.predict(std::vector<double>{0.2}).mean, 0.9);
}

TEST(BoxMinimizer, finds_minima_inside_and_at_bounds) {
  // Rosenbrock's function; then its minimum (1, 1) is outside, and by hand it is at x = 0.5, y = 0.25
  const Differentiable rosenbrock = [](std::span<const double> p, std::span<double> gradient) {
    const double a = 1 - p[0], b = p[1] - p[0] * p[0];
    gradient[0] = -2 * a - 400 * p[0] * b;
    gradient[1] = 200 * b;
    return a * a + 100 * b * b;
  };
  const BoxMinimizerOptions exact{.max_evaluations = 1000, .tolerance = 1e-8};
  const BoxMinimum inside = minimize_in_box({-1.2, 1}, {{-2, -2}, {2, 2}}, rosenbrock, exact);
  EXPECT_NEAR(inside.point[0], 1, 1e-6);
  EXPECT_NEAR(inside.point[1], 1, 1e-6);
  const BoxMinimum held = minimize_in_box({-1.2, 1}, {{-2, -2}, {0.5, 2}}, rosenbrock, exact);
  EXPECT_EQ(held.point[0], 0.5);
  EXPECT_NEAR(held.point[1], 0.25, 1e-6);
  EXPECT_NEAR(held.value, 0.25, 1e-9);
}

TEST(TrustRegion, grows_shrinks_and_begins_anew) {
  const std::vector<double> lengths(21, 0.0);
  const auto side = [&](const std::vector<double>& scores) {
    const std::vector<Point> points(scores.size(), Point(21, 0.5));
    const Box box = trust_region(points, scores, lengths);
    return box.high[0] - box.low[0];
  };
  std::vector<double> scores{10, 12};
  EXPECT_DOUBLE_EQ(side(scores), 0.8);
  for (int i = 0; i < 30; ++i) scores.push_back(11);
  EXPECT_DOUBLE_EQ(side(scores), 0.4);  // 32 without an improvement: one time 21
  scores.insert(scores.end(), {9, 8, 7});
  EXPECT_DOUBLE_EQ(side(scores), 0.8);
  scores.resize(2);
  scores.insert(scores.end(), 21 * 7, 11);
  EXPECT_DOUBLE_EQ(side(scores), 0.8);  // 0.8 / 2^7 is below the shortest side
}

}  // namespace
