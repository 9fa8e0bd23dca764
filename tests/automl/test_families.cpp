// Families that are tried where `include` names them: with the preparation that they need, on a table of all kinds of
// columns, they beat the prior by far.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>

#include "automl/tables.hpp"

namespace automill {
namespace {

struct Family {
  const char* name;
  std::vector<Task> tasks;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all{
      {"elastic_net", {Task::binary, Task::multiclass, Task::regression}},
      {"generalized_linear", {Task::regression}},
      {"gaussian_process", {Task::binary, Task::multiclass, Task::regression}},
      {"kernel_ridge", {Task::binary, Task::multiclass, Task::regression}},
      {"linear_discriminant", {Task::binary, Task::multiclass}},
      {"linear_svm", {Task::binary, Task::multiclass, Task::regression}},
      {"quadratic_discriminant", {Task::binary, Task::multiclass}},
      {"quantile_regression", {Task::regression}},
  };
  return all;
}

TEST(Families, IncludeTriesThem) {
  for (const Family& family : families())
    for (Task task : family.tasks) {
      const Table data = tables::plain(task, 300);
      const AutoMLModel model = train(
          data, {.target = "target", .max_trials = 2, .threads = 1, .folds = 3, .include = {"baseline", family.name}});
      double own = 0, prior = 0;
      for (const LeaderboardRow& row : model.leaderboard()) {
        if (row.family == family.name) own = row.validation_score;
        if (row.family == "baseline") prior = row.validation_score;
        EXPECT_TRUE(row.reason.empty() || row.status == "ok") << family.name << ": " << row.reason;
      }
      // roc_auc is better where it is higher, log-loss and rmse where they are lower
      if (task == Task::binary) EXPECT_GT(own, 0.7) << family.name;
      else EXPECT_LT(own, 0.9 * prior) << family.name;
    }
}

TEST(Families, WithoutTheirNamesTheyAreNotTried) {
  for (Task task : {Task::binary, Task::regression}) {
    const AutoMLModel model =
        train(tables::plain(task, 200), {.target = "target", .max_trials = 8, .threads = 1, .folds = 3});
    for (const LeaderboardRow& row : model.leaderboard())
      for (const Family& family : families()) EXPECT_NE(row.family, family.name);
  }
}

TEST(Families, ATaskThatAFamilyDoesNotLearnIsRefused) {
  try {
    train(tables::plain(Task::binary, 100), {.target = "target", .max_trials = 1, .include = {"generalized_linear"}});
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "option.contradiction");
    EXPECT_NE(std::string(error.what()).find("generalized_linear (regression)"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace automill
