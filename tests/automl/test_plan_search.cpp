// What the plan searches after its fixed order: spaces, what users give in their place, and proposals from trials.

#include "automl/booster_space.hpp"
#include "automl/family_search.hpp"
#include "automl/plan_family.hpp"
#include "error_tools.hpp"
#include "tables.hpp"

namespace automill {
namespace {

const std::vector<ParameterDeclaration>& booster_declarations() {
  return builtin_registry().estimator("gradient_boosting").parameters;
}
PortfolioInput problem(Task task) {
  PortfolioInput input;
  input.task = task;
  input.shape = {.rows = 500, .columns = 5, .classes = task == Task::multiclass ? 4U : 2U};
  return input;
}
std::vector<std::string> names_of(const SearchSpace& space) {
  std::vector<std::string> names;
  for (const auto& entry : space.parameters()) names.push_back(entry.first);
  return names;
}
bool has(const SearchSpace& space, const std::string& name) {
  const std::vector<std::string> names = names_of(space);
  return std::find(names.begin(), names.end(), name) != names.end();
}
const Value& value_in(const Object& object, const char* name) {
  const Value* found = object.find(name);
  if (found == nullptr) throw Error("test", name, "not there");
  return *found;
}
TrainOptions small_run(std::int64_t trials) {
  return {.target = "target", .max_trials = trials, .threads = 1, .folds = 3, .include = {"gbdt"}};
}
Value member_parameter(const Value& member, const char* name) {
  return member.at("structure").at("parameters").at(name);
}

TEST(PlanSearch, every_configuration_of_the_space_is_a_booster_that_fits) {
  for (const Task task : {Task::binary, Task::multiclass, Task::regression}) {
    PortfolioInput input = problem(task);
    const Table table = tables::plain(task, 60);
    for (const bool monotone : {false, true}) {
      if (monotone && task == Task::multiclass) continue;
      input.monotone = monotone ? std::map<std::string, int>{{"a", 1}} : std::map<std::string, int>{};
      const SearchSpace space = booster_space(input);
      RandomStream random(1, 2, 3);
      for (int trial = 0; trial < 30; ++trial) {
        std::vector<double> point(space.dimensions());
        for (double& x : point) x = random.uniform();
        const Object parameters = completed_booster(input, space.configuration(point));
        EXPECT_NO_THROW(builtin_registry().estimator("gradient_boosting").make(parameters));
        EXPECT_EQ(parameters.contains("monotone_constraints"), monotone);
        EXPECT_FALSE(monotone && parameters.contains("growth"));
      }
    }
  }
}

TEST(PlanSearch, nearest_configuration_moves_into_the_space) {
  const SearchSpace space{{"growth", Categories({"leaf_wise", "symmetric"})},
                          {"num_leaves", Int(4, 64, {.log = true}).when("growth", "leaf_wise")},
                          {"max_depth", Int(4, 8).when("growth", "symmetric")},
                          {"subsample", Float(0.6, 1, {.step = 0.1})},
                          {"reg_alpha", Float(1e-3, 2, {.log = true})},
                          {"max_bin", Fixed(63)}};
  const Object leaves =
      nearest_configuration(space, {{"num_leaves", 180}, {"subsample", 0.88}}, booster_declarations());
  EXPECT_EQ(value_in(leaves, "growth").text(), "leaf_wise");  // the learner's default
  EXPECT_EQ(value_in(leaves, "num_leaves").integer(), 64);
  EXPECT_FALSE(leaves.contains("max_depth"));
  EXPECT_NEAR(value_in(leaves, "subsample").number(), 0.9, 1e-12);  // 0.6 + 3 steps
  EXPECT_EQ(value_in(leaves, "reg_alpha").number(), 1e-3);          // the default 0 lies below
  EXPECT_EQ(value_in(leaves, "max_bin").integer(), 63);
  const Object symmetric =
      nearest_configuration(space, {{"growth", "symmetric"}, {"max_depth", 20}}, booster_declarations());
  EXPECT_EQ(value_in(symmetric, "max_depth").integer(), 8);
  EXPECT_FALSE(symmetric.contains("num_leaves"));
  EXPECT_NO_THROW(space.check(leaves));
  EXPECT_NO_THROW(space.check(symmetric));
}

TEST(PlanSearch, what_a_user_gives_replaces_and_takes_its_children_along) {
  const SearchSpace plan = booster_space(problem(Task::regression));
  ASSERT_TRUE(has(plan, "linear_lambda") && has(plan, "random_strength") && has(plan, "extra_trees"));
  const SearchSpace merged = merged_space(
      plan, SearchSpace{{"growth", Fixed("leaf_wise")}, {"num_leaves", Int(2, 5)}, {"max_bin", Int(15, 63)}});
  EXPECT_FALSE(has(merged, "max_depth"));  // of symmetric trees, which cannot be
  EXPECT_FALSE(has(merged, "random_strength"));
  EXPECT_TRUE(has(merged, "linear_lambda") && has(merged, "max_bin") && has(merged, "extra_trees"));
  for (const auto& [name, parameter] : merged.parameters())
    if (name == "num_leaves") EXPECT_EQ(parameter.high, 5);
  const SearchSpace without_lines = merged_space(plan, SearchSpace{{"linear_tree", Fixed(false)}});
  EXPECT_FALSE(has(without_lines, "linear_lambda"));
  EXPECT_TRUE(has(without_lines, "extra_trees"));
}

TEST(PlanSearch, proposals_follow_from_trials_alone_and_find_a_planted_optimum) {
  const SearchSpace space = booster_space(problem(Task::binary));
  const auto loss =
      [](const Object& parameters) {  // best: 40 leaves, a third of the columns; symmetric trees are worse
        const Value* leaves = parameters.find("num_leaves");
        const double off = leaves == nullptr ? 2 : math::log(leaves->number() / 40);
        return off * off + 4 * std::pow(value_in(parameters, "colsample_bytree").number() - 0.33, 2);
      };
  std::vector<SeenTrial> trials;
  std::vector<double> searched, random;
  for (std::size_t number = 0; number < 30; ++number) {
    const auto found = searched_configuration(space, trials, "gbdt", booster_declarations(), 5, number);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, *searched_configuration(space, trials, "gbdt", booster_declarations(), 5, number));
    const double value = loss(*found);
    if (number >= 15) (number % 2 == 0 ? searched : random).push_back(value);
    trials.push_back({"gbdt", *found, value, false});
    trials.push_back({"ridge", {}, 0.0, false});  // others do not count
  }
  std::sort(searched.begin(), searched.end());
  std::sort(random.begin(), random.end());
  EXPECT_LT(searched[searched.size() / 2], 0.3 * random[random.size() / 2]);
}

TEST(PlanSearch, running_and_failed_trials_and_a_space_that_ends) {
  const SearchSpace space{{"num_leaves", Int(4, 6)}};
  std::vector<SeenTrial> trials{{"gbdt", {{"num_leaves", 4}}, std::nullopt, true},
                                {"gbdt", {{"num_leaves", 5}}, std::nullopt, false}};
  const auto last = searched_configuration(space, trials, "gbdt", booster_declarations(), 0, 2);
  ASSERT_TRUE(last);
  EXPECT_EQ(value_in(*last, "num_leaves").integer(), 6);
  trials.push_back({"gbdt", *last, 0.5, false});
  trials.push_back({"gbdt", {{"num_leaves", 4}}, std::nullopt, true});  // the same twice
  EXPECT_FALSE(searched_configuration(space, trials, "gbdt", booster_declarations(), 0, 3));
}

TEST(PlanSearch, a_users_space_holds_for_every_candidate) {
  const Table table = tables::plain(Task::regression, 200);
  TrainOptions options = small_run(14);
  options.search_space = {
      {"gbdt", SearchSpace{{"num_leaves", Int(3, 6)}, {"growth", Fixed("leaf_wise")}, {"max_bin", Fixed(31)}}}};
  const AutoMLModel model = train(table, options);
  ASSERT_GE(model.recipe().at("members").array().size(), 1U);
  for (const Value& member : model.recipe().at("members").array()) {
    EXPECT_GE(member_parameter(member, "num_leaves").integer(), 3);
    EXPECT_LE(member_parameter(member, "num_leaves").integer(), 6);
    EXPECT_EQ(member_parameter(member, "max_bin").integer(), 31);
    EXPECT_EQ(member_parameter(member, "growth").text(), "leaf_wise");
  }
  EXPECT_EQ(model.leaderboard().size(), 14U);
}

TEST(PlanSearch, other_families_are_searched_where_the_user_says) {
  const Table table = tables::plain(Task::regression, 150);
  TrainOptions options = small_run(12);
  options.include = {"ridge", "random_forest"};
  options.search_space = {
      {"random_forest", SearchSpace{{"n_estimators", Int(5, 30)}, {"max_features", Float(0.2, 1)}}}};
  const AutoMLModel model = train(table, options);
  std::size_t forests = 0;
  for (const auto& row : model.leaderboard()) forests += row.family == "random_forest";
  EXPECT_EQ(forests, 11U);  // one ridge
  options.search_space = {{"ridge", SearchSpace{{"alpha", Categories({0.1, 10.0})}}}};
  EXPECT_EQ(train(table, options).leaderboard().size(), 3U);  // two ridges: the space has no third
}

TEST(PlanSearch, the_same_bits_for_any_number_of_threads) {
  const Table table = tables::plain(Task::binary, 200);
  TrainOptions options = small_run(15);
  const AutoMLModel one = train(table, options);
  options.threads = 3;
  const AutoMLModel three = train(table, options);
  EXPECT_EQ(one.predict(table).raw().values, three.predict(table).raw().values);
  EXPECT_EQ(one.member_names(), three.member_names());
}

TEST(PlanSearch, bad_spaces_are_refused_by_name) {
  const Table table = tables::plain(Task::binary, 60);
  const auto refused = [&](const std::string& family, const SearchSpace& space) {
    TrainOptions options = small_run(3);
    options.search_space = {{family, space}};
    return text_of([&] { train(table, options); });
  };
  EXPECT_NE(refused("gbtd", SearchSpace{{"num_leaves", Int(3, 6)}}).find("gbdt"), std::string::npos);
  EXPECT_NE(refused("gbdt", SearchSpace{{"num_leafs", Int(3, 6)}}).find("num_leaves"), std::string::npos);
  EXPECT_NE(refused("gbdt", SearchSpace{{"num_leaves", Int(0, 6)}}).find("it must be of type integer in [2"),
            std::string::npos);
  EXPECT_NE(refused("gbdt", SearchSpace{{"num_leaves", Float(3, 6)}}).find("Int in place of Float"), std::string::npos);
  EXPECT_NE(refused("gbdt", SearchSpace{{"growth", Int(3, 6)}}).find("3 is not allowed: it must be of type text"),
            std::string::npos);
  EXPECT_NE(refused("gbdt", SearchSpace{{"growth", Categories({"leaf_wise", "leafwise"})}})
                .find("'leafwise' is not a choice"),
            std::string::npos);
  EXPECT_NE(refused("realmlp", SearchSpace{{"n_epochs", Int(3, 6)}}).find("not in the plan"), std::string::npos);
  TrainOptions monotone = small_run(3);
  monotone.monotone = {{table.columns().front()->name(), 1}};
  monotone.search_space = {{"gbdt", SearchSpace{{"growth", Fixed("symmetric")}}}};
  EXPECT_EQ(code_of([&] { train(table, monotone); }), "option.contradiction");
}

// 500 rows have time for a network's whole recipe in a minute, 5,000 rows not in a part of it: they get one when all
// else is done.
TEST(PlanSearch, what_is_left_of_the_time_is_offered_to_a_network) {
  const auto portfolio_of = [](std::size_t rows, std::optional<double> seconds, const PlanChoice& choice = {}) {
    PortfolioInput input = problem(Task::regression);
    input.shape.rows = rows;
    input.time = {seconds, 2};
    return Portfolio(input, choice);
  };
  const auto networks = [](const Portfolio& portfolio) {
    std::size_t count = 0;
    for (std::size_t index = 0; !portfolio.is_searched(index); ++index)
      count += portfolio.proposal(index, {})->family == "realmlp" ? 1 : 0;
    return count;
  };
  const Portfolio small = portfolio_of(500, 60), large = portfolio_of(5000, 60);
  EXPECT_EQ(networks(small), 1U);
  EXPECT_TRUE(small.last().empty());
  EXPECT_EQ(networks(large), 0U);
  ASSERT_EQ(large.last().size(), 1U);
  EXPECT_TRUE(large.last()[0].parameters.empty());  // the whole recipe
  EXPECT_TRUE(portfolio_of(5000, std::nullopt).last().empty());
  EXPECT_TRUE(portfolio_of(5000, 60, {.include = {"gbdt"}}).last().empty());
  EXPECT_TRUE(portfolio_of(5000, 60, {.exclude = {"realmlp"}}).last().empty());

  std::vector<SeenTrial> seen(40, SeenTrial{.family = "gbdt"});
  for (std::size_t i = 0; i < seen.size(); ++i) {
    seen[i].parameters = {{"num_leaves", static_cast<std::int64_t>(4 + i)}};
    seen[i].loss = 1.0;
  }
  EXPECT_EQ(large.proposal(60, seen)->family, "realmlp");
  seen.push_back({.family = "realmlp"});
  EXPECT_FALSE(large.proposal(61, seen));
}

}  // namespace
}  // namespace automill
