// The score of what was chosen, choosing included: rounds by other folds, weights without the rows that they are scored
// on, and nothing gained on noise.

#include <gtest/gtest.h>

#include <automill/learners/baseline.hpp>
#include <automill/learners/gradient_boosting.hpp>

#include "automl/ensemble_weights.hpp"
#include "automl/nested_rounds.hpp"
#include "tables.hpp"

namespace automill {
namespace {

FoldOutcome with_curve(std::vector<double> curve, std::vector<std::int64_t> checkpoints, double first) {
  FoldOutcome outcome;
  outcome.report.learning_curve = std::move(curve);
  for (const std::int64_t round : checkpoints) {
    Predictions predictions(2, 1);
    predictions.values = {first, static_cast<double>(round)};
    outcome.report.checkpoints[round] = predictions;
  }
  outcome.report.rounds =
      1 + (std::min_element(outcome.report.learning_curve.begin(), outcome.report.learning_curve.end()) -
           outcome.report.learning_curve.begin());
  outcome.done = true;
  return outcome;
}

TEST(NestedRounds, the_other_folds_choose) {
  const std::vector<FoldOutcome> folds{with_curve({5, 1, 9, 9}, {}, 0), with_curve({5, 4, 1, 3}, {}, 0),
                                       with_curve({5, 4, 2, 1, 0}, {}, 0)};
  EXPECT_EQ(round_of_other_folds(folds, 0), 3);  // 10, 8, 3, 4, 3: the first of equal ones
  EXPECT_EQ(round_of_other_folds(folds, 1), 2);  // 10, 5, 11, 10, 9
  EXPECT_EQ(round_of_other_folds(folds, 2), 2);  // 10, 5, 10, 12
  EXPECT_EQ(round_of_other_folds({folds[0]}, 0), 0);
  EXPECT_EQ(round_of_other_folds({folds[0], with_curve({}, {}, 0)}, 0), 0);
}

TEST(NestedRounds, the_nearest_checkpoint_in_ratio) {
  const FoldOutcome fold = with_curve({3, 2, 1}, {4, 8, 100}, 0);
  EXPECT_EQ(nearest_checkpoint(fold.report, 1)->values[1], 4);
  EXPECT_EQ(nearest_checkpoint(fold.report, 6)->values[1], 8);  // 6 / 4 > 8 / 6
  EXPECT_EQ(nearest_checkpoint(fold.report, 29)->values[1], 100);
  EXPECT_EQ(nearest_checkpoint(FitReport{}, 3), nullptr);
}

TEST(NestedRounds, held_out_predictions_are_those_after_the_chosen_rounds) {
  auto dataset = std::make_shared<Dataset>();
  const Table table = tables::plain(Task::regression, 6);
  dataset->features = table.without({"target"});
  dataset->target = {.task = Task::regression, .values = std::vector<double>(6, 0.0)};
  for (std::uint64_t row = 0; row < 6; ++row) dataset->keys.push_back(row);
  const FoldedDataset folded(dataset, predefined_folds({0, 1, 2, 0, 1, 2}));
  Candidate candidate;
  candidate.out_of_fold = Predictions(6, 1);
  candidate.folds = {with_curve({5, 1, 9, 9}, {1, 2, 3}, 10), with_curve({5, 4, 1, 3}, {1, 2, 3}, 20),
                     with_curve({5, 4, 2, 1, 0}, {1, 2, 3, 5}, 30)};
  put_rounds_of_other_folds(candidate, folded);
  EXPECT_EQ(candidate.out_of_fold.values, (std::vector<double>{10, 20, 30, 3, 2, 2}));
  for (const FoldOutcome& fold : candidate.folds) EXPECT_TRUE(fold.report.checkpoints.empty());
}

/// Candidates that know nothing of the target.
struct NoiseCandidates {
  explicit NoiseCandidates(std::uint64_t seed, std::size_t folds) {
    constexpr std::size_t rows = 200;
    RandomStream random(seed, purpose("noise candidates"));
    auto made = std::make_shared<Dataset>();
    made->features = tables::plain(Task::binary, rows, seed).without({"target"});
    made->target = {.task = Task::binary};
    made->target.classes = {"no", "yes"};
    for (std::size_t row = 0; row < rows; ++row) {
      made->target.labels.push_back(static_cast<std::int32_t>(random.below(2)));
      made->keys.push_back(mix64(seed * rows + row));
    }
    dataset = made;
    folded = std::make_unique<FoldedDataset>(
        dataset, folds == 1 ? make_holdout(*dataset, 0.5, seed) : make_folds(*dataset, folds, seed));
    for (std::uint32_t row = 0; row < rows; ++row)
      if (folded->plan().fold_of[row] >= 0) held_out.push_back(row);
    candidates.resize(20);
    for (Candidate& candidate : candidates) {
      candidate.out_of_fold = Predictions(rows, 2);
      for (std::size_t row = 0; row < rows; ++row) {
        candidate.out_of_fold.values[2 * row + 1] = random.uniform();
        candidate.out_of_fold.values[2 * row] = 1 - candidate.out_of_fold.values[2 * row + 1];
      }
      pointers.push_back(&candidate);
    }
  }
  /// Of the honest blend, and of the blend with the weights themselves.
  std::pair<double, double> areas() {
    const Scorer scorer(dataset->target, {}, held_out, metric_by_name("roc_auc"));
    EnsembleWeights weights = find_weights({.candidates = &pointers, .folded = folded.get(), .scorer = &scorer});
    const double honest = scorer.value(scorer.gather(blend_out_of_fold(pointers, weights)).values);
    weights.without_part.clear();
    return {honest, scorer.value(scorer.gather(blend_out_of_fold(pointers, weights)).values)};
  }
  std::shared_ptr<const Dataset> dataset{};
  std::unique_ptr<FoldedDataset> folded{};
  std::vector<std::uint32_t> held_out{};
  std::vector<Candidate> candidates{};
  std::vector<Candidate*> pointers{};
};

// 20 seeds of 200 (100) rows: the mean area of chance has a standard error of 0.041 (0.058) / sqrt(20) = 0.009 (0.013).
// Without rows of its own the score says 0.7: that is the leak this finds.
TEST(HonestScore, choosing_among_noise_gains_nothing) {
  for (const std::size_t folds : {1U, 5U}) {
    double honest = 0, flattered = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const auto [area, own] = NoiseCandidates(seed, folds).areas();
      honest += area / 20;
      flattered += own / 20;
    }
    EXPECT_LT(honest, 0.5 + 3 * 0.013) << folds;
    EXPECT_GT(flattered, 0.62) << folds;
  }
}

// Boosters that stop by the rows that they are scored on would seem to know something: the mean of error over that of
// the mean is 1 or more, with a standard error of 0.01.
TEST(HonestScore, training_on_noise_is_scored_as_chance) {
  double sum = 0;
  constexpr std::uint64_t seeds = 12;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::vector<double> noise = tables::noise_target(150, seed);
    const Table table = tables::with(tables::plain(Task::regression, 150, seed), tables::number("target", noise));
    const AutoMLModel model = train(table, {.target = "target", .max_trials = 4, .threads = 1, .include = {"gbdt"}});
    EXPECT_NE(model.validation_score().protocol.find("nested"), std::string::npos);
    double mean = 0, squares = 0;
    for (double value : noise) mean += value / static_cast<double>(noise.size());
    for (double value : noise) squares += (value - mean) * (value - mean) / static_cast<double>(noise.size());
    sum += model.validation_score().value / std::sqrt(squares);
  }
  EXPECT_GT(sum / seeds, 0.98);
}

// The same of a booster alone. Scored after its own best round it would be below the mean's error in every run.
TEST(HonestScore, cross_validation_of_an_early_stopped_booster_is_scored_as_chance) {
  double sum = 0;
  constexpr std::uint64_t seeds = 20;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    auto dataset = std::make_shared<Dataset>();
    dataset->features = tables::plain(Task::regression, 150, seed).without({"target"});
    dataset->target = {.task = Task::regression, .values = tables::noise_target(150, seed)};
    for (std::uint64_t row = 0; row < 150; ++row) dataset->keys.push_back(mix64(seed * 150 + row));
    const CrossValidateOptions options{.folds = 5, .metric = "rmse", .seed = seed};
    const GradientBoosting booster{{.n_estimators = 300, .learning_rate = 0.05, .early_stopping_rounds = 50}};
    const Baseline mean{};
    sum += cross_validate(booster, dataset, options).mean / cross_validate(mean, dataset, options).mean;
  }
  EXPECT_GT(sum / seeds, 1.0);
}

}  // namespace
}  // namespace automill
