// Ask and tell: what every strategy does, how good they are against random search, and the errors.

#include <algorithm>
#include <automill/core/random.hpp>
#include <cmath>
#include <numeric>
#include <set>
#include <thread>

#include "search_tools.hpp"

namespace {

using namespace search_tools;

SearchSpace mixed_space() {
  return SearchSpace({{"x", Float(-5, 5)},
                      {"rate", Float(1e-4, 1, {.log = true})},
                      {"kind", Categories({"a", "b", "c"})},
                      {"depth", Int(1, 8).when("kind", Array{"a", "b"})},
                      {"size", OrderedCategories({1, 4, 16})}},
                     {Object{{"kind", "b"}, {"size", 16}}});
}

/// Best at x = 1, rate = 0.01, kind = a, depth = 3, size = 4: 0 there.
double mixed_loss(const Object& p) {
  double loss = std::pow(number_of(p, "x") - 1, 2) / 10 + std::pow(std::log10(number_of(p, "rate")) + 2, 2) / 4;
  loss += p.find("kind")->text() == "a" ? 0.0 : 0.6;
  loss += p.contains("depth") ? std::abs(number_of(p, "depth") - 3) / 8 : 0.4;
  return loss + std::abs(std::log2(number_of(p, "size")) - 2) / 8;
}

class EveryStrategy : public testing::TestWithParam<std::string> {};

TEST_P(EveryStrategy, asks_for_new_allowed_configurations) {
  Optimizer optimizer(mixed_space(), {.strategy = GetParam(), .seed = 3});
  std::set<std::string> seen;
  for (int i = 0; i < 40; ++i) {
    const Trial trial = optimizer.ask();
    EXPECT_EQ(trial.number, i);
    EXPECT_EQ(optimizer.space().check(trial.parameters), trial.parameters);
    EXPECT_TRUE(seen.insert(to_json(trial.parameters)).second) << to_json(trial.parameters);
    if (i % 7 == 3) optimizer.tell_failed(trial.number, "planted");
    else optimizer.tell(trial.number, mixed_loss(trial.parameters));
  }
}

TEST_P(EveryStrategy, gives_the_same_for_the_same_seed_whatever_the_order_of_telling) {
  const auto parameters = [&](bool backwards, std::uint64_t seed) {
    Optimizer optimizer(mixed_space(), {.strategy = GetParam(), .seed = seed});
    std::string all;
    for (int round = 0; round < 8; ++round) {
      std::vector<Trial> batch;
      for (int i = 0; i < 3; ++i) batch.push_back(optimizer.ask());
      if (backwards) std::reverse(batch.begin(), batch.end());
      for (const Trial& trial : batch) optimizer.tell(trial.number, mixed_loss(trial.parameters));
    }
    for (const Trial& trial : optimizer.trials()) all += to_json(trial.parameters);
    return all;
  };
  EXPECT_EQ(parameters(false, 1), parameters(false, 1));
  EXPECT_EQ(parameters(false, 1), parameters(true, 1));
  EXPECT_NE(parameters(false, 1), parameters(false, 2));
}

TEST_P(EveryStrategy, asks_for_every_configuration_of_a_small_space_and_then_says_so) {
  Optimizer optimizer(SearchSpace({{"a", Int(1, 4)}, {"b", Categories({"x", "y"})}, {"c", Int(0, 2).when("b", "y")}},
                                  {Object{{"a", 2}, {"b", "x"}}}),
                      {.strategy = GetParam()});
  std::set<std::string> seen;
  for (int i = 0; i < 15; ++i) {
    const Trial trial = optimizer.ask();
    seen.insert(to_json(trial.parameters));
    optimizer.tell(trial.number, number_of(trial.parameters, "a"));
  }
  EXPECT_EQ(seen.size(), 15u);  // 4 x (1 + 3) without one
  EXPECT_EQ(fault_text([&] { optimizer.ask(); }),
            "space: every configuration of the space was asked: there is no other (end here, or search a larger space) "
            "[search.exhausted]");
}

TEST_P(EveryStrategy, goes_on_where_all_fail_or_all_are_equal) {
  for (const bool fails : {true, false}) {
    Optimizer optimizer(mixed_space(), {.strategy = GetParam(), .initial_trials = 3});
    for (int i = 0; i < 20; ++i) {
      const Trial trial = optimizer.ask();
      optimizer.tell(trial.number, fails ? NAN : 7.0);
    }
    EXPECT_EQ(optimizer.best().has_value(), !fails);
    if (!fails) EXPECT_EQ(optimizer.best()->number, 0);  // the first of equal ones
  }
}

TEST_P(EveryStrategy, takes_a_space_of_one_configuration) {
  Optimizer optimizer(SearchSpace{{"a", Fixed("x")}}, {.strategy = GetParam()});
  EXPECT_EQ(optimizer.ask().parameters, (Object{{"a", "x"}}));
  EXPECT_EQ(fault_text([&] { optimizer.ask(); }).substr(0, 5), "space");
}

INSTANTIATE_TEST_SUITE_P(Search, EveryStrategy, testing::ValuesIn(search_strategies()),
                         [](const auto& strategy) { return strategy.param; });

double mean_best(const std::string& strategy, std::int64_t trials, int seeds) {
  double sum = 0;
  for (int seed = 0; seed < seeds; ++seed)
    sum += minimize(mixed_space(), mixed_loss,
                    {.trials = trials, .strategy = strategy, .seed = static_cast<std::uint64_t>(seed)})
               .best.score;
  return sum / seeds;
}

TEST(Strategies, models_find_better_configurations_than_random_ones) {
  const double random = mean_best("random", 40, 8), bayesian = mean_best("bayesian", 40, 8),
               tpe = mean_best("tpe", 40, 8);
  EXPECT_LT(bayesian, 0.35 * random);
  EXPECT_LT(tpe, 0.8 * random);
}

TEST(Strategies, bayesian_finds_the_minimum_of_branin) {
  // three equal minima of 0.397887 (closed form: 10 / (8 pi)); 40 evaluations
  const SearchSpace space{{"x", Float(-5, 10)}, {"y", Float(0, 15)}};
  constexpr double pi = 3.14159265358979323846;
  const auto branin = [](const Object& p) {
    const double x = number_of(p, "x"), y = number_of(p, "y");
    return std::pow(y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6, 2) + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
  };
  for (std::uint64_t seed : {0, 1, 2}) {
    const MinimizeResult found = minimize(space, branin, {.trials = 40, .seed = seed});
    EXPECT_LT(found.best.score, 10 / (8 * pi) + 0.01);
    EXPECT_EQ(found.trials.size(), 40u);
  }
}

TEST(Strategies, bayesian_works_in_many_dimensions) {
  std::vector<SearchSpace::Entry> entries;
  for (int i = 0; i < 30; ++i) entries.emplace_back("x" + std::to_string(i), Float(0, 1));
  const auto sphere = [](const Object& p) {
    double sum = 0;
    for (const auto& entry : p.entries()) sum += std::pow(entry.second.number() - 0.3, 2);
    return sum;
  };
  const auto best = [&](const char* strategy) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 4; ++seed)
      sum += minimize(SearchSpace(entries), sphere, {.trials = 80, .strategy = strategy, .seed = seed}).best.score;
    return sum;
  };
  EXPECT_LT(best("bayesian"), 0.4 * best("random"));  // single seeds: 0.08 to 0.44, a quarter on average
}

