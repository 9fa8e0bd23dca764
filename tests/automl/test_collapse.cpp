// collapse: one model a member, fitted on all rows, in the place of its fold models.

#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

TrainOptions options(const char* refit) {
  return {.target = "target", .max_trials = 5, .threads = 1, .folds = 4, .refit = refit};
}

TEST(Collapse, is_what_refit_always_gives) {
  for (const Task task : {Task::regression, Task::multiclass}) {
    const Table data = tables::plain(task, 250), fresh = tables::plain(task, 60, 2);
    const AutoMLModel folds = train(data, options("never")), all = train(data, options("always"));
    const AutoMLModel small = collapse(folds);
    EXPECT_EQ(small.predict(fresh).raw().values, all.predict(fresh).raw().values);
    EXPECT_NE(small.predict(fresh).raw().values, folds.predict(fresh).raw().values);
    EXPECT_EQ(small.member_names(), folds.member_names());
    EXPECT_EQ(small.validation_score().value, folds.validation_score().value);
    EXPECT_LT(2 * small.bytes().size(), 1.5 * static_cast<double>(folds.bytes().size()));
    EXPECT_TRUE(small.verify().ok);
    EXPECT_EQ(load(small.bytes()).predict(fresh).raw().values, small.predict(fresh).raw().values);
    const auto pool = make_executor(3);
    RunContext context;
    context.run_with = pool.get();
    EXPECT_EQ(collapse(folds, context).predict(fresh).raw().values, small.predict(fresh).raw().values);
  }
}

TEST(Collapse, says_what_it_is) {
  const AutoMLModel folds = train(tables::plain(Task::binary, 250), options("never")), small = collapse(folds);
  EXPECT_NE(small.summary().find("collapsed: each member is one model, fitted on all rows"), std::string::npos);
  EXPECT_EQ(folds.summary().find("collapsed"), std::string::npos);
  const auto before = folds.leaderboard(), after = small.leaderboard();
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i].weight > 0) EXPECT_LT(after[i].bytes, before[i].bytes);
    else EXPECT_EQ(after[i].bytes, before[i].bytes);
  EXPECT_EQ(small.predict_set(tables::plain(Task::binary, 10, 3), 0.9).rows(), 10U);
  EXPECT_EQ(code_of([&] { feature_importance(small, 1); }), "model.no_training_data");
  EXPECT_EQ(code_of([&] { collapse(AutoMLModel(load(folds.bytes()))); }), "model.no_training_data");
}

}  // namespace
}  // namespace automill
