// The plan that is shown without training: it agrees with the run that follows, and says what is left out.

#include <sstream>

#include "automl/plan_family.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

PortfolioInput of_rows(Task task, std::size_t rows) {
  PortfolioInput input;
  input.task = task;
  input.shape = {.rows = rows, .columns = 5, .classes = task == Task::multiclass ? 3U : 1U};
  return input;
}
Proposal proposal_named(const Portfolio& portfolio, const std::string& name) {
  for (std::size_t index = 0; !portfolio.is_searched(index); ++index)
    if (const auto proposal = portfolio.proposal(index, {}); proposal->name == name) return *proposal;
  throw Error("test", name, "not there");
}
double parameter_of(const Proposal& proposal, const char* name) { return proposal.parameters.find(name)->number(); }

TEST(RunPlan, has_the_candidates_and_the_books_of_the_run) {
  for (const Task task : {Task::binary, Task::multiclass, Task::regression}) {
    const Table rows =
        tables::with(tables::plain(task, 300), tables::number("constant", std::vector<double>(300, 1.0)));
    const TrainOptions options{.target = "target", .max_trials = 6, .threads = 1, .folds = 3};
    const RunPlan planned = plan(rows, options);
    const AutoMLModel model = train(rows, options);
    std::vector<std::string> names, ran;
    for (const PlannedCandidate& candidate : planned.candidates) names.push_back(candidate.name);
    for (const LeaderboardRow& row : model.leaderboard()) ran.push_back(row.name);
    std::sort(names.begin(), names.end());
    std::sort(ran.begin(), ran.end());
    EXPECT_EQ(names, ran);
    EXPECT_TRUE(planned.searches.empty());
    const Value books = *model.metadata().find("books");
    EXPECT_EQ(Value(planned.rows), books.at("rows"));
    EXPECT_EQ(Value(planned.columns), books.at("columns"));
    EXPECT_EQ(planned.metric, model.validation_score().metric);
    EXPECT_EQ(planned.folds, 3);
    double seconds = 0;
    for (const PlannedCandidate& candidate : planned.candidates) {
      EXPECT_EQ(candidate.status, "planned") << candidate.reason;
      EXPECT_GT(candidate.seconds, 0);
      EXPECT_DOUBLE_EQ(candidate.seconds, candidate.core_seconds);  // one thread
      seconds += candidate.seconds;
    }
    EXPECT_GE(planned.seconds, seconds);
  }
}

TEST(RunPlan, goes_no_further_than_the_limits) {
  const Table rows = tables::plain(Task::regression, 4000);
  const RunPlan tight = plan(rows, {.target = "target", .time_limit = Seconds(0.5), .threads = 1});
  EXPECT_LE(tight.seconds, 0.5 + 1e-9);
  EXPECT_GT(tight.seconds, 0.4);
  const auto not_whole = std::count_if(tight.candidates.begin(), tight.candidates.end(),
                                       [](const PlannedCandidate& each) { return !each.reason.empty(); });
  EXPECT_GT(not_whole, 0);
  for (const PlannedCandidate& candidate : tight.candidates)
    if (candidate.status == "skipped") EXPECT_EQ(candidate.seconds, 0) << candidate.name;
  const RunPlan roomy = plan(rows, {.target = "target", .time_limit = Seconds(600), .threads = 1});
  for (const PlannedCandidate& candidate : roomy.candidates) EXPECT_EQ(candidate.reason, "") << candidate.name;
  ASSERT_EQ(roomy.searches.size(), 1U);
  EXPECT_EQ(roomy.searches[0].family, "gbdt");
  EXPECT_GT(roomy.searches[0].candidates, 10);
  EXPECT_LT(roomy.seconds, 600);  // there is nothing left to try

  const RunPlan small = plan(rows, {.target = "target", .memory_limit = 32_MiB, .threads = 2, .include = {"realmlp"}});
  const RunPlan large = plan(rows, {.target = "target", .memory_limit = 4_GiB, .threads = 2, .include = {"realmlp"}});
  EXPECT_EQ(large.candidates.at(0).status, "planned");
  EXPECT_LE(small.candidates.at(0).bytes, 32_MiB);
  EXPECT_LE(small.candidates.at(0).bytes, large.candidates.at(0).bytes);
}

