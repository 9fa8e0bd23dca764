// Temperature scaling against its definition and closed forms.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>
#include <automill/ensemble/temperature.hpp>
#include <automill/metrics/metrics.hpp>
#include <cmath>

namespace automill {
namespace {

struct Rows {
  std::size_t width = 2;
  std::vector<double> probabilities{}, weights{};
  std::vector<std::int32_t> labels{};
  MetricInput input() const {
    return {.task = width == 2 ? Task::binary : Task::multiclass,
            .labels = labels,
            .predictions = probabilities,
            .width = width,
            .weights = weights};
  }
  double loss(double temperature) const {
    Rows scaled = *this;
    for (std::size_t i = 0; i < labels.size(); ++i)
      apply_temperature(temperature, {scaled.probabilities.data() + i * width, width});
    return metric_by_name("log_loss").compute(scaled.input());
  }
};

/// Labels drawn from probabilities whose logarithms are then multiplied by `sharpened`.
Rows drawn(std::size_t width, double sharpened, std::uint64_t seed, std::size_t rows = 4000) {
  Rows made{.width = width};
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("temperatures"), i);
    std::vector<double> own(width);
    double sum = 0;
    for (double& p : own) sum += p = std::exp(1.5 * random.normal());
    double at = random.uniform() * sum;
    std::size_t label = 0;
    while (label + 1 < width && at >= own[label]) at -= own[label++];
    made.labels.push_back(static_cast<std::int32_t>(label));
    sum = 0;
    for (double& p : own) sum += p = std::pow(p, sharpened);
    for (double p : own) made.probabilities.push_back(p / sum);
  }
  return made;
}

TEST(Temperature, two_classes_by_hand) {
  std::vector<double> row{0.2, 0.8};
  apply_temperature(0.5, row);  // 0.04 and 0.64 of 0.68
  EXPECT_NEAR(row[0], 0.04 / 0.68, 1e-14);
  EXPECT_NEAR(row[1], 0.64 / 0.68, 1e-14);
  std::vector<double> certain{0, 1, 0};
  apply_temperature(2, certain);  // of the least probability that counts, 1e-15
  EXPECT_NEAR(certain[1], 1, 1e-7);
  EXPECT_NEAR(certain[0], std::sqrt(1e-15), 1e-9);
}

// A model that is right three times of four and says 0.9 has its least loss where it says 0.75.
TEST(Temperature, the_least_loss_is_where_it_says_what_is_true) {
  Rows rows{.labels = {1, 1, 1, 0}};
  for (int i = 0; i < 4; ++i) rows.probabilities.insert(rows.probabilities.end(), {0.1, 0.9});
  EXPECT_NEAR(fit_temperature(rows.input()), std::log(9) / std::log(3), 1e-6);
  rows.weights = {1, 1, 1, 9};  // right one time of four: no temperature says that, the least sure is next to it
  EXPECT_NEAR(fit_temperature(rows.input()), most_temperature, 1e-9);
  rows.weights = {0, 0, 0, 0};
  EXPECT_EQ(fit_temperature(rows.input()), 1);
}

// Standard error of T in 4,000 rows: about 0.03.
TEST(Temperature, finds_by_what_logarithms_were_multiplied) {
  for (const std::size_t width : {2U, 5U, 20U})
    for (const double sharpened : {0.5, 1.0, 2.0})
      EXPECT_NEAR(fit_temperature(drawn(width, sharpened, width).input()), sharpened, 0.12 * sharpened) << width;
}

TEST(Temperature, no_temperature_on_a_grid_has_less_loss) {
  for (std::uint64_t seed = 1; seed < 10; ++seed) {
    const Rows rows = drawn(3, 0.4 + 0.3 * static_cast<double>(seed % 5), seed, 300);
    const double best = fit_temperature(rows.input()), least = rows.loss(best);
    for (double t = least_temperature; t <= most_temperature; t *= 1.05) EXPECT_GE(rows.loss(t), least - 1e-12);
  }
}

}  // namespace
}  // namespace automill