TEST(Strategies, maximizing_is_minimizing_the_negative) {
  const auto run = [](const std::string& direction, double sign) {
    Optimizer optimizer(mixed_space(), {.direction = direction});
    for (int i = 0; i < 15; ++i) {
      const Trial trial = optimizer.ask();
      optimizer.tell(trial.number, sign * mixed_loss(trial.parameters));
    }
    return to_json(optimizer.best()->parameters);
  };
  EXPECT_EQ(run("minimize", 1), run("maximize", -1));
}

TEST(Strategies, per_second_prefers_what_is_quick) {
  // the loss hardly depends on the kind, but "slow" takes a hundred times as long
  const SearchSpace space{{"x", Float(0, 1)}, {"kind", Categories({"quick", "slow"})}};
  const auto share_of_slow = [&](bool per_second) {
    int slow = 0;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      Optimizer optimizer(space, {.seed = seed, .per_second = per_second});
      for (int i = 0; i < 25; ++i) {
        const Trial trial = optimizer.ask();
        const bool is_slow = trial.parameters.find("kind")->text() == "slow";
        slow += is_slow && i >= 6;
        optimizer.tell(trial.number, std::sin(12 * number_of(trial.parameters, "x")) + (is_slow ? -0.01 : 0),
                       is_slow ? 100.0 : 1.0);
      }
    }
    return slow / (4 * 19.0);
  };
  EXPECT_LT(share_of_slow(true) + 0.15, share_of_slow(false));
}

