// The file itself: rows come back as they were written, and whatever else a path may be is refused by name.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "error_tools.hpp"
#include "journal/journal_summary.hpp"
#include "journal/schema.hpp"

namespace automill {
namespace {

std::string new_path(const std::string& name) {
  const std::string path = (std::filesystem::temp_directory_path() / ("journal_" + name)).string();
  for (const char* end : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + end);
  return path;
}

std::vector<std::byte> some_bytes(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
  return bytes;
}

FoldRow some_fold(std::int64_t fold, std::size_t archive = 1000) {
  FoldRow row{.trial = 3, .fold = fold};
  row.score = 0.25;
  row.seconds = 1.5;
  row.predict_us_per_row = 2;
  row.rounds = 17;
  row.model_bytes = 900;
  row.report = R"({"stopped":"finished"})";
  row.learning_curve = {1, 0.5, std::numeric_limits<double>::infinity()};
  row.predictions = {0.1, -0.0, std::nextafter(1.0, 2.0)};
  row.checkpoints = {{1, {3, 2, 1}}, {4, {1, 2, 3}}};
  row.archive = some_bytes(archive);
  return row;
}

std::unique_ptr<Journal> begun(const std::string& path, std::optional<std::uint64_t> limit = {}) {
  auto journal = Journal::open(path, Journal::Start::anew, limit);
  journal->begin({"0.1.0", "AVX2", R"({"target":"y"})", "{}", "{}", "{}"}, {.automill = "0.1.0", .threads = 2});
  journal->add_trial({3, "gbdt_1", "gbdt", "{}", 2});
  return journal;
}

void expect_same(const FoldRow& a, const FoldRow& b) {
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.score, b.score);
  EXPECT_EQ(a.seconds, b.seconds);
  EXPECT_EQ(a.rounds, b.rounds);
  EXPECT_EQ(a.report, b.report);
  EXPECT_EQ(a.learning_curve, b.learning_curve);
  EXPECT_EQ(a.predictions, b.predictions);
  EXPECT_EQ(std::signbit(a.predictions[1]), std::signbit(b.predictions[1]));
  EXPECT_EQ(a.checkpoints, b.checkpoints);
  EXPECT_EQ(a.archive, b.archive);
}

TEST(Journal, rows_come_back_as_they_were_written) {
  const std::string path = new_path("rows");
  {
    const auto journal = begun(path);
    EXPECT_EQ(journal->add_fold(some_fold(1), {0.5, "fold.recorded", "one", "{}"}), "");
  }
  const auto journal = Journal::open(path, Journal::Start::resume, {});
  EXPECT_FALSE(journal->empty());
  EXPECT_EQ(journal->header().options, R"({"target":"y"})");
  ASSERT_EQ(journal->trials().size(), 1U);
  EXPECT_EQ(journal->trials()[0].name, "gbdt_1");
  EXPECT_EQ(journal->folds(3), (std::map<std::int64_t, std::string>{{1, "ok"}}));
  expect_same(journal->fold(3, 1), some_fold(1));
  journal->go_on({.automill = "0.1.0"});
  EXPECT_EQ(journal->sessions_before(), 1);
  EXPECT_EQ(journal->seconds_before(), 0.5);
}

TEST(Journal, a_finished_trial_has_its_last_predictions_and_no_checkpoints) {
  const std::string path = new_path("finished");
  const auto journal = begun(path);
  journal->add_fold(some_fold(0), {});
  journal->add_fold(some_fold(1), {});
  journal->finish_trial(3, {"rmse", 1, 0.5, 1.5}, {{9, 8, 7}, {0.1, -0.0, 6}}, {2, "candidate.finished", "", "{}"});
  EXPECT_EQ(journal->fold(3, 0).predictions, (std::vector<double>{9, 8, 7}));
  EXPECT_TRUE(journal->fold(3, 1).checkpoints.empty());
  EXPECT_EQ(journal->trials()[0].status, "ok");
}

TEST(Journal, plain_sql_reads_it) {
  const std::string path = new_path("sql");
  begun(path)->add_fold(some_fold(1), {0.5, "fold.recorded", "one", "{}"});
  sqlite::Database database(path, sqlite::Database::Mode::read);
  EXPECT_EQ(database.text("SELECT name FROM trials WHERE trial = 3"), "gbdt_1");
  EXPECT_EQ(database.integer("SELECT length(predictions) / 8 FROM folds"), 3);
  EXPECT_EQ(database.integer("SELECT count(*) FROM checkpoints"), 2);
  EXPECT_EQ(database.text("SELECT kind FROM events"), "fold.recorded");
  EXPECT_EQ(database.integer("PRAGMA application_id"), journal_application);
  EXPECT_EQ(database.integer("PRAGMA user_version"), journal_format);
}

TEST(Journal, a_changed_byte_of_a_blob_is_found) {
  const std::string path = new_path("changed");
  begun(path)->add_fold(some_fold(1), {});
  for (const char* column : {"archive", "predictions"}) {
    sqlite::Database(path, sqlite::Database::Mode::write)
        .run(std::string("UPDATE folds SET ") + column + " = zeroblob(length(" + column + "))");
    const auto journal = Journal::open(path, Journal::Start::resume, {});
    expect_error("journal.damaged", path, [&] { journal->fold(3, 1); });
  }
}

TEST(Journal, the_limit_leaves_models_out_and_then_predictions) {
  const std::string path = new_path("limit");
  constexpr std::uint64_t limit = 1 << 20;
  const auto journal = begun(path, limit);
  std::map<std::string, int> left_out;
  for (std::int64_t fold = 0; fold < 150; ++fold) {
    FoldRow row = some_fold(fold, 60'000);
    row.predictions.assign(2000, 0.5);
    ++left_out[journal->add_fold(std::move(row), {})];
    std::uint64_t bytes = 0;
    for (const char* beside : {"", "-wal", "-shm"})
      if (std::filesystem::exists(path + beside)) bytes += std::filesystem::file_size(path + beside);
    EXPECT_LE(bytes, limit);
  }
  EXPECT_GT(left_out[""], 3);
  EXPECT_GT(left_out["archive"], 3);
  EXPECT_GT(left_out["archive and predictions"], 3);
  EXPECT_EQ(journal->folds(3).size(), static_cast<std::size_t>(left_out[""]));
}

TEST(Journal, a_second_writer_is_refused_with_the_number_of_the_first) {
  const std::string path = new_path("two");
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto journal = begun(path);
    char byte = 'r';
    const bool ok = write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1;
    _exit(ok ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const std::string text = text_of([&] { Journal::open(path, Journal::Start::resume, {}); });
  EXPECT_NE(text.find("process " + std::to_string(child) + " writes this journal"), std::string::npos) << text;
  EXPECT_NE(text.find("[journal.in_use]"), std::string::npos) << text;
  EXPECT_EQ(read_journal_summary(path).holder, child);
  EXPECT_EQ(read_journal_summary(path).status, "running");
  ASSERT_EQ(write(done[1], &byte, 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_journal_summary(path).status, "interrupted");  // it ended without a word
  EXPECT_NO_THROW(Journal::open(path, Journal::Start::resume, {}));
  for (const int end : {ready[0], ready[1], done[0], done[1]}) close(end);
}

TEST(Journal, two_runs_of_one_process_are_two_writers) {
  const std::string path = new_path("one_process");
  const auto journal = begun(path);
  EXPECT_EQ(code_of([&] { Journal::open(path, Journal::Start::resume, {}); }), "journal.in_use");
}

TEST(Journal, what_is_no_journal_is_refused_and_stays_as_it_is) {
  const std::string text = new_path("text");
  std::ofstream(text) << "age,income\n" << std::string(5000, 'x');
  EXPECT_EQ(code_of([&] { Journal::open(text, Journal::Start::resume, {}); }), "journal.not_a_journal");
  EXPECT_EQ(code_of([&] { Journal::open(text, Journal::Start::anew, {}); }), "journal.not_a_journal");
  EXPECT_EQ(std::filesystem::file_size(text), 5011U);
  const std::string foreign = new_path("foreign");
  sqlite::Database(foreign, sqlite::Database::Mode::write).run("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)");
  EXPECT_EQ(code_of([&] { Journal::open(foreign, Journal::Start::anew, {}); }), "journal.not_a_journal");
  EXPECT_EQ(code_of([&] { read_journal_summary(foreign); }), "journal.not_a_journal");
  EXPECT_FALSE(looks_like_a_journal(text));
  EXPECT_FALSE(looks_like_a_journal(foreign));
}

TEST(Journal, a_newer_format_is_refused) {
  const std::string path = new_path("newer");
  begun(path);
  sqlite::Database(path, sqlite::Database::Mode::write)
      .run("PRAGMA user_version=" + std::to_string(journal_format + 1));
  EXPECT_EQ(code_of([&] { Journal::open(path, Journal::Start::resume, {}); }), "journal.newer");
  EXPECT_EQ(code_of([&] { read_journal_summary(path); }), "journal.newer");
}

TEST(Journal, folders_and_places_that_are_not_there_are_refused) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  EXPECT_EQ(code_of([&] { Journal::open(folder, Journal::Start::anew, {}); }), "journal.folder");
  EXPECT_EQ(code_of([&] { read_journal_summary(folder); }), "journal.folder");
  EXPECT_EQ(code_of([&] { Journal::open(folder + "/no/such/x", Journal::Start::anew, {}); }), "journal.no_folder");
  EXPECT_EQ(code_of([&] { read_journal_summary(folder + "/no_such.journal"); }), "journal.missing");
  EXPECT_EQ(code_of([&] { Journal::open("/sys/x.journal", Journal::Start::anew, {}); }), "journal.read_only");
}

TEST(Journal, one_that_is_there_is_not_begun_again) {
  const std::string path = new_path("there");
  begun(path);
  EXPECT_TRUE(looks_like_a_journal(path));
  EXPECT_EQ(code_of([&] { Journal::open(path, Journal::Start::anew, {}); }), "journal.exists");
  const std::string empty = new_path("empty");
  std::ofstream(empty).flush();  // what a kill right after the start leaves
  EXPECT_TRUE(Journal::open(empty, Journal::Start::anew, {})->empty());
}

TEST(Journal, damage_anywhere_is_said_or_does_no_harm) {
  const std::string path = new_path("damage");
  {
    const auto journal = begun(path);
    for (std::int64_t fold = 0; fold < 4; ++fold) journal->add_fold(some_fold(fold, 20'000), {});
  }
  std::ifstream in(path, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  ASSERT_GT(whole.size(), 80'000U);
  int said = 0;
  for (std::size_t at = 20; at < whole.size(); at += whole.size() / 60) {
    std::string bytes = whole;
    for (std::size_t i = at; i < std::min(at + 64, bytes.size()); ++i) bytes[i] = static_cast<char>(bytes[i] ^ 0x5a);
    const std::string copy = new_path("damage_copy");
    std::ofstream(copy, std::ios::binary) << bytes;
    try {
      const auto journal = Journal::open(copy, Journal::Start::resume, {});
      for (const auto& [fold, status] : journal->folds(3)) expect_same(journal->fold(3, fold), some_fold(fold, 20'000));
    } catch (const Error& error) {
      ++said;
      EXPECT_TRUE(error.code().starts_with("journal.")) << error.what();
    }
  }
  EXPECT_GT(said, 20);
}

TEST(Journal, what_is_cut_short_is_said) {
  const std::string path = new_path("cut");
  {
    const auto journal = begun(path);
    journal->add_fold(some_fold(0, 50'000), {});
  }
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ(code_of([&] { Journal::open(path, Journal::Start::resume, {}); }), "journal.damaged");
}

}  // namespace
}  // namespace automill
