// A run in the background: progress, the best model so far, stopping, callbacks, limits.

#include <thread>

#include "automl/books.hpp"
#include "automl/tables.hpp"
#include "error_tools.hpp"

namespace automill {
namespace {

const Table& data() {
  static const Table table = tables::plain(Task::regression, 400);
  return table;
}

TEST(Run, wait_gives_what_train_gives) {
  const TrainOptions options{.target = "target", .max_trials = 3, .threads = 2, .folds = 3};
  automill::Run run = start(data(), options);
  expect_same_bits(run.wait(), train(data(), options));
}

TEST(Run, progress_counts_up_and_the_best_model_predicts) {
  automill::Run run = start(data(), {.target = "target", .time_limit = Seconds(2), .threads = 2});
  std::optional<AutoMLModel> best;
  std::int64_t done = 0;
  while (!run.progress().finished) {
    const RunProgress progress = run.progress();
    EXPECT_GE(progress.candidates_done, done);
    done = progress.candidates_done;
    EXPECT_LE(progress.seconds_left, 2.0);
    if (!best) best = run.best();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_TRUE(best.has_value());
  expect_valid_predictions(*best, data());
  EXPECT_EQ(best->summary().find("nan"), std::string::npos) << best->summary();
  const AutoMLModel model = run.wait();
  EXPECT_FALSE(model.interrupted());
  expect_books_close(model, data(), "target");
}

TEST(Run, stop_returns_the_best_model_so_far) {
  automill::Run run = start(data(), {.target = "target", .time_limit = Seconds(60), .threads = 2});
  while (run.progress().candidates_done < 1) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto asked = Clock::now();
  run.stop();
  const AutoMLModel model = run.wait();
  EXPECT_LT(Seconds(Clock::now() - asked).count(), 5.0);
  EXPECT_TRUE(model.interrupted());
  EXPECT_NE(model.summary().find("interrupted"), std::string::npos);
  expect_books_close(model, data(), "target");
  expect_valid_predictions(model, data());
}

TEST(Run, a_stop_token_of_the_caller_ends_it) {
  std::stop_source source;
  source.request_stop();
  const AutoMLModel model = train(data(), {.target = "target", .threads = 2, .stop = source.get_token()});
  EXPECT_TRUE(model.interrupted());
  expect_books_close(model, data(), "target");
}

TEST(Run, destroying_it_stops_and_joins) {
  const auto asked = Clock::now();
  { const automill::Run run = start(data(), {.target = "target", .time_limit = Seconds(60), .threads = 2}); }
  EXPECT_LT(Seconds(Clock::now() - asked).count(), 10.0);
}

TEST(Run, callbacks_come_one_at_a_time_in_order_of_time) {
  std::atomic<int> inside{0};
  std::atomic<bool> together{false};
  std::vector<Event> events;
  TrainOptions options{.target = "target", .max_trials = 4, .threads = 3, .folds = 3};
  options.callback = [&](const Event& event) {
    if (++inside > 1) together = true;
    events.push_back(event);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --inside;
  };
  train(data(), options);
  EXPECT_FALSE(together);
  int finished = 0;
  double before = 0;
  for (const Event& event : events) {
    EXPECT_FALSE(event.kind.empty());
    EXPECT_GE(event.seconds, before);
    before = event.seconds;
    finished += event.kind == "candidate.finished";
  }
  EXPECT_EQ(finished, 4);
  EXPECT_EQ(events.back().kind, "run.finished");
}

TEST(Run, an_exception_in_a_callback_stops_the_run_and_is_rethrown) {
  TrainOptions options{.target = "target", .time_limit = Seconds(60), .threads = 2};
  options.callback = [](const Event& event) {
    if (event.kind == "candidate.finished") throw std::runtime_error("enough");
  };
  const auto asked = Clock::now();
  automill::Run run = start(data(), options);
  try {
    run.wait();
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "enough");
  }
  EXPECT_LT(Seconds(Clock::now() - asked).count(), 30.0);
}

TEST(Run, extend_moves_the_end_also_from_a_callback) {
  const Table table = tables::plain(Task::binary, 3000);
  std::atomic<automill::Run*> run{nullptr};
  std::atomic<int> extended{0};
  TrainOptions options{.target = "target", .time_limit = Seconds(1.0), .threads = 2};
  options.callback = [&](const Event& event) {
    automill::Run* known = run;
    if (event.kind != "candidate.finished" || known == nullptr || extended > 0) return;
    EXPECT_GE(known->progress().candidates_done, 1U);  // the run may be asked from its own callback
    if (known->extend(Seconds(0.7))) ++extended;
  };
  const auto begin = Clock::now();
  automill::Run started = start(table, options);
  run = &started;
  const AutoMLModel model = started.wait();
  const double seconds = Seconds(Clock::now() - begin).count();
  EXPECT_EQ(extended, 1);
  EXPECT_GT(seconds, 1.3);
  EXPECT_LT(seconds, 2.7);
  EXPECT_FALSE(started.extend(Seconds(1)));  // it has ended
  EXPECT_EQ(code_of([&] { started.extend(Seconds(-1)); }), "option.out_of_range");
  TrainOptions trials{.target = "target", .max_trials = 2, .threads = 1};
  automill::Run without_limit = start(table, trials);
  EXPECT_FALSE(without_limit.extend(Seconds(1)));
  without_limit.wait();
}

TEST(Run, one_thread_starts_no_thread) {
  std::set<std::thread::id> threads;
  TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 2};
  options.callback = [&](const Event&) { threads.insert(std::this_thread::get_id()); };
  train(data(), options);
  EXPECT_EQ(threads, std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST(Run, the_same_options_twice_at_the_same_time) {
  const TrainOptions options{.target = "target", .max_trials = 3, .threads = 2, .folds = 3};
  automill::Run one = start(data(), options), other = start(data(), options);
  expect_same_bits(one.wait(), other.wait());
}

TEST(Options, include_and_exclude_choose_families) {
  const auto families = [](std::vector<std::string> include, std::vector<std::string> exclude) {
    std::set<std::string> seen;
    TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 2};
    options.include = std::move(include);
    options.exclude = std::move(exclude);
    for (const auto& row : train(data(), options).leaderboard()) seen.insert(row.family);
    return seen;
  };
  EXPECT_EQ(families({"ridge"}, {}), (std::set<std::string>{"ridge"}));
  EXPECT_EQ(families({}, {"ridge"}), (std::set<std::string>{"baseline", "gbdt", "random_forest"}));
  EXPECT_EQ(families({"extra_trees", "random_forest"}, {"random_forest"}), (std::set<std::string>{"extra_trees"}));
  EXPECT_EQ(families({"gradient_boosting"}, {}), (std::set<std::string>{"gbdt"}));
}

TEST(Options, an_own_metric_is_optimised_and_named) {
  TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 3};
  options.own_metric = Metric{"largest_error",
                              [](const MetricInput& in) {
                                double worst = 0;
                                for (std::size_t i = 0; i < in.rows(); ++i)
                                  worst = std::max(worst, std::abs(in.predictions[i] - in.values[i]));
                                return worst;
                              },
                              Direction::lower_is_better,
                              MetricNeeds::values,
                              {Task::regression}};
  const AutoMLModel model = train(data(), options);
  EXPECT_EQ(model.validation_score().metric, "largest_error");
  double worst = 0;
  for (std::size_t i = 0; i < 400; ++i)
    worst = std::max(worst, std::abs(model.out_of_fold().predictions.values[i] - data().column("target").number(i)));
  EXPECT_NEAR(model.validation_score().value, worst, 1e-12);
}

TEST(Options, validation_data_is_held_out_and_nothing_else) {
  const Table other = tables::plain(Task::regression, 100, 7);
  const AutoMLModel model = train(
      data(), {.target = "target", .max_trials = 1, .threads = 1, .validation_data = other, .include = {"ridge"}});
  EXPECT_EQ(model.validation_score().protocol, "validation data");
  double sum = 0;
  const auto result = model.predict(other);
  for (std::size_t i = 0; i < 100; ++i) sum += std::pow(result.values()[i] - other.column("target").number(i), 2);
  EXPECT_NEAR(model.validation_score().value, std::sqrt(sum / 100), 1e-9);
}

TEST(Options, predefined_folds_are_kept) {
  std::vector<std::int32_t> fold_of(400);
  for (std::size_t i = 0; i < 400; ++i) fold_of[i] = i < 100 ? -1 : static_cast<std::int32_t>(i % 2);
  TrainOptions options{.target = "target", .max_trials = 2, .threads = 1};
  options.fold_of = fold_of;
  EXPECT_EQ(train(data(), options).out_of_fold().fold, fold_of);
}

TEST(Options, groups_stay_in_one_fold) {
  TrainOptions options{.target = "target", .max_trials = 2, .threads = 1};
  options.groups = "job";
  options.folds = 3;
  const AutoMLModel model = train(data(), options);
  std::map<std::string, std::set<std::int32_t>> folds;
  for (std::size_t i = 0; i < 400; ++i)
    folds[std::string(data().column("job").text(i))].insert(model.out_of_fold().fold[i]);
  for (const auto& [job, seen] : folds) EXPECT_EQ(seen.size(), 1U) << job;
}

TEST(Options, time_folds_go_forward) {
  std::vector<double> when(400);
  for (std::size_t i = 0; i < 400; ++i) when[i] = static_cast<double>((i * 37) % 400);
  TrainOptions options{.target = "target", .max_trials = 2, .threads = 1};
  options.time_column = "when";
  const AutoMLModel model = train(tables::with(data(), tables::number("when", when)), options);
  double latest_before = -1;
  for (std::int32_t fold = -1; fold < 5; ++fold) {
    double first = 1e9, last = -1;
    for (std::size_t i = 0; i < 400; ++i) {
      if (model.out_of_fold().fold[i] != fold) continue;
      first = std::min(first, when[i]);
      last = std::max(last, when[i]);
    }
    EXPECT_GT(first, latest_before);
    latest_before = last;
  }
}

TEST(Options, class_weights_move_the_probabilities) {
  const Table binary = tables::plain(Task::binary, 300);
  const auto mean_yes = [&](std::map<std::string, double> weights) {
    TrainOptions options{.target = "target", .max_trials = 2, .threads = 1, .folds = 3};
    options.include = {"logistic"};
    if (!weights.empty()) options.class_weight = std::move(weights);
    const AutoMLModel model = train(binary, options);
    double sum = 0;
    const auto yes = static_cast<std::size_t>(std::find(model.classes().begin(), model.classes().end(), "yes") -
                                              model.classes().begin());
    for (std::size_t i = 0; i < 300; ++i) sum += model.predict(binary).probabilities().row(i)[yes];
    return sum / 300;
  };
  const double plain = mean_yes({});
  EXPECT_GT(mean_yes({{"yes", 5.0}}), plain + 0.03);
  EXPECT_NEAR(mean_yes({{"yes", 2.0}, {"no", 2.0}}), plain, 0.02);
}

TEST(Run, says_that_a_variable_of_other_libraries_is_not_obeyed) {
  const std::string note = "OMP_NUM_THREADS=4711 is not obeyed";
  setenv("OMP_NUM_THREADS", "4711", 1);
  const Table data = tables::plain(Task::binary, 60);
  const std::string free = train(data, {.target = "target", .max_trials = 1}).summary();
  const std::string given = train(data, {.target = "target", .max_trials = 1, .threads = 1}).summary();
  unsetenv("OMP_NUM_THREADS");
  EXPECT_NE(free.find(note), std::string::npos) << free;
  EXPECT_EQ(given.find(note), std::string::npos) << given;
}

}  // namespace
}  // namespace automill