TEST(Optimizer, running_trials_are_kept_apart) {
  // a batch of eight without telling: no two are the same point of a one-dimensional space
  Optimizer optimizer(SearchSpace{{"x", Float(0, 1)}}, {.seed = 2});
  for (int i = 0; i < 6; ++i) {
    const Trial trial = optimizer.ask();
    optimizer.tell(trial.number, std::pow(number_of(trial.parameters, "x") - 0.6, 2));
  }
  std::vector<double> batch;
  for (int i = 0; i < 8; ++i) batch.push_back(number_of(optimizer.ask().parameters, "x"));
  std::sort(batch.begin(), batch.end());
  for (std::size_t i = 1; i < batch.size(); ++i) EXPECT_GT(batch[i] - batch[i - 1], 1e-4);
}

TEST(Optimizer, earlier_trials_save_new_ones) {
  Optimizer optimizer(mixed_space(), {.seed = 4});
  RandomStream random(9, purpose("earlier"));
  for (int i = 0; i < 30; ++i) {
    std::vector<double> point(5);
    for (double& each : point) each = random.uniform();
    const Object earlier = mixed_space().configuration(point);
    if (!mixed_space().forbids(earlier)) optimizer.add(earlier, mixed_loss(earlier));
  }
  const double before = optimizer.best()->score;
  for (int i = 0; i < 10; ++i) {
    const Trial trial = optimizer.ask();
    optimizer.tell(trial.number, mixed_loss(trial.parameters));
  }
  EXPECT_LT(optimizer.best()->score, 0.5 * before);
}

TEST(Optimizer, partial_scores_stand_in_for_the_end) {
  // two searches that differ in what a running trial promises go on differently
  const auto next = [](std::optional<double> partial) {
    Optimizer optimizer(SearchSpace{{"x", Float(0, 1)}}, {.seed = 5});
    for (int i = 0; i < 6; ++i) {
      const Trial trial = optimizer.ask();
      optimizer.tell(trial.number, std::pow(number_of(trial.parameters, "x") - 0.3, 2));
    }
    const Trial running = optimizer.ask();
    if (partial) optimizer.tell_partial(running.number, 1, *partial);
    if (partial) EXPECT_EQ(optimizer.trial(running.number).partial.front().score, *partial);
    return number_of(optimizer.ask().parameters, "x");
  };
  EXPECT_NE(next(0.4), next({}));
}

TEST(Optimizer, errors_name_the_trial) {
  Optimizer optimizer(mixed_space());
  EXPECT_EQ(fault_text([&] { optimizer.tell(0, 1); }),
            "trial 0: no trial of this number was asked (ask first) [search.trial]");
  const Trial trial = optimizer.ask();
  EXPECT_EQ(fault_text([&] { optimizer.tell(5, 1); }),
            "trial 5: no trial of this number was asked (trials 0 to 0 were asked) [search.trial]");
  EXPECT_EQ(fault_text([&] { optimizer.ask(trial.parameters); }),
            "trial 0: this configuration is running already as trial 0 (tell its end first) [search.asked_twice]");
  EXPECT_EQ(fault_text([&] { optimizer.tell(0, 1, -3.0); }),
            "trial 0: -3 seconds are not allowed: they must be finite and not negative [search.trial]");
  optimizer.tell(0, 1);
  EXPECT_EQ(fault_text([&] { optimizer.tell(0, 1); }),
            "trial 0: the end of this trial was told already: it finished [search.told_twice]");
  EXPECT_EQ(fault_text([&] { optimizer.tell_partial(0, 1, 1); }),
            "trial 0: the end of this trial was told already: it finished [search.told_twice]");
  const Trial failed = optimizer.ask();
  optimizer.tell(failed.number, NAN);
  EXPECT_EQ(optimizer.trial(1).state, Trial::State::failed);
  EXPECT_EQ(optimizer.trial(1).reason, "the score is nan");
  EXPECT_EQ(fault_text([&] { optimizer.tell_failed(1); }),
            "trial 1: the end of this trial was told already: it failed [search.told_twice]");
  EXPECT_EQ(fault_text([&] {
              optimizer.add(Object{{"x", 9}}, 1);
            }).substr(0, 62),
            "x: 9 is not allowed: it is a number in [-5, 5] [search.value]\n");
}

TEST(Optimizer, errors_of_options_come_together) {
  EXPECT_EQ(fault_text([] {
              Optimizer(mixed_space(),
                        {.strategy = "bayesan", .direction = "up", .initial_trials = 0, .per_second = true});
            }),
            "strategy: 'bayesan' is not a choice (did you mean 'bayesian'?) [option.unknown_choice]\n"
            "direction: 'up' is not a choice (known names: minimize, maximize) [option.unknown_choice]\n"
            "initial_trials: 0 is not allowed: it must be at least 1 [option.out_of_range]\n"
            "per_second: only the strategy 'bayesian' has an expectation of time (leave per_second out, or take "
            "'bayesian') [option.contradiction]");
}

