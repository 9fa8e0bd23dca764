// A resumed run: the bits of one that nothing ended, no finished fold fitted twice, other runs refused with what
// differs.

#include <filesystem>
#include <set>

#include "automl/books.hpp"
#include "automl/tables.hpp"
#include "error_tools.hpp"
#include "journal/journal_summary.hpp"

namespace automill {
namespace {

using FoldOfName = std::pair<std::string, std::int64_t>;

std::string new_path(const std::string& name) {
  const std::string path = (std::filesystem::temp_directory_path() / ("resume_" + name + ".journal")).string();
  for (const char* end : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + end);
  return path;
}

TrainOptions options_of(const std::string& journal, int threads = 2) {
  TrainOptions options{.target = "target", .max_trials = 5, .threads = threads, .folds = 3};
  options.journal = journal;
  return options;
}

/// Folds that events of one kind name.
struct Folds {
  std::multiset<FoldOfName> recorded, restored;
  std::function<void(const Event&)> sink(std::function<void()> then = {}) {
    return [this, then](const Event& event) {
      if (event.kind != "fold.recorded" && event.kind != "fold.restored") return;
      (event.kind == "fold.recorded" ? recorded : restored)
          .emplace(event.fields.find("name")->text(), event.fields.find("fold")->integer());
      if (event.kind == "fold.recorded" && then) then();
    };
  }
};

/// Trains until `folds` are recorded, then stops in the middle.
void train_a_part(const Table& data, TrainOptions options, std::size_t folds, Folds& seen) {
  std::stop_source stop;
  options.stop = stop.get_token();
  options.callback = seen.sink([&] {
    if (seen.recorded.size() >= folds) stop.request_stop();
  });
  train(data, options);
}

/// Of `options` without a journal, after `folds` folds.
void expect_resumed_is_uninterrupted(const Table& data, TrainOptions options, std::size_t folds,
                                     const std::string& name) {
  const AutoMLModel uninterrupted = train(data, options);
  options.journal = new_path(name);
  Folds first, second;
  train_a_part(data, options, folds, first);
  options.resume = true;
  options.callback = second.sink();
  const AutoMLModel resumed = train(data, options);
  expect_same_bits(resumed, uninterrupted);
  expect_books_close(resumed, data, "target");
  EXPECT_EQ(second.recorded.size() + second.restored.size(), static_cast<std::size_t>(3 * *options.max_trials));
  std::size_t finished_before = 0;
  for (const FoldOfName& fold : first.recorded) finished_before += second.restored.contains(fold);
  EXPECT_GE(finished_before, folds - 2);  // those that the stop cut short are fitted again
  for (const FoldOfName& fold : second.restored) EXPECT_TRUE(first.recorded.contains(fold)) << fold.first;
  for (const FoldOfName& fold : second.recorded) EXPECT_FALSE(second.restored.contains(fold)) << fold.first;
}

TEST(Resume, has_the_bits_of_an_uninterrupted_run) {
  expect_resumed_is_uninterrupted(tables::plain(Task::regression, 300), options_of("", 2), 4, "regression");
  expect_resumed_is_uninterrupted(tables::plain(Task::binary, 300), options_of("", 1), 8, "binary");
  expect_resumed_is_uninterrupted(tables::plain(Task::multiclass, 300), options_of("", 3), 11, "multiclass");
}

TEST(Resume, a_search_goes_on_as_if_nothing_had_happened) {
  TrainOptions options = options_of("", 2);
  options.include = {"gbdt"};
  options.max_trials = 8;
  options.search_space = {{"gbdt", SearchSpace{{"num_leaves", Int(3, 40)}, {"learning_rate", Float(0.05, 0.5)}}}};
  expect_resumed_is_uninterrupted(tables::plain(Task::regression, 200), options, 13, "search");
}

TEST(Resume, of_models_that_can_be_read) {
  TrainOptions options = options_of("", 2);
  options.preset = "glass_box";
  options.max_trials = 3;
  expect_resumed_is_uninterrupted(tables::plain(Task::binary, 200), options, 4, "glass_box");
}

TEST(Resume, of_a_finished_run_fits_nothing) {
  const Table data = tables::plain(Task::binary, 300);
  TrainOptions options = options_of(new_path("finished"));
  const AutoMLModel model = train(data, options);
  Folds seen;
  options.resume = true;
  options.callback = seen.sink();
  expect_same_bits(train(data, options), model);
  EXPECT_TRUE(seen.recorded.empty());
  EXPECT_EQ(seen.restored.size(), 15U);
  const JournalSummary summary = read_journal_summary(options.journal);
  EXPECT_EQ(summary.status, "finished");
  EXPECT_EQ(summary.sessions.size(), 2U);
  EXPECT_EQ(summary.trials.size(), 5U);
  EXPECT_EQ(summary.folds_done(), 15);
}

TEST(Resume, a_run_that_is_kept_lets_go_of_its_journal) {
  const Table data = tables::plain(Task::regression, 200);
  TrainOptions options = options_of(new_path("kept"));
  options.callback = [](const Event& event) {
    if (event.kind == "fold.recorded") throw std::runtime_error("enough");
  };
  automill::Run run = start(data, options);
  EXPECT_THROW(run.wait(), std::runtime_error);
  EXPECT_EQ(read_journal_summary(options.journal).status, "interrupted");
  options.callback = {};
  options.resume = true;
  expect_same_bits(train(data, options), train(data, options_of("")));
}

TEST(Resume, goes_beyond_the_trials_of_before) {
  const Table data = tables::plain(Task::regression, 300);
  TrainOptions options = options_of(new_path("more"));
  options.max_trials = 2;
  train(data, options);
  options.resume = true;
  options.max_trials = 5;
  Folds seen;
  options.callback = seen.sink();
  const AutoMLModel resumed = train(data, options);
  expect_same_bits(resumed, train(data, options_of("")));
  EXPECT_EQ(seen.restored.size(), 6U);
  EXPECT_EQ(seen.recorded.size(), 9U);
}

TEST(Resume, begins_anew_where_there_is_no_journal_and_says_so) {
  const Table data = tables::plain(Task::regression, 200);
  TrainOptions options = options_of(new_path("none"));
  options.resume = true;
  options.max_trials = 1;
  EXPECT_NE(train(data, options).summary().size(), 0U);
  EXPECT_EQ(read_journal_summary(options.journal).folds_done(), 3);
}

TEST(Resume, refuses_other_data_and_options_with_each_difference) {
  const Table data = tables::plain(Task::regression, 300);
  TrainOptions options = options_of(new_path("other"));
  options.max_trials = 1;
  train(data, options);
  expect_error("journal.exists", options.journal, [&] { train(data, options); });
  options.resume = true;
  TrainOptions changed = options;
  changed.metric = "mae";
  changed.seed = 5;
  const std::string text = text_of([&] { train(data, changed); });
  EXPECT_NE(text.find("metric: it is \"mae\" now and was not given"), std::string::npos) << text;
  EXPECT_NE(text.find("seed: it is 5 now and was 0"), std::string::npos) << text;
  expect_error("journal.other_data", "cells", [&] { train(tables::plain(Task::regression, 300, 9), options); });
  const std::string rows = text_of([&] { train(tables::plain(Task::regression, 200), options); });
  EXPECT_NE(rows.find("rows: it is 200 now and was 300"), std::string::npos) << rows;
  std::vector<double> more(300);
  for (std::size_t i = 0; i < more.size(); ++i) more[i] = static_cast<double>((i * 37) % 101);
  const std::string columns = text_of([&] { train(tables::with(data, tables::number("more", more)), options); });
  EXPECT_NE(columns.find("column more: it is \"number\" now and was not there"), std::string::npos) << columns;
  EXPECT_NO_THROW(train(data, options));  // and it can still be resumed
}

TEST(Resume, refuses_a_journal_of_another_version) {
  const Table data = tables::plain(Task::regression, 200);
  TrainOptions options = options_of(new_path("version"));
  options.max_trials = 1;
  train(data, options);
  sqlite::Database(options.journal, sqlite::Database::Mode::write).run("UPDATE run SET automill = '0.0.9'");
  options.resume = true;
  const std::string text = text_of([&] { train(data, options); });
  EXPECT_NE(text.find("AutoMill 0.0.9"), std::string::npos) << text;
  EXPECT_NE(text.find("[journal.other_version]"), std::string::npos) << text;
}

TEST(Resume, with_a_time_limit_keeps_the_plan_and_says_what_was_spent) {
  const Table data = tables::plain(Task::regression, 400);
  TrainOptions options{.target = "target", .time_limit = Seconds(1.5), .threads = 2};
  options.journal = new_path("time");
  train(data, options);
  options.resume = true;
  options.time_limit = Seconds(3);
  Folds seen;
  options.callback = seen.sink();
  const AutoMLModel model = train(data, options);
  EXPECT_GT(seen.restored.size(), 0U);
  EXPECT_GT(model.metadata().find("run")->at("seconds_before").number(), 0.3);
  expect_books_close(model, data, "target");
}

TEST(Resume, fits_what_the_limit_left_out_again) {
  const Table data = tables::plain(Task::regression, 400);
  TrainOptions options = options_of(new_path("limit"));
  options.journal_limit = 1 << 20;
  const AutoMLModel model = train(data, options);
  expect_same_bits(model, train(data, options_of("")));
  const JournalSummary summary = read_journal_summary(options.journal);
  std::int64_t without = 0;
  for (const TrialSummary& trial : summary.trials) without += trial.folds_without_model;
  EXPECT_GT(without, 0);
  EXPECT_LE(summary.bytes, *options.journal_limit);
  options.resume = true;
  Folds seen;
  options.callback = seen.sink();
  expect_same_bits(train(data, options), model);
  EXPECT_EQ(static_cast<std::int64_t>(seen.recorded.size()), without);
}

TEST(Resume, a_damaged_fold_is_fitted_again) {
  const Table data = tables::plain(Task::binary, 300);
  TrainOptions options = options_of(new_path("damaged"));
  const AutoMLModel model = train(data, options);
  sqlite::Database(options.journal, sqlite::Database::Mode::write)
      .run("UPDATE folds SET archive = zeroblob(length(archive)) WHERE trial = 2 AND fold = 1");
  options.resume = true;
  Folds seen;
  options.callback = seen.sink();
  expect_same_bits(train(data, options), model);
  EXPECT_EQ(seen.recorded.size(), 1U);
}

TEST(Resume, failures_stay_failures) {
  // no learner fails by itself on rows that were prepared, so a failure is planted
  const Table data = tables::plain(Task::regression, 200);
  TrainOptions options = options_of(new_path("failed"));
  train(data, options);
  {
    const auto journal = Journal::open(options.journal, Journal::Start::resume, {});
    journal->go_on({});
    journal->add_fold({.trial = 1, .fold = 0, .status = "failed", .reason = "planted"}, {});
  }
  options.resume = true;
  const AutoMLModel model = train(data, options);
  bool seen = false;
  for (const LeaderboardRow& row : model.leaderboard())
    if (row.status == "failed") seen = row.reason == "planted";
  EXPECT_TRUE(seen);
  expect_books_close(model, data, "target");
}

TEST(Resume, options_without_a_journal_are_refused) {
  const Table data = tables::plain(Task::regression, 50);
  expect_error("option.contradiction", "resume", [&] { train(data, {.target = "target", .resume = true}); });
  expect_error("option.contradiction", "journal_limit",
               [&] { train(data, {.target = "target", .journal_limit = 1 << 20}); });
  expect_error("option.out_of_range", "journal_limit",
               [&] { train(data, {.target = "target", .journal = "x", .journal_limit = 100}); });
}

}  // namespace
}  // namespace automill
