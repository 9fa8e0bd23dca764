// Permutation importance: a column that carries the target is above one that carries nothing, which is near 0.

#include <gtest/gtest.h>

#include "automl/tables.hpp"

namespace automill {
namespace {

/// y = 3 strong + weak + noise; `nothing` is unrelated.
Table make_data(std::uint64_t seed) {
  std::vector<double> strong, weak, nothing, y;
  for (std::uint64_t i = 0; i < 300; ++i) {
    RandomStream random(seed, purpose("importance"), i);
    strong.push_back(random.normal());
    weak.push_back(random.normal());
    nothing.push_back(random.normal());
    y.push_back(3 * strong.back() + weak.back() + 0.3 * random.normal());
  }
  return Table({tables::number("nothing", nothing), tables::number("strong", strong), tables::number("weak", weak),
                tables::number("y", y)});
}
const Table& data() {
  static const Table table = make_data(1);
  return table;
}
const AutoMLModel& model() {
  static const AutoMLModel trained = train(data(), {.target = "y", .max_trials = 3, .threads = 1, .folds = 4});
  return trained;
}

void expect_order(const std::vector<ImportanceRow>& rows) {
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].column, "strong");
  EXPECT_EQ(rows[1].column, "weak");
  EXPECT_EQ(rows[2].column, "nothing");
  // permuting 3 x normal adds 2 * 9 to a mean squared error of about 0.1: the loss of rmse is near sqrt(18)
  EXPECT_NEAR(rows[0].importance, std::sqrt(18.0), 0.7);
  EXPECT_NEAR(rows[1].importance, std::sqrt(2.0), 0.5);
  EXPECT_NEAR(rows[2].importance, 0.0, 0.05);
  for (const auto& row : rows) {
    EXPECT_LE(row.low, row.importance);
    EXPECT_GE(row.high, row.importance);
  }
}

TEST(Importance, on_new_rows) { expect_order(feature_importance(model(), make_data(2))); }

TEST(Importance, on_out_of_fold_rows) { expect_order(feature_importance(model())); }

TEST(Importance, does_not_depend_on_threads) {
  const auto executor = make_executor(3);
  const auto one = feature_importance(model(), data(), 3),
             three = feature_importance(model(), data(), 3, {.run_with = executor.get()});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one[i].column, three[i].column);
    EXPECT_EQ(one[i].importance, three[i].importance);
  }
}

TEST(Importance, depends_on_the_seed_of_the_context) {
  EXPECT_EQ(feature_importance(model(), data(), 2, {.seed = 1})[0].importance,
            feature_importance(model(), data(), 2, {.seed = 1})[0].importance);
  EXPECT_NE(feature_importance(model(), data(), 2, {.seed = 1})[0].importance,
            feature_importance(model(), data(), 2, {.seed = 2})[0].importance);
}

TEST(Importance, of_a_loaded_model_on_given_rows) {
  const auto bytes = model().bytes();
  expect_order(feature_importance(load(std::span<const std::byte>(bytes)), make_data(2)));
}

TEST(Importance, classification_and_text_columns) {
  const Table rows = tables::plain(Task::binary, 200);
  const AutoMLModel binary = train(rows, {.target = "target", .max_trials = 2, .threads = 1, .folds = 3});
  const auto importance = feature_importance(binary);
  ASSERT_EQ(importance.size(), 3U);
  EXPECT_EQ(importance[0].column, "a");  // the strongest part of the signal
  EXPECT_GT(importance[0].importance, 0.05);
}

TEST(Importance, refusals) {
  EXPECT_THROW(feature_importance(model(), data(), 0), Error);
  EXPECT_THROW(feature_importance(model(), -1), Error);
  EXPECT_THROW(feature_importance(model(), data().without({"y"})), Error);
  EXPECT_THROW(feature_importance(model(), data().without({"weak"})), Error);
}

}  // namespace
}  // namespace automill