TEST(Optimizer, serves_several_threads) {
  Optimizer optimizer(mixed_space(), {.strategy = "tpe"});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        const Trial trial = optimizer.ask();
        optimizer.tell(trial.number, mixed_loss(trial.parameters));
      }
    });
  threads.clear();
  std::set<std::string> seen;
  for (const Trial& trial : optimizer.trials()) {
    EXPECT_EQ(trial.state, Trial::State::finished);
    seen.insert(to_json(trial.parameters));
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Minimize, begins_with_given_configurations_and_ends_when_told) {
  const SearchSpace space{{"a", Int(1, 5)}};
  const auto loss = [](const Object& p) { return std::abs(number_of(p, "a") - 2); };
  const MinimizeResult found = minimize(space, loss, {.trials = 50, .first = {Object{{"a", 4}}, Object{{"a", 2}}}});
  EXPECT_EQ(found.trials.size(), 5u);  // all there are
  EXPECT_EQ(number_of(found.trials[0].parameters, "a"), 4);
  EXPECT_EQ(found.best.number, 1);
  std::stop_source source;
  int calls = 0;
  const auto stopping = [&](const Object& p) {
    if (++calls == 3) source.request_stop();
    return loss(p);
  };
  EXPECT_EQ(minimize(space, stopping, {.stop = StopToken(source.get_token())}).trials.size(), 3u);
}

TEST(Minimize, errors_of_the_function) {
  const SearchSpace space{{"x", Float(0, 1)}};
  int calls = 0;
  const auto fails = [&](const Object&) -> double {
    if (++calls % 2 == 1) throw std::runtime_error("planted");
    return 1.0 / calls;
  };
  EXPECT_THROW(minimize(space, fails, {.trials = 4}), std::runtime_error);
  calls = 0;
  const MinimizeResult found = minimize(space, fails, {.trials = 6, .errors = ObjectiveErrors::record});
  EXPECT_EQ(found.trials[0].state, Trial::State::failed);
  EXPECT_EQ(found.trials[0].reason, "planted");
  EXPECT_EQ(found.best.number, 5);
  EXPECT_EQ(fault_text([&] { minimize(space, [](const Object&) { return NAN; }, {.trials = 3}); }),
            "minimize: none of 3 trials has a finite score: the score is nan [search.all_failed]");
  EXPECT_EQ(fault_text([&] { minimize(space, [](const Object&) { return 0.0; }, {.trials = 0}); }),
            "trials: 0 is not allowed: it must be at least 1 [option.out_of_range]");
}

// --- several objectives
// -----------------------------------------------------------------------------------------------

/// Schaffer's two parabolas: every x of 0 .. 2 is on the front.
std::vector<double> parabolas(const Object& p) {
  const double x = number_of(p, "x");
  return {x * x, (x - 2) * (x - 2)};
}

TEST(SeveralObjectives, front_holds_what_no_other_trial_beats) {
  Optimizer optimizer(SearchSpace({{"x", Float(0, 10)}}),
                      {.strategy = "random", .directions = {"minimize", "maximize"}});
  const std::vector<std::vector<double>> scores{{1, 1}, {2, 3}, {1, 1}, {3, 3}, {0, 0}, {4, 9}, {5, 8}};
  for (const auto& each : scores) optimizer.tell(optimizer.ask().number, each);
  optimizer.tell(optimizer.ask().number, {0.0, std::nan("")});  // failed
  std::vector<std::int64_t> front;
  for (const Trial& trial : optimizer.front()) front.push_back(trial.number);
  EXPECT_EQ(front, (std::vector<std::int64_t>{0, 1, 2, 4, 5}));  // by hand: 3 is beaten by 1, 6 by 5
  EXPECT_EQ(optimizer.trial(5).scores, scores[5]);
  EXPECT_EQ(optimizer.trial(7).state, Trial::State::failed);
}

TEST(SeveralObjectives, proposals_spread_over_the_front) {
  for (const std::string strategy : {"bayesian", "tpe", "evolution"}) {
    Optimizer optimizer(SearchSpace({{"x", Float(-10, 10)}}),
                        {.strategy = strategy, .seed = 2, .directions = {"minimize", "minimize"}});
    for (int i = 0; i < 40; ++i) {
      const Trial trial = optimizer.ask();
      optimizer.tell(trial.number, parabolas(trial.parameters));
    }
    std::array<int, 4> parts{};  // quarters of 0 .. 2, a tenth of the space
    for (const Trial& trial : optimizer.front()) {
      const double x = number_of(trial.parameters, "x");
      if (x >= 0 && x < 2) ++parts[static_cast<std::size_t>(2 * x)];
    }
    const int reached = static_cast<int>(std::count_if(parts.begin(), parts.end(), [](int n) { return n > 0; }));
    EXPECT_GE(reached, 3) << strategy;  // 40 random draws put one into each quarter
    EXPECT_GE(std::accumulate(parts.begin(), parts.end(), 0), 5) << strategy;  // random draws: 4 of 40
  }
}

