// What twice the time would add, and the end of runs that nothing limits.

#include "automl/expected_gain.hpp"
#include "tables.hpp"

namespace automill {
namespace {

/// Held-out predictions that miss the target by normal noise.
struct Trials {
  explicit Trials(const std::vector<double>& noises) {
    Dataset made;
    std::vector<double> a;
    RandomStream random(3, purpose("target"));
    for (std::size_t row = 0; row < rows; ++row) {
      a.push_back(static_cast<double>(row));
      made.target.values.push_back(random.normal());
    }
    made.features = Table({tables::number("a", a)});
    dataset = make_dataset(std::move(made));
    folded = std::make_unique<FoldedDataset>(dataset, make_folds(*dataset, 8, 1));
    std::vector<std::uint32_t> all(rows);
    std::iota(all.begin(), all.end(), 0U);
    scorer = std::make_unique<Scorer>(dataset->target, std::span<const double>{}, all, metric_by_name("rmse"));
    for (std::size_t trial = 0; trial < noises.size(); ++trial) {
      Candidate candidate;
      candidate.out_of_fold = Predictions(rows, 1);
      RandomStream noise(trial, purpose("noise"));
      for (std::size_t row = 0; row < rows; ++row)
        candidate.out_of_fold.values[row] = dataset->target.values[row] + noises[trial] * noise.normal();
      candidate.score = {.value = noises[trial], .low = noises[trial] - 0.01, .high = noises[trial] + 0.01};
      candidates.push_back(std::move(candidate));
    }
    for (Candidate& candidate : candidates) pointers.push_back(&candidate);
  }
  std::optional<ExpectedGain> gain() const {
    return gain_of_twice_the_time({.candidates = &pointers, .folded = folded.get(), .scorer = scorer.get()});
  }
  static constexpr std::size_t rows = 1600;
  std::shared_ptr<const Dataset> dataset;
  std::unique_ptr<FoldedDataset> folded;
  std::unique_ptr<Scorer> scorer;
  std::vector<Candidate> candidates;
  std::vector<Candidate*> pointers;
};

TEST(ExpectedGain, is_a_fifth_of_what_the_second_half_added) {
  const auto gain = Trials({1, 1, 1, 0.1, 0.1, 0.1}).gain();
  ASSERT_TRUE(gain.has_value());
  // means of three independent errors: 1 / sqrt(3) before, 0.1 / sqrt(3) after; 1,600 rows give 2 %
  EXPECT_NEAR(gain->value, 0.2 * 0.9 / std::sqrt(3.0), 0.006);
  EXPECT_GT(gain->low, 0.07);
  EXPECT_LT(gain->high, 0.14);
}

TEST(ExpectedGain, is_nothing_where_the_second_half_added_nothing) {
  const auto gain = Trials({0.1, 0.1, 0.1, 5, 5, 5}).gain();
  ASSERT_TRUE(gain.has_value());
  EXPECT_LT(gain->value, 1e-3);
  EXPECT_LE(gain->low, 0);
  EXPECT_GE(gain->high, 0);
  EXPECT_FALSE(Trials({1, 1, 1, 1, 1}).gain().has_value());  // too few to tell
}

std::string ended(const AutoMLModel& model) {
  const Value* reason = model.metadata().find("run")->object().find("ended");
  return reason == nullptr ? "" : reason->text();
}
std::vector<std::string> names_of(const AutoMLModel& model) {
  std::vector<std::string> names;
  for (const LeaderboardRow& row : model.leaderboard()) names.push_back(row.name);
  return names;
}

TEST(ExpectedGain, ends_a_run_that_nothing_limits_with_the_same_bits_for_any_threads) {
  const Table rows = tables::with(tables::plain(Task::regression, 120),
                                  tables::number("target", tables::noise_target(120, 4)));  // nothing to be gained
  TrainOptions options{.target = "target", .preset = "best", .threads = 1, .folds = 3, .include = {"gbdt"}};
  const AutoMLModel one = train(rows, options);
  EXPECT_EQ(ended(one), "the expected gain is within noise");
  EXPECT_LT(names_of(one).size(), 40U);  // as many boosters as there are
  EXPECT_NE(one.summary().find("ended: the expected gain is within noise"), std::string::npos) << one.summary();
  EXPECT_NE(one.summary().find("twice the time: "), std::string::npos) << one.summary();
  options.threads = 3;
  const AutoMLModel three = train(rows, options);
  EXPECT_EQ(names_of(three), names_of(one));
  EXPECT_EQ(three.validation_score().value, one.validation_score().value);
  options.max_trials = 14;  // the user says when
  const AutoMLModel counted = train(rows, options);
  EXPECT_EQ(ended(counted), "");
  EXPECT_EQ(names_of(counted).size(), 14U);
}

}  // namespace
}  // namespace automill
