// Rows of a tree: shares, unbiased sums, independence of order, and what the options refuse.

#include <gtest/gtest.h>

#include "learners/row_sample.hpp"
#include "tree_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

struct Rows {
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint64_t> keys;
  QuantisedGradients gradients;

  explicit Rows(std::size_t count) : numbers(first_rows(count)), keys(random_keys(count, 2)) {
    gradients.gradients = random_numbers(count, 3);
    for (double& g : gradients.gradients) g = g * g * g;  // a long tail
    gradients.hessians = random_numbers(count, 4);
    for (double& h : gradients.hessians) h = std::abs(h);
  }
  RowsToSample from(std::uint64_t seed) const { return {numbers, keys, seed}; }
  double sum() const { return std::accumulate(gradients.gradients.begin(), gradients.gradients.end(), 0.0); }
};

double weighted_sum(const Rows& rows, const RowSample& sample) {
  double sum = 0;
  for (std::size_t i = 0; i < rows.numbers.size(); ++i) sum += sample.factors[i] * rows.gradients.gradients[i];
  return sum;
}

TEST(RowSample, UniformSharesAreAsAsked) {
  const Rows rows(20'000);
  for (const double share : {0.1, 0.5, 0.9}) {
    const RowSample sample = sample_uniformly(rows.from(1), share);
    EXPECT_EQ(sample.in.size() + sample.out.size(), 20'000U);
    // five standard deviations of a binomial count
    EXPECT_NEAR(static_cast<double>(sample.in.size()), 20'000 * share, 5 * std::sqrt(20'000 * share * (1 - share)));
  }
}

TEST(RowSample, OneSideKeepsTheLargestAndMakesUpForTheOthers) {
  const Rows rows(10'000);
  const RowSample sample = sample_one_side(rows.from(1), rows.gradients, 0.2, 0.1);
  std::vector<double> sizes;
  for (std::size_t i = 0; i < 10'000; ++i)
    sizes.push_back(std::abs(rows.gradients.gradients[i] * rows.gradients.hessians[i]));
  std::vector<double> sorted = sizes;
  std::sort(sorted.rbegin(), sorted.rend());
  for (std::size_t i = 0; i < 10'000; ++i) {
    // the limit is found to a bin of 1/256
    if (sizes[i] > sorted[2000] * 1.01) {
      EXPECT_EQ(sample.factors[i], 1) << i;
    }
    if (sizes[i] < sorted[2000] / 1.01) {
      EXPECT_TRUE(sample.factors[i] == 0 || sample.factors[i] == 8) << i;
    }
  }
  EXPECT_NEAR(static_cast<double>(sample.in.size()), 3000, 5 * std::sqrt(8000 * 0.125 * 0.875));
}

TEST(RowSample, EqualRowsAreDrawn) {
  Rows rows(10'000);
  std::fill(rows.gradients.gradients.begin(), rows.gradients.gradients.end(), 1.0);
  rows.gradients.hessians.clear();
  const RowSample sample = sample_one_side(rows.from(1), rows.gradients, 0.2, 0.1);
  const auto count = [&](double factor) {
    return static_cast<double>(std::count(sample.factors.begin(), sample.factors.end(), factor));
  };
  EXPECT_NEAR(count(1), 2000, 5 * std::sqrt(10'000 * 0.2 * 0.8));
  EXPECT_NEAR(count(8), 1000, 5 * std::sqrt(10'000 * 0.1 * 0.9));
}

TEST(RowSample, MinimalVarianceFollowsItsDefinition) {
  const Rows rows(10'000);
  const double share = 0.3;
  const RowSample sample = sample_minimal_variance(rows.from(1), rows.gradients, share);
  long double gradient_sum = 0, hessian_sum = 0;
  for (std::size_t i = 0; i < 10'000; ++i) {
    gradient_sum += std::abs(rows.gradients.gradients[i]);
    hessian_sum += rows.gradients.hessians[i];
  }
  const auto size = [&](std::size_t i) {
    const double g = rows.gradients.gradients[i], h = rows.gradients.hessians[i];
    return std::hypot(g, static_cast<double>(gradient_sum / hessian_sum) * h);
  };
  // the limit by bisection
  double low = 0, high = 1e6;
  for (int step = 0; step < 200; ++step) {
    const double limit = (low + high) / 2;
    double sum = 0;
    for (std::size_t i = 0; i < 10'000; ++i) sum += std::min(1.0, size(i) / limit);
    (sum > share * 10'000 ? low : high) = limit;
  }
  for (std::size_t i = 0; i < 10'000; ++i)
    if (sample.factors[i] > 0) {
      EXPECT_NEAR(sample.factors[i], std::max(1.0, low / size(i)), 0.004 * sample.factors[i]);
    }
  EXPECT_NEAR(static_cast<double>(sample.in.size()), 3000, 5 * std::sqrt(10'000 * 0.3 * 0.7));
}

TEST(RowSample, SumsAreRightOnAverage) {
  const Rows rows(2000);
  double uniform_error = 0, one_side_error = 0, minimal_error = 0, one_side = 0, minimal = 0;
  const int draws = 400;
  for (int draw = 0; draw < draws; ++draw) {
    const auto from = rows.from(mix64(static_cast<std::uint64_t>(draw)));
    const double a = weighted_sum(rows, sample_one_side(from, rows.gradients, 0.2, 0.1)) - rows.sum();
    const double b = weighted_sum(rows, sample_minimal_variance(from, rows.gradients, 0.3)) - rows.sum();
    double c = -rows.sum();
    for (std::uint32_t row : sample_uniformly(from, 0.3).in) c += rows.gradients.gradients[row] / 0.3;
    one_side += a / draws;
    minimal += b / draws;
    one_side_error += a * a / draws;
    minimal_error += b * b / draws;
    uniform_error += c * c / draws;
  }
  // means within five of their standard errors
  EXPECT_NEAR(one_side, 0, 5 * std::sqrt(one_side_error / draws));
  EXPECT_NEAR(minimal, 0, 5 * std::sqrt(minimal_error / draws));
  // and of less variance than a uniform sample of the same size, minimal variance least of all
  EXPECT_LT(one_side_error, 0.5 * uniform_error);
  EXPECT_LT(minimal_error, one_side_error);
}

TEST(RowSample, ExtremeGradientsAreSampled) {
  for (const double scale : {1e-300, 1e-5, 1e150}) {
    Rows rows(1000);
    for (double& g : rows.gradients.gradients) g *= scale;
    const RowSample sample = sample_minimal_variance(rows.from(1), rows.gradients, 0.4);
    EXPECT_NEAR(static_cast<double>(sample.in.size()), 400, 90) << scale;
  }
  Rows zero(1000);
  std::fill(zero.gradients.gradients.begin(), zero.gradients.gradients.end(), 0.0);
  EXPECT_EQ(sample_minimal_variance(zero.from(1), zero.gradients, 0.4).in.size(), 1000U);  // nothing to go by
  EXPECT_GT(sample_one_side(zero.from(1), zero.gradients, 0.2, 0.1).in.size(), 200U);
}

/// A nonlinear signal in five columns.
struct Signal {
  Columns x = linear_tools::random_columns(5, 4000, 1);
  std::vector<double> y = random_numbers(4000, 2);
  Signal() {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += 3 * std::sin(2 * x[0][i]) + 2 * x[1][i] * x[2][i];
  }
};

Parameters sampled(const std::string& strategy) {
  Parameters parameters{.n_estimators = 30, .data_sample_strategy = strategy};
  if (strategy != "goss") parameters.subsample = 0.4;
  return parameters;
}

TEST(RowSample, EveryStrategyLearns) {
  const Signal data;
  for (const std::string strategy : {"bagging", "goss", "mvs"})
    for (const std::string objective : {"squared_error", "absolute_error", "log_loss"}) {
      Parameters parameters = sampled(strategy);
      parameters.n_estimators = 100;
      parameters.objective = objective;
      const auto labels = linear_tools::labels_from(data.y, 2);
      const FitResult fit =
          GradientBoosting(parameters)
              .fit(objective == "log_loss" ? classification(data.x, labels, 2) : regression(data.x, data.y));
      const Predictions values = fit.model->predict(table_of(data.x));
      double error = 0, before = 0;
      for (std::size_t i = 0; i < 4000; ++i) {
        const double truth = objective == "log_loss" ? labels[i] : data.y[i];
        const double value = values.row(i)[objective == "log_loss" ? 1 : 0];
        error += (truth - value) * (truth - value);
        before += objective == "log_loss" ? 0.25 : truth * truth;
      }
      EXPECT_LT(error, 0.35 * before) << strategy << " " << objective;
    }
}

TEST(RowSample, OrderAndThreadsChangeNoBit) {
  const Signal data;
  const auto order = shuffled_rows(4000, 3);
  const auto threads = make_executor(3);
  RunContext context;
  context.run_with = threads.get();
  for (const std::string strategy : {"goss", "mvs"})
    for (const bool classes : {false, true}) {
      const auto labels = linear_tools::labels_from(data.y, 3);
      const Columns other = linear_tools::selected_rows(data.x, order);
      const auto a = GradientBoosting(sampled(strategy))
                         .fit(classes ? classification(data.x, labels, 3) : regression(data.x, data.y));
      const auto b = GradientBoosting(sampled(strategy))
                         .fit(classes ? classification(other, linear_tools::selected(labels, order), 3)
                                      : regression(other, linear_tools::selected(data.y, order)),
                              context);
      EXPECT_EQ(bits_of(a.model->predict(table_of(data.x)).values), bits_of(b.model->predict(table_of(data.x)).values))
          << strategy;
    }
}

TEST(RowSample, ResumedIsUninterrupted) {
  const Signal data;
  const DatasetView rows(regression(data.x, data.y));
  for (const std::string strategy : {"goss", "mvs"}) {
    Parameters parameters = sampled(strategy);
    parameters.n_estimators = 14;
    const FitResult first = GradientBoosting(parameters).fit(FitInput{.train = rows, .keep_state = true});
    parameters.n_estimators = 30;
    const FitResult resumed = GradientBoosting(parameters).fit(FitInput{.train = rows, .resume = first.state.get()});
    const FitResult whole = GradientBoosting(parameters).fit(rows);
    EXPECT_EQ(bits_of(resumed.model->predict(table_of(data.x)).values),
              bits_of(whole.model->predict(table_of(data.x)).values))
        << strategy;
  }
}

TEST(RowSample, OneSideBeginsWithAllRows) {
  const Signal data;
  Parameters parameters{.n_estimators = 10, .data_sample_strategy = "goss"};  // a learning rate of 0.1: ten rounds
  const auto dataset = regression(data.x, data.y);
  const auto a = GradientBoosting(parameters).fit(dataset).model->predict(table_of(data.x)).values;
  parameters.data_sample_strategy = "bagging";
  EXPECT_EQ(bits_of(a), bits_of(GradientBoosting(parameters).fit(dataset).model->predict(table_of(data.x)).values));
}

TEST(RowSample, OptionsThatContradictAreRefused) {
  const Signal data;
  const auto dataset = regression(data.x, data.y);
  const auto fault = [&](const Parameters& parameters) {
    try {
      GradientBoosting(parameters).fit(dataset);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(fault({.n_estimators = 1, .subsample = 0.5, .data_sample_strategy = "goss"}),
            "gradient_boosting.subsample: goss samples by top_rate and other_rate (set subsample to 1) "
            "[fit.sampling]");
  EXPECT_EQ(fault({.n_estimators = 1, .data_sample_strategy = "goss", .top_rate = 0.7, .other_rate = 0.5}),
            "gradient_boosting.top_rate: 0.7 and other_rate 0.5 are more than all rows (lower one of them) "
            "[fit.sampling]");
}

}  // namespace
