#include "journal/journal_summary.hpp"

#include <array>
#include <filesystem>
#include <fstream>

#include "journal/schema.hpp"

namespace automill {
namespace {

using sqlite::Database;
using sqlite::Statement;

/// Where the folder cannot be written, what is in the main file is read.
std::unique_ptr<Database> open_to_read(const std::string& path) {
  try {
    auto database = std::make_unique<Database>(path, Database::Mode::write);
    database->run("PRAGMA query_only=1");
    database->integer("SELECT count(*) FROM sqlite_master");
    return database;
  } catch (const Error& error) {
    if (error.code() != "journal.read_only" && error.code() != "journal.unwritable") throw;
    return std::make_unique<Database>(path, Database::Mode::read);
  }
}

void require_journal(Database& database) {
  if (database.integer("PRAGMA application_id") != journal_application) database.refuse_foreign_file();
  if (const std::int64_t format = database.integer("PRAGMA user_version"); format > journal_format)
    throw Error("journal.newer", database.path(),
                "the journal has format " + std::to_string(format) + "; this version reads up to " +
                    std::to_string(journal_format),
                "resume it with the version of AutoMill that began it");
}

void read_run(Database& database, JournalSummary& summary) {
  Statement run(
      database,
      "SELECT automill, simd_level, options, data, plan, source, started, status, metric, score, low, high FROM run");
  if (!run.step())
    throw Error("journal.damaged", database.path(), "the journal is damaged: it does not say what was begun",
                "start anew with another path");
  summary.header = {run.text(0), run.text(1), run.text(2), run.text(3), run.text(4), run.text(5)};
  summary.started = run.text(6);
  summary.status = run.text(7);
  summary.score = {run.text(8), run.number(9), run.number(10), run.number(11)};
  if (summary.status == "running" && summary.holder == 0) summary.status = "interrupted";
}

void read_sessions(Database& database, JournalSummary& summary) {
  Statement rows(
      database,
      "SELECT session, pid, threads, started, host, automill, simd_level, status, time_limit, max_trials, seconds "
      "FROM sessions ORDER BY session");
  while (rows.step()) {
    SessionSummary one{.session = rows.integer(0), .pid = rows.integer(1), .threads = rows.integer(2)};
    one.started = rows.text(3);
    one.host = rows.text(4);
    one.automill = rows.text(5);
    one.simd_level = rows.text(6);
    one.status = rows.text(7);
    if (!rows.null(8)) one.time_limit = rows.number(8);
    if (!rows.null(9)) one.max_trials = rows.integer(9);
    one.seconds = rows.number(10);
    if (one.status == "running" && summary.holder == 0) one.status = "interrupted";
    summary.sessions.push_back(std::move(one));
  }
}

void read_trials(Database& database, JournalSummary& summary) {
  Statement rows(
      database,
      "SELECT t.trial, t.name, t.family, t.parameters, t.folds, t.status, t.reason, t.metric, t.score, t.low, t.high, "
      "count(f.fold), coalesce(sum(f.left_out <> ''), 0), coalesce(sum(f.seconds), 0) "
      "FROM trials t LEFT JOIN folds f ON f.trial = t.trial GROUP BY t.trial ORDER BY t.trial");
  while (rows.step()) {
    TrialSummary one;
    one.row = {rows.integer(0), rows.text(1), rows.text(2), rows.text(3), rows.integer(4), rows.text(5), rows.text(6)};
    one.score = {rows.text(7), rows.number(8), rows.number(9), rows.number(10)};
    one.folds_done = rows.integer(11);
    one.folds_without_model = rows.integer(12);
    one.fit_seconds = rows.number(13);
    summary.trials.push_back(std::move(one));
  }
}

}  // namespace

double JournalSummary::seconds() const {
  double sum = 0;
  for (const SessionSummary& session : sessions) sum += session.seconds;
  return sum;
}

std::int64_t JournalSummary::folds_done() const {
  std::int64_t sum = 0;
  for (const TrialSummary& trial : trials) sum += trial.folds_done;
  return sum;
}

JournalSummary read_journal_summary(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw Error("journal.folder", path, "this is a folder, not a file", "name a file in it");
  if (!std::filesystem::exists(path, ignored))
    throw Error("journal.missing", path, "there is no such journal", "check the path and the folder it is relative to");
  JournalSummary summary{.path = path, .holder = lock_holder(path)};
  const auto database = open_to_read(path);
  require_journal(*database);
  database->run("BEGIN");  // all of it from one moment
  read_run(*database, summary);
  read_sessions(*database, summary);
  read_trials(*database, summary);
  database->run("COMMIT");
  for (const char* beside : {"", "-wal", "-shm"})
    if (const auto size = std::filesystem::file_size(path + beside, ignored); !ignored) summary.bytes += size;
  return summary;
}

bool looks_like_a_journal(const std::string& path) {
  // SQLite's header is 100 bytes: a text, and at byte 68 the application, highest byte first
  std::array<char, 100> header{};
  std::ifstream file(path, std::ios::binary);
  if (!file.read(header.data(), header.size())) return false;
  std::int64_t application = 0;
  for (std::size_t i = 68; i < 72; ++i) application = application << 8 | static_cast<unsigned char>(header[i]);
  return std::string_view(header.data(), 15) == "SQLite format 3" && application == journal_application;
}

}  // namespace automill
