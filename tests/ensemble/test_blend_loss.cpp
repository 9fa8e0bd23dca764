// Losses from kept sums against the metric of the blend itself.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>
#include <automill/ensemble/greedy_selection.hpp>
#include <automill/metrics/metrics.hpp>
#include <cmath>

namespace automill {
namespace {

struct Case {
  Task task = Task::binary;
  std::size_t classes = 2, rows = 2500, candidates = 5;
  bool weighted = false;
  std::string metric{};
};

/// Candidates of different skill, and the truth.
struct Given {
  std::vector<double> values{}, weights{};
  std::vector<std::int32_t> labels{};
  std::vector<Predictions> predictions{};
  Case of{};

  explicit Given(const Case& wanted, std::uint64_t seed = 1) : of(wanted) {
    RandomStream random(seed, purpose("blends"));
    for (std::size_t i = 0; i < of.rows; ++i) {
      labels.push_back(static_cast<std::int32_t>(random.below(of.classes)));
      values.push_back(random.normal());
      if (of.weighted) weights.push_back(i % 7 == 0 ? 0 : 3 * random.uniform());
    }
    for (std::size_t j = 0; j < of.candidates; ++j)
      predictions.push_back(candidate(0.3 + 0.2 * static_cast<double>(j), random));
  }

  Predictions candidate(double skill, RandomStream& random) const {
    if (of.task == Task::regression) {
      Predictions made(of.rows, 1);
      for (std::size_t i = 0; i < of.rows; ++i) made.values[i] = values[i] + 0.1 + random.normal() / skill;
      return made;
    }
    Predictions made(of.rows, of.classes);
    for (std::size_t i = 0; i < of.rows; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < of.classes; ++k) {
        const bool own = static_cast<std::size_t>(labels[i]) == k;
        sum += made.values[i * of.classes + k] = std::exp(3 * random.normal() + (own ? 4 * skill : 0));
      }
      for (std::size_t k = 0; k < of.classes; ++k) made.values[i * of.classes + k] /= sum;
    }
    return made;
  }

  std::vector<const Predictions*> pointers() const {
    std::vector<const Predictions*> all;
    for (const auto& each : predictions) all.push_back(&each);
    return all;
  }
  MetricInput truth() const {
    const bool numbers = of.task == Task::regression;
    return {.task = of.task,
            .values = numbers ? std::span<const double>(values) : std::span<const double>{},
            .labels = numbers ? std::span<const std::int32_t>{} : std::span<const std::int32_t>(labels),
            .width = numbers ? 1 : of.classes,
            .weights = weights};
  }
  std::unique_ptr<BlendLoss> plain() const {
    const Metric metric = metric_by_name(of.metric);
    return blend_of_any_loss(pointers(), [this, metric](std::span<const double> blend) {
      MetricInput input = truth();
      input.predictions = blend;
      return metric.loss(input);
    });
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool weighted : {false, true}) {
    all.push_back({.weighted = weighted, .metric = "log_loss"});
    all.push_back({.weighted = weighted, .metric = "roc_auc"});
    all.push_back({.task = Task::multiclass, .classes = 4, .weighted = weighted, .metric = "log_loss"});
    for (const char* metric : {"rmse", "mse", "mae"})
      all.push_back({.task = Task::regression, .weighted = weighted, .metric = metric});
  }
  return all;
}

// Single precision of what is kept: 1e-6; probabilities that count as equal: 2e-3 of the area.
TEST(BlendLoss, equals_the_metric_of_the_blend) {
  for (const Case& each : cases()) {
    const Given given(each);
    const auto fast = make_blend_loss(given.pointers(), metric_by_name(each.metric), given.truth());
    const auto plain = given.plain();
    const double tolerance = each.metric == "roc_auc" ? 2e-3 : 1e-6;
    for (const std::size_t next : {2U, 0U, 2U, 4U}) {
      for (std::size_t j = 0; j < each.candidates; ++j)
        EXPECT_NEAR(fast->with(j), plain->with(j), tolerance) << each.metric << " " << each.weighted;
      fast->add(next);
      plain->add(next);
    }
  }
}

TEST(BlendLoss, chooses_as_the_metric_does) {
  for (const Case& each : cases()) {
    if (each.metric == "roc_auc") continue;  // near-equal areas may change places
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
      const Given given(each, seed);
      const Selection fast =
          select_greedily(*make_blend_loss(given.pointers(), metric_by_name(each.metric), given.truth()));
      const Selection plain = select_greedily(*given.plain());
      EXPECT_NEAR(fast.loss, plain.loss, 1e-6) << each.metric;
    }
  }
}

// Equal numbers within the bins of ranks: the metric itself decides.
TEST(BlendLoss, a_ranking_finer_than_the_bins_is_computed_exactly) {
  Given given({.candidates = 2, .metric = "roc_auc"});
  for (auto& each : given.predictions)
    for (std::size_t i = 0; i < given.of.rows; ++i) {
      each.values[2 * i + 1] = 0.3 + 1e-7 * each.values[2 * i + 1];
      each.values[2 * i] = 1 - each.values[2 * i + 1];
    }
  const auto fast = make_blend_loss(given.pointers(), metric_by_name("roc_auc"), given.truth());
  EXPECT_EQ(fast->with(0), given.plain()->with(0));
  EXPECT_EQ(fast->with(1), given.plain()->with(1));
}

TEST(BlendLoss, what_is_no_probability_or_no_number_is_never_chosen) {
  Given classes({.metric = "log_loss"});
  classes.predictions[1].values[3] = 1.5;
  Given numbers({.task = Task::regression, .metric = "rmse"});
  numbers.predictions[1].values[3] = std::nan("");
  for (const Given* given : {&classes, &numbers}) {
    const auto blend = make_blend_loss(given->pointers(), metric_by_name(given->of.metric), given->truth());
    EXPECT_TRUE(std::isnan(blend->with(1)));
    const Selection selection = select_greedily(*blend);
    EXPECT_EQ(selection.weights[1], 0.0);
    EXPECT_TRUE(std::isfinite(selection.loss));
  }
}

// Of an own metric that has a known name.
TEST(BlendLoss, another_metric_of_that_name_is_asked_itself) {
  const Given given({.metric = "log_loss"});
  const Metric own{"log_loss", [](const MetricInput& in) { return in.predictions[1]; }, Direction::lower_is_better};
  const auto blend = make_blend_loss(given.pointers(), own, given.truth());
  EXPECT_EQ(blend->with(2), given.predictions[2].values[1]);
}

}  // namespace
}  // namespace automill