TEST(RunPlan, trains_nothing_writes_nothing_and_refuses_what_train_refuses) {
  const Table rows = tables::plain(Task::binary, 200);
  const std::string journal = testing::TempDir() + "plan.journal";
  std::remove(journal.c_str());
  TrainOptions options{.target = "target", .time_limit = Seconds(60), .threads = 1, .journal = journal};
  options.callback = [](const Event& event) {
    EXPECT_EQ(event.kind.find("candidate"), std::string::npos) << event.kind;
  };
  const RunPlan planned = plan(rows, options);
  EXPECT_EQ(std::fopen(journal.c_str(), "rb"), nullptr);
  EXPECT_LT(planned.preparing_seconds, 30);
  options.target = "targets";
  EXPECT_EQ(code_of([&] { plan(rows, options); }), code_of([&] { train(rows, options); }));
  options.target = "target";
  options.folds = 1;
  EXPECT_EQ(code_of([&] { plan(rows, options); }), "option.out_of_range");
}

TEST(RunPlan, reads_the_same_as_text_and_as_data) {
  const RunPlan planned = plan(tables::plain(Task::binary, 200),
                               {.target = "target", .preset = "glass_box", .time_limit = Seconds(20), .threads = 1});
  std::ostringstream text;
  text << planned;
  const Value object = planned.to_object();
  EXPECT_EQ(object.at("candidates").array().size(), planned.candidates.size());
  for (const PlannedCandidate& candidate : planned.candidates)
    EXPECT_NE(text.str().find("  " + candidate.name + " "), std::string::npos) << candidate.name;
  EXPECT_NE(text.str().find("nothing is fitted yet"), std::string::npos);
  EXPECT_EQ(object.at("time_limit").number(), 20);
}

TEST(RunPlan, a_shortened_booster_makes_larger_steps_and_a_forest_has_fewer_trees) {
  const PortfolioInput input = of_rows(Task::regression, 1000);
  const Portfolio portfolio(input, {});
  const Proposal booster = proposal_named(portfolio, "gbdt_2"), forest = proposal_named(portfolio, "random_forest_1");
  const auto twice = portfolio.shorter(booster, 2);
  ASSERT_TRUE(twice.has_value());
  EXPECT_DOUBLE_EQ(parameter_of(*twice, "learning_rate"), 2 * parameter_of(booster, "learning_rate"));
  EXPECT_EQ(parameter_of(*twice, "reg_lambda"), parameter_of(booster, "reg_lambda"));
  EXPECT_EQ(twice->name, booster.name);
  EXPECT_NE(twice->shortened.find("learning_rate 0.1 instead of 0.05"), std::string::npos) << twice->shortened;
  EXPECT_EQ(parameter_of(*portfolio.shorter(forest, 2), "n_estimators"), parameter_of(forest, "n_estimators") / 2);
  EXPECT_TRUE(portfolio.shorter(booster, 1)->shortened.empty());  // as it is, where there is time for it
  EXPECT_FALSE(portfolio.shorter(booster, 5).has_value());        // too little would be left of it
  EXPECT_FALSE(portfolio.shorter(proposal_named(portfolio, "ridge_1"), 2).has_value());
  const Portfolio chosen(input, {.search_space = {{"gbdt", SearchSpace{{"learning_rate", Float(0.01, 0.06)}}}}});
  EXPECT_FALSE(chosen.shorter(proposal_named(chosen, "gbdt_2"), 2).has_value());  // the user says among what
}

}  // namespace
}  // namespace automill
