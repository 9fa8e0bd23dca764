// Greedy selection against a plain implementation of the paper's rule, and its invariants.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>
#include <automill/ensemble/greedy_selection.hpp>
#include <cmath>
#include <numeric>

namespace automill {
namespace {

using Loss = std::function<double(std::span<const double>)>;

struct Library {
  std::vector<double> truth;
  std::vector<Predictions> predictions;
  std::vector<const Predictions*> pointers() const {
    std::vector<const Predictions*> all;
    for (const auto& each : predictions) all.push_back(&each);
    return all;
  }
  Loss mean_squared_error() const {
    return [this](std::span<const double> blend) {
      double sum = 0;
      for (std::size_t i = 0; i < blend.size(); ++i) sum += (blend[i] - truth[i]) * (blend[i] - truth[i]);
      return sum / static_cast<double>(blend.size());
    };
  }
};

/// Candidates that know the truth with noise of their own.
Library random_library(std::uint64_t seed, std::size_t candidates, std::size_t rows) {
  RandomStream random(seed, purpose("library"));
  Library library;
  for (std::size_t i = 0; i < rows; ++i) library.truth.push_back(random.normal());
  for (std::size_t j = 0; j < candidates; ++j) {
    const double noise = 0.2 + random.uniform(), bias = 0.3 * random.normal();
    Predictions p(rows, 1);
    for (std::size_t i = 0; i < rows; ++i) p.values[i] = library.truth[i] + bias + noise * random.normal();
    library.predictions.push_back(std::move(p));
  }
  return library;
}

/// The rule as it is written: from nothing, add the candidate whose average with those so far is best; of all prefixes
/// the first best one counts.
std::vector<double> naive_weights(const Library& library, const Loss& loss, std::size_t steps, double& best_loss) {
  const std::size_t rows = library.truth.size();
  std::vector<std::size_t> chosen;
  std::size_t prefix = 0;
  best_loss = std::numeric_limits<double>::infinity();
  for (std::size_t step = 1; step <= steps; ++step) {
    std::size_t best = 0;
    double step_loss = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < library.predictions.size(); ++j) {
      std::vector<double> blend(rows, 0.0);
      for (std::size_t c : chosen)
        for (std::size_t i = 0; i < rows; ++i) blend[i] += library.predictions[c].values[i];
      for (std::size_t i = 0; i < rows; ++i)
        blend[i] = (blend[i] + library.predictions[j].values[i]) / static_cast<double>(step);
      const double value = loss(blend);
      if (value < step_loss) {
        step_loss = value;
        best = j;
      }
    }
    chosen.push_back(best);
    if (step_loss < best_loss) {
      best_loss = step_loss;
      prefix = step;
    }
  }
  std::vector<double> weights(library.predictions.size(), 0.0);
  for (std::size_t s = 0; s < prefix; ++s) weights[chosen[s]] += 1.0;
  for (double& weight : weights) weight /= static_cast<double>(prefix);
  return weights;
}

TEST(GreedySelection, equals_the_plain_rule) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Library library = random_library(seed, 1 + seed % 7, 40);
    const std::size_t steps = 1 + seed % 12;
    double best_loss = 0;
    const auto weights = naive_weights(library, library.mean_squared_error(), steps, best_loss);
    const Selection selection =
        select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()), {.steps = steps});
    EXPECT_EQ(selection.weights, weights) << "seed " << seed;
    EXPECT_EQ(selection.loss, best_loss) << "seed " << seed;
  }
}

TEST(GreedySelection, is_no_worse_than_the_best_single_candidate) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Library library = random_library(seed, 6, 50);
    const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()));
    ASSERT_EQ(selection.single_losses.size(), 6U);
    for (std::size_t j = 0; j < 6; ++j) {
      EXPECT_EQ(selection.single_losses[j], library.mean_squared_error()(library.predictions[j].values));
      EXPECT_LE(selection.loss, selection.single_losses[j]);
    }
    EXPECT_NEAR(std::accumulate(selection.weights.begin(), selection.weights.end(), 0.0), 1.0, 1e-12);
    for (double weight : selection.weights) EXPECT_GE(weight, 0.0);
  }
}

TEST(GreedySelection, the_weighted_sum_has_the_reported_loss) {
  const Library library = random_library(5, 8, 80);
  const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()));
  std::vector<double> blend(80, 0.0);
  for (std::size_t j = 0; j < 8; ++j)
    for (std::size_t i = 0; i < 80; ++i) blend[i] += selection.weights[j] * library.predictions[j].values[i];
  EXPECT_NEAR(library.mean_squared_error()(blend), selection.loss, 1e-12);
}

TEST(GreedySelection, one_candidate_gets_everything) {
  const Library library = random_library(1, 1, 10);
  EXPECT_NEAR(select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error())).weights[0], 1.0,
              1e-12);
}

TEST(GreedySelection, two_opposite_errors_are_averaged_away) {
  Library library;
  library.truth = {0, 0, 0, 0};
  library.predictions = {Predictions(4, 1), Predictions(4, 1), Predictions(4, 1)};
  library.predictions[0].values = {1, 1, 1, 1};
  library.predictions[1].values = {-1, -1, -1, -1};
  library.predictions[2].values = {5, 5, 5, 5};
  const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()));
  EXPECT_EQ(selection.weights, (std::vector<double>{0.5, 0.5, 0.0}));
  EXPECT_EQ(selection.loss, 0.0);
}

// equal losses: the candidate that is used already, so that the ensemble stays small
TEST(GreedySelection, copies_do_not_enlarge_the_ensemble) {
  Library library = random_library(3, 1, 30);
  for (int copy = 0; copy < 4; ++copy) library.predictions.push_back(library.predictions[0]);
  const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()));
  EXPECT_NEAR(selection.weights[0], 1.0, 1e-12);
  EXPECT_EQ(std::count(selection.weights.begin(), selection.weights.end(), 0.0), 4);
}

TEST(GreedySelection, an_undefined_loss_is_infinitely_bad) {
  Library library = random_library(4, 3, 30);
  library.predictions[0].values[7] = std::nan("");
  const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()));
  EXPECT_EQ(selection.weights[0], 0.0);
  EXPECT_TRUE(std::isfinite(selection.loss));
  const Selection none =
      select_greedily(*blend_of_any_loss(library.pointers(), [](std::span<const double>) { return std::nan(""); }));
  EXPECT_NEAR(std::accumulate(none.weights.begin(), none.weights.end(), 0.0), 1.0, 1e-12);
}

TEST(GreedySelection, stopped_at_once_it_still_gives_the_best_single_one) {
  const Library library = random_library(6, 5, 30);
  const Selection selection = select_greedily(*blend_of_any_loss(library.pointers(), library.mean_squared_error()),
                                              {.stop = StopToken({}, Clock::now() - std::chrono::seconds(1))});
  const auto best = std::min_element(selection.single_losses.begin(), selection.single_losses.end());
  EXPECT_EQ(selection.weights[static_cast<std::size_t>(best - selection.single_losses.begin())], 1.0);
  EXPECT_EQ(selection.loss, *best);
}

}  // namespace
}  // namespace automill