TEST(SeveralObjectives, refuses_what_is_of_one_objective) {
  Optimizer two(SearchSpace({{"x", Float(0, 1)}}), {.directions = {"minimize", "maximize"}});
  const Trial trial = two.ask();
  EXPECT_EQ(fault_text([&] { two.tell(trial.number, 1.0); }),
            "trial 0: 1 score was told of 2 objectives (tell one for each of directions) [search.objectives]");
  EXPECT_EQ(fault_text([&] { two.tell_partial(trial.number, 1, 1.0); }),
            "trial 0: scores on the way are those of one objective, and there are 2 [search.objectives]");
  EXPECT_EQ(fault_text([&] { two.best(); }),
            "best: of several objectives no single trial is the best (front() gives those that no other beats) "
            "[search.objectives]");
  Optimizer one(SearchSpace({{"x", Float(0, 1)}}));
  EXPECT_EQ(fault_text([&] {
              one.tell(one.ask().number, std::vector<double>{1, 2});
            }),
            "trial 0: 2 scores were told of 1 objective (tell one for each of directions) [search.objectives]");
  EXPECT_EQ(fault_text([] {
              Optimizer(SearchSpace({{"x", Float(0, 1)}}), {.directions = {"minimize", "up"}});
            }),
            "directions: 'up' is not a choice (known names: minimize, maximize) [option.unknown_choice]");
}

// --- successive halving
// -------------------------------------------------------------------------------------------------

TEST(SuccessiveHalving, goes_on_with_the_best_third_of_each_rung) {
  Optimizer optimizer(SearchSpace({{"x", Float(0, 1)}}), {.strategy = "random", .reduction = 3.0, .first_rung = 2});
  for (int i = 0; i < 6; ++i) optimizer.ask();
  optimizer.tell_partial(0, 1, 9.0);
  EXPECT_TRUE(optimizer.keeps_up(0));  // no rung yet
  const std::vector<double> at_two{5, 4, 6, 3, 4.5, 1};
  const std::vector<bool> wanted{true, true, false, true, false, true};  // by hand: the best, from six on the best two
  for (std::size_t i = 0; i < at_two.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    optimizer.tell_partial(number, 2, at_two[i]);
    EXPECT_EQ(optimizer.keeps_up(number), wanted[i]) << i;
  }
  EXPECT_TRUE(optimizer.keeps_up(3));   // 3 and 1 are the two best of six
  EXPECT_FALSE(optimizer.keeps_up(1));  // it was, of two
  optimizer.tell_partial(5, 6, 2.0);    // the rung at 6: alone there
  EXPECT_TRUE(optimizer.keeps_up(5));
  optimizer.tell_partial(3, 7, 2.5);  // the first score behind the rung counts
  EXPECT_FALSE(optimizer.keeps_up(3));
  optimizer.tell_partial(4, 6, std::nan(""));
  EXPECT_FALSE(optimizer.keeps_up(4));
}

TEST(SuccessiveHalving, obeys_the_direction_and_needs_a_reduction) {
  Optimizer highest(SearchSpace({{"x", Float(0, 1)}}), {.direction = "maximize", .reduction = 2.0});
  for (int i = 0; i < 2; ++i) highest.ask();
  highest.tell_partial(0, 1, 0.9);
  highest.tell_partial(1, 1, 0.8);
  EXPECT_TRUE(highest.keeps_up(0));
  EXPECT_FALSE(highest.keeps_up(1));
  Optimizer none(SearchSpace({{"x", Float(0, 1)}}));
  none.ask();
  EXPECT_EQ(fault_text([&] { none.keeps_up(0); }),
            "reduction: whether a trial keeps up is asked, and no reduction is given (give it, for example 3) "
            "[option.contradiction]");
  EXPECT_EQ(fault_text([] {
              Optimizer(SearchSpace({{"x", Float(0, 1)}}), {.reduction = 1.0, .first_rung = 0});
            }),
            "reduction: 1 is not allowed: it must be above 1 [option.out_of_range]\n"
            "first_rung: 0 is not allowed: it must be at least 1 [option.out_of_range]");
}

}  // namespace
